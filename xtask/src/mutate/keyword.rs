//! The changes of one schema, keyword by keyword: removes each keyword, and makes each of its values slightly stricter and looser.

use serde_json::{Map, Value, json};

use super::pattern;

/// Keywords that do not constrain values.
const ANNOTATIONS: &[&str] = &["$schema", "$id", "title", "description", "$defs"];

/// The types of JSON values in JSON Schema.
const TYPES: &[&str] = &["object", "array", "string", "number", "integer", "boolean", "null"];

/// Returns descriptions of the changes, each with the changed schema.
pub(super) fn changes(schema: &Map<String, Value>) -> Vec<(String, Map<String, Value>)> {
    let mut changes = Vec::new();
    for (keyword, value) in schema {
        if ANNOTATIONS.contains(&keyword.as_str()) || takes_everything(keyword, value, schema) {
            continue;
        }
        let mut without = schema.clone();
        without.remove(keyword);
        changes.push((format!("{keyword} left out"), without));
        for (change, other) in other_values(keyword, value) {
            let mut with_other = schema.clone();
            with_other.insert(keyword.clone(), other);
            changes.push((format!("{keyword} {change}"), with_other));
        }
        if keyword == "oneOf" {
            let mut any = schema.clone();
            any.remove(keyword);
            any.insert("anyOf".to_owned(), value.clone());
            changes.push(("oneOf made anyOf".to_owned(), any));
        }
    }
    changes
}

/// Whether these are properties that accept any value, in a schema that allows additional properties: they have no effect.
fn takes_everything(keyword: &str, value: &Value, schema: &Map<String, Value>) -> bool {
    let any_value = value.as_object().is_some_and(|members| members.values().all(|member| *member == json!(true)));
    keyword == "properties" && any_value && !schema.contains_key("additionalProperties")
}

fn other_values(keyword: &str, value: &Value) -> Vec<(String, Value)> {
    match (keyword, value) {
        ("type", Value::String(_)) => {
            let others = TYPES.iter().filter(|other| value != **other);
            others
                .flat_map(|other| [(format!("made {other}"), json!(other)), (format!("or {other}"), json!([value, other]))])
                .collect()
        }
        ("minLength" | "minItems" | "maxItems" | "minimum" | "maximum", Value::Number(number)) => {
            let around = [-1, 1].into_iter().filter_map(|step| number.as_i64()?.checked_add(step));
            around.filter(|other| *other >= 0 || keyword.starts_with('m') && keyword.ends_with("imum")).map(made).collect()
        }
        ("uniqueItems", Value::Bool(_)) => vec![("made false".to_owned(), json!(false))],
        ("additionalProperties", Value::Bool(_)) => vec![("made true".to_owned(), json!(true))],
        ("enum" | "required", Value::Array(members)) => without_each(members),
        ("anyOf" | "oneOf" | "allOf", Value::Array(members)) if members.len() > 1 => without_each(members),
        ("properties", Value::Object(members)) => {
            let without = |name: &String| {
                let mut fewer = members.clone();
                fewer.remove(name);
                (format!("without {name}"), fewer.into())
            };
            members.keys().map(without).collect()
        }
        ("pattern", Value::String(pattern)) => {
            pattern::changes(pattern).into_iter().map(|(change, other)| (change, other.into())).collect()
        }
        _ => Vec::new(),
    }
}

fn made(number: i64) -> (String, Value) {
    (format!("made {number}"), json!(number))
}

fn without_each(members: &[Value]) -> Vec<(String, Value)> {
    let without = |position: usize| {
        let mut fewer = members.to_vec();
        let member = fewer.remove(position);
        (format!("without {member}"), fewer.into())
    };
    (0..members.len()).map(without).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_keyword_is_left_out_and_changed() {
        let schema = json!({"title": "t", "minLength": 0, "enum": ["a", "b"], "oneOf": [{}, true]});
        let mut found: Vec<_> = changes(schema.as_object().unwrap()).into_iter().map(|(change, _)| change).collect();
        found.sort();
        assert_eq!(
            found,
            [
                "enum left out",
                "enum without \"a\"",
                "enum without \"b\"",
                "minLength left out",
                "minLength made 1",
                "oneOf left out",
                "oneOf made anyOf",
                "oneOf without true",
                "oneOf without {}",
            ]
        );
    }
}
