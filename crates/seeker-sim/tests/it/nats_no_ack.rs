//! Tests of NATS messages without acknowledgements (`--no-ack`): what the run proves, and what it does not claim.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::nats_server::{NatsServer, Reply};
use crate::program::{Ended, Reported, assert_outcome, assert_sound, count, ended, words};

fn run_against(server: &NatsServer, options: &str) -> (Ended, Value) {
    Reported::new().run(&format!("nats://{}/events --no-ack --rate 100/s --duration 1s {options}", server.addr))
}

#[test]
fn events_are_unknown_and_have_no_latency() {
    let server = NatsServer::start(|_, _| Reply::Nothing);
    let (ended, report) = run_against(&server, "--threshold 'schedule_lag.p50 < 10s' --threshold 'rate > 1/s'");
    assert_sound(&ended, &report);
    let events = json!({"planned": 100, "acknowledged": 0, "refused": 0, "failed": 0, "unknown": 100, "not_sent": 0});
    assert_eq!((&report["events"], &report["errors"]), (&events, &json!({})), "{report}");
    for figure in ["latency_ms", "answered_latency_ms", "service_time_ms"] {
        assert!(report[figure].as_object().unwrap().values().all(Value::is_null), "{figure}: {report}");
    }
    let windows = report["windows"].as_array().unwrap().iter();
    for part in report["by_type"].as_object().unwrap().values().chain(windows) {
        assert!(part["latency_ms"].is_null() || part["latency_ms"]["p50"].is_null(), "{part}");
    }
    assert!(report["schedule_lag_ms"]["p50"].is_number(), "{report}");
    assert_eq!(report["thresholds"][0]["threshold"], "unknown_ratio >= 99%");
    let sentence = "not measured (--no-ack): latency, and whether a subscriber received or stored the events";
    assert!(report["not_measured"][0].as_str().unwrap().starts_with(sentence), "{report}");
    assert!(ended.stdout.contains(sentence), "{}", ended.stdout);
    assert!(server.messages().iter().all(|message| !message.has_reply));
    let ids: HashSet<_> = server.messages().iter().map(|message| message.event["eventId"].to_string()).collect();
    assert_eq!(ids.len(), 100);
}

/// The server reads no more: its messages are not counted as sent, and the run does not pass.
#[test]
fn a_server_that_stops_reading_is_noticed() {
    let server = NatsServer::start(|number, _| if number == 50 { Reply::Mute } else { Reply::Nothing });
    let (ended, report) = run_against(&server, "--connections 1 --timeout 2s --drain 100ms");
    assert_outcome(&ended, &report, "threshold_missed");
    assert!(report["reasons"][0].as_str().unwrap().starts_with("the target stopped answering at"), "{report}");
    let (unknown, failed) = (count(&report, "events.unknown"), count(&report, "events.failed"));
    assert!((1..=50).contains(&unknown) && unknown + failed + count(&report, "events.not_sent") == 100, "{report}");
}

#[test]
fn a_lost_connection_is_a_failure_that_retries_repair() {
    for (retries, failed) in [("", 1), ("--retries 20", 0)] {
        let server = NatsServer::start(|number, _| if number == 10 { Reply::Cut } else { Reply::Nothing });
        let (_, report) = run_against(&server, &format!("{retries} --connections 1 --streams 1 --drain 10s"));
        assert_eq!((count(&report, "events.failed"), count(&report, "events.unknown")), (failed, 100 - failed), "{report}");
        if failed > 0 {
            let error = "failed to read the confirmation (PONG) of the server: the connection closed";
            assert_eq!(report["errors"], json!({ error: 1 }), "{report}");
        }
    }
}

#[test]
fn a_subject_that_is_not_permitted_is_refused() {
    let server =
        NatsServer::start(|_, message| Reply::Error(format!("Permissions Violation for Publish to \"{}\"", message.subject)));
    let (ended, report) = run_against(&server, "");
    assert_outcome(&ended, &report, "threshold_missed");
    assert_eq!(count(&report, "events.refused"), 100, "{report}");
}

#[test]
fn what_needs_acknowledgements_is_refused() {
    let nats = "nats://127.0.0.1:1/events --no-ack";
    let judged = "cannot be judged with --no-ack: nobody acknowledges the events; use a threshold on unknown";
    for (options, expected) in [
        (format!("{nats} --threshold 'latency.p99 < 1s'"), judged),
        (format!("{nats} --threshold 'answered_latency.p99 < 1s over 1s'"), judged),
        (format!("{nats} --threshold 'service_time.max < 1s'"), judged),
        (format!("{nats} --threshold 'acknowledged_ratio > 1%'"), judged),
        (format!("{nats} --find-capacity 'schedule_lag.p99 < 1s'"), "--find-capacity and --no-ack exclude each other"),
        ("http://127.0.0.1:1 --no-ack".to_owned(), "--no-ack does not apply to http://127.0.0.1:1/: "),
        ("grpc://127.0.0.1:1 --no-ack".to_owned(), "--no-ack does not apply to grpc://127.0.0.1:1"),
        ("- --no-ack".to_owned(), "--no-ack does not apply to standard output"),
        ("--no-ack".to_owned(), "--no-ack needs a target"),
    ] {
        let ended = ended(&words(&format!("run {options}")).iter().map(String::as_str).collect::<Vec<_>>());
        assert!(ended.code == Some(2) && ended.stderr.contains(expected), "{options}: {}", ended.stderr);
    }
}
