//! Tests of runs that send events as calls of other APIs: each body has the format of the API, at the path of the API.

use std::io::Read;

use client_event::api_versions::{PublishBody, v3, v4};
use client_event::{ClientEvent, ReadOptions};
use flate2::read::GzDecoder;

use crate::program::{Reported, assert_sound, count};
use crate::service::Service;

/// The events of one seed in the order of their ids, parsed from the sent requests.
fn sent(options: &str, path: &str, read: impl Fn(&[u8]) -> ClientEvent) -> Vec<ClientEvent> {
    let service = Service::answering("200 OK");
    let target = service.url();
    let (ended, report) =
        Reported::new().run(&format!("--target {target} --duration 1s --rate 60/s --seed 3 --check-sent {options}"));
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 60);
    assert_eq!(report["target"], format!("{target}{path}"));
    assert_eq!(report["check_sent"]["broken_rules"], serde_json::json!({}));
    let requests = service.requests();
    for request in &requests {
        assert!(request.head.starts_with(&format!("POST {path} HTTP/1.1\r\n")), "{}", request.head);
        assert!(request.head.contains("\r\nContent-Type: application/json\r\n"), "{}", request.head);
    }
    requests.iter().map(|request| read(&request.body)).collect()
}

#[test]
fn every_form_has_the_documented_shape() {
    let options = ReadOptions::default();
    let jobs_are_below = |events: &[ClientEvent], parent: &str| {
        let parent = format!("{parent}/jobs/");
        events.iter().flat_map(|event| &event.related_job_names).all(|name| name.as_str().starts_with(&parent))
    };
    let message = sent("", "/clientEvents", |body| ClientEvent::from_json(body).unwrap());
    assert!(message.iter().all(|event| !event.details.is_empty()));
    assert!(jobs_are_below(&message, "projects/seeker-sim/tenants/job-board"));
    let of_v3 = sent("--format v3 --project p", "/v3/projects/p/clientEvents", |body| {
        v3::ClientEvent::read_request_as_message(body, &options).unwrap().value
    });
    assert!(of_v3.iter().all(|event| !event.details.is_empty()));
    // Version 3 has no tenants.
    assert!(jobs_are_below(&of_v3, "projects/p"));
    let of_v4 = sent("--format v4 --project p --tenant t", "/v4/projects/p/tenants/t/clientEvents", |body| {
        v4::ClientEvent::read_as_message(body, &options).unwrap().value
    });
    assert!(of_v4.iter().all(|event| event.details.is_empty()));
    assert!(jobs_are_below(&of_v4, "projects/p/tenants/t"));
    sent("--format pubsub --project p --topic t", "/v1/projects/p/topics/t:publish", |body| {
        let mut messages = PublishBody::read_as_messages(body, &options).unwrap();
        assert_eq!(messages.len(), 1);
        messages.remove(0).value
    });
}

#[test]
fn names_stand_in_a_path_of_the_users_own() {
    let service = Service::answering("200 OK");
    let target = format!("{}/api/{{tenant}}/events?of={{tenant}}", service.url());
    let (ended, report) = Reported::new().run(&format!("--target {target} --tenant t-1 --duration 1s --rate 20/s"));
    assert_sound(&ended, &report);
    assert!(service.requests()[0].head.starts_with("POST /api/t-1/events?of="));
}

#[test]
fn packed_bodies_say_so_and_can_be_unpacked() {
    let options = ReadOptions::default();
    let unpacked = |body: &[u8]| {
        let mut unpacked = Vec::new();
        GzDecoder::new(body).read_to_end(&mut unpacked).unwrap();
        unpacked
    };
    sent("--gzip", "/clientEvents", |body| ClientEvent::from_json(&unpacked(body)).unwrap());
    sent("--gzip --format v3 --project p", "/v3/projects/p/clientEvents", |body| {
        v3::ClientEvent::read_request_as_message(&unpacked(body), &options).unwrap().value
    });
    let service = Service::answering("200 OK");
    let (ended, report) = Reported::new().run(&format!("--target {} --duration 1s --rate 20/s --gzip", service.url()));
    assert_sound(&ended, &report);
    assert!(service.requests().iter().all(|request| request.head.contains("\r\nContent-Encoding: gzip\r\n")));
}

#[test]
fn the_receiver_takes_packed_bodies() {
    let (ended, report) = Reported::new().run("--duration 1s --rate 200/s --gzip");
    assert_sound(&ended, &report);
    assert_eq!((count(&report, "events.acknowledged"), count(&report, "receiver.accepted")), (200, 200));
}
