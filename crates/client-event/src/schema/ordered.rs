//! JSON text with the keys in a fixed order, two spaces of indentation. The order of a `serde_json::Map` depends on a feature
//! that any crate of a build can switch on, so it is never relied on.

use serde_json::Value;

/// Keys in the order in which a reader of a schema wants them; the rest follows in alphabetical order.
const ORDER: &[&str] = &[
    "openapi",
    "info",
    "paths",
    "components",
    "$schema",
    "$id",
    "$ref",
    "title",
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
    // The members of a test vector.
    "data",
    "valid",
    "tests",
];

pub(super) fn to_text(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text.push('\n');
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let mut keys: Vec<_> = members.keys().collect();
            keys.sort_by_key(|key| (ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len()), key.as_str()));
            enclosed(text, depth, ['{', '}'], keys, |key, text| {
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push_str(": ");
                write(&members[key], depth + 1, text);
            });
        }
        Value::Array(elements) if !elements.is_empty() => {
            enclosed(text, depth, ['[', ']'], elements, |element, text| write(element, depth + 1, text));
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
