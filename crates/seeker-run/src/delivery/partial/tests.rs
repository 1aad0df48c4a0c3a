//! Tests of batch responses: each valid form, each invalid form, and arbitrary bytes.

use load_plan::EventOutcome;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const EVENTS: usize = 10;

fn codes(answer: &str) -> Result<Vec<(usize, i32)>, BatchAnswerError> {
    let refused = refused_events(answer.as_bytes(), true, EVENTS)?;
    Ok(refused.into_iter().map(|(position, refusal)| (position, refusal.code)).collect())
}

#[test]
fn an_answer_in_a_known_form_is_understood() {
    for (answer, expected) in [
        (r#"{"acknowledged":8,"failedRequests":{"3":{"code":3,"message":"no"},"9":{"code":14}}}"#, vec![(3, 3), (9, 14)]),
        (r#"{"failedRequests":{"0":{"code":"INVALID_ARGUMENT"},"1":{"code":"8"},"2":{"code":"OK"}}}"#, vec![(0, 3), (1, 8)]),
        (r#"{"failed_requests":{"4":{"details":[{}],"code":16}}}"#, vec![(4, 16)]),
        (r#"{"failedRequests":{"0":{"code":0},"1":{"code":99},"2":{"code":-1}}}"#, vec![(1, 99), (2, -1)]),
        (r#"{"failedRequests":{}}"#, vec![]),
        // Warnings are about accepted events.
        (
            r#"{"acknowledged":9,"failedRequests":{"3":{"code":3}},"warnings":{"4":[{"field":"relatedJobNames[0]"}]}}"#,
            vec![(3, 3)],
        ),
        (r#"{"failedRequests":null}"#, vec![]),
        (r#"{"messageIds":["0","1","2","3","4","5","6","7","8","9"]}"#, vec![]),
        ("{}", vec![]),
        ("", vec![]),
        (" \r\n", vec![]),
    ] {
        assert_eq!(codes(answer), Ok(expected), "{answer}");
    }
}

#[test]
fn an_answer_in_another_form_is_an_error() {
    use BatchAnswerError::{Incomplete, MessageIds, NotJson, OtherForm, OutsideBatch};
    for (answer, expected) in [
        (r#"{"failedRequests":{"10":{"code":3},"1":{"code":3}}}"#, OutsideBatch),
        (r#"{"failedRequests":{"10":{"code":0}}}"#, OutsideBatch),
        (r#"{"failedRequests":{"x":{"code":3}}}"#, OtherForm),
        (r#"{"failedRequests":{"-1":{"code":3}}}"#, OtherForm),
        (r#"{"failedRequests":{"+1":{"code":3}}}"#, OtherForm),
        (r#"{"failedRequests":{"01":{"code":3}}}"#, OtherForm),
        (r#"{"failedRequests":{"99999999999999999999999":{"code":3}}}"#, OtherForm),
        (r#"{"failedRequests":{"1":{"code":3},"1":{"code":0}}}"#, OtherForm),
        (r#"{"failedRequests":{"1":{"code":3}},"failedRequests":{}}"#, OtherForm),
        (r#"{"failedRequests":{"1":{"code":3}},"failed_requests":null}"#, OtherForm),
        (r#"{"failedRequests":{"1":{"code":"NO_SUCH_CODE"}}}"#, OtherForm),
        (r#"{"failedRequests":{"1":{"code":3.5}}}"#, OtherForm),
        (r#"{"failedRequests":{"1":{"code":null}}}"#, OtherForm),
        (r#"{"failedRequests":{"1":{"code":4294967299}}}"#, OtherForm),
        (r#"{"failedRequests":{"1":{"message":"no"}}}"#, OtherForm),
        (r#"{"failedRequests":{"1":[3]}}"#, OtherForm),
        (r#"{"failedRequests":{"1":"no"}}"#, OtherForm),
        (r#"{"failedRequests":[3]}"#, OtherForm),
        (r#"{"messageIds":["0","1"]}"#, MessageIds),
        (r#"{"messageIds":[]}"#, MessageIds),
        ("[]", OtherForm),
        ("null", OtherForm),
        ("\"ok\"", OtherForm),
        ("7", OtherForm),
        (r#"{"failedRequests":{"1":{"code":3}"#, Incomplete),
        ("{", Incomplete),
        ("thank you", NotJson),
        ("{}{}", NotJson),
        ("\u{1f}\u{8b}", NotJson),
    ] {
        assert_eq!(codes(answer), Err(expected), "{answer}");
    }
    assert_eq!(refused_events(b"{}", false, EVENTS), Err(BatchAnswerError::TooLong));
    assert_eq!(refused_events(b"", false, EVENTS), Err(BatchAnswerError::TooLong));
}

#[test]
fn an_error_names_the_fault() {
    for (error, text) in [
        (BatchAnswerError::TooLong, "the response body is larger than 1 MiB"),
        (
            BatchAnswerError::OtherForm,
            r#"the response body does not have the form {"failedRequests": {"POSITION": {"code": CODE}}}"#,
        ),
    ] {
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn a_code_has_the_outcome_of_its_http_status() {
    for (code, outcome, is_worth_a_retry, text) in [
        (3, EventOutcome::Refused, false, "answered INVALID_ARGUMENT for this event of a batch"),
        (8, EventOutcome::Refused, true, "answered RESOURCE_EXHAUSTED for this event of a batch"),
        (14, EventOutcome::Failed, true, "answered UNAVAILABLE for this event of a batch"),
        (99, EventOutcome::Refused, false, "answered code 99 for this event of a batch"),
        (-1, EventOutcome::Refused, false, "answered code -1 for this event of a batch"),
    ] {
        let refusal = Refusal { code };
        assert_eq!(
            (refusal.outcome(), refusal.is_worth_a_retry(), refusal.to_string()),
            (outcome, is_worth_a_retry, text.to_owned())
        );
    }
}

proptest! {
    /// For any bytes, even with the beginning of a valid response, the reader returns and names no event outside the batch. Bytes that are
    /// not JSON are an error.
    #[test]
    fn any_bytes_are_read(
        begins_well in any::<bool>(),
        bytes in prop_oneof![any::<Vec<u8>>(), "[{}\\[\\]:,\"0-9code ]{0,20}".prop_map(String::into_bytes)],
        events in 0_usize..4,
    ) {
        let answer = [if begins_well { &b"{\"failedRequests\":"[..] } else { b"" }, &bytes].concat();
        let read = refused_events(&answer, true, events);
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&answer).is_ok();
        prop_assert!(is_json || answer.trim_ascii().is_empty() || read.is_err());
        prop_assert!(read.is_err() || read.is_ok_and(|refused| refused.keys().all(|position| *position < events)));
    }

    /// For all statuses and batch sizes, exactly the failed events are refused, each with its code. If the response names an event outside
    /// the batch, it is an error. A truncated response is an error.
    #[test]
    fn failed_events_are_refused(
        statuses in prop::collection::btree_map(0_usize..20, 0_i32..20, 0..10),
        events in 0_usize..25,
        cut in any::<prop::sample::Index>(),
    ) {
        let failed: serde_json::Map<_, _> =
            statuses.iter().map(|(position, code)| (position.to_string(), json!({"code": code}))).collect();
        let answer = json!({"acknowledged": 1, "failedRequests": failed}).to_string();
        let read = refused_events(answer.as_bytes(), true, events);
        if statuses.keys().all(|position| *position < events) {
            let expected = statuses.iter().filter(|(_, code)| **code != 0);
            prop_assert_eq!(read, Ok(expected.map(|(position, code)| (*position, Refusal { code: *code })).collect()));
        } else {
            prop_assert_eq!(read, Err(BatchAnswerError::OutsideBatch));
        }
        let cut = 1 + cut.index(answer.len() - 1);
        prop_assert_eq!(refused_events(&answer.as_bytes()[..cut], true, events), Err(BatchAnswerError::Incomplete));
    }
}
