//! Edge cases of `details`: a map of strings.

use serde_json::{Map, Value, json};

use super::edges::{ACCEPT, ALL, Edge, NONE, with};

const FILE: &str = "details";

pub(super) fn edges() -> Vec<Edge> {
    let many: Map<_, _> = (0..30).map(|number| (format!("key{number}"), json!("value"))).collect();
    let mut edges = Vec::new();
    for (description, value) in [
        ("an empty map", json!({})),
        ("one entry", json!({"device": "mobile"})),
        ("an empty key and an empty value", json!({"": ""})),
        ("keys that differ in case", json!({"key": "a", "Key": "b"})),
        ("a key that is the name of a field", json!({"eventId": "x"})),
        ("texts beyond ASCII", json!({"\u{e9}": "\u{1f4bc}"})),
        ("a text with control characters", json!({"k": "\u{0}\n\u{1f}"})),
        ("thirty entries", many.into()),
    ] {
        edges.push(Edge::new(FILE, description, with(FILE, value), ALL));
    }
    edges.push(Edge::new(FILE, "null", with(FILE, Value::Null), ACCEPT));
    for (description, value) in [
        ("an array", json!([])),
        ("an array of pairs", json!([["k", "v"]])),
        ("a string", json!("k=v")),
        ("an empty string", json!("")),
        ("a number", json!(0)),
        ("a boolean", json!(false)),
        ("a number as a value", json!({"k": 1})),
        ("a boolean as a value", json!({"k": true})),
        ("null as a value", json!({"k": null})),
        ("an array as a value", json!({"k": ["v"]})),
        ("an object as a value", json!({"k": {"l": "v"}})),
        ("two values, one of which is not a string", json!({"k": "v", "l": 2})),
    ] {
        edges.push(Edge::new(FILE, description, with(FILE, value), NONE));
    }
    edges
}
