//! Tests of retries: the same bytes, in the order of each seeker, counted separately, and only if a retry can succeed.

use std::collections::HashMap;

use client_event::ClientEvent;
use serde_json::json;

use crate::program::{Reported, assert_outcome, assert_sound, count, number};
use crate::service::{Manner, Service, silent_port};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

fn refusing_first(attempts: usize, with: Manner) -> Service {
    Service::start(Manner::RefusesFirst { attempts, with: Box::new(with), then: OK.to_vec() })
}

fn answer(text: &str) -> Manner {
    Manner::Answers(format!("HTTP/1.1 {text}\r\nContent-Length: 0\r\n\r\n").into_bytes())
}

#[test]
fn failed_events_are_retried_and_counted_separately() {
    for (with, cause) in [
        (answer("503 No"), "answered 503"),
        (answer("429 No"), "answered 429"),
        (Manner::HangsUp, "failed to"),
        (Manner::KeepsSilent, "no answer within 300ms"),
    ] {
        let service = refusing_first(2, with);
        let options = "--duration 1s --rate 20/s --speed 0.01 --drain 20s --timeout 300ms --retries 3 --check-sent";
        let (ended, report) = Reported::new().run(&format!("--target {} {options}", service.url()));
        assert_sound(&ended, &report);
        assert_eq!(count(&report, "events.acknowledged"), 20, "{cause}");
        let retries = &report["retries"];
        assert_eq!((&retries["attempts"], &retries["events_retried"]), (&json!(40), &json!(20)), "{cause}");
        assert_eq!(retries["succeeded_after_retry"], 20, "{cause}");
        let causes = retries["causes"].as_object().unwrap();
        assert!(causes.keys().all(|kind| kind.contains(cause)), "{causes:?}");
        assert_eq!(causes.values().map(|count| count.as_u64().unwrap()).sum::<u64>(), 40);
        assert_eq!(report["errors"], json!({}), "{cause}");
        // Retries change neither the load nor the result of the rule check.
        assert!((number(&report, "rate.achieved_per_s") - 20.0).abs() < 2.0);
        assert_eq!((&report["check_sent"]["events"], &report["check_sent"]["broken_rules"]), (&json!(20), &json!({})));
        assert!(ended.stdout.contains("40 for 20 events, 20 of them then acknowledged"), "{}", ended.stdout);

        let mut attempts: HashMap<Vec<u8>, u32> = HashMap::new();
        for request in service.requests() {
            *attempts.entry(request.body).or_default() += 1;
        }
        assert!(attempts.len() == 20 && attempts.values().all(|attempts| *attempts == 3), "{cause}");
    }
}

/// At the end of the run, events wait for a retry that is never sent. Such a retry is not counted.
#[test]
fn each_retry_has_one_cause() {
    let service = Service::start(answer("503 No"));
    let options = "--duration 1s --rate 50/s --speed 0.01 --drain 0s --retries 9";
    let (_, report) = Reported::new().run(&format!("--target {} {options}", service.url()));
    let retries = &report["retries"];
    assert!(count(&report, "retries.attempts") > 0, "{report}");
    assert_eq!(retries["causes"], json!({"answered 503": retries["attempts"]}), "{report}");
}

/// At this speed, a seeker has its next event before the previous one is settled.
#[test]
fn the_next_event_of_a_seeker_waits_until_the_one_before_is_settled() {
    let service = refusing_first(1, answer("503 No"));
    let options = "--duration 1s --rate 100/s --speed 600 --drain 20s --retries 1";
    let (_, report) = Reported::new().run(&format!("--target {} {options}", service.url()));
    assert_eq!((count(&report, "events.acknowledged"), count(&report, "retries.attempts")), (100, 100), "{report}");
    let mut last_of: HashMap<String, (Vec<u8>, u32)> = HashMap::new();
    let mut followed = 0;
    for request in service.requests() {
        let seeker = ClientEvent::from_json(&request.body).unwrap().details["seekerId"].clone();
        match last_of.get_mut(&seeker) {
            Some((body, attempts)) if *body == request.body => *attempts += 1,
            Some((_, attempts)) => {
                assert_eq!(*attempts, 2);
                followed += 1;
                last_of.insert(seeker, (request.body, 1));
            }
            None => drop(last_of.insert(seeker, (request.body, 1))),
        }
    }
    assert!(followed > 0);
}

#[test]
fn the_last_attempt_counts() {
    let service = Service::start(answer("500 No"));
    let options = "--duration 1s --rate 20/s --speed 0.01 --drain 20s --retries 2";
    let (ended, report) = Reported::new().run(&format!("--target {} {options}", service.url()));
    assert_outcome(&ended, &report, "threshold_missed");
    assert_eq!((count(&report, "events.failed"), &report["errors"]), (20, &json!({"answered 500": 20})));
    assert_eq!((count(&report, "retries.attempts"), count(&report, "retries.events_retried")), (40, 20));
    assert_eq!(count(&report, "retries.succeeded_after_retry"), 0);
    assert_eq!(service.requests().len(), 60);
}

#[test]
fn useless_retries_are_not_made() {
    for (options, with) in [("--retries 3", answer("400 No")), ("--retries 3", answer("404 No")), ("", answer("503 No"))] {
        let service = Service::start(with);
        let (_, report) = Reported::new().run(&format!("--target {} --duration 1s --rate 20/s {options}", service.url()));
        assert_eq!((service.requests().len(), count(&report, "retries.attempts")), (20, 0), "{options}");
    }
}

/// An event that waits for a retry at the end of the run has the outcome of its last attempt.
#[test]
fn a_target_is_left_alone_as_long_as_it_asks() {
    let service = Service::start(Manner::Answers(b"HTTP/1.1 429 No\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n".to_vec()));
    let (ended, report) = Reported::new()
        .run(&format!("--target {} --duration 1s --rate 20/s --speed 0.01 --drain 100ms --retries 5", service.url()));
    assert_eq!((service.requests().len(), count(&report, "retries.attempts")), (20, 0), "{}", ended.stdout);
    assert_eq!((count(&report, "events.refused"), count(&report, "events.planned")), (20, 20));
    let short = refusing_first(
        1,
        Manner::Answers(b"HTTP/1.1 503 No\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n".to_vec()),
    );
    let options = "--duration 1s --rate 20/s --speed 0.01 --drain 20s --retries 1";
    let (_, report) = Reported::new().run(&format!("--target {} {options}", short.url()));
    assert_eq!(count(&report, "retries.succeeded_after_retry"), 20);
}

#[test]
fn a_target_that_is_not_there_is_not_waited_for_before_the_start() {
    let (ended, report) = Reported::new().run(&format!("--target http://127.0.0.1:{} --retries 100", silent_port()));
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(4), Some("target_unreachable")));
}
