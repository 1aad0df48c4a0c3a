//! Tests the reader and the writer against each other, serde_json, broken messages and arbitrary bytes.

use client_event::EventFields;
use client_event::rules::RuleId;
use client_event::strategies::{broken_message, client_event, encoded_message};
use client_event::{ClientEvent, EventTimestamp, EventType, Reader, Reason, Refusal};
use proptest::prelude::*;

fn written(event: &ClientEvent) -> Vec<u8> {
    let mut json = Vec::new();
    event.write_json(&mut json);
    json
}

/// The reasons and places of the problems of a text; empty if the text is accepted.
fn refused(json: &str) -> Vec<(String, Reason)> {
    match ClientEvent::from_json(json.as_bytes()) {
        Ok(_) => Vec::new(),
        Err(refusal) => refusal.problems().iter().map(|problem| (problem.path.clone(), problem.reason)).collect(),
    }
}

/// Arbitrary bytes, and parts of messages in any order, so that some texts are JSON and some are messages.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    const MEMBERS: [&str; 12] = [
        r#""eventId":"e""#,
        r#""eventId":null"#,
        r#""event_type":"VIEW""#,
        r#""eventType":"VIEWED""#,
        r#""requestId":"r\u00e9""#,
        r#""requestId":"""#,
        r#""relatedJobNames":["jobs/1"]"#,
        r#""related_job_names":[]"#,
        r#""eventTimestampMillis":17e11"#,
        r#""eventTimestampMillis":"1e-1""#,
        r#""details":{"a":"1","a":"2"}"#,
        r#""other":[{"a":[null,true,-0.5e7]}]"#,
    ];
    const REQUIRED: [usize; 5] = [0, 2, 4, 6, 8];
    let object = |members: Vec<&str>| format!("{{{}}}", members.join(",")).into_bytes();
    let any_members = prop::collection::vec(prop::sample::select(&MEMBERS[..]), 0..9).prop_map(object);
    let all_required = prop::option::of(prop::sample::select(&MEMBERS[..])).prop_flat_map(move |more| {
        let members: Vec<_> = REQUIRED.iter().map(|at| MEMBERS[*at]).chain(more).collect();
        Just(members).prop_shuffle().prop_map(object)
    });
    let tokens =
        prop::sample::select(&["{", "}", "[", "]", ":", ",", "\"", "\\", "null", "1", "-", "\"eventId\"", " ", "\0"][..]);
    let tokens = prop::collection::vec(tokens, 0..20).prop_map(|tokens| tokens.concat().into_bytes());
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    prop_oneof![bytes, tokens, any_members, all_required]
}

/// Bytes, about half of which have a meaning in JSON.
fn damage() -> impl Strategy<Value = u8> {
    prop_oneof![any::<u8>(), prop::sample::select(&b"{}[]:,\"\\ 0123456789.eE+-\0\x7f"[..])]
}

proptest! {
    /// For all messages, writing then reading gives the same message.
    #[test]
    fn writing_then_reading_is_the_identity(event in client_event()) {
        prop_assert_eq!(ClientEvent::from_json(&written(&event)), Ok(event));
    }

    /// For all messages, the writer writes what serde_json writes.
    #[test]
    fn writer_agrees_with_serde_json(event in client_event()) {
        let json = written(&event);
        prop_assert_eq!(std::str::from_utf8(&json).unwrap(), serde_json::to_string(&event).unwrap());
    }

    /// For all messages and all encodings of them, the reader reads the message, and so does serde_json.
    #[test]
    fn every_encoding_is_read(encoded in encoded_message()) {
        prop_assert_eq!(ClientEvent::from_json(&encoded.json), Ok(encoded.event.clone()));
        prop_assert_eq!(serde_json::from_slice::<ClientEvent>(&encoded.json).unwrap(), encoded.event);
    }

    /// For all messages in any encoding, the borrowed event has the same fields, JSON and problems as the owned message.
    #[test]
    fn a_borrowed_event_is_the_message(encoded in encoded_message()) {
        let event = &encoded.event;
        let borrowed = Reader::new().check(None).read_borrowed(&encoded.json).unwrap();
        prop_assert_eq!((borrowed.event_id(), borrowed.request_id()), (event.event_id.as_str(), event.request_id.as_str()));
        prop_assert_eq!((borrowed.event_type(), borrowed.timestamp()), (event.event_type, event.event_timestamp_millis));
        prop_assert!(borrowed.job_names().eq(event.related_job_names.iter().map(AsRef::as_ref)));
        prop_assert!(borrowed.details().eq(event.details.iter().map(|(key, value)| (key.as_str(), value.as_str()))));
        for now in [None, Some(EventTimestamp::from_millis(0))] {
            prop_assert_eq!(borrowed.check(now), event.check(now));
        }
        let mut json = Vec::new();
        borrowed.write_json(&mut json);
        prop_assert_eq!(json, written(event));
        prop_assert_eq!(&borrowed.into_owned(), event);
    }

    /// For all messages in any encoding, with any required fields removed, the partial event has the remaining fields, and the problems are
    /// those of the strict reader.
    #[test]
    fn present_fields_are_read(encoded in encoded_message(), taken_out in prop::array::uniform5(any::<bool>())) {
        let mut json: serde_json::Value = serde_json::to_value(&encoded.event).unwrap();
        let fields = ["eventId", "eventType", "requestId", "relatedJobNames", "eventTimestampMillis"];
        for (field, _) in fields.iter().zip(taken_out).filter(|(_, is_taken_out)| *is_taken_out) {
            json.as_object_mut().unwrap().remove(*field);
        }
        let json = json.to_string();
        let (partial, problems) = Reader::new().check(None).read_partial(json.as_bytes());
        let refused = Reader::new().check(None).read(json.as_bytes()).err();
        prop_assert_eq!(refused.map_or_else(Vec::new, Refusal::into_problems), problems);
        let (partial, event) = (partial.unwrap(), &encoded.event);
        prop_assert_eq!(partial.event_id(), if taken_out[0] { "" } else { event.event_id.as_str() });
        prop_assert_eq!(partial.event_type(), if taken_out[1] { EventType::Unspecified } else { event.event_type });
        prop_assert_eq!(partial.request_id(), if taken_out[2] { "" } else { event.request_id.as_str() });
        prop_assert_eq!(partial.jobs().len(), if taken_out[3] { 0 } else { event.related_job_names.len() });
        prop_assert_eq!(partial.timestamp(), if taken_out[4] { EventTimestamp::UNKNOWN } else { event.event_timestamp_millis });
        prop_assert!(partial.details().eq(event.details.iter().map(|(key, value)| (key.as_str(), value.as_str()))));
        let (whole, problems) = Reader::new().check(None).read_partial(&encoded.json);
        prop_assert_eq!(problems, event.check(None));
        prop_assert_eq!(whole.unwrap(), event.clone().into());
    }

    /// For all broken messages, the partial reader returns an event if only required fields or the content have problems.
    #[test]
    fn a_text_that_is_not_a_message_is_not_read_in_parts(broken in broken_message()) {
        let (partial, problems) = Reader::new().check(broken.now).read_partial(&broken.json);
        let is_message = problems.iter().all(|problem| RuleId::of(problem.reason) != RuleId::MessageForm);
        prop_assert_eq!(partial.is_some(), is_message);
        prop_assert!(problems.iter().any(|problem| problem.reason == broken.reason && problem.path == broken.path));
    }

    /// For all broken messages, the reader or the checks report the expected reason at the expected place.
    #[test]
    fn every_broken_message_is_refused_for_its_reason(broken in broken_message()) {
        let refusal = Reader::new().check(broken.now).read(&broken.json);
        let problems = refusal.as_ref().err().map_or(&[][..], |refusal| refusal.problems());
        prop_assert!(
            problems.iter().any(|problem| problem.reason == broken.reason && problem.path == broken.path),
            "{:?}", problems
        );
    }

    /// For all broken messages, serde_json refuses what the reader refuses.
    #[test]
    fn serde_json_refuses_the_same_messages_as_the_reader(broken in broken_message()) {
        if Reader::new().read(&broken.json).is_err() {
            prop_assert!(serde_json::from_slice::<ClientEvent>(&broken.json).is_err());
        }
    }

    /// For all bytes and all sequences of message parts, the reader accepts exactly the texts that serde_json accepts, as the same message.
    /// If unknown fields are ignored, the reader accepts only JSON.
    #[test]
    fn arbitrary_texts_are_taken_as_serde_json_takes_them(json in pieces()) {
        let by_reader = Reader::new().read(&json).ok();
        prop_assert_eq!(by_reader, serde_json::from_slice::<ClientEvent>(&json).ok());
        for ignore_unknown_fields in [false, true] {
            let is_read = Reader::new().check(None).ignore_unknown_fields(ignore_unknown_fields).read(&json).is_ok();
            prop_assert!(!is_read || serde_json::from_slice::<serde_json::Map<_, _>>(&json).is_ok());
        }
    }

    /// For all messages and all changes of one byte, the reader accepts exactly the texts that serde_json accepts, as the same message.
    #[test]
    fn damaged_messages_are_taken_as_serde_json_takes_them(encoded in encoded_message(), at: prop::sample::Index, byte in damage()) {
        let mut json = encoded.json;
        let at = at.index(json.len());
        json[at] = byte;
        prop_assert_eq!(Reader::new().read(&json).ok(), serde_json::from_slice::<ClientEvent>(&json).ok());
    }

    /// For all messages, the reader skips an unknown field of any value if the option is set.
    #[test]
    fn unknown_fields_can_be_ignored(event in client_event(), value in "(null|\\[1,\\{\"a\":\"\\\\\"\"\\}\\]|\"\\\\u0000\"|-0[.]5e7|true)") {
        let json = String::from_utf8(written(&event)).unwrap();
        let json = format!("{{\"eventNotes\":{value},{}", &json[1..]);
        let reader = Reader::new().ignore_unknown_fields(true);
        prop_assert_eq!(reader.read(json.as_bytes()), Ok(event));
        prop_assert_eq!(refused(&json), [("eventNotes".to_owned(), Reason::UnknownField)]);
    }
}

#[test]
fn integers_stay_exact_where_floating_point_would_round() {
    for digits in ["9007199254740993", "9007199254740993.0", "9.007199254740993e15", "\"9007199254740993\""] {
        let json = format!(
            "{{\"eventId\":\"e\",\"eventType\":\"VIEW\",\"requestId\":\"r\",\"relatedJobNames\":[\"jobs/1\"],\
             \"eventTimestampMillis\":{digits}}}"
        );
        let event = ClientEvent::from_json(json.as_bytes()).unwrap();
        assert_eq!(event.event_timestamp_millis.as_millis(), 9_007_199_254_740_993, "{digits}");
    }
}

#[test]
fn all_problems_are_reported_together() {
    let json = r#"{"eventId":"","eventType":7,"relatedJobNames":["jobs/1",null,"",{}],"eventTimestampMillis":"soon",
                   "details":{"a":1,"b":"2","b":"3"},"event_id":"x","extra":null}"#;
    let expected = [
        ("eventId", Reason::RequiredField),
        ("eventType", Reason::WrongType),
        ("relatedJobNames[1]", Reason::WrongType),
        ("relatedJobNames[2]", Reason::RequiredField),
        ("relatedJobNames[3]", Reason::WrongType),
        ("eventTimestampMillis", Reason::NotAnInt64),
        ("details[\"a\"]", Reason::WrongType),
        ("details[\"b\"]", Reason::DuplicateField),
        ("eventId", Reason::DuplicateField),
        ("extra", Reason::UnknownField),
        ("requestId", Reason::RequiredField),
    ];
    assert_eq!(refused(json), expected.map(|(path, reason)| (path.to_owned(), reason)));
}

#[test]
fn checks_run_on_the_readable_fields() {
    let json = br#"{"eventType":"VIEW","relatedJobNames":["jobs/1","jobs/1"],"eventTimestampMillis":1700000000}"#;
    let refusal = Reader::new().check(None).read(json).unwrap_err();
    let reasons: Vec<_> = refusal.problems().iter().map(|problem| problem.reason).collect();
    assert_eq!(
        reasons,
        [Reason::SeveralJobs, Reason::RepeatedJob, Reason::TimestampTooEarly, Reason::RequiredField, Reason::RequiredField]
    );
}

#[test]
fn messages_for_people() {
    for (json, message) in [
        ("", "is not JSON at byte 0: found the end of the text, expected a value"),
        ("{\"a\" 1}", "is not JSON at byte 5: found '1', expected `:`"),
        ("[]", "is an array; expected an object"),
    ] {
        assert_eq!(ClientEvent::from_json(json.as_bytes()).unwrap_err().to_string(), message);
    }
    let lower_case =
        r#"{"eventId":"e","eventType":"view","requestId":null,"relatedJobNames":["jobs/1"],"eventTimestampMillis":1}"#;
    assert_eq!(
        ClientEvent::from_json(lower_case.as_bytes()).unwrap_err().to_string(),
        "eventType: \"view\" is not an event type (did you mean VIEW?); requestId: is null, but required"
    );
}
