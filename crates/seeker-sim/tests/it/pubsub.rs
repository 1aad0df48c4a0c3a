//! Tests of runs against Pub/Sub over gRPC: messages, batches, ordering keys, and the answers that count.

use std::collections::{HashMap, HashSet};

use client_event::ClientEvent;
use event_request::grpc::pubsub::PublishRequest;
use event_request::grpc::read_frame;
use serde_json::Value;

use crate::program::{Ended, Reported, assert_outcome, assert_sound, count, ended, words};
use crate::service_http2::{GrpcBody, Http2Manner, Http2Service};

const TOPIC: &str = "projects/p/topics/events";

fn run_against(service: &Http2Service, options: &str) -> (Ended, Value) {
    let reported = Reported::new();
    let mut command = reported.command(&format!("pubsub://{TOPIC} --duration 1s --rate 200/s {options}"));
    let ended = command.env("PUBSUB_EMULATOR_HOST", service.addr.to_string()).output().unwrap().into();
    (ended, reported.report())
}

#[test]
fn each_event_is_one_message() {
    for options in ["", "--ordering-key", "--batch 20 --batch-wait 20ms --ordering-key"] {
        let service = Http2Service::start(Http2Manner::EndsCalls("0", GrpcBody::MessageIds(100)));
        let (ended, report) = run_against(&service, options);
        assert_sound(&ended, &report);
        assert_eq!((count(&report, "events.acknowledged"), &report["target"]), (200, &format!("pubsub://{TOPIC}").into()));
        let requests = service.requests();
        assert_eq!(requests.len() as u64, count(&report, "requests"));
        assert_eq!(requests.len() < 150, options.contains("--batch"), "{options}: {}", requests.len());
        let (mut ids, mut keys) = (HashSet::new(), HashMap::new());
        for request in requests {
            assert_eq!(request.head.uri.path(), "/google.pubsub.v1.Publisher/Publish");
            let request: PublishRequest = read_frame(&request.body).unwrap();
            assert_eq!(request.topic, TOPIC);
            for message in request.messages {
                let event = ClientEvent::from_json(&message.data).unwrap();
                assert_eq!(message.attributes, [("eventType".to_owned(), event.event_type.name().to_owned())].into());
                assert_eq!(message.ordering_key.is_empty(), options.is_empty());
                // All events of a request belong to one seeker.
                let key = keys.entry(event.request_id).or_insert_with(|| message.ordering_key.clone());
                assert_eq!(key, &message.ordering_key);
                ids.insert(event.event_id);
            }
        }
        assert_eq!(ids.len(), 200);
    }
}

/// Pub/Sub names each message that it accepted. Other numbers of names leave the outcome open.
#[test]
fn each_message_needs_an_id() {
    for percent in [0, 50, 200] {
        let service = Http2Service::start(Http2Manner::EndsCalls("0", GrpcBody::MessageIds(percent)));
        let (_, report) = run_against(&service, "--batch 2");
        assert!(count(&report, "events.unknown") > 100, "{percent}: {report}");
        let error = "answered OK, but the number of message ids differs from the number of events";
        assert!(count(&report, "events.unknown") == report["errors"][error].as_u64().unwrap(), "{report}");
    }
}

#[test]
fn a_topic_that_is_missing_is_named() {
    let service = Http2Service::start(Http2Manner::EndsCalls("5", GrpcBody::Nothing));
    let (ended, report) = run_against(&service, "--batch 10");
    if assert_outcome(&ended, &report, "threshold_missed") {
        assert_eq!((count(&report, "events.refused"), &report["errors"]["answered NOT_FOUND"]), (200, &200.into()), "{report}");
    }
}

#[test]
fn options_of_other_targets_are_refused() {
    let topic = format!("pubsub://{TOPIC}");
    for (args, expected) in [
        (format!("{topic} --gzip"), "--gzip does not apply to pubsub://projects/p/topics/events: gRPC messages"),
        (format!("{topic} --batch 5 --batch-form array"), "--batch-form does not apply to pubsub://projects/p/topics/events"),
        (format!("{topic} --batch 1001"), "--batch is 1001; expected 1 to 1000"),
        (format!("{topic} --format pubsub"), "expected the format of their data: message, v3, v4 or v4beta1"),
        ("pubsub://projects/p/topics/t".to_owned(), "expected pubsub://projects/PROJECT/topics/TOPIC"),
        ("http://127.0.0.1:1 --ordering-key".to_owned(), "--ordering-key applies to messages of Pub/Sub"),
    ] {
        let ended = ended(&words(&format!("run {args}")).iter().map(String::as_str).collect::<Vec<_>>());
        assert!(ended.code == Some(2) && ended.stderr.contains(expected), "{args}: {}", ended.stderr);
    }
}
