//! Reads the parts of a JSON Schema that the documentation shows.

use serde_json::Value;

use super::markdown::{Table, code, plain};

/// The name of the definition that a part refers to.
pub(super) fn reference(part: &Value) -> Option<&str> {
    let reference = part["$ref"].as_str().or_else(|| part["allOf"][0]["$ref"].as_str());
    reference.and_then(|reference| reference.rsplit('/').next())
}

/// A table of the values of an enumeration, with their meanings.
pub(super) fn table_of_choices(choices: &[Value]) -> String {
    let mut table = Table::new(["Value", "Meaning"]);
    for choice in choices {
        table.add([type_of(choice), plain(&description(choice))]);
    }
    table.text().to_owned()
}

/// The type of a value, with links to definitions on the same page.
pub(super) fn type_of(part: &Value) -> String {
    if let Some(name) = reference(part) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(choices) = part["anyOf"].as_array() {
        return choices.iter().map(type_of).collect::<Vec<_>>().join(" or ");
    }
    if let Some(constant) = part["const"].as_str() {
        return code(constant);
    }
    if let Some(names) = part["enum"].as_array() {
        return names.iter().filter_map(Value::as_str).map(code).collect::<Vec<_>>().join(", ");
    }
    let items = || if part["items"].is_object() { format!(" of {}", type_of(&part["items"])) } else { String::new() };
    let type_name = |name: &str| match name {
        "array" => format!("array{}", items()),
        "object" if part["additionalProperties"].is_object() => {
            format!("object of {}", type_of(&part["additionalProperties"]))
        }
        name => name.to_owned(),
    };
    let name = match &part["type"] {
        Value::String(name) => type_name(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).map(type_name).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    };
    match part["format"].as_str() {
        // Formats of numbers say nothing that the type does not say.
        Some(format) if !["double", "uint", "uint8", "uint16", "uint32", "uint64", "int64"].contains(&format) => {
            format!("{name} ({format})")
        }
        _ => name,
    }
}

/// The range of a number, or the length of an array.
pub(super) fn range(part: &Value) -> String {
    let show = |low: &Value, high: &Value, unit: &str| match (low.is_null(), high.is_null()) {
        (false, false) if low == high => format!("{low}{unit}"),
        (false, false) => format!("{low} to {high}{unit}"),
        (false, true) => format!("at least {low}{unit}"),
        (true, false) => format!("at most {high}{unit}"),
        (true, true) => String::new(),
    };
    let own = show(&part["minimum"], &part["maximum"], "");
    let exclusive = show(&part["exclusiveMinimum"], &part["exclusiveMaximum"], ", exclusive");
    let length = show(&part["minItems"], &part["maxItems"], " elements");
    let items = if part["items"].is_object() { range(&part["items"]) } else { String::new() };
    [own, exclusive, length, items].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The description as one paragraph, or with its list, if it has one.
pub(super) fn description_with_list(part: &Value) -> String {
    let text = part["description"].as_str().unwrap_or_default();
    if text.contains("\n- ") { text.to_owned() } else { description(part) }
}

/// The description as one paragraph.
pub(super) fn description(part: &Value) -> String {
    part["description"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
