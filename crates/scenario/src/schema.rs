//! The JSON Schema of a scenario file: draft-07, which TOML editors and linters support.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::Scenario;

/// The path of the schema below `schemas/`.
pub const SCHEMA_PATH: &str = "scenario/v1/scenario.schema.json";

/// An identifier, not an address.
const ID: &str = "https://seeker-sim.example/schemas/scenario/v1/scenario.schema.json";

/// Returns the text of the schema file.
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(schema()).expect("a schema can be written as JSON");
    text.push('\n');
    text
}

/// The schema.
pub(super) fn schema() -> &'static Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Scenario>();
        schema.insert("$id".to_owned(), json!(ID));
        schema.insert("title".to_owned(), json!("A scenario of seeker-sim"));
        schema.to_value()
    });
    &SCHEMA
}

/// Resolves the reference of a part of the schema, if it has one.
pub(super) fn resolved<'a>(part: &'a Value, root: &'a Value) -> &'a Value {
    let reference = part["$ref"].as_str().or_else(|| part["allOf"][0]["$ref"].as_str());
    reference.and_then(|reference| root.pointer(reference.trim_start_matches('#'))).unwrap_or(part)
}
