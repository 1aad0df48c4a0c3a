//! The JSON Schemas of the message, generated from its types (feature `schema`). `cargo xtask schemas` writes them to files and compares them with
//! the committed files. The feature `vectors` adds the test vectors.
//!
//! ```
//! use client_event::schema::{Dialect, Role, SchemaName, schema};
//!
//! let name = SchemaName::new(Role::Send, Dialect::Draft202012).expect("every role has a schema of this draft");
//! assert_eq!(schema(name)["type"], "object");
//! ```

mod roles;

mod types_role;

mod accept_role;
mod dialects;
mod send_role;

#[cfg(feature = "vectors")]
mod vectors;

mod bounds;
mod field_schemas;
mod ordered_json;

use serde_json::Value;

pub use ordered_json::to_line;
pub use roles::{Dialect, Role, SchemaName};
#[cfg(feature = "vectors")]
pub use vectors::{Vector, vectors};

/// A generated file.
#[cfg(feature = "vectors")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// The path relative to `schemas/`, with `/` as separator.
    pub path: String,
    /// The content, with a line feed at the end.
    pub text: String,
}

/// All generated files: schemas and test vectors.
#[cfg(feature = "vectors")]
pub fn artefacts() -> Vec<Artefact> {
    let schemas = SchemaName::all().map(|name| Artefact { path: name.path(), text: schema_text(name) });
    let vectors = vectors::files().into_iter().map(|(path, tests)| Artefact { path, text: ordered_json::to_text(&tests) });
    schemas.chain(vectors).collect()
}

/// A schema as text.
pub fn schema_text(name: SchemaName) -> String {
    ordered_json::to_text(&schema(name))
}

/// A schema as a JSON value. The order of its members is unspecified.
pub fn schema(name: SchemaName) -> Value {
    let types = types_role::schema();
    let mut schema = match name.role() {
        Role::Types => types,
        Role::Send => send_role::schema(&types),
        Role::Accept => accept_role::schema(&types),
    };
    schema["$id"] = name.id().into();
    match name.dialect() {
        Dialect::Draft202012 => schema,
        Dialect::Draft07 => dialects::draft_07(&schema),
        Dialect::OpenApi30 => dialects::open_api(&schema, "3.0.3"),
        Dialect::OpenApi31 => dialects::open_api(&schema, "3.1.0"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn types() -> Value {
        schema(SchemaName::new(Role::Types, Dialect::Draft202012).unwrap())
    }

    /// Generators for seven languages accept these keywords without wrapper classes, overflows and panics.
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
                assert!(ALLOWED.contains(&keyword.as_str()), "{keyword} is not in the list");
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
