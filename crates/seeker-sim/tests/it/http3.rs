//! Tests of runs over HTTP/3: every event has an outcome, whatever happens to requests and connections.

use std::collections::HashSet;
use std::net::UdpSocket;

use client_event::ClientEvent;
use serde_json::Value;

use crate::program::{Ended, Reported, assert_outcome, assert_sound, count};
use crate::service::ClientFiles;
use crate::service_http3::{Http3Manner, Http3Service};

fn run_against(service: &Http3Service, options: &str) -> (Ended, Value) {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, &service.certificate).unwrap();
    let target = format!("--target https://localhost:{0} --resolve localhost:{0}:127.0.0.1", service.addr.port());
    Reported::new().run(&format!("{target} --ca {} --http3 {options}", ca.display()))
}

/// The number of different events that the service has answered.
fn events(service: &Http3Service) -> usize {
    let bodies = service.bodies();
    let ids: HashSet<_> = bodies.iter().map(|body| ClientEvent::from_json(body).unwrap().event_id).collect();
    assert_eq!(ids.len(), bodies.len(), "an event was answered twice");
    ids.len()
}

/// Slow enough that no seeker has a second event.
const ONE_EACH: &str = "--duration 1s --rate 100/s --speed 0.01 --drain 20s";

#[test]
fn events_arrive_once_over_http3() {
    for options in ["", "--traceparent --header X-One:1", "--connections 1 --streams 1 --drain 20s"] {
        let service = Http3Service::start(Http3Manner::Answers);
        let (ended, report) = run_against(&service, &format!("--duration 1s --rate 200/s --check-sent {options}"));
        assert_sound(&ended, &report);
        assert_eq!((count(&report, "events.acknowledged"), events(&service)), (200, 200), "{options}");
    }
    let service = Http3Service::start(Http3Manner::Answers);
    let (ended, report) = run_against(&service, "--duration 1s --rate 200/s --batch 20 --batch-wait 50ms --gzip");
    assert_sound(&ended, &report);
    assert!(service.bodies().len() < 100 && count(&report, "events.acknowledged") == 200, "{}", ended.stdout);
}

#[test]
fn a_target_that_allows_one_stream_gets_one_request_at_a_time() {
    let service = Http3Service::start(Http3Manner::AnswersOneAtATime);
    let (ended, report) = run_against(&service, &format!("{ONE_EACH} --connections 2 --streams 50"));
    assert_sound(&ended, &report);
    assert_eq!((count(&report, "events.acknowledged"), events(&service)), (100, 100), "{}", ended.stdout);
    assert!(service.connections() <= 2 && service.at_once_max() <= 2);
}

/// Rejected requests and requests after GOAWAY were not processed. They are sent again, and count neither as failures nor as retries.
#[test]
fn unprocessed_requests_are_sent_again() {
    for (manner, load) in
        [(Http3Manner::RejectsFirst, ONE_EACH), (Http3Manner::GoesAway(20), "--duration 1s --rate 300/s --drain 20s")]
    {
        let service = Http3Service::start(manner);
        let (ended, report) = run_against(&service, load);
        assert_sound(&ended, &report);
        let planned = count(&report, "events.planned");
        assert_eq!((count(&report, "events.acknowledged"), events(&service) as u64), (planned, planned), "{}", ended.stdout);
        assert_eq!(count(&report, "retries.attempts"), 0);
        if manner == Http3Manner::RejectsFirst {
            assert_eq!((count(&report, "connections.requests_resent"), service.connections()), (100, 1));
        } else {
            assert!(service.connections() > 10, "{}", service.connections());
        }
    }
}

#[test]
fn a_status_fails_one_event_and_retries_are_counted() {
    let service = Http3Service::start(Http3Manner::FailsFirst);
    let (ended, report) = run_against(&service, ONE_EACH);
    assert_outcome(&ended, &report, "threshold_missed");
    assert_eq!(report["errors"], serde_json::json!({"answered 503": 100}), "{}", ended.stdout);
    let service = Http3Service::start(Http3Manner::FailsFirst);
    let (ended, report) = run_against(&service, &format!("{ONE_EACH} --retries 1"));
    assert_sound(&ended, &report);
    assert_eq!((count(&report, "retries.attempts"), events(&service)), (100, 100));
}

/// A closed connection costs the requests on it, which may have been processed. They are not sent again without `--retries`.
#[test]
fn lost_connections_are_opened_anew() {
    let service = Http3Service::start(Http3Manner::Closes(20));
    let (ended, report) = run_against(&service, "--duration 1s --rate 300/s");
    let (acknowledged, failed) = (count(&report, "events.acknowledged"), count(&report, "events.failed"));
    assert_eq!(acknowledged + failed, 300, "{}", ended.stdout);
    assert!(acknowledged > 0 && failed > 0 && service.connections() > 1, "{}", ended.stdout);
    let errors = report["errors"].as_object().unwrap();
    let expected = "failed to read the response over HTTP/3: the server closed the connection (H3_INTERNAL_ERROR: on purpose)";
    assert_eq!((errors.len(), errors[expected].as_u64()), (1, Some(failed)), "{errors:?}");
}

#[test]
fn a_time_out_is_about_one_request() {
    let service = Http3Service::start(Http3Manner::KeepsSilent);
    let (ended, report) = run_against(&service, &format!("{ONE_EACH} --timeout 200ms"));
    assert_eq!(count(&report, "events.unknown"), 100, "{}", ended.stdout);
    assert_eq!(report["errors"], serde_json::json!({"no answer within 200ms": 100}));
    assert_eq!(service.connections(), 1);
}

/// A server that is killed says nothing. Its requests have no answer, and later requests have no connection.
#[test]
fn a_killed_server_is_noticed() {
    let service = Http3Service::start(Http3Manner::Answers);
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("run.json");
    let target = format!("https://127.0.0.1:{}", service.addr.port());
    let options = ["--quiet", "--insecure", "--http3", "--rate", "100/s", "--duration", "5s", "--timeout", "1s", "--drain", "1s"];
    let mut command = crate::program::seeker_sim(&["run", &target, "--connections", "1", "--speed", "0.01"]);
    let mut run = command.args(options).arg("--report").arg(&report).stdout(std::process::Stdio::null()).spawn().unwrap();
    let mut bodies = 0;
    while bodies < 50 {
        bodies += service.bodies().len();
        std::thread::yield_now();
    }
    drop(service);
    assert_eq!(run.wait().unwrap().code(), Some(1));
    let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let of = |fate: &str| count(&report, &format!("events.{fate}"));
    assert_eq!(of("acknowledged") + of("unknown") + of("failed") + of("not_sent"), 500, "{report}");
    assert!(of("acknowledged") >= 50 && of("unknown") > 0 && of("failed") > 0, "{report}");
    let missing = format!("no connection: nothing answered on UDP port {} within 1s", target.rsplit_once(':').unwrap().1);
    assert!(report["errors"][&missing].as_u64().is_some(), "{}", report["errors"]);
    assert_eq!(count(&report, "connections.stopped_answering"), 1, "{report}");
}

#[test]
fn a_target_that_cannot_be_used_is_told_before_the_start() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let service = Http3Service::start(Http3Manner::Answers);
    let silence = format!("nothing answered on UDP port {} within 300ms", silent.local_addr().unwrap().port());
    for (address, expected) in [
        (silent.local_addr().unwrap(), format!("{silence}; does the target support HTTP/3? Omit --http3 to use HTTP/1.1")),
        (service.addr, "the issuer of the certificate is not trusted; pass --ca FILE".to_owned()),
    ] {
        let (ended, report) = Reported::new().run(&format!("--target https://{address} --duration 1h --http3 --timeout 300ms"));
        assert_eq!((ended.code, report["outcome"].as_str()), (Some(4), Some("target_unreachable")), "{}", ended.stderr);
        assert!(ended.stdout.contains(&expected), "{}", ended.stdout);
    }
    let client = ClientFiles::new();
    let (ended, report) = run_against(&service, &format!("--duration 1s --rate 20/s {}", client.options()));
    assert_sound(&ended, &report);
}
