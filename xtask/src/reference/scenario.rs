//! The page of the keys of a scenario.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::json_schema::{description, range, reference, table_of_choices, type_of};
use super::markdown::{Table, code, plain};

/// Definitions that have a section as a table of the file.
const TABLES: [&str; 4] = ["Behaviour", "CatalogueSpec", "LoadSpec", "Rhythm"];

pub(super) fn page() -> String {
    let schema: Value = serde_json::from_str(&scenario::schema_text()).expect("a schema is JSON");
    let template = scenario::template();
    let is_table = |part: &Value| reference(part).is_some_and(|name| TABLES.contains(&name));
    let properties = schema["properties"].as_object().expect("a scenario is an object");
    let (tables, values): (Map<_, _>, Map<_, _>) =
        properties.iter().map(|(key, part)| (key.clone(), part.clone())).partition(|(_, part)| is_table(part));
    let mut text = "# Scenario keys\n\n\
                    A scenario is a TOML file. Every key is optional. `seeker-sim scenario init` prints a template with all keys. Options \
                    of the command line override the scenario.\n\n## Top level\n\n"
        .to_owned();
    text.push_str(&keys(&values, &template));
    for key in in_order(&tables, &template) {
        let part = &tables[key];
        let definition = &schema["definitions"][reference(part).unwrap_or_default()];
        let _ = writeln!(text, "\n## `[{key}]`\n\n{}\n", plain(&description(part)));
        let properties = definition["properties"].as_object().cloned().unwrap_or_default();
        // The same key can be in several tables.
        let from = template.find(&format!("\n[{key}]")).unwrap_or_default();
        text.push_str(&keys(&properties, &template[from..]));
    }
    text.push_str("\n## Types\n");
    let definitions = schema["definitions"].as_object().expect("the schema has definitions");
    for (name, definition) in definitions.iter().filter(|(name, _)| !TABLES.contains(&name.as_str())) {
        let _ = writeln!(text, "\n### {name}\n\n{}\n", plain(&description(definition)));
        if let Some(choices) = definition["oneOf"].as_array() {
            text.push_str(&table_of_choices(choices));
        } else if let Some(properties) = definition["properties"].as_object() {
            text.push_str(&keys(properties, ""));
        }
    }
    text
}

/// The keys in the order of the template.
fn in_order<'a>(properties: &'a Map<String, Value>, template: &str) -> Vec<&'a String> {
    let place = |key: &str| {
        let value = template.find(&format!("\n# {key} = "));
        value.or_else(|| template.find(&format!("\n[{key}]"))).unwrap_or(usize::MAX)
    };
    let mut keys: Vec<_> = properties.keys().collect();
    keys.sort_by_key(|key| place(key));
    keys
}

fn keys(properties: &Map<String, Value>, template: &str) -> String {
    let mut table = Table::new(["Key", "Type", "Range", "Default", "Meaning"]);
    for key in in_order(properties, template) {
        let part = &properties[key];
        table.add([code(key), type_of(part), range(part), default_of(part), plain(&description(part))]);
    }
    table.text().to_owned()
}

fn default_of(part: &Value) -> String {
    match &part["default"] {
        Value::Null => String::new(),
        Value::Object(fields) => {
            let fields: Vec<_> = fields.iter().map(|(key, value)| format!("{key} = {value}")).collect();
            code(&format!("{{ {} }}", fields.join(", ")))
        }
        value => code(&value.to_string()),
    }
}
