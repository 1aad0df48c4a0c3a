//! What the answer to a batch says of single events: Google's form of partial success (AIP-233), in which the positions of those that were
//! not taken are the keys of `failedRequests`, each with a `google.rpc.Status`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::tally::Fate;

/// The codes of `google.rpc.Code`, by their number.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Why an event of a batch was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Refusal {
    code: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchAnswer {
    #[serde(default)]
    failed_requests: BTreeMap<usize, Refusal>,
}

impl Refusal {
    /// What came of the event. Like an answer of 5xx to it alone are those codes that Google's APIs answer with 5xx over HTTP.
    pub(crate) fn fate(self) -> Fate {
        match self.code {
            2 | 4 | 12..=15 => Fate::Failed,
            _ => Fate::Refused,
        }
    }

    /// Whether the same event may be taken later, as after 429 and 5xx.
    pub(crate) fn is_worth_a_retry(self) -> bool {
        const RESOURCE_EXHAUSTED: u16 = 8;
        self.fate() == Fate::Failed || self.code == RESOURCE_EXHAUSTED
    }
}

/// As the end of a sentence about an event.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match CODES.get(usize::from(self.code)) {
            Some(name) => write!(f, "answered {name} for this event of a batch"),
            None => write!(f, "answered code {} for this event of a batch", self.code),
        }
    }
}

/// The events of a batch that were not taken, by their position. None if the answer has another form, or is about another batch.
pub(crate) fn not_taken(answer: &[u8], events: usize) -> BTreeMap<usize, Refusal> {
    let Ok(BatchAnswer { mut failed_requests }) = serde_json::from_slice(answer) else { return BTreeMap::new() };
    failed_requests.retain(|_, refusal| refusal.code != 0);
    if failed_requests.keys().all(|position| *position < events) { failed_requests } else { BTreeMap::new() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_told_of_single_events_is_understood() {
        let told = |answer: &str| -> Vec<_> {
            not_taken(answer.as_bytes(), 10).into_iter().map(|(position, refusal)| (position, refusal.code)).collect()
        };
        for (answer, expected) in [
            (r#"{"acknowledged":8,"failedRequests":{"3":{"code":3,"message":"no"},"9":{"code":14}}}"#, vec![(3, 3), (9, 14)]),
            (r#"{"failedRequests":{"0":{"code":0},"1":{"code":99}}}"#, vec![(1, 99)]),
            (r#"{"failedRequests":{}}"#, vec![]),
            (r#"{"messageIds":["1","2"]}"#, vec![]),
            (r#"{"failedRequests":{"10":{"code":3},"1":{"code":3}}}"#, vec![]),
            (r#"{"failedRequests":{"x":{"code":3}}}"#, vec![]),
            (r#"{"failedRequests":[3]}"#, vec![]),
            ("", vec![]),
            ("thank you", vec![]),
        ] {
            assert_eq!(told(answer), expected, "{answer}");
        }
    }

    #[test]
    fn a_code_means_what_its_status_over_http_means() {
        for (code, fate, is_worth_a_retry, text) in [
            (3, Fate::Refused, false, "answered INVALID_ARGUMENT for this event of a batch"),
            (8, Fate::Refused, true, "answered RESOURCE_EXHAUSTED for this event of a batch"),
            (14, Fate::Failed, true, "answered UNAVAILABLE for this event of a batch"),
            (99, Fate::Refused, false, "answered code 99 for this event of a batch"),
        ] {
            let refusal = Refusal { code };
            assert_eq!(
                (refusal.fate(), refusal.is_worth_a_retry(), refusal.to_string()),
                (fate, is_worth_a_retry, text.to_owned())
            );
        }
    }

    proptest! {
        /// For all bytes, an answer is understood or not, but never a reason to fail, and never names an event that was not in the batch.
        #[test]
        fn any_answer_is_bearable(answer in any::<Vec<u8>>(), events in 0_usize..4, position in 0_usize..8) {
            prop_assert_eq!(not_taken(&answer, events).len(), 0);
            let answer = format!("{{\"failedRequests\":{{\"{position}\":{{\"code\":3}}}}}}");
            prop_assert!(not_taken(answer.as_bytes(), events).keys().all(|position| *position < events));
        }
    }
}
