//! Tests of runs whose seekers take request ids and job names from a search service: the events follow from its responses, for all
//! responses and response times.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, thread};

use client_event::{ClientEvent, EventType};
use serde_json::{Value, json};

use crate::program::{Ended, Reported, assert_outcome, assert_sound, count, ended, number, words};
use crate::service::{Manner, Request, Service, silent_port};

/// Employers decide within minutes of simulated time, and all seekers apply.
const BUSY: &str = "
    [behaviour]
    interview_per_application = 1.0
    hire_per_interview = 1.0
    interview_days = { median = 0.005, sigma = 0.5 }
    hire_days = { median = 0.005, sigma = 0.5 }
    apply_per_view = 0.5
";

/// A response that the service sent.
#[derive(Clone, Debug)]
struct Given {
    user: String,
    session: String,
    jobs: Vec<String>,
}

/// A service that answers searches with its own ids and names, and records them.
struct Search {
    service: Service,
    given: Arc<Mutex<HashMap<String, Given>>>,
}

impl Search {
    /// Answers after this time.
    fn start(takes: Duration) -> Self {
        let given: Arc<Mutex<HashMap<String, Given>>> = Arc::default();
        let kept = Arc::clone(&given);
        let numbers = AtomicUsize::new(0);
        let answer = move |request: &Request| {
            // The sleep simulates a slow service.
            thread::sleep(takes);
            let number = numbers.fetch_add(1, Ordering::Relaxed);
            let asked: Value = serde_json::from_slice(&request.body).unwrap();
            let of = |key: &str| asked["requestMetadata"][key].as_str().unwrap().to_owned();
            let page_size = asked["maxPageSize"].as_u64().unwrap();
            // Some names occur twice, and there are more jobs than requested.
            let jobs: Vec<_> = (0..page_size + 3).map(|job| format!("jobs/\u{e9}-{number}-{}", job / 2)).collect();
            let matching: Vec<_> = jobs.iter().map(|name| json!({"job": {"name": name}, "snippet": "x"})).collect();
            let request_id = format!("{number}:\"/=");
            let given = Given { user: of("userId"), session: of("sessionId"), jobs };
            kept.lock().unwrap().insert(request_id.clone(), given);
            json_answer(&json!({"matchingJobs": matching, "metadata": {"requestId": request_id}}))
        };
        Self { service: Service::start(Manner::Makes(Arc::new(answer))), given }
    }

    fn url(&self) -> String {
        format!("{}/v4/projects/p/tenants/t/jobs:search", self.service.url())
    }
}

fn json_answer(body: &Value) -> Vec<u8> {
    answer("200 OK", &body.to_string())
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A service with the same response to each search.
fn always(status: &str, body: &str) -> Service {
    Service::start(Manner::Answers(answer(status, body)))
}

#[test]
fn events_follow_from_search_answers() {
    let (search, target) = (Search::start(Duration::ZERO), Service::answering("200 OK"));
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("busy.toml");
    fs::write(&scenario, BUSY).unwrap();
    let options = format!(
        "--target {} --search {} --scenario {} --rate 150/s --duration 4s --speed 1000 --seed 5 --check-sent",
        target.url(),
        search.url(),
        scenario.display()
    );
    let (ended, report) = Reported::new().run(&options);
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.planned"), 600);
    let sent = count(&report, "events.acknowledged");
    assert_eq!((count(&report, "check_sent.events"), &report["check_sent"]["broken_rules"]), (sent, &json!({})));
    let given = search.given.lock().unwrap();
    let (mut types, mut seen) = (HashSet::new(), HashSet::new());
    for request in target.requests() {
        let event = ClientEvent::from_json(&request.body).unwrap();
        let Given { user, session, jobs } = &given[event.request_id.as_str()];
        let sent: Vec<_> = event.related_job_names.iter().map(|name| name.as_str().to_owned()).collect();
        assert_eq!(event.details["seekerId"], *user);
        if event.event_type.carries_several_jobs() {
            let mut shown = jobs.clone();
            shown.dedup();
            assert_eq!(sent, shown);
            assert_eq!(event.details["sessionId"], *session);
            assert!(seen.insert(event.request_id.clone()), "each page is seen once");
        } else {
            assert!(jobs.contains(&sent[0]) && sent.len() == 1, "{sent:?} of {jobs:?}");
            assert!(seen.contains(&event.request_id));
        }
        types.insert(event.event_type);
    }
    for event_type in [EventType::Impression, EventType::View, EventType::InterviewGranted, EventType::Hired] {
        assert!(types.contains(&event_type), "{types:?}");
    }
    assert_eq!(report["errors"], json!({}));
    assert_eq!((count(&report, "searches.empty"), count(&report, "searches.failed")), (0, 0));
    assert_eq!(count(&report, "searches.made"), count(&report, "searches.answered") + count(&report, "searches.unanswered"));
    assert!(ended.stdout.contains("\n  searches      ") && ended.stdout.contains(" 0 without results, 0 failed; p50 "));
}

#[test]
fn every_form_carries_the_ids_of_the_answers() {
    let (search, target) = (Search::start(Duration::ZERO), Service::answering("200 OK"));
    let options = format!(
        "--target {} --format v4 --project p --tenant t --gzip --search {} --rate 30/s --duration 1s",
        target.url(),
        search.url()
    );
    let (ended, report) = Reported::new().run(&options);
    assert_sound(&ended, &report);
    assert!(target.requests().iter().all(|request| request.head.contains("\r\nContent-Encoding: gzip\r\n")));
    for request in search.service.requests() {
        assert!(request.head.starts_with("POST /v4/projects/p/tenants/t/jobs:search HTTP/1.1\r\n"), "{}", request.head);
        assert!(request.head.contains("\r\nContent-Type: application/json\r\n"), "{}", request.head);
        assert!(!request.head.contains("Content-Encoding"), "searches are not compressed");
    }
}

/// The rate holds although the first event of each seeker waits for a search, and the number of additional seekers is bounded.
#[test]
fn a_rate_holds_with_a_slow_search() {
    const SEARCH: Duration = Duration::from_millis(100);
    let (search, target) = (Search::start(SEARCH), Service::answering("200 OK"));
    let options =
        format!("--target {} --search {} --rate 200/s --duration 6s --warm-up 2s --connections 128", target.url(), search.url());
    let (ended, report) = Reported::new().run(&options);
    if assert_outcome(&ended, &report, "passed") {
        assert!(number(&report, "load.achieved_ratio") >= 0.98, "{}", ended.stdout);
    }
    assert!(number(&report, "searches.time_ms.p50") >= 100.0, "{}", ended.stdout);
    let searches = count(&report, "searches.made");
    assert!(count(&report, "seekers.started") <= 1_200, "{}", ended.stdout);
    assert!(searches <= 800, "each search finds jobs, so no seeker searches in vain: {}", ended.stdout);
}

#[test]
fn failed_searches_are_reported_and_not_repeated_more_often() {
    let huge = format!(r#"{{"metadata":{{"requestId":"r"}},"x":"{}"}}"#, "x".repeat(2_000_000));
    for (service, error, is_failure) in [
        (always("500 Internal Server Error", ""), "search: answered 500", true),
        (always("301 Moved Permanently", ""), "search: answered 301: redirections are not followed", true),
        (always("200 OK", "<html>"), "search: failed to read the answer: expected JSON with metadata.requestId and", true),
        (always("200 OK", "{}"), "search: failed to read the answer: it has no metadata.requestId; expected", true),
        (always("200 OK", &huge), "search: failed to read the answer: it is longer than 1000000 bytes", true),
        (Service::start(Manner::HangsUp), "search: failed to read the response: the connection closed before", true),
        (Service::start(Manner::KeepsSilent), "search: no answer within 300ms", true),
        (always("200 OK", r#"{"metadata":{"requestId":"r"}}"#), "nothing", false),
    ] {
        let target = Service::answering("200 OK");
        let options = format!("--target {} --search {}/s --rate 50/s --duration 2s --timeout 300ms", target.url(), service.url());
        let (ended, report) = Reported::new().run(&options);
        assert_eq!(ended.code, Some(3), "{error}: {}{}", ended.stdout, ended.stderr);
        let reason = report["reasons"][0].as_str().unwrap();
        assert!(reason.contains("100 planned events had no seeker: of "), "{reason}");
        assert!(target.requests().is_empty());
        let [made, failed, empty] = ["made", "failed", "empty"].map(|key| count(&report, &format!("searches.{key}")));
        // Four starts for each due event, plus the allowance of one second; some seekers search again.
        let started = count(&report, "seekers.started");
        assert!((50..=650).contains(&started) && made > 0, "{error}: {started}");
        assert!(if is_failure { failed > 0 && empty == 0 } else { empty > 0 }, "{error}: {failed} {empty}");
        let errors = report["errors"].as_object().unwrap();
        // On a busy machine, some responses are late too.
        assert!(errors.keys().all(|kind| kind.starts_with(error) || kind == "search: no answer within 300ms"), "{errors:?}");
        assert_eq!(errors.values().map(|times| times.as_u64().unwrap()).sum::<u64>(), failed);
    }
}

/// Every second search finds nothing or fails, and new seekers replace the ones that found nothing.
#[test]
fn a_rate_holds_although_some_find_nothing() {
    let numbers = AtomicUsize::new(0);
    let service = Service::start(Manner::Makes(Arc::new(move |_| match numbers.fetch_add(1, Ordering::Relaxed) % 4 {
        0 => answer("503 Service Unavailable", ""),
        1 => json_answer(&json!({"metadata": {"requestId": "none"}})),
        number => json_answer(&json!({
            "metadata": {"requestId": format!("r-{number}-{}", numbers.fetch_add(4, Ordering::Relaxed))},
            "matchingJobs": [{"job": {"name": "projects/p/jobs/1"}}, {"job": {"name": "projects/p/jobs/2"}}]
        })),
    })));
    let target = Service::answering("200 OK");
    let options =
        format!("--target {} --search {}/s --rate 100/s --duration 3s --warm-up 1s --check-sent", target.url(), service.url());
    let (ended, report) = Reported::new().run(&options);
    assert_sound(&ended, &report);
    assert_eq!(report["check_sent"]["broken_rules"], json!({}));
    assert!(count(&report, "searches.empty") > 0);
    assert_eq!(report["errors"]["search: answered 503"], count(&report, "searches.failed"));
}

#[test]
fn other_loads_search_too() {
    for (load, kind) in [("--arrivals 20/s", "arrivals"), ("--seekers 20", "seekers")] {
        let (search, target) = (Search::start(Duration::from_millis(20)), Service::answering("200 OK"));
        let options = format!("--target {} --search {} {load} --duration 2s --check-sent", target.url(), search.url());
        let (ended, report) = Reported::new().run(&options);
        assert_sound(&ended, &report);
        assert_eq!(report["load"]["kind"], kind);
        let given = search.given.lock().unwrap();
        assert!(!target.requests().is_empty());
        for request in target.requests() {
            assert!(given.contains_key(ClientEvent::from_json(&request.body).unwrap().request_id.as_str()));
        }
    }
}

#[test]
fn searches_carry_token_and_headers_over_tls() {
    let found = json!({"metadata": {"requestId": "r"}, "matchingJobs": [{"job": {"name": "jobs/1"}}]});
    let (search, certificate) = Service::start_tls(Manner::Answers(json_answer(&found)), "localhost");
    let target = Service::answering("200 OK");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    fs::write(&path, certificate).unwrap();
    let options = format!(
        "--target {}/events --search https://localhost:{} --project p --tenant t --rate 20/s --duration 1s --ca {} \
         --token-env MY_TOKEN --header 'X-Run: 7'",
        target.url(),
        search.addr.port(),
        path.display()
    );
    let reported = Reported::new();
    let ended: Ended = reported.command(&options).env("MY_TOKEN", "secret").output().unwrap().into();
    // All events have the same request id, which a real search service would not return.
    assert_sound(&ended, &reported.report());
    let requests = search.requests();
    assert!(!requests.is_empty());
    for Request { head, .. } in requests {
        assert!(head.starts_with("POST /v4/projects/p/tenants/t/jobs:search HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nAuthorization: Bearer secret\r\n") && head.contains("\r\nX-Run: 7\r\n"), "{head}");
    }
    assert!(!ended.stdout.contains("secret") && !ended.stderr.contains("secret"));
}

#[test]
fn an_unreachable_search_is_reported_before_the_run() {
    let target = Service::answering("200 OK");
    let options = format!("--target {} --search http://127.0.0.1:{}/s --duration 1s", target.url(), silent_port());
    let (ended, report) = Reported::new().run(&options);
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(4), Some("target_unreachable")));
    assert!(ended.stdout.contains("/s cannot be reached: failed to connect to") && ended.stdout.contains("is --search right?"));
    assert!(target.requests().is_empty());
}

#[test]
fn unusable_search_options_are_refused_with_the_expected_value() {
    for (args, expected) in [
        ("run --search http://127.0.0.1:1", "--search needs a target: the receiver in this process"),
        ("run --search localhost:1 --target http://127.0.0.1:1", "expected a URL such as http://127.0.0.1:8080"),
        (
            "run --search http://127.0.0.1:1 --target http://127.0.0.1:1",
            "--search: the path /v4/projects/{project}/tenants/{tenant}/jobs:search needs a project",
        ),
        (
            "run --search http://127.0.0.1:1/{x} --target http://127.0.0.1:1",
            "--search: the path /{x} has the unknown placeholder {x}",
        ),
        ("run --search http://a:b@127.0.0.1:1/s --target http://127.0.0.1:1", "the URL contains a user name or password"),
        (
            "run --search http://127.0.0.1:1/s --target http://127.0.0.1:1 --insecure",
            "--insecure applies to https, but the target uses http",
        ),
    ] {
        let args = words(args);
        let ended = ended(&args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(ended.code, Some(2), "{args:?}: {}{}", ended.stdout, ended.stderr);
        assert!(ended.stderr.contains(expected), "{args:?}: {}", ended.stderr);
    }
}
