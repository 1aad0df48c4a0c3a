//! Tests of whole runs: the sent events and the report.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use client_event::{ClientEvent, EventTimestamp, EventType};
use serde_json::Value;

use crate::program::{Reported, assert_outcome, assert_sound, count, number};
use crate::service::{Manner, Service};
use crate::service_http2::{Http2Manner, Http2Service};

const NO_CONTENT: &str = "204 No Content";

#[test]
fn a_run_without_a_target_is_counted_by_its_receiver() {
    let (ended, report) = Reported::new().run("--duration 2s --rate 300/s --seed 5");
    assert_sound(&ended, &report);
    assert_eq!(report["seed"], 5);
    assert_eq!(count(&report, "events.planned"), 600);
    assert_eq!(count(&report, "events.acknowledged"), 600);
    assert_eq!(count(&report, "receiver.accepted"), 600);
    assert_eq!(count(&report, "receiver.refused.messages"), 0);
    assert_eq!(count(&report, "receiver.event_ids.conflicting"), 0);
    for (event_type, of_type) in report["by_type"].as_object().unwrap() {
        assert_eq!(of_type["acknowledged"], report["receiver"]["by_type"][event_type]);
    }
    let (planned, achieved) = (number(&report, "rate.planned_per_s"), number(&report, "rate.achieved_per_s"));
    assert!((achieved / planned - 1.0).abs() <= 0.02, "{achieved} of {planned}");
    assert!(number(&report, "seekers.started") >= number(&report, "seekers.live_max"));
    assert!(
        ended.stdout.contains("run passed") && ended.stdout.contains("the receiver counted 600 accepted"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_run_checks_the_sent_events_against_the_rules() {
    let (ended, report) = Reported::new().run("--duration 2s --rate 300/s --check-sent");
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "check_sent.events"), 600);
    assert_eq!(report["check_sent"]["broken_rules"], serde_json::json!({}));
    assert!(ended.stdout.contains("all 600 sent events follow the rules"), "{}", ended.stdout);
}

/// The stable keys of the report.
#[test]
fn the_report_has_its_keys() {
    let (_, report) = Reported::new().run("--duration 1s --rate 50/s");
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for key in [
        "outcome",
        "seed",
        "duration_s",
        "events",
        "by_type",
        "rate",
        "latency_ms",
        "service_time_ms",
        "schedule_lag_ms",
        "seekers",
        "load",
        "warm_up",
        "retries",
        "windows",
    ] {
        assert!(report.get(key).is_some(), "{key}");
    }
    let sorted = |expected: &[&str]| {
        let mut expected: Vec<_> = expected.iter().map(|key| (*key).to_owned()).collect();
        expected.sort();
        expected
    };
    let fates = ["acknowledged", "failed", "not_sent", "refused", "unknown"];
    assert_eq!(keys(&report["by_type"]["IMPRESSION"]), sorted(&[&fates[..], &["latency_ms"]].concat()));
    assert_eq!(keys(&report["events"]), sorted(&[&fates[..], &["planned"]].concat()));
    assert_eq!(keys(&report["rate"]), sorted(&["planned_per_s", "achieved_per_s"]));
    assert_eq!(keys(&report["seekers"]), sorted(&["started", "finished", "left_early", "panicked", "live_max"]));
    let window = ["from_s", "to_s", "planned", "begun", "sent", "acknowledged", "refused", "failed", "unknown", "latency_ms"];
    let of_generator = ["schedule_lag_p99_ms", "generator_lag_p99_ms", "generator_pause_ms"];
    let window = [&window[..], &of_generator, &["not_sent", "service_time_ms", "live_seekers"]].concat();
    assert_eq!(keys(&report["windows"][0]), sorted(&window));
    assert_eq!(keys(&report["windows"][0]["latency_ms"]), sorted(&["p50", "p90", "p99", "max", "lower_bound_above"]));
    assert_eq!(keys(&report["load"]), sorted(&["kind", "stages", "pacing", "planned", "achieved", "achieved_ratio"]));
    for times in ["latency_ms", "answered_latency_ms", "service_time_ms", "schedule_lag_ms"] {
        let percentiles = ["p50", "p90", "p95", "p99", "p99_9", "max", "lower_bound_above"];
        assert_eq!(keys(&report[times]), sorted(&[&percentiles[..], &["min", "mean", "stddev"]].concat()));
        assert!(number(&report, &format!("{times}.p50")) <= number(&report, &format!("{times}.max")));
    }
}

#[test]
fn sent_events_are_valid_in_order_and_carry_the_headers() {
    let service = Service::answering(NO_CONTENT);
    let options = format!("--target {} --duration 2s --rate 300/s --connections 8 --header X-One:1", service.url());
    let (ended, report) = Reported::new().run(&options);
    assert_sound(&ended, &report);
    assert!(report["receiver"].is_null());
    let requests = service.requests();
    assert_eq!(count(&report, "events.acknowledged"), requests.len() as u64);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let now = EventTimestamp::from_millis(now.try_into().unwrap());
    let mut last_of: HashMap<String, (EventTimestamp, u64)> = HashMap::new();
    let mut shown: HashMap<String, Vec<String>> = HashMap::new();
    for request in &requests {
        let head = &request.head;
        assert!(head.starts_with("POST /clientEvents HTTP/1.1\r\n"), "{head}");
        for header in ["x-one: 1", "content-type: application/json", "user-agent: seeker-sim/"] {
            assert!(head.to_ascii_lowercase().contains(&format!("\r\n{header}")), "{head}");
        }
        let event = ClientEvent::from_json(&request.body).unwrap();
        assert_eq!(event.check(Some(now)), []);
        assert!((now.as_millis() - event.event_timestamp_millis.as_millis()).abs() < 60_000);
        let last = last_of.entry(event.details["seekerId"].clone()).or_insert((event.event_timestamp_millis, 0));
        assert!(last.0 <= event.event_timestamp_millis, "the events of a seeker are sent in order");
        *last = (event.event_timestamp_millis, last.1 + 1);
        let jobs: Vec<_> = event.related_job_names.iter().map(|job| job.as_str().to_owned()).collect();
        if event.event_type == EventType::Impression {
            shown.insert(event.request_id.as_str().to_owned(), jobs);
        } else {
            assert!(shown[event.request_id.as_str()].contains(&jobs[0]), "an event about a job that was not shown before");
        }
    }
    assert!(last_of.values().any(|(_, count)| *count > 1));
}

#[test]
fn a_path_is_kept_and_a_seed_repeats_the_event_ids() {
    let ids = || {
        let service = Service::answering(NO_CONTENT);
        let target = format!("{}/v1/events?key=1", service.url());
        let (ended, report) = Reported::new().run(&format!("--target {target} --duration 1s --rate 40/s --seed 11"));
        assert_sound(&ended, &report);
        let requests = service.requests();
        assert!(requests.iter().all(|request| request.head.starts_with("POST /v1/events?key=1 HTTP/1.1\r\n")));
        let first_of_seeker_0 = requests.iter().find_map(|request| {
            let event = ClientEvent::from_json(&request.body).unwrap();
            (event.details["seekerId"] == "0").then_some(event.event_id)
        });
        first_of_seeker_0.unwrap()
    };
    assert_eq!(ids(), ids());
}

/// Every response counts by its status and content, and a run against a bad target does not pass.
#[test]
fn bad_answers_are_counted_by_kind() {
    let answer = |text: &str| Manner::Answers(text.as_bytes().to_vec());
    let closing = |text: &str| Manner::AnswersAndCloses(text.as_bytes().to_vec());
    let huge = [b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n".to_vec(), vec![b'x'; 10_000_000]].concat();
    for (name, manner, fate, outcome, error) in [
        ("500", answer("HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno"), "failed", "threshold_missed", "answered 500"),
        ("400", answer("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"), "refused", "threshold_missed", "answered 400"),
        (
            "302",
            answer("HTTP/1.1 302 Go\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
            "refused",
            "threshold_missed",
            "answered 302",
        ),
        ("501, old", closing("HTTP/1.0 501 No\r\n\r\nno POST here"), "failed", "threshold_missed", "answered 501"),
        ("hangs up", Manner::HangsUp, "failed", "threshold_missed", "failed to"),
        ("silent", Manner::KeepsSilent, "unknown", "threshold_missed", "no answer within 100ms"),
        ("no HTTP", answer("220 mail.example ESMTP\r\n"), "failed", "threshold_missed", "failed to"),
        ("10 MB", Manner::Answers(huge), "acknowledged", "passed", ""),
        ("200, old", closing("HTTP/1.0 200 OK\r\n\r\nfine"), "acknowledged", "passed", ""),
    ] {
        let service = Service::start(manner);
        let options = format!("--target {} --duration 1s --rate 20/s --timeout 100ms --speed 1 --connections 32", service.url());
        // A slow machine may need longer to read 10 MB.
        let options = if name == "10 MB" { options.replace("100ms", "20s") } else { options };
        let (ended, report) = Reported::new().run(&options);
        assert_eq!(count(&report, "events.planned"), 20);
        assert_eq!(count(&report, &format!("events.{fate}")), 20, "{name}: {report}");
        assert_outcome(&ended, &report, outcome);
        let errors = report["errors"].as_object().unwrap();
        assert!(error.is_empty() == errors.is_empty() && errors.keys().all(|kind| kind.contains(error)), "{name}: {errors:?}");
        if fate != "acknowledged" && fate != "refused" && name != "500" && name != "501, old" {
            assert!(report["answered_latency_ms"]["p50"].is_null(), "{name}: nothing was answered");
            assert_eq!(report["latency_ms"]["lower_bound_above"], 0.0, "{name}: nothing was answered");
        }
    }
}

#[test]
fn a_plan_that_cannot_be_kept_is_not_trustworthy() {
    let (ended, report) = Reported::new().run("--duration 1s --rate 400/s --seekers-max 2 --speed 1");
    assert_eq!((report["outcome"].as_str(), ended.code), (Some("not_trustworthy"), Some(3)));
    assert!(ended.stdout.contains("raise --seekers-max"), "{}", ended.stdout);
    assert!(number(&report, "events.not_sent") > 0.0);
    assert!(number(&report, "seekers.live_max") <= 2.0);
}

/// Events that wait for the only connection are not sent. The simulated runs test that the report names the limit.
#[test]
fn a_connection_that_is_never_answered_keeps_the_others_back() {
    // Each request waits for the timeout before the next one is sent: at most seven requests in two seconds, including the drain.
    let service = Service::start(Manner::KeepsSilent);
    let options = format!("--target {} --duration 1s --rate 100/s --timeout 300ms --drain 1s --connections 1", service.url());
    let (_, report) = Reported::new().run(&options);
    let (unknown, not_sent) = (count(&report, "events.unknown"), count(&report, "events.not_sent"));
    assert_eq!((unknown + not_sent, count(&report, "events.planned")), (100, 100), "{report}");
    assert!((1..=7).contains(&unknown), "{report}");
    assert!(service.requests().len() as u64 <= unknown, "{report}");
}

#[test]
fn rates_far_below_one_a_second_work() {
    let (ended, report) = Reported::new().run("--duration 2s --rate 1/2s");
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 1);
}

/// The trace that belongs to the first event of a body with one event per line.
fn traceparent(body: &[u8]) -> String {
    let first = body.split(|byte| *byte == b'\n').next().unwrap();
    let trace = ClientEvent::from_json(first).unwrap().event_id.as_str().replace('-', "");
    format!("00-{trace}-{}-01", &trace[16..])
}

#[test]
fn requests_carry_the_trace_of_their_first_event() {
    for options in ["", "--batch 10 --batch-wait 100ms", "--gzip --batch 1", "--retries 1"] {
        let service = Service::answering(NO_CONTENT);
        let run = |more: &str| {
            let options = format!("--target {} {more} {options} --duration 1s --rate 50/s --seed 5", service.url());
            let (ended, report) = Reported::new().run(&options);
            assert_sound(&ended, &report);
            service.requests()
        };
        let requests = run("--traceparent");
        for request in &requests {
            let lines: Vec<_> = request.head.lines().filter(|line| line.starts_with("traceparent: ")).collect();
            if options.contains("--gzip") {
                assert!(lines.len() == 1 && lines[0].ends_with("-01"), "{}", request.head);
            } else {
                assert_eq!(lines, [format!("traceparent: {}", traceparent(&request.body))], "{}", request.head);
            }
        }
        let without = &run("")[requests.len()..];
        assert!(without.iter().all(|request| !request.head.contains("traceparent")));
    }
}

#[test]
fn requests_over_http2_carry_the_trace_of_their_event() {
    let service = Http2Service::start(Http2Manner::Answers);
    let options = format!("--target {} --http2 --duration 1s --rate 50/s", service.url());
    for is_traced in [true, false] {
        let more = if is_traced { "--traceparent" } else { "" };
        let (ended, report) = Reported::new().run(&format!("{options} {more}"));
        assert_sound(&ended, &report);
        let requests = service.requests();
        assert_eq!(requests.len(), 50);
        for request in requests {
            let sent = request.head.headers.get("traceparent").map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(sent, is_traced.then(|| traceparent(&request.body)));
        }
    }
}
