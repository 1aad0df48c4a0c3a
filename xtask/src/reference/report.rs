//! The page of the keys of a report.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::json_schema::{description, description_with_list, table_of_choices, type_of};
use super::markdown::{Table, code, plain};

pub(super) fn page() -> String {
    let schema: Value = serde_json::from_str(&run_report::schema::schema_text()).expect("a schema is JSON");
    let mut text = "# Report keys\n\n\
                    `seeker-sim run --report run.json` writes a report with these keys. Times are in milliseconds unless the key says \
                    otherwise. The JSON Schema is `schemas/report/v1/report.schema.json`.\n\n"
        .to_owned();
    text.push_str(&keys(&schema["properties"]));
    let definitions: Map<String, Value> = schema["$defs"].as_object().cloned().unwrap_or_default();
    for (name, definition) in &definitions {
        let _ = writeln!(text, "\n## {name}\n\n{}\n", plain(&description_with_list(definition)));
        if let Some(choices) = definition["oneOf"].as_array() {
            text.push_str(&table_of_choices(choices));
        } else if definition["properties"].is_object() {
            text.push_str(&keys(&definition["properties"]));
        } else {
            let _ = writeln!(text, "Type: {}.", type_of(definition));
        }
    }
    text
}

fn keys(properties: &Value) -> String {
    let mut table = Table::new(["Key", "Type", "Meaning"]);
    for (key, part) in properties.as_object().into_iter().flatten() {
        table.add([code(key), type_of(part), plain(&description(part))]);
    }
    table.text().to_owned()
}
