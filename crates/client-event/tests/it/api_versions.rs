//! The other API versions: conversion in both directions, the wire form, and everything that readers must refuse.

use std::collections::BTreeMap;

use client_event::api_versions::v3::{EXTRA_INFO_BYTES_MAX, EXTRA_INFO_KEYS_MAX, JobEventType};
use client_event::api_versions::{JobEvent, Lost, PublishBody, v3, v4};
use client_event::strategies::{client_event, publish_body, v3_client_event, v4_client_event};
use client_event::{ClientEvent, EventTimestamp, EventType, ReadOptions, Reason, Refusal};
use proptest::prelude::*;

const STRICT: ReadOptions = ReadOptions::new();
const LENIENT: ReadOptions = ReadOptions::new().ignore_unknown_fields(true);

fn written(write: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut json = Vec::new();
    write(&mut json);
    // serde_json reads the output of the writers too.
    serde_json::from_slice::<serde_json::Value>(&json).unwrap();
    json
}

fn places<T: std::fmt::Debug>(result: Result<T, Refusal>) -> Vec<(String, Reason)> {
    let refusal = result.unwrap_err();
    refusal.problems().iter().map(|problem| (problem.path.clone(), problem.reason)).collect()
}

fn check_places<T: std::fmt::Debug, const N: usize>(result: Result<T, Refusal>, expected: [(&str, Reason); N]) {
    assert_eq!(places(result), expected.map(|(path, reason)| (path.to_owned(), reason)));
}

fn message() -> ClientEvent {
    let json = br#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1"}"#;
    ClientEvent::from_json(json).unwrap()
}

proptest! {
    /// For all messages, converting to version 3 and back is the identity, except for the entries that the conversion reports as lost.
    #[test]
    fn messages_through_v3(message in client_event()) {
        let there = v3::ClientEvent::from_message(&message).unwrap();
        let mut back = there.value.to_message().unwrap();
        prop_assert_eq!(&back.lost, &[]);
        for lost in there.lost {
            let Lost::Details(details) = lost else { panic!("{lost:?}") };
            back.value.details.extend(details);
        }
        prop_assert_eq!(back.value, message);
    }

    /// For all messages, converting to version 4 and back is the identity, except for the details, which it reports as lost.
    #[test]
    fn messages_through_v4(message in client_event()) {
        let there = v4::ClientEvent::from_message(&message).unwrap();
        prop_assert_eq!(there.lost.is_empty(), message.details.is_empty());
        let mut back = there.value.to_message().unwrap();
        prop_assert_eq!(&back.lost, &[]);
        for lost in there.lost {
            let Lost::Details(details) = lost else { panic!("{lost:?}") };
            back.value.details = details;
        }
        prop_assert_eq!(back.value, message);
    }

    /// For all messages, writing them to a Pub/Sub body and reading the body is the identity.
    #[test]
    fn messages_through_pubsub(messages in prop::collection::vec(client_event(), 1..4)) {
        let body: PublishBody = messages.iter().collect();
        let json = written(|out| body.write_json(out));
        let read = PublishBody::read_as_messages(&json, &STRICT).unwrap();
        let back: Vec<_> = read.into_iter().map(|message| message.lossless().unwrap()).collect();
        prop_assert_eq!(back, messages);
    }

    /// For all convertible events of version 3, converting to a message and back is the identity if nothing is lost.
    #[test]
    fn v3_through_the_message(event in v3_client_event()) {
        let Ok(there) = event.to_message() else { return Ok(()) };
        let sub_millisecond = event.create_time.is_some_and(|time| time.nanos_below_millisecond() > 0);
        prop_assert_eq!(there.lost.is_empty(), event.parent_event_id.is_empty() && !sub_millisecond);
        let back = v3::ClientEvent::from_message(&there.value).unwrap();
        if there.lost.is_empty() && back.lost.is_empty() {
            prop_assert_eq!(back.value, event);
        }
    }

    /// For all convertible events of version 4, converting to a message and back is the identity if nothing is lost.
    #[test]
    fn v4_through_the_message(event in v4_client_event()) {
        let Ok(there) = event.to_message() else { return Ok(()) };
        let sub_millisecond = event.create_time.is_some_and(|time| time.nanos_below_millisecond() > 0);
        prop_assert_eq!(there.lost.is_empty(), event.event_notes.is_empty() && !sub_millisecond);
        let back = v4::ClientEvent::from_message(&there.value).unwrap();
        prop_assert_eq!(&back.lost, &[]);
        if there.lost.is_empty() {
            prop_assert_eq!(back.value, event);
        }
    }

    /// For all events of other API versions, writing then reading is the identity.
    #[test]
    fn writing_then_reading_is_the_identity(v3 in v3_client_event(), v4 in v4_client_event(), body in publish_body()) {
        prop_assert_eq!(v3::ClientEvent::read(&written(|out| v3.write_json(out)), &STRICT), Ok(v3.clone()));
        prop_assert_eq!(v3::ClientEvent::read_request(&written(|out| v3.write_request(out)), &STRICT), Ok(v3.clone()));
        prop_assert_eq!(v4::ClientEvent::read(&written(|out| v4.write_json(out)), &STRICT), Ok(v4.clone()));
        prop_assert_eq!(PublishBody::read(&written(|out| body.write_json(out)), &STRICT), Ok(body));
    }

    /// For all events of other API versions, reading as a message equals reading and then converting. Only paths of version 3 are longer.
    #[test]
    fn reading_as_a_message(v3 in v3_client_event(), v4 in v4_client_event(), body in publish_body()) {
        let read = v3::ClientEvent::read_request_as_message(&written(|out| v3.write_request(out)), &STRICT);
        match (read, v3.to_message()) {
            (Ok(read), converted) => prop_assert_eq!(Ok(read), converted),
            (read, converted) => {
                let below = places(converted).into_iter().map(|(path, reason)| (format!("clientEvent.{path}"), reason));
                prop_assert_eq!(places(read), below.collect::<Vec<_>>());
            }
        }
        prop_assert_eq!(v4::ClientEvent::read_as_message(&written(|out| v4.write_json(out)), &STRICT), v4.to_message());
        prop_assert_eq!(
            PublishBody::read_as_messages(&written(|out| body.write_json(out)), &STRICT),
            body.to_messages(&STRICT)
        );
    }

    /// For all bytes, and for all events of other API versions with one byte changed, no reader panics.
    #[test]
    fn arbitrary_bytes_do_not_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        (v3, v4, body) in (v3_client_event(), v4_client_event(), publish_body()),
        at: prop::sample::Index,
        byte in prop_oneof![any::<u8>(), prop::sample::select(&b"{}[]\",:0n"[..])],
    ) {
        let damaged = |mut json: Vec<u8>| {
            let at = at.index(json.len());
            json[at] = byte;
            json
        };
        let texts = [
            bytes,
            damaged(written(|out| v3.write_json(out))),
            damaged(written(|out| v3.write_request(out))),
            damaged(written(|out| v4.write_json(out))),
            damaged(written(|out| body.write_json(out))),
        ];
        for json in texts {
            for options in [STRICT, LENIENT] {
                let _ = v3::ClientEvent::read(&json, &options);
                let _ = v3::ClientEvent::read_request_as_message(&json, &options);
                let _ = v4::ClientEvent::read_as_message(&json, &options);
                let _ = PublishBody::read_as_messages(&json, &options);
            }
        }
    }
}

#[test]
fn v4_types_by_name_and_number() {
    let read = |written: &str| {
        let json = format!(r#"{{"jobEvent":{{"type":{written}}}}}"#);
        v4::ClientEvent::read(json.as_bytes(), &STRICT).map(|event| event.job_event.unwrap().event_type)
    };
    for number in 0..=15 {
        let event_type = EventType::from_v4_number(number).unwrap();
        for spelling in
            [format!("{number}"), format!("{number}.0"), format!("{number}.0e0"), format!("{:?}", event_type.v4_name())]
        {
            assert_eq!(read(&spelling), Ok(event_type), "{spelling}");
        }
    }
    assert_eq!(read("null"), Ok(EventType::Unspecified));
    for (spelling, reason) in [
        ("16", Reason::UnknownEventType),
        ("-1", Reason::UnknownEventType),
        ("1e30", Reason::UnknownEventType),
        ("1.5", Reason::NotAnInt64),
        ("\"1\"", Reason::UnknownEventType),
        ("\"\"", Reason::UnknownEventType),
        ("\"view\"", Reason::UnknownEventType),
        ("\"VIEW_DIRECT\"", Reason::UnknownEventType),
        ("\"NOT_INTERESTED\"", Reason::UnknownEventType),
        ("true", Reason::WrongType),
        ("[]", Reason::WrongType),
    ] {
        check_places(read(spelling), [("jobEvent.type", reason)]);
    }
    let refusal = read("\"VIEW_DIRECT\"").unwrap_err();
    let message = "jobEvent.type: \"VIEW_DIRECT\" is not an event type of version 4 (did you mean VIEW_REDIRECT?)";
    assert_eq!(refusal.to_string(), message);
}

#[test]
fn v3_has_one_type_more_and_no_numbers() {
    let read = |written: &str| {
        let json = format!(r#"{{"jobEvent":{{"type":{written},"jobs":["jobs/1"]}}}}"#);
        v3::ClientEvent::read(json.as_bytes(), &STRICT).map(|event| event.job_event.unwrap().event_type)
    };
    for event_type in EventType::ALL {
        assert_eq!(read(&format!("{:?}", event_type.v4_name())), Ok(JobEventType::Shared(event_type)));
    }
    assert_eq!(read("\"NOT_INTERESTED\""), Ok(JobEventType::NotInterested));
    check_places(read("2"), [("jobEvent.type", Reason::WrongType)]);

    let mut event = v3::ClientEvent::from_message(&message()).unwrap().value;
    event.job_event = Some(JobEvent { event_type: JobEventType::NotInterested, jobs: vec!["jobs/1".to_owned()] });
    check_places(event.to_message(), [("jobEvent.type", Reason::UnknownEventType)]);
}

#[test]
fn a_missing_type_is_unspecified_and_refused_by_the_check() {
    let json = br#"{"requestId":"r","eventId":"e","createTime":"2023-11-14T22:13:20Z","jobEvent":{"jobs":["jobs/1"]}}"#;
    let message = v4::ClientEvent::read_as_message(json, &STRICT).unwrap().lossless().unwrap();
    assert_eq!(message.event_type, EventType::Unspecified);
    assert_eq!(message.check(None)[0].reason, Reason::UnspecifiedEventType);
}

#[test]
fn all_missing_fields_are_reported_together() {
    let all = [
        ("requestId", Reason::RequiredField),
        ("eventId", Reason::RequiredField),
        ("createTime", Reason::RequiredField),
        ("jobEvent", Reason::RequiredField),
    ];
    check_places(v4::ClientEvent::default().to_message(), all);
    check_places(v3::ClientEvent::default().to_message(), all);
    let null = br#"{"client_event":null}"#;
    check_places(v3::ClientEvent::read_request(null, &STRICT), [("clientEvent", Reason::RequiredField)]);
    check_places(v3::ClientEvent::read_request_as_message(null, &STRICT), [("clientEvent", Reason::RequiredField)]);
    check_places(PublishBody::default().to_messages(&STRICT), [("messages", Reason::RequiredField)]);
}

#[test]
fn problems_of_form_and_missing_fields_are_reported_together() {
    let json = br#"{"request_id":1,"createTime":"2023-02-29T00:00:00Z","create_time":null,"extraInfo":{},
                    "jobEvent":{"type":99,"jobs":["jobs/1","",null],"profile":"p"},"event_notes":["n"]}"#;
    check_places(
        v4::ClientEvent::read_as_message(json, &STRICT),
        [
            ("requestId", Reason::WrongType),
            ("createTime", Reason::WrongType),
            ("createTime", Reason::DuplicateField),
            ("extraInfo", Reason::UnknownField),
            ("jobEvent.type", Reason::UnknownEventType),
            ("jobEvent.jobs[2]", Reason::WrongType),
            ("jobEvent.profile", Reason::UnknownField),
            ("eventNotes", Reason::WrongType),
            ("eventId", Reason::RequiredField),
            ("jobEvent.jobs[1]", Reason::RequiredField),
        ],
    );
    let json = br#"{"clientEvent":{"extra_info":{"a":"1","a":"2","b":null},"jobEvent":[]},"x":1}"#;
    check_places(
        v3::ClientEvent::read_request_as_message(json, &STRICT),
        [
            ("clientEvent.extraInfo[\"b\"]", Reason::WrongType),
            ("clientEvent.extraInfo[\"a\"]", Reason::DuplicateField),
            ("clientEvent.jobEvent", Reason::WrongType),
            ("x", Reason::UnknownField),
            ("clientEvent.requestId", Reason::RequiredField),
            ("clientEvent.eventId", Reason::RequiredField),
            ("clientEvent.createTime", Reason::RequiredField),
        ],
    );
    let json = br#"{"messages":[{"data":"!"},null,{"data":"e30","messageId":"1"},{"data":"eyJlIjowfQ=="}]}"#;
    let found = places(PublishBody::read_as_messages(json, &STRICT));
    for (path, reason) in [
        ("messages[0].data", Reason::WrongType),
        ("messages[1]", Reason::WrongType),
        ("messages[2].messageId", Reason::UnknownField),
        ("messages[2].data.eventId", Reason::RequiredField),
        ("messages[3].data.e", Reason::UnknownField),
    ] {
        assert!(found.contains(&(path.to_owned(), reason)), "{path}: {found:?}");
    }
    assert_eq!(found.len(), 3 + 5 + 6);
}

#[test]
fn texts_that_are_no_objects() {
    for (json, reason) in
        [("[]", Reason::NotAnObject), ("{", Reason::NotJson), ("{} {}", Reason::NotJson), ("1", Reason::NotAnObject)]
    {
        check_places(v3::ClientEvent::read(json.as_bytes(), &STRICT), [("", reason)]);
        check_places(v3::ClientEvent::read_request_as_message(json.as_bytes(), &STRICT), [("", reason)]);
        check_places(v4::ClientEvent::read_as_message(json.as_bytes(), &STRICT), [("", reason)]);
        check_places(PublishBody::read_as_messages(json.as_bytes(), &STRICT), [("", reason)]);
    }
    check_places(v4::ClientEvent::read(b"\xff", &STRICT), [("", Reason::NotUtf8)]);
    check_places(v3::ClientEvent::read_request_as_message(b"{\"clientEvent\":1}", &STRICT), [("clientEvent", Reason::WrongType)]);
    let json = br#"{"clientEvent":{"x":{"y":[1]}},"z":null}"#;
    assert_eq!(v3::ClientEvent::read_request(json, &LENIENT), Ok(v3::ClientEvent::default()));
}

#[test]
fn times_beyond_create_time_cannot_be_converted() {
    for (millis, reason) in [
        (-62_135_596_800_001, Some(Reason::TimestampTooEarly)),
        (-62_135_596_800_000, None),
        (253_402_300_799_999, None),
        (253_402_300_800_000, Some(Reason::TimestampInFuture)),
    ] {
        let message = ClientEvent { event_timestamp_millis: EventTimestamp::from_millis(millis), ..message() };
        let (v3, v4) = (v3::ClientEvent::from_message(&message), v4::ClientEvent::from_message(&message));
        match reason {
            None => assert_eq!(v3.unwrap().value.create_time, v4.unwrap().value.create_time),
            Some(reason) => {
                check_places(v3, [("eventTimestampMillis", reason)]);
                check_places(v4, [("eventTimestampMillis", reason)]);
            }
        }
    }
}

#[test]
fn extra_info_is_kept_within_its_limits() {
    let entries = |range: std::ops::Range<usize>, length: usize| -> BTreeMap<String, String> {
        range.map(|position| (format!("{position:02}"), "x".repeat(length))).collect()
    };
    let bytes_each = EXTRA_INFO_BYTES_MAX / 10 - 2;
    for (details, kept) in [
        (entries(0..EXTRA_INFO_KEYS_MAX, 1), entries(0..EXTRA_INFO_KEYS_MAX, 1)),
        (entries(0..EXTRA_INFO_KEYS_MAX + 3, 1), entries(0..EXTRA_INFO_KEYS_MAX, 1)),
        (entries(0..10, bytes_each), entries(0..10, bytes_each)),
        (entries(0..11, bytes_each), entries(0..10, bytes_each)),
        // An entry that is too large does not displace the others.
        (entries(0..1, EXTRA_INFO_BYTES_MAX).into_iter().chain(entries(1..3, 1)).collect(), entries(1..3, 1)),
    ] {
        let lost: BTreeMap<_, _> = details.clone().into_iter().filter(|(key, _)| !kept.contains_key(key)).collect();
        let there = v3::ClientEvent::from_message(&ClientEvent { details, ..message() }).unwrap();
        assert_eq!(there.value.extra_info, kept);
        assert_eq!(there.lost, if lost.is_empty() { vec![] } else { vec![Lost::Details(lost)] });
    }
}

#[test]
fn data_in_every_form_of_base64() {
    for (text, bytes) in [
        ("+/8=", &[0xfb, 0xff][..]),
        ("-_8=", &[0xfb, 0xff]),
        ("+/8", &[0xfb, 0xff]),
        ("-_8", &[0xfb, 0xff]),
        // protobuf's JSON conformance suite
        ("-_", &[0xfb]),
        ("", &[]),
    ] {
        let json = format!(r#"{{"messages":[{{"data":"{text}"}}]}}"#);
        let body = PublishBody::read(json.as_bytes(), &STRICT).unwrap();
        assert_eq!(body.messages[0].data, bytes, "{text}");
        assert!(!String::from_utf8(written(|out| body.write_json(out))).unwrap().contains(['-', '_']));
    }
    for text in ["+_8=", "A", "AA=A", "A A=", "====", "\\u00e9"] {
        let json = format!(r#"{{"messages":[{{"data":"{text}"}}]}}"#);
        check_places(PublishBody::read(json.as_bytes(), &STRICT), [("messages[0].data", Reason::WrongType)]);
    }
}
