//! Writes JSON with the keys in a fixed order, indented by two spaces. The order of a `serde_json::Map` depends on a feature that any crate of a
//! build can enable, so it is not used.

use serde_json::{Map, Value};

/// Keys in the order that is easiest to read in a schema. Other keys follow in alphabetical order.
const ORDER: &[&str] = &[
    "openapi",
    "info",
    "paths",
    "components",
    "$schema",
    "$id",
    "$ref",
    "x-id",
    "title",
    "version",
    "description",
    "type",
    "enum",
    "x-enum-descriptions",
    "minLength",
    "pattern",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "uniqueItems",
    "items",
    "properties",
    "required",
    "additionalProperties",
    "anyOf",
    "oneOf",
    "allOf",
    "if",
    "then",
    "else",
    "$defs",
    "definitions",
    // The fields of the message, in the order of its specification, by both of their names.
    "eventId",
    "event_id",
    "eventType",
    "event_type",
    "requestId",
    "request_id",
    "relatedJobNames",
    "related_job_names",
    "eventTimestampMillis",
    "event_timestamp_millis",
    "details",
    // Their definitions.
    "EventId",
    "EventType",
    "RequestId",
    "RelatedJobNames",
    "EventTimestampMillis",
    // The members of a test vector.
    "data",
    "valid",
    "tests",
];

/// A JSON value on one line, with its keys in the fixed order.
pub fn to_line(value: &Value) -> String {
    let mut text = String::new();
    write_in_line(value, &mut text);
    text
}

/// A JSON value on several lines, with a line feed at the end.
pub(super) fn to_text(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text.push('\n');
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    match value {
        // A test vector takes one line.
        Value::Object(members) if members.contains_key("data") => write_in_line(value, text),
        Value::Object(members) if !members.is_empty() => {
            enclosed(text, depth, ['{', '}'], ordered(members), |(key, value), text| {
                text.push_str(&Value::from(key).to_string());
                text.push_str(": ");
                write(value, depth + 1, text);
            });
        }
        Value::Array(elements) if !elements.is_empty() => {
            enclosed(text, depth, ['[', ']'], elements, |element, text| write(element, depth + 1, text));
        }
        other => text.push_str(&other.to_string()),
    }
}

/// The members in the fixed order.
fn ordered(members: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let mut ordered: Vec<_> = members.iter().map(|(key, value)| (key.as_str(), value)).collect();
    ordered.sort_by_key(|(key, _)| (ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len()), *key));
    ordered
}

fn write_in_line(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            text.push('{');
            for (position, (key, value)) in ordered(members).into_iter().enumerate() {
                text.push_str(if position > 0 { ", " } else { "" });
                text.push_str(&Value::from(key).to_string());
                text.push_str(": ");
                write_in_line(value, text);
            }
            text.push('}');
        }
        Value::Array(elements) => {
            text.push('[');
            for (position, element) in elements.iter().enumerate() {
                text.push_str(if position > 0 { ", " } else { "" });
                write_in_line(element, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

fn enclosed<T>(
    text: &mut String,
    depth: usize,
    [open, close]: [char; 2],
    parts: impl IntoIterator<Item = T>,
    mut write_part: impl FnMut(T, &mut String),
) {
    text.push(open);
    for (position, part) in parts.into_iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        new_line(text, depth + 1);
        write_part(part, text);
    }
    new_line(text, depth);
    text.push(close);
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_vector_takes_one_line() {
        let value = json!([{"valid": true, "data": {"eventType": "VIEW", "eventId": [1, 2]}, "description": "d"}]);
        let line = r#"{"description": "d", "data": {"eventId": [1, 2], "eventType": "VIEW"}, "valid": true}"#;
        assert_eq!(to_text(&value), format!("[\n  {line}\n]\n"));
    }

    #[test]
    fn known_keys_come_first_and_the_value_is_kept() {
        let value = json!({"zebra": [], "$defs": {"b": 1, "a": "é\"\n"}, "type": ["x", {}], "$id": null});
        let text = to_text(&value);
        assert_eq!(
            text,
            "{\n  \"$id\": null,\n  \"type\": [\n    \"x\",\n    {}\n  ],\n  \"$defs\": {\n    \"a\": \"é\\\"\\n\",\n    \
             \"b\": 1\n  },\n  \"zebra\": []\n}\n"
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
