//! The spans of problems: each problem refers to the bytes that it is about.

use client_event::api_versions::{PublishBody, v3, v4};
use client_event::strategies::{broken_message, encoded_message};
use client_event::{EventTimestamp, ReadOptions, Reader, Reason, Refusal};
use proptest::prelude::*;
use serde_json::Value;

const NOW: EventTimestamp = EventTimestamp::from_millis(1_700_000_000_000);

/// Whether the text is one JSON value without white space around it.
fn is_value(json: &[u8]) -> bool {
    json.trim_ascii() == json && serde_json::from_slice::<serde::de::IgnoredAny>(json).is_ok()
}

fn snake_case(name: &str) -> String {
    name.chars().flat_map(|char| char.is_uppercase().then_some('_').into_iter().chain(char.to_lowercase())).collect()
}

proptest! {
    /// For all broken messages, a missing field has no span, an error of the text has an offset in it, and any other problem has the span of
    /// a value or of a key. For a field of the message, that is the value of the field.
    #[test]
    fn problems_have_the_span_of_their_value(broken in broken_message()) {
        let problems = Reader::new().check(broken.now).read(&broken.json).unwrap_err().into_problems();
        for problem in problems {
            let Some(span) = problem.span.clone() else {
                prop_assert_eq!(&problem.message, "is missing");
                continue;
            };
            let bytes = broken.json.get(span).unwrap();
            if matches!(problem.reason, Reason::NotJson | Reason::NotUtf8) {
                continue;
            }
            prop_assert!(is_value(bytes), "{:?}: {}", problem, String::from_utf8_lossy(bytes));
            let is_key = matches!(problem.reason, Reason::UnknownField | Reason::DuplicateField);
            // The values of repeated fields and of numbers beyond f64 are not in the parsed message.
            let message = serde_json::from_slice::<Value>(&broken.json);
            if let Ok(Value::Object(message)) = message && !is_key && broken.reason != Reason::DuplicateField {
                let value = message.get(&problem.path).or_else(|| message.get(&snake_case(&problem.path)));
                if let Some(value) = value {
                    prop_assert_eq!(&serde_json::from_slice::<Value>(bytes).unwrap(), value);
                }
            }
        }
    }

    /// For all messages in any encoding, the fast reader and the draft report the same spans of the content's problems.
    #[test]
    fn spans_do_not_depend_on_the_encoding(encoded in encoded_message()) {
        let mut written = Vec::new();
        encoded.event.write_json(&mut written);
        let now = EventTimestamp::from_millis(0);
        for json in [&written, &encoded.json] {
            for problem in Reader::new().check(now).read_partial(json).1 {
                prop_assert_eq!(&problem.path, "eventTimestampMillis");
                let number = serde_json::from_slice::<EventTimestamp>(&json[problem.span.unwrap()]);
                prop_assert_eq!(number.unwrap(), encoded.event.event_timestamp_millis);
            }
        }
    }
}

/// The path and the bytes of each problem.
fn spans<T>(json: &str, read: Result<T, Refusal>) -> Vec<(String, Option<&str>)> {
    let problems = read.err().map_or_else(Vec::new, Refusal::into_problems);
    problems.into_iter().map(|problem| (problem.path, problem.span.map(|span| &json[span]))).collect()
}

fn assert_spans(found: &[(String, Option<&str>)], expected: &[(&str, Option<&str>)]) {
    let found: Vec<_> = found.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
    assert_eq!(found, expected);
}

#[test]
fn spans_of_a_message() {
    for (json, expected) in [
        (
            r#" {"eventId" : "", "eventType":"VIEWED","requestId":null,"relatedJobNames":["jobs/1",7,""],
                "eventTimestampMillis":"soon","event_id":"x","extra":[]} "#,
            &[
                ("eventId", Some("\"\"")),
                ("eventType", Some("\"VIEWED\"")),
                ("relatedJobNames[1]", Some("7")),
                ("relatedJobNames[2]", Some("\"\"")),
                ("eventTimestampMillis", Some("\"soon\"")),
                ("eventId", Some("\"event_id\"")),
                ("extra", Some("\"extra\"")),
                ("requestId", Some("null")),
            ][..],
        ),
        (
            r#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["x","jobs/1","x"],"eventTimestampMillis":"17","details":{}}"#,
            &[
                ("relatedJobNames", Some(r#"["x","jobs/1","x"]"#)),
                ("relatedJobNames[0]", Some("\"x\"")),
                ("relatedJobNames[2]", Some("\"x\"")),
                ("relatedJobNames[2]", Some("\"x\"")),
                ("eventTimestampMillis", Some("\"17\"")),
            ],
        ),
        (
            r#"{"eventId":"e","eventType":"EVENT_TYPE_UNSPECIFIED","requestId":"r","relatedJobNames":[],"details":{"b":"1","a":2,"b":"3","b":"4"}}"#,
            &[
                ("details[\"a\"]", Some("2")),
                ("details[\"b\"]", Some("\"b\"")),
                ("details[\"b\"]", Some("\"b\"")),
                ("eventType", Some("\"EVENT_TYPE_UNSPECIFIED\"")),
                ("relatedJobNames", Some("[]")),
                ("eventTimestampMillis", None),
            ],
        ),
        (" [1] ", &[("", Some("[1]"))]),
        ("{\"é\" 1}", &[("", Some("1"))]),
        ("{\"eventId\":", &[("", Some(""))]),
    ] {
        assert_spans(&spans(json, Reader::new().check(NOW).read(json.as_bytes())), expected);
    }
    let not_utf8 = Reader::new().read(b"{\"a\":\"\xff\"}").unwrap_err();
    assert_eq!(not_utf8.problems()[0].span, Some(6..7));
}

#[test]
fn the_span_of_a_repeated_key_is_that_of_the_repetition() {
    let json = br#"{"details":{"b":"1","a":"2","b":"3"}}"#;
    let refusal = Reader::new().read(json).unwrap_err();
    assert_eq!(refusal.problems()[0].span, Some(28..31));
}

#[test]
fn spans_of_other_api_versions() {
    let options = ReadOptions::new();
    let json = r#"{"clientEvent":{"eventId":7,"jobEvent":{"type":"X","jobs":["a",{}]},"createTime":"now","extraInfo":{"a":null},"other":1}}"#;
    assert_spans(
        &spans(json, v3::ClientEvent::read_request(json.as_bytes(), &options)),
        &[
            ("clientEvent.eventId", Some("7")),
            ("clientEvent.jobEvent.type", Some("\"X\"")),
            ("clientEvent.jobEvent.jobs[1]", Some("{}")),
            ("clientEvent.createTime", Some("\"now\"")),
            ("clientEvent.extraInfo[\"a\"]", Some("null")),
            ("clientEvent.other", Some("\"other\"")),
        ],
    );
    let json = r#"{"eventId":"e","jobEvent":{"type":99},"event_id":"e"}"#;
    assert_spans(
        &spans(json, v4::ClientEvent::read(json.as_bytes(), &options)),
        &[("jobEvent.type", Some("99")), ("eventId", Some("\"event_id\""))],
    );
    // The data is decoded, so its problems have no place in the body.
    let json = r#"{"messages":[{"data":"e30="},{"data":"!"}]}"#;
    let found = spans(json, PublishBody::read_as_messages(json.as_bytes(), &options));
    assert_eq!(found[0], ("messages[1].data".to_owned(), Some("\"!\"")));
    assert!(found[1..].iter().all(|(path, bytes)| path.starts_with("messages[0].data") && bytes.is_none()));
}
