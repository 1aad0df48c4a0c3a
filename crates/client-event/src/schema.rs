//! The JSON Schemas of the message, made from its types by one pure function per artefact. What is written where, and whether
//! it is still what is committed, is the business of `cargo xtask schemas`.

mod roles;

mod types_role;

mod accept_role;
mod dialects;
mod send_role;

mod vectors;

mod bounds;
mod of_types;
mod ordered;

use serde_json::Value;

pub use ordered::to_line;
pub use roles::{Dialect, Role, SchemaName};
pub use vectors::{Vector, vectors};

/// A generated file: its path below `schemas/` and its whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// The path below `schemas/`, with `/` between its parts.
    pub path: String,
    /// The text, with a line feed at its end.
    pub text: String,
}

/// All generated files.
pub fn artefacts() -> Vec<Artefact> {
    let schemas = SchemaName::all().map(|name| Artefact { path: name.path(), text: schema_text(name) });
    let vectors = vectors::files().into_iter().map(|(path, tests)| Artefact { path, text: ordered::to_text(&tests) });
    schemas.chain(vectors).collect()
}

/// The text of a schema.
pub fn schema_text(name: SchemaName) -> String {
    ordered::to_text(&schema(name))
}

/// A schema as a JSON value, whose members are in no particular order.
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
