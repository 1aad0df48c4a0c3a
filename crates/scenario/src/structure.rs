//! Compares a document with the schema: unknown keys, types, ranges, formats of texts.
//!
//! The schema belongs to this crate and uses few keywords, so this module applies them. A schema compiler would double the
//! build time of the program. A property test checks that this module and the schema agree.

use serde_json::Value;

use crate::document::{Document, child};
use crate::formats;
use crate::problems::ScenarioProblem;
use crate::schema::{resolved, schema};

/// Adds the problems of parts that the schema does not allow, and returns the pointers to these parts.
pub(super) fn check(document: &Document, problems: &mut Vec<ScenarioProblem>) -> Vec<String> {
    let root = schema();
    let mut check = Check { document, root, problems, refused: Vec::new() };
    check.value(&document.value, root, "");
    check.refused
}

struct Check<'a> {
    document: &'a Document,
    root: &'a Value,
    problems: &'a mut Vec<ScenarioProblem>,
    /// Pointers to the refused parts.
    refused: Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, value: &Value, part: &Value, pointer: &str) {
        let part = resolved(part, self.root);
        if let Some(choices) = part["oneOf"].as_array() {
            if !choices.iter().any(|choice| choice["const"] == *value) {
                self.refuse(value, pointer, &expected(value, &choices_at(pointer)));
            }
            return;
        }
        if !has_type(value, part["type"].as_str()) {
            self.refuse(value, pointer, &expected(value, &kind_at(pointer)));
            return;
        }
        match value {
            Value::Object(table) => self.table(table, part, pointer),
            Value::Array(values) => self.array(values, part, pointer),
            Value::String(text) => {
                if let Some(problem) = part["format"].as_str().and_then(|format| formats::problem(format, text)) {
                    // A problem that names the value does not need it twice.
                    let is_named = problem.starts_with(&value.to_string());
                    self.refuse(
                        value,
                        pointer,
                        &if is_named { format!(": {problem}") } else { format!(" is {value}; {problem}") },
                    );
                }
            }
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or(f64::NAN);
                let is_inside =
                    |bound: &Value, holds: fn(f64, f64) -> bool| bound.as_f64().is_none_or(|bound| holds(number, bound));
                if !is_inside(&part["minimum"], |number, least| number >= least)
                    || !is_inside(&part["maximum"], |number, most| number <= most)
                {
                    self.refuse(value, pointer, &expected(value, &range_at(pointer)));
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn table(&mut self, table: &serde_json::Map<String, Value>, part: &Value, pointer: &str) {
        for required in part["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !table.contains_key(required) {
                self.refuse(&Value::Object(table.clone()), pointer, &format!(" has no {required}"));
            }
        }
        for (key, value) in table {
            let below = child(pointer, key);
            if let Some(part) = part["properties"].get(key) {
                self.value(value, part, &below);
            } else {
                let message = unknown_key(key, &keys_at(pointer));
                self.problems.push(ScenarioProblem::new(message, self.document.place(&below).key.clone()));
                self.refused.push(below);
            }
        }
    }

    fn array(&mut self, values: &[Value], part: &Value, pointer: &str) {
        let count = values.len() as u64;
        let limits =
            [part["minItems"].as_u64().filter(|least| count < *least), part["maxItems"].as_u64().filter(|most| count > *most)];
        for limit in limits.into_iter().flatten() {
            self.refuse(&Value::Null, pointer, &format!(": expected {limit} numbers, found {count}"));
        }
        for (position, value) in values.iter().enumerate() {
            self.value(value, &part["items"], &child(pointer, &position.to_string()));
        }
    }

    /// Refuses the value at this pointer. The text of the problem is the name of the value followed by `message`.
    fn refuse(&mut self, value: &Value, pointer: &str, message: &str) {
        let name = pointer.trim_start_matches('/').replace('/', ".");
        let name = if name.is_empty() { "the file" } else { &name };
        let place = self.document.place(pointer);
        // The value of a table spans its whole text, so only its key is marked.
        let span = if value.is_object() { place.key.clone() } else { place.value.clone() };
        self.problems.push(ScenarioProblem::new(format!("{name}{message}"), span));
        self.refused.push(pointer.to_owned());
    }
}

fn expected(value: &Value, expected: &str) -> String {
    format!(" is {value}; expected {expected}")
}

/// Whether a value has the type that the schema names. Without a name, any type is valid.
fn has_type(value: &Value, name: Option<&str>) -> bool {
    match name {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => true,
    }
}

/// Returns the part of the schema for a pointer.
fn schema_at(pointer: &str) -> &'static Value {
    let root = schema();
    let part = pointer.split('/').skip(1).fold(root, |part, key| {
        let part = resolved(part, root);
        if part["items"].is_null() { &part["properties"][key] } else { &part["items"] }
    });
    resolved(part, root)
}

fn keys_at(pointer: &str) -> Vec<&'static str> {
    schema_at(pointer)["properties"].as_object().map(|keys| keys.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn range_at(pointer: &str) -> String {
    let schema = schema_at(pointer);
    format!("{} to {}", plain(&schema["minimum"]), plain(&schema["maximum"]))
}

/// Formats a number without a zero fraction.
fn plain(number: &Value) -> String {
    number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string())
}

fn kind_at(pointer: &str) -> String {
    let schema = schema_at(pointer);
    match schema["type"].as_str() {
        Some("integer") => "a whole number".to_owned(),
        Some("number") => "a number".to_owned(),
        Some("string") => "a string".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        Some("array") => match schema["minItems"].as_u64() {
            Some(count) => format!("an array of {count} numbers"),
            None => "an array".to_owned(),
        },
        _ => match schema["properties"].as_object() {
            Some(keys) if keys.len() <= 3 => format!("a table with {}", keys.keys().cloned().collect::<Vec<_>>().join(" and ")),
            _ => "a table".to_owned(),
        },
    }
}

fn choices_at(pointer: &str) -> String {
    let schema = schema_at(pointer);
    let choices = schema["oneOf"].as_array().or(schema["enum"].as_array()).cloned().unwrap_or_default();
    let names = choices
        .iter()
        .map(|choice| if choice["const"].is_null() { choice["enum"][0].to_string() } else { choice["const"].to_string() });
    names.collect::<Vec<_>>().join(" or ")
}

fn unknown_key(key: &str, known: &[&str]) -> String {
    /// Own choice: accepts names with one or two typing errors.
    const ALIKE: f64 = 0.6;
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(key, known);
    let nearest = known.iter().map(|known| (likeness(known), known)).filter(|(likeness, _)| *likeness >= ALIKE);
    match nearest.max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((_, known)) => format!("unknown key {key:?}; did you mean {known}?"),
        None if known.len() <= 12 => format!("unknown key {key:?}; expected one of {}", known.join(", ")),
        None => format!("unknown key {key:?}; `seeker-sim scenario init` lists all keys"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jsonschema::Validator;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::{Index, select};
    use serde_json::json;

    use super::*;
    use crate::Scenario;
    use crate::document::Place;

    fn validator() -> Validator {
        let options = formats::FORMATS.into_iter().fold(jsonschema::options(), |options, format| {
            options.with_format(format, move |text: &str| formats::problem(format, text).is_none())
        });
        options.should_validate_formats(true).build(schema()).unwrap()
    }

    /// Collects every pointer of a value.
    fn pointers(value: &Value, pointer: String, found: &mut Vec<String>) {
        let below = |key: &str| child(&pointer, key);
        match value {
            Value::Object(table) => table.iter().for_each(|(key, value)| pointers(value, below(key), found)),
            Value::Array(values) => {
                values.iter().enumerate().for_each(|(place, value)| pointers(value, below(&place.to_string()), found));
            }
            _ => {}
        }
        found.push(pointer);
    }

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            select(vec![json!(true), json!([]), json!({}), json!([0.5, 2]), json!({ "median": 1 }), json!([[1]]), json!("")]),
            select(vec!["5/s", "30s", "latency.p99 < 50ms", "1m:5/s", "Europe/Berlin", "wall", "poisson", "2026-01-06T08:00:00"])
                .prop_map(Value::from),
            // JSON Schema accepts a whole number with a fraction as an integer, TOML does not.
            (-10..1_000_000_i64).prop_map(Value::from),
            (-1.0..1e8).prop_map(|number: f64| json!(number + 0.123)),
            vec(0.0..1.0, 0..30).prop_map(Value::from),
        ]
    }

    proptest! {
        /// For all documents that differ from a scenario in a few places, problems are found exactly where the schema
        /// refuses them.
        #[test]
        fn the_schema_is_applied(changes in vec((any::<Index>(), any_value(), any::<bool>()), 0..4)) {
            let mut value = serde_json::to_value(Scenario::default()).unwrap();
            value.as_object_mut().unwrap().retain(|key, _| key != "load");
            for (place, changed, adds_key) in changes {
                let mut places = Vec::new();
                pointers(&value, String::new(), &mut places);
                let part = value.pointer_mut(place.get(&places[..]).as_str()).unwrap();
                match part {
                    Value::Object(table) if adds_key => drop(table.insert("foo".to_owned(), changed)),
                    _ => *part = changed,
                }
            }
            prop_assume!(value.is_object());
            let document = Document { value, places: BTreeMap::from([(String::new(), Place { key: 0..0, value: 0..0 })]) };
            let (mut problems, validator) = (Vec::new(), validator());
            let refused = check(&document, &mut problems);
            prop_assert_eq!(problems.len(), refused.len());
            let mut found: Vec<_> = validator
                .iter_errors(&document.value)
                .flat_map(|error| match error.kind() {
                    jsonschema::error::ValidationErrorKind::AdditionalProperties { unexpected } => {
                        unexpected.iter().map(|key| child(error.instance_path().as_str(), key)).collect()
                    }
                    _ => vec![error.instance_path().as_str().to_owned()],
                })
                .collect();
            let mut refused: Vec<_> = refused;
            // A value can be refused for several reasons.
            for pointers in [&mut found, &mut refused] {
                pointers.sort_unstable();
                pointers.dedup();
            }
            prop_assert_eq!(refused, found);
        }
    }
}
