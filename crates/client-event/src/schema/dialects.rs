//! The schemas in other dialects, converted from draft 2020-12.

use serde_json::{Map, Value, json};

use crate::event_type::EventType;
use crate::schema::field_schemas::meaning;

/// Converts a schema of draft 2020-12 to draft-07. Only the place of the definitions differs; all used keywords are the same.
pub(super) fn draft_07(schema: &Value) -> Value {
    let mut schema = with_references(schema, "#/definitions/");
    if let Some(members) = schema.as_object_mut() {
        members.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        if let Some(definitions) = members.remove("$defs") {
            members.insert("definitions".to_owned(), definitions);
        }
    }
    schema
}

/// Converts a schema of draft 2020-12 to an `OpenAPI` description with components and without paths. `OpenAPI` 3.0 and 3.1 use different
/// dialects of JSON Schema, but they agree on the keywords of the `types` role.
pub(super) fn open_api(schema: &Value, version: &str) -> Value {
    // An OpenAPI description has no `$id`, so an extension names the file.
    let id = &schema["$id"];
    let mut message = with_references(schema, "#/components/schemas/");
    let mut schemas = Map::new();
    if let Some(members) = message.as_object_mut() {
        for keyword in ["$schema", "$id"] {
            members.remove(keyword);
        }
        if let Some(Value::Object(definitions)) = members.remove("$defs") {
            schemas.extend(definitions);
        }
    }
    let meanings: Vec<_> = EventType::ALL.into_iter().map(meaning).collect();
    schemas["EventType"]["x-enum-descriptions"] = json!(meanings);
    let name = schema["title"].as_str().unwrap_or_default().to_owned();
    schemas.insert(name.clone(), message);
    json!({
        "openapi": version,
        "info": {"title": name, "version": "1", "description": schema["description"], "x-id": id},
        "paths": {},
        "components": {"schemas": schemas}
    })
}

/// Replaces the references to `$defs` by references to another place.
fn with_references(schema: &Value, place: &str) -> Value {
    match schema {
        Value::Object(members) => members
            .iter()
            .map(|(keyword, value)| match (keyword.as_str(), value.as_str()) {
                ("$ref", Some(reference)) => (keyword.clone(), reference.replace("#/$defs/", place).into()),
                _ => (keyword.clone(), with_references(value, place)),
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(elements) => elements.iter().map(|element| with_references(element, place)).collect(),
        other => other.clone(),
    }
}
