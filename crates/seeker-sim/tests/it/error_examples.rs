//! Tests of runs against services that refuse: the report shows an affected event and the response for each error.

use std::fs;
use std::sync::Arc;

use client_event::ClientEvent;

use crate::browser::assert_nothing_stands_out;
use crate::program::{Ended, Reported};
use crate::service::{Manner, Request, Service};

const SECRET: &str = "ya29.c-_~+/very-secret==";

/// Refuses each event and repeats the whole request in the response.
fn repeats(request: &Request) -> Vec<u8> {
    let event = ClientEvent::from_json(&request.body).unwrap();
    let said = format!("{{\r\n  \"error\": \"{} is unknown\",\r\n  \"head\": {:?}\r\n}}", event.event_id.as_str(), request.head);
    format!("HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\n\r\n{said}", said.len()).into_bytes()
}

#[test]
fn answers_are_shown_without_secrets() {
    let service = Service::start(Manner::Makes(Arc::new(repeats)));
    let (reported, folder) = (Reported::new(), tempfile::tempdir().unwrap());
    let page = folder.path().join("page.html");
    let options =
        format!("--target {} --duration 1s --rate 20/s --token-env MY_TOKEN --report {}", service.url(), page.display());
    let ended: Ended = reported.command(&options).env("MY_TOKEN", SECRET).output().unwrap().into();
    // On a busy machine the run may be late, which the report says.
    assert!(matches!(ended.code, Some(1 | 3)), "{}{}", ended.stdout, ended.stderr);
    let example = &reported.report()["error_examples"]["answered 400"];
    let event_id = example["event_id"].as_str().unwrap();
    let sent: Vec<_> = service.requests().iter().map(|request| ClientEvent::from_json(&request.body).unwrap()).collect();
    let event = sent.iter().find(|event| event.event_id.as_str() == event_id).unwrap();
    assert_eq!(example["event_type"], event.event_type.name());
    let answer = example["answer"].as_str().unwrap();
    assert!(answer.starts_with(&format!("{{ \"error\": \"{event_id} is unknown\", \"head\": \"POST ")), "{answer}");
    let page = fs::read_to_string(page).unwrap();
    let such_as = format!("example: {} {event_id}: {{ \"error\": ", event.event_type);
    assert!(ended.stdout.contains(&such_as), "{}", ended.stdout);
    assert!(page.contains(event_id));
    for text in [&ended.stdout, &ended.stderr, &page, &fs::read_to_string(reported.path()).unwrap()] {
        assert!(!text.contains("very-secret"), "{text}");
    }
    assert!(answer.contains("Authorization: Bearer [concealed]"), "{answer}");
    assert_nothing_stands_out(&page, 5);
}

#[test]
fn where_nothing_was_answered_there_is_an_event_alone() {
    let (_, report) = Reported::new().run_against(&Service::start(Manner::HangsUp), "--duration 1s --rate 20/s");
    for (error, _) in report["errors"].as_object().unwrap() {
        let example = &report["error_examples"][error];
        assert!(example["event_id"].is_string() && example.get("answer").is_none(), "{example}");
    }
    assert!(!report["errors"].as_object().unwrap().is_empty());
    let (_, report) = Reported::new().run_against(&Service::answering("204 No Content"), "--duration 1s --rate 20/s");
    assert_eq!(report.get("error_examples"), None);
}
