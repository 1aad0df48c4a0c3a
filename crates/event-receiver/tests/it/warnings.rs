//! Tests of the response to messages that violate an inferred rule, and to events of other versions of the API.

use client_event::Reason;
use serde_json::{Value, json};

use crate::client::{Connection, receiver, stopped, strict_receiver, view};

/// A VIEW of two jobs, one with a name of an unknown form. The samples of Google's guides do the same.
fn odd(event_id: &str) -> String {
    view(event_id, 1).replace("[\"jobs/1\"]", "[\"jobs/1\",\"job-2\"]")
}

#[test]
fn an_inferred_rule_warns_in_the_answer_and_in_the_summary() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    for _ in 0..2 {
        let answer = connection.post(odd("e").as_bytes());
        assert_eq!(answer.code, 200);
        let mut answer = answer.json();
        let warnings = answer.as_object_mut().unwrap().remove("warnings").unwrap();
        let reasons: Vec<_> = warnings.as_array().unwrap().iter().map(|warning| &warning["reason"]).collect();
        assert_eq!(reasons, ["SEVERAL_JOBS", "JOB_NAME_FORM"]);
        assert_eq!(warnings[1]["field"], "relatedJobNames[1]");
        assert!(warnings[1]["description"].as_str().unwrap().starts_with("\"job-2\" is not a job name"));
        // Without the warnings, the response equals the message.
        assert_eq!(answer, serde_json::from_str::<Value>(&odd("e")).unwrap());
    }
    assert_eq!(connection.post(view("f", 1).as_bytes()).json().get("warnings"), None);
    drop(connection);
    let summary = stopped(receiver);
    assert_eq!((summary.accepted, summary.event_ids.repeated, summary.refused.messages), (2, 1, 0));
    assert_eq!(summary.warnings.messages, 2);
    assert_eq!(summary.warnings.by_reason[&Reason::SeveralJobs], 2);
    assert_eq!(summary.warnings.by_reason[&Reason::TimestampTooEarly], 0);
}

#[test]
fn a_batch_names_the_first_warning_of_each_message() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let batch = [view("e", 1), odd("f"), "{}".to_owned(), odd("g")].join("\n");
    let answer = connection.request("POST", "/clientEvents:batch", batch.as_bytes()).json();
    assert_eq!(answer["acknowledged"], 3);
    assert_eq!(answer["failedRequests"].as_object().unwrap().keys().collect::<Vec<_>>(), ["2"]);
    let first = json!([{
        "field": "relatedJobNames",
        "description": "names 2 jobs; expected one job for VIEW, because only IMPRESSION and NOTIFICATION name several",
        "reason": "SEVERAL_JOBS",
    }]);
    assert_eq!(answer["warnings"], json!({"1": first, "3": first}));
    drop(connection);
    assert_eq!(stopped(receiver).warnings.messages, 2);
}

#[test]
fn a_strict_receiver_refuses_instead() {
    let receiver = strict_receiver();
    let mut connection = Connection::open(receiver.addr());
    let message = connection.post(odd("e").as_bytes()).error(400, "INVALID_ARGUMENT");
    assert!(message.contains("names 2 jobs") && message.contains("is not a job name"), "{message}");
    let answer = connection.request("POST", "/clientEvents:batch", odd("e").as_bytes()).json();
    assert_eq!((&answer["acknowledged"], answer.get("warnings")), (&json!(0), None));
    drop(connection);
    let summary = stopped(receiver);
    assert_eq!((summary.accepted, summary.refused.messages, summary.warnings.messages), (0, 2, 0));
}

#[test]
fn an_event_of_another_version_learns_where_it_belongs() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let event = r#"{"requestId":"r","eventId":"e","createTime":"2023-11-14T22:13:20Z","jobEvent":{"type":"VIEW","jobs":["projects/p/tenants/t/jobs/1"]}}"#;
    let hint = "This looks like a v4 ClientEvent: send it to POST /v4/projects/p/tenants/t/clientEvents";
    let message = connection.post(event.as_bytes()).error(400, "INVALID_ARGUMENT");
    assert!(message.starts_with(hint) && message.contains("createTime: is not a field"), "{message}");
    let answer = connection.request("POST", "/clientEvents:batch", event.as_bytes()).json();
    assert!(answer["failedRequests"]["0"]["message"].as_str().unwrap().starts_with(hint), "{answer}");
}

/// A body of 1 MiB with 349,001 empty names and no other required field.
#[test]
fn a_message_with_very_many_problems_gets_a_small_answer() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let body = format!("{{\"relatedJobNames\":[{}\"\"]}}", "\"\",".repeat(349_000));
    let answer = connection.post(body.as_bytes());
    let message = answer.error(400, "INVALID_ARGUMENT");
    assert!(message.ends_with("; and 348905 more"), "{}", &message[message.len() - 100..]);
    assert!(answer.body.len() < 64 * 1024, "{}", answer.body.len());
}
