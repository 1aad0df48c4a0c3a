//! Runs that send several events per request. No event is lost or counted twice for any response. The events of a seeker stay in order, and
//! every body has its declared format.

use std::collections::{HashMap, HashSet};
use std::io::Read as _;
use std::sync::Arc;

use client_event::api_versions::PublishBody;
use client_event::{ClientEvent, EventTimestamp, ReadOptions};
use flate2::read::GzDecoder;
use serde_json::value::RawValue;

use crate::program::{Reported, assert_sound, count, ended, words};
use crate::service::{Manner, Request, Service};

fn answer(text: &str) -> Manner {
    Manner::Answers(format!("HTTP/1.1 {text}\r\nContent-Length: 0\r\n\r\n").into_bytes())
}

fn answer_with(body: &str) -> Manner {
    Manner::Answers(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
}

fn of_lines(body: &[u8]) -> Vec<ClientEvent> {
    assert_eq!(body.last(), Some(&b'\n'));
    body[..body.len() - 1].split(|byte| *byte == b'\n').map(|line| ClientEvent::from_json(line).unwrap()).collect()
}

fn of_array(body: &[u8]) -> Vec<ClientEvent> {
    let elements: Vec<&RawValue> = serde_json::from_slice(body).unwrap();
    elements.into_iter().map(|element| ClientEvent::from_json(element.get().as_bytes()).unwrap()).collect()
}

fn of_publish(body: &[u8]) -> Vec<ClientEvent> {
    let messages = PublishBody::read_as_messages(body, &ReadOptions::default()).unwrap();
    messages.into_iter().map(|message| message.value).collect()
}

/// Reads the events of a body.
type Read = fn(&[u8]) -> Vec<ClientEvent>;

fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    GzDecoder::new(body).read_to_end(&mut unpacked).unwrap();
    unpacked
}

fn events(requests: &[Request], read: impl Fn(&[u8]) -> Vec<ClientEvent>) -> Vec<Vec<ClientEvent>> {
    requests.iter().map(|request| read(&request.body)).collect()
}

/// For all batch sizes and all behaviours of a target, every event has exactly one outcome, which follows from the behaviour.
#[test]
fn every_event_is_accounted_for() {
    for (name, manner, fate) in [
        ("204", answer("204 No Content"), "acknowledged"),
        ("400", answer("400 No"), "refused"),
        ("503", answer("503 No"), "failed"),
        ("hangs up", Manner::HangsUp, "failed"),
        ("silent", Manner::KeepsSilent, "unknown"),
    ] {
        for most in [1, 7, 1000] {
            let service = Service::start(manner.clone());
            let options = "--duration 1s --rate 150/s --connections 4 --timeout 200ms --drain 10s --batch-wait 30ms";
            let (ended, report) = Reported::new().run_against(&service, &format!("{options} --batch {most}"));
            let name = format!("{name}, {most}: {}", ended.stdout);
            let not_sent = count(&report, "events.not_sent");
            // Without responses, single events over four connections take longer than the run.
            assert!(not_sent == 0 || fate == "unknown" && most == 1, "{name}");
            assert_eq!(count(&report, &format!("events.{fate}")) + not_sent, 150, "{name}");
            let requests = service.requests();
            assert_eq!(count(&report, "requests"), requests.len() as u64, "{name}");
            let batches = events(&requests, of_lines);
            assert!(batches.iter().all(|batch| (1..=most).contains(&batch.len())), "{name}");
            let ids: HashSet<_> = batches.iter().flatten().map(|event| event.event_id.clone()).collect();
            assert_eq!(ids.len() as u64 + not_sent, 150, "{name}");
        }
    }
}

#[test]
fn the_events_of_a_seeker_stay_in_order_and_apart() {
    let service = Service::start(answer("204 No Content"));
    let options = "--duration 2s --rate 300/s --speed 600 --connections 4 --batch 20 --batch-wait 20ms --check-sent";
    let (ended, report) = Reported::new().run_against(&service, options);
    assert_sound(&ended, &report);
    assert_eq!(report["check_sent"]["broken_rules"], serde_json::json!({}));
    let batches = events(&service.requests(), of_lines);
    let mut last_of: HashMap<String, EventTimestamp> = HashMap::new();
    let mut followed = 0;
    for batch in &batches {
        let mut seekers = HashSet::new();
        for event in batch {
            let seeker = event.details["seekerId"].clone();
            assert!(seekers.insert(seeker.clone()), "two events of one seeker are in flight at the same time");
            if let Some(last) = last_of.insert(seeker, event.event_timestamp_millis) {
                assert!(last <= event.event_timestamp_millis);
                followed += 1;
            }
        }
    }
    assert!(followed > 0 && batches.iter().any(|batch| batch.len() > 1));
    assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 600);
    assert_eq!((count(&report, "events.acknowledged"), count(&report, "requests")), (600, batches.len() as u64));
    assert!(ended.stdout.contains(&format!("requests      {}, for 600 events", batches.len())), "{}", ended.stdout);
}

/// With a long enough wait all batches are full, and shortly before the end no event waits.
#[test]
fn events_wait_for_others_with_batch_wait() {
    let service = Service::start(answer("204 No Content"));
    let options = "--duration 1s --rate 200/s --connections 4 --batch 10 --batch-wait 1m";
    let (ended, report) = Reported::new().run_against(&service, options);
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 200, "{}", ended.stdout);
    let sizes: Vec<_> = events(&service.requests(), of_lines).iter().map(Vec::len).collect();
    assert!(sizes.iter().filter(|size| **size == 10).count() >= 10, "{sizes:?}");
    assert!(sizes[..10].iter().all(|size| *size == 10), "{sizes:?}");
}

#[test]
fn every_form_has_the_documented_shape() {
    const NDJSON: &str = "application/x-ndjson";
    const JSON: &str = "application/json";
    let cases: [(_, _, _, Read); 6] = [
        ("", "/clientEvents:batch", NDJSON, of_lines),
        ("--batch-form ndjson --gzip", "/clientEvents:batch", NDJSON, |body| of_lines(&unpacked(body))),
        ("--batch-form array", "/clientEvents:batch", JSON, of_array),
        ("--batch-form array --gzip", "/clientEvents:batch", JSON, |body| of_array(&unpacked(body))),
        ("--format pubsub --project p --topic t", "/v1/projects/p/topics/t:publish", JSON, of_publish),
        ("--header 'Content-Type: text/plain'", "/clientEvents:batch", "text/plain", of_lines),
    ];
    for (options, path, content_type, read) in cases {
        let service = Service::start(answer("204 No Content"));
        let load = "--duration 1s --rate 100/s --seed 3 --check-sent --batch 8 --batch-wait 50ms";
        let (ended, report) = Reported::new().run_against(&service, &format!("{load} {options}"));
        assert_sound(&ended, &report);
        assert_eq!((count(&report, "events.acknowledged"), count(&report, "check_sent.events")), (100, 100));
        let requests = service.requests();
        for Request { head, .. } in &requests {
            assert!(head.starts_with(&format!("POST {path} HTTP/1.1\r\n")), "{head}");
            let types: Vec<_> = head.lines().filter_map(|line| line.strip_prefix("Content-Type: ")).collect();
            assert_eq!(types, [content_type]);
        }
        let batches = events(&requests, read);
        assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 100);
        assert!(batches.len() < 100);
    }
}

#[test]
fn the_receiver_takes_every_form() {
    for options in ["", "--batch-form array", "--gzip"] {
        let load = "--duration 1s --rate 400/s --batch 50 --batch-wait 20ms";
        let (ended, report) = Reported::new().run(&format!("{load} {options}"));
        assert_sound(&ended, &report);
        assert_eq!((count(&report, "events.acknowledged"), count(&report, "receiver.accepted")), (400, 400));
        assert!(count(&report, "requests") < 400);
    }
}

/// A target can refuse single events of a batch.
#[test]
fn a_partial_answer_holds_for_each_event() {
    let load = "--duration 1s --rate 100/s --batch 10 --batch-wait 50ms";
    let service = Service::start(answer_with(r#"{"failedRequests":{"0":{"code":3,"message":"no"}}}"#));
    let (_, report) = Reported::new().run_against(&service, load);
    let requests = service.requests().len() as u64;
    assert_eq!((count(&report, "events.refused"), count(&report, "events.acknowledged")), (requests, 100 - requests));
    assert_eq!(report["errors"], serde_json::json!({"answered INVALID_ARGUMENT for this event of a batch": requests}));

    let service = Service::start(answer_with(r#"{"failedRequests":{"0":{"code":14}}}"#));
    let (_, report) = Reported::new().run_against(&service, &format!("{load} --retries 1 --drain 10s"));
    let batches = events(&service.requests(), of_lines);
    let mut firsts: HashMap<_, u64> = HashMap::new();
    for batch in &batches {
        *firsts.entry(batch[0].event_id.clone()).or_default() += 1;
    }
    // The first event of each batch is retried. It fails for good if it is the first of its batch again.
    let failed = firsts.values().filter(|times| **times == 2).count() as u64;
    assert_eq!((count(&report, "events.failed"), count(&report, "events.acknowledged")), (failed, 100 - failed));
    assert_eq!(count(&report, "retries.events_retried"), firsts.len() as u64);
    assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 100 + firsts.len());
}

/// A response body that refuses this many events, each with this status.
fn refusing_all(events: usize, status: &str) -> String {
    let statuses: Vec<_> = (0..events).map(|position| format!("\"{position}\":{status}")).collect();
    format!("{{\"failedRequests\":{{{}}}}}", statuses.join(","))
}

/// A target can refuse all events in several ways. No event counts as acknowledged, whether or not the client understands the response.
#[test]
fn no_event_is_acknowledged_by_an_answer_that_refuses_all() {
    const UNKNOWN: &str = "the outcome of each event is unknown";
    const OTHER_FORM: &str = "the response body does not have the form";
    /// Makes a response body for this many events.
    type Body = fn(usize) -> String;
    let cases: [(_, Body, _, _); 12] = [
        ("by number", |events| refusing_all(events, r#"{"code":3}"#), "refused", "answered INVALID_ARGUMENT"),
        ("by name", |events| refusing_all(events, r#"{"code":"UNAVAILABLE"}"#), "failed", "answered UNAVAILABLE"),
        (
            "over 1 MiB",
            |events| refusing_all(events, &format!(r#"{{"code":3,"message":"{}"}}"#, "x".repeat((1 << 20) / events))),
            "unknown",
            "answered 200, but the response body is larger than 1 MiB",
        ),
        (
            "over 1 MiB of spaces behind an empty object",
            |_| format!("{{}}{}", " ".repeat(1 << 20)),
            "unknown",
            "answered 200, but the response body is larger than 1 MiB",
        ),
        (
            "outside the batch",
            |events| refusing_all(events + 1, r#"{"code":3}"#),
            "unknown",
            "answered 200, but `failedRequests` contains a position outside the batch",
        ),
        ("unknown key", |_| r#"{"failedRequests":{"all":{"code":3}}}"#.to_owned(), "unknown", OTHER_FORM),
        ("unknown code", |events| refusing_all(events, r#"{"code":"BAD"}"#), "unknown", OTHER_FORM),
        ("no code", |events| refusing_all(events, "{}"), "unknown", OTHER_FORM),
        ("an array", |_| r#"[{"code":3}]"#.to_owned(), "unknown", OTHER_FORM),
        (
            "cut",
            |events| refusing_all(events, r#"{"code":3}"#).trim_end_matches('}').to_owned(),
            "unknown",
            "the JSON in the response body is incomplete",
        ),
        ("a page", |_| "<html>All refused</html>".to_owned(), "unknown", "the response body is not JSON"),
        ("too few ids", |events| format!(r#"{{"messageIds":[{}]}}"#, vec!["1"; events - 1].join(",")), "unknown", "`messageIds`"),
    ];
    for (name, body, fate, error) in cases {
        let answers = move |request: &Request| {
            let body = body(of_lines(&request.body).len());
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
        };
        let service = Service::start(Manner::Makes(Arc::new(answers)));
        let load = "--duration 1s --rate 100/s --speed 0.01 --batch 10 --batch-wait 50ms --drain 20s --timeout 20s";
        let (ended, report) = Reported::new().run_against(&service, load);
        let [acknowledged, of_fate, not_sent] =
            ["acknowledged", fate, "not_sent"].map(|fate| count(&report, &format!("events.{fate}")));
        // On a busy machine, the last events may not be sent.
        assert_eq!((acknowledged, of_fate + not_sent), (0, 100), "{name}: {report}");
        assert!(of_fate > 50, "{name}: {report}");
        assert_ne!(report["outcome"], "passed", "{name}: {}", ended.stdout);
        let errors = report["errors"].as_object().unwrap();
        assert!(errors.keys().all(|kind| kind.contains(error)) && !errors.is_empty(), "{name}: {errors:?}");
        assert!(fate != "unknown" || errors.keys().all(|kind| kind.contains(UNKNOWN)), "{name}: {errors:?}");
    }
}

/// A response that is not understood is handled like a timeout: the events are retried with the same ids.
#[test]
fn unknown_events_of_a_batch_are_sent_again() {
    let ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec();
    let service = Service::start(Manner::RefusesFirst { attempts: 1, with: Box::new(answer_with("{")), then: ok });
    let load = "--duration 1s --rate 20/s --speed 0.01 --batch 1 --drain 20s --retries 1";
    let (ended, report) = Reported::new().run_against(&service, load);
    assert_eq!((count(&report, "events.acknowledged"), count(&report, "retries.attempts")), (20, 20), "{}", ended.stdout);
    let mut attempts: HashMap<Vec<u8>, u32> = HashMap::new();
    for request in service.requests() {
        *attempts.entry(request.body).or_default() += 1;
    }
    assert!(attempts.len() == 20 && attempts.values().all(|attempts| *attempts == 2));
}

/// A response format without single events acknowledges by its status alone.
#[test]
fn a_publish_call_is_taken_as_a_whole() {
    let service = Service::start(answer_with("taken"));
    let load = "--duration 1s --rate 100/s --batch 10 --batch-wait 50ms --format pubsub --project p --topic t";
    let (ended, report) = Reported::new().run_against(&service, load);
    assert_eq!(count(&report, "events.acknowledged"), 100, "{}", ended.stdout);
}

/// All events are sent at once, shortly before the end of the load.
#[test]
fn a_batch_that_is_too_large_is_refused_with_the_reason() {
    let load = "--duration 1s --rate 2500/s --speed 1 --batch 5000 --batch-wait 1m";
    let (ended, report) = Reported::new().run(load);
    assert_ne!(ended.code, Some(0), "{}", ended.stdout);
    let refused = count(&report, "events.refused");
    assert!(refused > 1000 && count(&report, "receiver.too_large") > 0, "{}", ended.stdout);
    let errors = serde_json::json!({"answered 413: the body is larger than the target accepts; lower --batch": refused});
    assert_eq!(report["errors"], errors);
    assert_eq!(count(&report, "receiver.accepted"), count(&report, "events.acknowledged"));
}

#[test]
fn contradictory_options_are_refused() {
    let target = "--target http://127.0.0.1:1";
    for (args, expected) in [
        ("--batch 0".to_owned(), "--batch"),
        ("--batch 10001".to_owned(), "--batch is 10001; expected 1 to 10000"),
        ("--batch 5 --batch-form xml".to_owned(), "expected ndjson or array"),
        ("--batch-form array".to_owned(), "--batch-form requires --batch"),
        ("--batch-wait 5ms".to_owned(), "--batch-wait requires --batch"),
        ("--batch 5 --batch-wait 2m".to_owned(), "--batch-wait is 2m; expected at most 1 minute"),
        (
            format!("--batch 5 --format v3 --project p {target}"),
            "--batch with --format v3: this API has no request for several events",
        ),
        (format!("--batch 5 --format v4 --project p --tenant t {target}"), "--batch with --format v4"),
        (
            format!("--batch 5 --batch-form ndjson --format pubsub --project p --topic t {target}"),
            "--batch-form ndjson does not apply to --format pubsub, whose requests have only one form; leave --batch-form out",
        ),
        (format!("--batch 5 --format pubsub --project p {target}"), "needs a topic; pass --topic"),
    ] {
        let words = words(&format!("run {args}"));
        let ended = ended(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(ended.code, Some(2), "{args}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{args}: {}", ended.stderr);
    }
}
