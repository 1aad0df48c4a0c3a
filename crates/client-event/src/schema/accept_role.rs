//! The `accept` role: the messages that the reader of this crate accepts, in every encoding of ProtoJSON. The test vectors list the limits of
//! JSON Schema.

use serde_json::{Map, Value, json};

use crate::schema::bounds::up_to;

/// The schema, derived from the `types` role.
pub(super) fn schema(types: &Value) -> Value {
    let mut schema = types.clone();
    schema["description"] = json!(format!(
        "{} This schema is for receivers. It accepts every spelling of a message that ProtoJSON allows.",
        types["description"].as_str().unwrap_or_default()
    ));
    let mut properties = Map::new();
    let mut names = Vec::new();
    for (name, property) in types["properties"].as_object().into_iter().flatten() {
        let mut accepted = accepted(name, property);
        let original = snake_case(name);
        if original != *name {
            // One definition for both names.
            if accepted.get("$ref").is_none() {
                let definition = format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..]);
                let reference = json!({"$ref": format!("#/$defs/{definition}")});
                schema["$defs"][definition] = std::mem::replace(&mut accepted, reference);
            }
            properties.insert(original.clone(), accepted.clone());
        }
        properties.insert(name.clone(), accepted);
        if types["required"].as_array().is_some_and(|required| required.contains(&json!(name))) {
            names.push((name.clone(), original));
        }
    }
    // The order of the rules is the order of the fields, for any order of the map.
    let position = |name: &str| types["required"].as_array().and_then(|required| required.iter().position(|other| other == name));
    names.sort_by_key(|(name, _)| position(name));
    // Strict validators expect a property in the same schema that requires it.
    let having = |name: String| json!({"properties": {name.as_str(): true}, "required": [name]});
    let by_one_name = |(name, original): (String, String)| json!({"oneOf": [having(name), having(original)]});
    schema["properties"] = properties.into();
    schema["allOf"] = names.into_iter().map(by_one_name).collect();
    schema["additionalProperties"] = json!(false);
    if let Some(schema) = schema.as_object_mut() {
        schema.remove("required");
    }
    schema
}

fn accepted(name: &str, property: &Value) -> Value {
    let mut property = property.clone();
    match name {
        "relatedJobNames" => {
            property["minItems"] = json!(1);
            property["items"] = json!({"type": "string", "minLength": 1});
        }
        "eventTimestampMillis" => {
            let description = property["description"].take();
            property = json!({
                "description": description,
                "anyOf": [
                    {"type": "string", "pattern": int64_text()},
                    {"type": "integer", "minimum": i64::MIN, "maximum": i64::MAX},
                ]
            });
        }
        // In ProtoJSON, null means that a field is not set; a required field must be set.
        "details" => {
            let description = property["description"].take();
            property = json!({
                "description": description,
                "anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"type": "null"}]
            });
        }
        _ => {}
    }
    property
}

/// A pattern for an int64 as text. Exact for plain digits, with or without a fraction of zeros. For a number with an exponent, the
/// pattern checks the spelling only, because a regular expression cannot compute the value.
fn int64_text() -> String {
    let plain = |max: u64| up_to(max).trim_start_matches('^').trim_end_matches('$').to_owned();
    let (positive, negative) = (plain(i64::MAX.unsigned_abs()), plain(i64::MIN.unsigned_abs()));
    format!("^(({positive}|-{negative})(\\.0+)?|-?(0|[1-9][0-9]*)(\\.[0-9]+)?[eE][-+]?[0-9]+)$")
}

fn snake_case(name: &str) -> String {
    let mut original = String::with_capacity(name.len() + 4);
    for char in name.chars() {
        if char.is_ascii_uppercase() {
            original.push('_');
        }
        original.push(char.to_ascii_lowercase());
    }
    original
}
