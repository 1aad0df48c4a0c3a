//! Tests of runs over gRPC: each event is one call, and the status of the call is the outcome of the event.

use std::collections::HashSet;

use event_request::grpc::read_frame;
use event_request::grpc::talent::CreateClientEventRequest;
use serde_json::Value;

use crate::program::{Ended, Reported, assert_outcome, assert_sound, count, ended, words};
use crate::service_http2::{GrpcBody, Http2Manner, Http2Service};

fn run_against(service: &Http2Service, options: &str) -> (Ended, Value) {
    Reported::new().run(&format!("grpc://{} --duration 1s --rate 100/s {options}", service.addr))
}

#[test]
fn each_event_is_one_call() {
    for (format, version) in [("", "v4"), ("--format v4beta1", "v4beta1")] {
        let service = Http2Service::start(Http2Manner::EndsCalls("0", GrpcBody::Message));
        let (ended, report) =
            run_against(&service, &format!("--project p --tenant t --header 'X-One: 1' --timeout 7s --check-sent {format}"));
        assert_sound(&ended, &report);
        assert_eq!((count(&report, "events.acknowledged"), &report["format"]), (100, &version.into()), "{report}");
        let requests = service.requests();
        assert_eq!(requests.len(), 100);
        let mut ids = HashSet::new();
        for request in requests {
            let path = format!("/google.cloud.talent.{version}.EventService/CreateClientEvent");
            assert_eq!((request.head.method.as_str(), request.head.uri.path()), ("POST", path.as_str()));
            for (name, value) in
                [("content-type", "application/grpc+proto"), ("te", "trailers"), ("grpc-timeout", "7000m"), ("x-one", "1")]
            {
                assert_eq!(request.head.headers.get_all(name).iter().collect::<Vec<_>>(), [value], "{name}");
            }
            let call: CreateClientEventRequest = read_frame(&request.body).unwrap();
            let event = call.client_event.unwrap();
            let job_event = event.job_event.unwrap();
            assert!(job_event.jobs.iter().all(|job| job.starts_with("projects/p/tenants/t/jobs/")), "{job_event:?}");
            assert_eq!(call.parent, "projects/p/tenants/t");
            assert!((1..16).contains(&job_event.r#type) && event.create_time.is_some() && !event.request_id.is_empty());
            ids.insert(event.event_id);
        }
        assert_eq!(ids.len(), 100);
    }
}

/// For all kinds of statuses, in trailers and in headers, the outcome and the error name the status.
#[test]
fn the_status_of_a_call_is_the_outcome() {
    for (status, body, outcome, error) in [
        ("5", GrpcBody::Message, "refused", "answered NOT_FOUND"),
        ("5", GrpcBody::Nothing, "refused", "answered NOT_FOUND"),
        ("8", GrpcBody::Nothing, "refused", "answered RESOURCE_EXHAUSTED"),
        ("14", GrpcBody::Message, "failed", "answered UNAVAILABLE"),
        ("99", GrpcBody::Message, "refused", "answered code 99"),
        ("none", GrpcBody::Message, "unknown", "answered without a gRPC status; is the target a gRPC server?"),
    ] {
        let service = Http2Service::start(Http2Manner::EndsCalls(status, body));
        let (ended, report) = run_against(&service, "");
        if !assert_outcome(&ended, &report, "threshold_missed") {
            continue;
        }
        assert_eq!((count(&report, &format!("events.{outcome}")), &report["errors"][error]), (100, &100.into()), "{report}");
        let quoted = report["error_examples"].to_string().contains("refused on purpose");
        assert_eq!(quoted, status != "none", "{report}");
    }
    let unauthenticated = Http2Service::start(Http2Manner::EndsCalls("16", GrpcBody::Nothing));
    let (_, report) = run_against(&unauthenticated, "");
    assert!(report["errors"].to_string().contains("answered UNAUTHENTICATED: "), "{report}");
}

#[test]
fn only_some_statuses_are_worth_a_retry() {
    for (status, retries) in [("14", 100), ("8", 100), ("5", 0)] {
        let service = Http2Service::start(Http2Manner::EndsCalls(status, GrpcBody::Message));
        let (_, report) = run_against(&service, "--retries 1");
        assert_eq!(
            (count(&report, "retries.attempts"), service.requests().len() as u64),
            (retries, 100 + retries),
            "{status}: {report}"
        );
    }
}

/// A service that answers without trailers is no gRPC server, whatever its status.
#[test]
fn a_service_without_grpc_acknowledges_nothing() {
    let service = Http2Service::start(Http2Manner::Answers);
    let (ended, report) = run_against(&service, "");
    assert_eq!(count(&report, "events.unknown"), 100, "{}", ended.stdout);
}

#[test]
fn options_of_other_targets_are_refused() {
    for (options, expected) in [
        ("--batch 5", "--batch does not apply to grpc://127.0.0.1:1: a call creates one event"),
        ("--gzip", "--gzip does not apply to grpc://127.0.0.1:1: gRPC messages are sent uncompressed"),
        ("--topic t", "--topic does not apply to grpc://127.0.0.1:1"),
        ("--format v3", "--format: grpc://127.0.0.1:1 has no format v3; expected v4 or v4beta1"),
        ("--ca ca.pem", "--ca applies to https, but the target uses http"),
    ] {
        let ended = ended(&words(&format!("run grpc://127.0.0.1:1 {options}")).iter().map(String::as_str).collect::<Vec<_>>());
        assert!(ended.code == Some(2) && ended.stderr.contains(expected), "{options}: {}", ended.stderr);
    }
}
