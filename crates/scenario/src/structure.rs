//! Holds a document against the schema: unknown keys, kinds of values, ranges, forms of texts.

use std::borrow::Cow;
use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::document::{Document, child};
use crate::formats;
use crate::problems::ScenarioProblem;
use crate::schema::{resolved, schema};

static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let options = formats::FORMATS.into_iter().fold(jsonschema::options(), |options, format| {
        options.with_format(format, move |text: &str| formats::problem(format, text).is_none())
    });
    options.should_validate_formats(true).build(&schema()).expect("the schema is generated, and tested")
});

/// Adds what the schema does not allow, and gives the pointers to it.
pub(super) fn check(document: &Document, problems: &mut Vec<ScenarioProblem>) -> Vec<String> {
    let mut refused = Vec::new();
    for error in VALIDATOR.iter_errors(&document.value) {
        let pointer = error.instance_path().as_str().to_owned();
        if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
            let known = keys_at(&pointer);
            for key in unexpected {
                let pointer = child(&pointer, key);
                problems.push(ScenarioProblem::new(unknown_key(key, &known), document.place(&pointer).key.clone()));
                refused.push(pointer);
            }
        } else {
            let place = document.place(&pointer);
            // A table's value is all of its text.
            let span = if error.instance().is_object() { place.key.clone() } else { place.value.clone() };
            problems.push(ScenarioProblem::new(message(&error, &pointer), span));
            refused.push(pointer);
        }
    }
    refused
}

fn message(error: &ValidationError<'_>, pointer: &str) -> String {
    let name = pointer.trim_start_matches('/').replace('/', ".");
    let name = if name.is_empty() { "the file" } else { &name };
    let value = error.instance();
    let expected: Cow<'_, str> = match error.kind() {
        ValidationErrorKind::Minimum { .. } | ValidationErrorKind::Maximum { .. } => range_at(pointer).into(),
        ValidationErrorKind::Type { .. } => kind_at(pointer).into(),
        ValidationErrorKind::OneOfNotValid { .. } | ValidationErrorKind::Enum { .. } | ValidationErrorKind::AnyOf { .. } => {
            choices_at(pointer).into()
        }
        ValidationErrorKind::MinItems { limit } | ValidationErrorKind::MaxItems { limit } => {
            let count = value.as_array().map_or(0, Vec::len);
            return format!("{name} has {count} of {limit} numbers");
        }
        ValidationErrorKind::Required { property } => {
            return format!("{name} has no {}", property.as_str().unwrap_or_default());
        }
        ValidationErrorKind::Format { format } => {
            let text = value.as_str().unwrap_or_default();
            let problem = formats::problem(format, text).unwrap_or_default();
            // What names the value itself needs no more.
            return if problem.starts_with(&value.to_string()) {
                format!("{name}: {problem}")
            } else {
                format!("{name} is {value}; {problem}")
            };
        }
        _ => return format!("{name}: {error}"),
    };
    format!("{name} is {value}; expected {expected}")
}

/// The part of the schema that describes what lies at a pointer.
fn schema_at(pointer: &str) -> Value {
    let root = schema();
    let part = pointer.split('/').skip(1).fold(&root, |part, key| {
        let part = resolved(part, &root);
        if part["items"].is_null() { &part["properties"][key] } else { &part["items"] }
    });
    resolved(part, &root).clone()
}

fn keys_at(pointer: &str) -> Vec<String> {
    schema_at(pointer)["properties"].as_object().map(|keys| keys.keys().cloned().collect()).unwrap_or_default()
}

fn range_at(pointer: &str) -> String {
    let schema = schema_at(pointer);
    format!("{} to {}", plain(&schema["minimum"]), plain(&schema["maximum"]))
}

/// A number without a fraction of nothing.
fn plain(number: &Value) -> String {
    number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string())
}

fn kind_at(pointer: &str) -> String {
    let schema = schema_at(pointer);
    match schema["type"].as_str() {
        Some("integer") => "a whole number".to_owned(),
        Some("number") => "a number".to_owned(),
        Some("string") => "a text in quotes".to_owned(),
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

fn unknown_key(key: &str, known: &[String]) -> String {
    /// Own choice: a slip or two.
    const ALIKE: f64 = 0.6;
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(key, known);
    let nearest = known.iter().map(|known| (likeness(known), known)).filter(|(likeness, _)| *likeness >= ALIKE);
    match nearest.max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((_, known)) => format!("there is no key {key:?} here; did you mean {known}?"),
        None if known.len() <= 12 => format!("there is no key {key:?} here; expected one of {}", known.join(", ")),
        None => format!("there is no key {key:?} here; `seeker-sim scenario init` shows all there are"),
    }
}
