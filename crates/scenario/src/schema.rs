//! The JSON Schema of a scenario's file: draft-07, which editors and linters of TOML take.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::Scenario;

/// Where the schema lies below `schemas/`.
pub const SCHEMA_PATH: &str = "scenario/v1/scenario.schema.json";

/// A name, not an address.
const ID: &str = "https://seeker-sim.example/schemas/scenario/v1/scenario.schema.json";

/// The schema as it is written.
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).expect("a schema is JSON");
    text.push('\n');
    text
}

/// The schema.
pub(super) fn schema() -> Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Scenario>();
        schema.insert("$id".to_owned(), json!(ID));
        schema.insert("title".to_owned(), json!("A scenario of seeker-sim"));
        schema.to_value()
    });
    SCHEMA.clone()
}

/// A part of the schema, or what it refers to.
pub(super) fn resolved<'a>(part: &'a Value, root: &'a Value) -> &'a Value {
    let reference = part["$ref"].as_str().or_else(|| part["allOf"][0]["$ref"].as_str());
    reference.and_then(|reference| root.pointer(reference.trim_start_matches('#'))).unwrap_or(part)
}
