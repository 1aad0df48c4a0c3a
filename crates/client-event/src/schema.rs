//! The JSON Schemas of the message, made from its types by one pure function per artefact. What is written where, and whether
//! it is still what is committed, is the business of `cargo xtask schemas`.

mod bounds;
mod of_types;
mod ordered;
mod types_role;

use std::path::PathBuf;

/// A generated file: its path below `schemas/` and its whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// The path below `schemas/`, with `/` between its parts.
    pub path: PathBuf,
    /// The text, with a line feed at its end.
    pub text: String,
}

/// All generated files, in ascending order of paths.
pub fn artefacts() -> Vec<Artefact> {
    vec![Artefact { path: PathBuf::from(types_role::PATH), text: types_schema() }]
}

/// The schema of the `types` role in draft 2020-12: the plainest shape, for code generators and readers.
pub fn types_schema() -> String {
    ordered::to_text(&types_role::schema())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn types() -> Value {
        serde_json::from_str(&types_schema()).unwrap()
    }

    /// The shape that generators of seven languages take without a wrapper class, an overflow or a panic.
    #[test]
    fn types_uses_only_keywords_that_generators_take() {
        const ALLOWED: &[&str] = &[
            "$schema",
            "$id",
            "$ref",
            "$defs",
            "title",
            "description",
            "type",
            "properties",
            "required",
            "items",
            "enum",
            "pattern",
            "minLength",
            "additionalProperties",
        ];
        fn visit(schema: &Value) {
            for (keyword, value) in schema.as_object().expect("a schema") {
                assert!(ALLOWED.contains(&keyword.as_str()), "{keyword} is not on the list");
                match keyword.as_str() {
                    "properties" | "$defs" => value.as_object().unwrap().values().for_each(visit),
                    "items" | "additionalProperties" => visit(value),
                    _ => {}
                }
            }
        }
        visit(&types());
        assert!(types().get("additionalProperties").is_none(), "`types` leaves unknown fields open");
    }

    #[test]
    fn types_names_every_type_and_every_required_field() {
        let schema = types();
        let names: Vec<_> = crate::EventType::ALL.iter().map(|event_type| event_type.name()).collect();
        assert_eq!(schema["$defs"]["EventType"]["enum"], json!(names));
        assert_eq!(schema["properties"]["eventType"], json!({"$ref": "#/$defs/EventType"}));
        assert_eq!(schema["required"], json!(["eventId", "eventType", "requestId", "relatedJobNames", "eventTimestampMillis"]));
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(name == "eventType" || property["description"].is_string(), "{name} has no description");
        }
    }
}
