//! Edge cases of the whole message: its type, and the names of its fields.

use serde_json::{Value, json};

use super::edges::{ACCEPT, ALL, Edge, NONE, TYPES, message, with, without};

const FILE: &str = "message";

/// The required fields, with both of their names.
const REQUIRED: [(&str, &str); 5] = [
    ("eventId", "event_id"),
    ("eventType", "event_type"),
    ("requestId", "request_id"),
    ("relatedJobNames", "related_job_names"),
    ("eventTimestampMillis", "event_timestamp_millis"),
];

pub(super) fn edges() -> Vec<Edge> {
    let mut edges = vec![Edge::new(FILE, "all required fields", message().into(), ALL)];
    for (description, data) in [
        ("an empty object", json!({})),
        ("an empty array", json!([])),
        ("a message in an array", json!([message()])),
        ("a string", json!("VIEW")),
        ("an empty string", json!("")),
        ("a number", json!(1)),
        ("a boolean", json!(true)),
        ("null", Value::Null),
        ("a message of version 3, wrapped", json!({"clientEvent": message()})),
        (
            "a message of version 4",
            json!({"eventId": "e", "requestId": "r", "createTime": "2023-11-14T22:13:20Z",
                   "jobEvent": {"type": "VIEW", "jobs": ["projects/p/tenants/t/jobs/1"]}}),
        ),
    ] {
        edges.push(Edge::new(FILE, description, data, NONE));
    }
    for (name, original) in REQUIRED {
        let value = &message()[name];
        edges.push(Edge::new(FILE, format!("{name} is missing"), without(name).into(), NONE));
        edges.push(Edge::new(FILE, format!("{name} is null"), with(name, Value::Null), NONE));
        let mut renamed = without(name);
        renamed.insert(original.to_owned(), value.clone());
        edges.push(Edge::new(FILE, format!("{original} in place of {name}"), renamed.clone().into(), ACCEPT));
        renamed.insert(original.to_owned(), Value::Null);
        edges.push(Edge::new(FILE, format!("{original} in place of {name}, with the value null"), renamed.into(), NONE));
        let both = with(original, value.clone());
        edges.push(Edge::new(FILE, format!("{original} beside {name}"), both, TYPES));
        let mut upper_case = without(name);
        let capitalised = format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..]);
        upper_case.insert(capitalised.clone(), value.clone());
        edges.push(Edge::new(FILE, format!("{capitalised} in place of {name}"), upper_case.into(), NONE));
        let beside = with(&name.to_ascii_lowercase(), value.clone());
        edges.push(Edge::new(FILE, format!("{} beside {name}", name.to_ascii_lowercase()), beside, TYPES));
    }
    let all_original: serde_json::Map<_, _> =
        REQUIRED.iter().map(|(name, original)| ((*original).to_owned(), message()[*name].clone())).collect();
    edges.push(Edge::new(FILE, "all fields by their original names", all_original.into(), ACCEPT));
    for (name, value) in [
        ("extraInfo", json!({"a": "b"})),
        ("parentEventId", json!("e-0")),
        ("eventNotes", Value::Null),
        ("Details", json!({})),
        ("", json!(1)),
    ] {
        edges.push(Edge::new(FILE, format!("an unknown field {name:?}"), with(name, value), TYPES));
    }
    edges
}
