//! Tests of runs over HTTP/2: the events are the same as over HTTP/1.1, requests share a connection, and every event has an outcome,
//! whatever happens to requests and connections.

use std::collections::HashSet;
use std::fs;

use client_event::ClientEvent;
use h2::Reason;
use serde_json::Value;

use crate::program::{Ended, Reported, assert_outcome, assert_sound, count, ended, words};
use crate::service::{Manner, Service};
use crate::service_http2::{Http2Manner, Http2Service};

#[test]
fn the_receiver_is_spoken_to_in_http2() {
    for options in ["", "--gzip", "--batch 20 --batch-wait 10ms", "--connections 1 --streams 1"] {
        let (ended, report) = Reported::new().run(&format!("--duration 1s --rate 300/s --http2 {options}"));
        assert_sound(&ended, &report);
        assert_eq!((count(&report, "events.acknowledged"), count(&report, "receiver.accepted")), (300, 300), "{options}");
    }
}

#[test]
fn http1_and_http2_send_the_same_events() {
    let service = Http2Service::start(Http2Manner::Answers);
    let options =
        "--duration 1s --rate 200/s --header 'X-One: 1' --header 'User-Agent: mine' --token-env TOKEN --check-sent --http2";
    let reported = Reported::new();
    let target = format!("{}/v1/events?key=1", service.url());
    let output = reported.command(&format!("--target {target} {options}")).env("TOKEN", "secret").output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = reported.report();
    assert_eq!((count(&report, "events.acknowledged"), count(&report, "check_sent.events")), (200, 200), "{report}");
    let requests = service.requests();
    assert_eq!((requests.len(), count(&report, "requests")), (200, 200));
    let mut ids = HashSet::new();
    for request in &requests {
        let head = &request.head;
        assert_eq!((head.method.as_str(), head.uri.to_string()), ("POST", target.clone()));
        let length = request.body.len().to_string();
        for (name, value) in [
            ("x-one", "1"),
            ("user-agent", "mine"),
            ("authorization", "Bearer secret"),
            ("content-type", "application/json"),
            ("content-length", &length),
        ] {
            let values: Vec<_> = head.headers.get_all(name).iter().collect();
            assert_eq!(values, [value], "{name}");
        }
        ids.insert(ClientEvent::from_json(&request.body).unwrap().event_id);
    }
    assert_eq!(ids.len(), 200);
}

fn run_against(service: &Http2Service, options: &str) -> (Ended, Value) {
    Reported::new().run(&format!("--target {} {options}", service.url()))
}

/// Slow enough that no seeker has a second event.
const ONE_EACH: &str = "--duration 1s --rate 100/s --speed 0.01 --drain 20s --http2";

#[test]
fn requests_share_a_connection_up_to_their_bound() {
    let service = Http2Service::start(Http2Manner::AnswersTogether(5));
    let (ended, report) = run_against(&service, &format!("{ONE_EACH} --connections 1 --streams 5"));
    assert_eq!(count(&report, "events.acknowledged"), 100, "{}", ended.stdout);
    assert_eq!((service.connections(), service.at_once_max()), (1, 5));
}

#[test]
fn another_connection_is_opened_when_all_are_full() {
    let service = Http2Service::start(Http2Manner::AnswersTogether(10));
    let (ended, report) = run_against(&service, &format!("{ONE_EACH} --connections 5 --streams 2"));
    assert_eq!(count(&report, "events.acknowledged"), 100, "{}", ended.stdout);
    assert_eq!((service.connections(), service.at_once_max()), (5, 10));
}

#[test]
fn a_target_that_takes_one_request_at_a_time_gets_no_more() {
    let service = Http2Service::start(Http2Manner::AnswersOneAtATime);
    let (ended, report) = run_against(&service, &format!("{ONE_EACH} --connections 2 --streams 50"));
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 100, "{}", ended.stdout);
    assert!(service.connections() <= 2 && service.at_once_max() <= 2);
}

#[test]
fn a_target_that_goes_in_peace_costs_no_event() {
    let service = Http2Service::start(Http2Manner::GoesAway(20));
    let (ended, report) = run_against(&service, "--duration 1s --rate 300/s --http2");
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 300, "{}", ended.stdout);
    assert!(service.connections() > 1, "{}", service.connections());
}

/// Unprocessed requests are sent again. Requests that the target processed but did not answer are lost.
#[test]
fn an_immediate_close_costs_only_the_received_requests() {
    let service = Http2Service::start(Http2Manner::GoesAtOnce(30));
    let (ended, report) = run_against(&service, "--duration 1s --rate 300/s --http2");
    let (acknowledged, failed) = (count(&report, "events.acknowledged"), count(&report, "events.failed"));
    assert_eq!(acknowledged + failed, 300, "{}", ended.stdout);
    assert!(acknowledged > 0 && service.connections() > 1, "{}", ended.stdout);
}

#[test]
fn lost_connections_are_opened_anew() {
    let service = Http2Service::start(Http2Manner::HangsUp(20));
    let (ended, report) = run_against(&service, "--duration 1s --rate 300/s --http2");
    let (acknowledged, failed) = (count(&report, "events.acknowledged"), count(&report, "events.failed"));
    assert_eq!(acknowledged + failed, 300, "{}", ended.stdout);
    assert!(acknowledged > 0 && failed > 0 && service.connections() > 1, "{}", ended.stdout);
    assert_eq!(report["errors"].as_object().unwrap().values().filter_map(Value::as_u64).sum::<u64>(), failed);
}

#[test]
fn a_reset_is_about_one_request() {
    let service = Http2Service::start(Http2Manner::ResetsFirst(1, Reason::INTERNAL_ERROR));
    let (ended, report) = run_against(&service, ONE_EACH);
    assert_outcome(&ended, &report, "threshold_missed");
    assert_eq!(count(&report, "events.failed"), 100, "{}", ended.stdout);
    let errors = report["errors"].as_object().unwrap();
    assert!(errors.keys().all(|error| error.starts_with("failed to read the response over HTTP/2: ")), "{errors:?}");
    assert_eq!(service.connections(), 1);

    let service = Http2Service::start(Http2Manner::ResetsFirst(2, Reason::INTERNAL_ERROR));
    let (ended, report) = run_against(&service, &format!("{ONE_EACH} --retries 2"));
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 100, "{}", ended.stdout);
    assert_eq!((count(&report, "retries.attempts"), service.connections()), (200, 1));
}

/// The end of a response of more than 1 MiB is not read, so the outcome of its events is unknown.
#[test]
fn a_long_answer_acknowledges_a_batch_only_if_it_is_read_whole() {
    for (length, fate) in [((1 << 20) - 1, "acknowledged"), ((1 << 20) + 1, "unknown")] {
        let service = Http2Service::start(Http2Manner::AnswersAtLength(length));
        let load = "--duration 1s --rate 50/s --batch 10 --batch-wait 100ms --http2 --timeout 20s --drain 20s";
        let (ended, report) = run_against(&service, load);
        assert_eq!(count(&report, &format!("events.{fate}")), 50, "{length}: {}", ended.stdout);
    }
}

#[test]
fn a_time_out_is_about_one_request() {
    let service = Http2Service::start(Http2Manner::KeepsSilent);
    let (ended, report) = run_against(&service, &format!("{ONE_EACH} --timeout 200ms"));
    assert_eq!(count(&report, "events.unknown"), 100, "{}", ended.stdout);
    assert_eq!(report["errors"], serde_json::json!({"no answer within 200ms": 100}));
    assert_eq!(service.connections(), 1);
}

#[test]
fn over_tls_http2_is_agreed_on() {
    let (service, certificate) = Http2Service::start_tls(Http2Manner::Answers);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    fs::write(&path, certificate).unwrap();
    let target = format!("--target https://localhost:{} --ca {}", service.addr.port(), path.display());
    let (ended, report) = Reported::new().run(&format!("{target} --duration 1s --rate 50/s --http2"));
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 50, "{}", ended.stdout);
    assert!(service.requests().iter().all(|request| request.head.uri.scheme_str() == Some("https")));
}

#[test]
fn a_target_without_http2_is_reported_before_the_start() {
    let answer = || Manner::Answers(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec());
    let plain = Service::start(answer());
    let closing = Service::start(Manner::HangsUp);
    let (without, _) = Service::start_tls(answer(), "localhost");
    let (other, _) = Service::start_tls_with(answer(), "localhost", &["http/1.1"]);
    for (target, expected) in [
        (plain.url(), "failed to start HTTP/2 with"),
        (closing.url(), "failed to start HTTP/2 with"),
        (format!("https://{} --insecure", without.addr), "the server does not offer HTTP/2 (ALPN)"),
        (format!("https://{} --insecure", other.addr), "the server does not offer HTTP/2 (ALPN)"),
    ] {
        let (ended, report) = Reported::new().run(&format!("--duration 1h --http2 --target {target}"));
        assert_eq!((ended.code, report["outcome"].as_str()), (Some(4), Some("target_unreachable")), "{}", ended.stderr);
        assert!(ended.stdout.contains(expected), "{target}: {}", ended.stdout);
        let advice = "does the target support HTTP/2? Omit --http2 to use HTTP/1.1";
        assert!(ended.stdout.contains(advice), "{target}: {}", ended.stdout);
    }
}

#[test]
fn contradictory_options_are_refused() {
    for (args, expected) in [
        ("--streams 5", "--http2"),
        ("--http2 --streams 0", "--streams"),
        ("--http2 --streams 10001", "--streams is 10001; expected 1 to 10000"),
        ("--http2 --streams 1000 --connections 500", "--connections times --streams is 500000; expected at most 200000"),
        ("--http2 --header Keep-Alive:5", "failed to use the header `Keep-Alive` over HTTP/2, which does not allow it"),
    ] {
        let words = words(&format!("run {args}"));
        let ended = ended(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(ended.code, Some(2), "{args}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{args}: {}", ended.stderr);
    }
}
