//! Writes a scenario as TOML: the template, which documents every key and its default, or a complete scenario.

use std::fmt::Write;

use load_plan::load::LoadSpec;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::Scenario;
use crate::schema::{resolved, schema};

/// The width of the template, in columns.
const COLUMNS: usize = 110;

const TEMPLATE_START: &str = "\
#:schema ./scenario.schema.json
# A scenario for seeker-sim. All keys are optional. The values are the defaults, or examples for keys without a default.
# For completion and checks in an editor: seeker-sim scenario schema > scenario.schema.json
";

/// Returns the template: every key with its documentation and its default, as a comment.
pub fn template() -> String {
    let mut out = TEMPLATE_START.to_owned();
    write_table(&ordered(&Scenario::default()), schema(), true, &mut out);
    out
}

/// Formats a scenario with all its values.
pub fn shown(scenario: &Scenario) -> String {
    let mut out = String::new();
    let scenario = Scenario { load: scenario.load.clone().or(LoadSpec::default_load()), ..scenario.clone() };
    write_table(&ordered(&scenario), schema(), false, &mut out);
    out
}

fn write_table(table: &Ordered, schema: &Value, is_template: bool, out: &mut String) {
    let Ordered::Table(entries) = table else { unreachable!("a scenario is a table") };
    let (tables, values): (Vec<_>, Vec<_>) = entries.iter().partition(|(key, _)| is_table(&schema["properties"][key], schema));
    write_values(&values, &schema["properties"], is_template, out);
    for (key, table) in tables {
        let part = &schema["properties"][key];
        out.push('\n');
        if is_template {
            write_comment(part, out);
        }
        let _ = writeln!(out, "[{key}]");
        let Ordered::Table(entries) = table else { unreachable!("the schema defines a table") };
        write_values(&entries.iter().collect::<Vec<_>>(), &resolved(part, schema)["properties"], is_template, out);
    }
}

fn write_values(entries: &[&(String, Ordered)], properties: &Value, is_template: bool, out: &mut String) {
    for (key, value) in entries {
        let property = &properties[key];
        let mut text = toml_of(value);
        if is_template {
            out.push('\n');
            write_comment(property, out);
            // A key without a default shows an example.
            if !property["examples"].is_null() {
                text = toml_of(&Ordered::Value(property["examples"][0].clone()));
            }
        } else if matches!(value, Ordered::Value(Value::Null)) {
            continue;
        }
        let line = format!("{key} = {text}");
        let mark = if is_template { "# " } else { "" };
        match value {
            Ordered::Value(Value::Array(elements)) if line.len() > COLUMNS => {
                let _ = writeln!(out, "{mark}{key} = [");
                write_filled(elements.iter().map(|element| format!("{},", toml_of_json(element))), &format!("{mark} "), out);
                let _ = writeln!(out, "{mark}]");
            }
            _ => {
                let _ = writeln!(out, "{mark}{line}");
            }
        }
    }
}

/// Writes the description without its backticks, which have no meaning in a TOML comment.
fn write_comment(part: &Value, out: &mut String) {
    let description = part["description"].as_str().unwrap_or_default().replace('`', "");
    write_filled(description.split_whitespace().map(str::to_owned), "#", out);
}

/// Fills lines with these pieces. Each line begins with `start`. Pieces are never divided, so a long piece makes a long
/// line.
fn write_filled(pieces: impl Iterator<Item = String>, start: &str, out: &mut String) {
    let mut line = start.to_owned();
    for piece in pieces {
        if line.len() > start.len() && line.len() + 1 + piece.len() > COLUMNS {
            let _ = writeln!(out, "{line}");
            start.clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(&piece);
    }
    let _ = writeln!(out, "{line}");
}

/// Whether a part of the file is a table with its own header.
fn is_table(part: &Value, root: &Value) -> bool {
    resolved(part, root)["properties"].is_object()
}

fn toml_of(value: &Ordered) -> String {
    match value {
        Ordered::Table(entries) => {
            let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key} = {}", toml_of(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Ordered::Value(value) => toml_of_json(value),
    }
}

fn toml_of_json(value: &Value) -> String {
    match value {
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(toml_of_json).collect();
            format!("[{}]", values.join(", "))
        }
        Value::String(text) => toml::Value::String(text.clone()).to_string(),
        value => value.to_string(),
    }
}

/// A JSON value whose tables keep the written order, which is that of the fields.
enum Ordered {
    Table(Vec<(String, Ordered)>),
    Value(Value),
}

fn ordered(scenario: &Scenario) -> Ordered {
    let json = serde_json::to_string(scenario).expect("a scenario can be written as JSON");
    serde_json::from_str(&json).expect("the text is JSON")
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OrderedVisitor;

        impl<'de> Visitor<'de> for OrderedVisitor {
            type Value = Vec<(String, Ordered)>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }

        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        let of_json = |error: serde_json::Error| serde::de::Error::custom(error);
        if raw.get().starts_with('{') {
            return serde_json::Deserializer::from_str(raw.get())
                .deserialize_map(OrderedVisitor)
                .map(Self::Table)
                .map_err(of_json);
        }
        serde_json::from_str(raw.get()).map(Self::Value).map_err(of_json)
    }
}
