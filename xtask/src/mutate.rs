//! Mutation-tests the test vectors: changes each keyword and each branch of each pattern of a schema, one at a time, and looks for changes
//! that no vector detects. A change that no value could detect is listed with its proof; any other survivor is a missing vector.

mod equivalent;
mod keyword;
mod pattern;

use std::io::{self, Write};

use anyhow::{Context, Result, bail};
use client_event::schema::{Dialect, Role, SchemaName, Vector, schema, vectors};
use serde_json::Value;

use equivalent::EQUIVALENT;

/// One change of a schema.
#[derive(Clone, Debug, PartialEq)]
struct Mutant {
    /// The place, as a JSON pointer.
    place: String,
    /// The change.
    change: String,
    schema: Value,
}

/// Mutates the schemas of all roles and reports the mutants that no vector detected.
pub(crate) fn run() -> Result<()> {
    let mut survivors = Vec::new();
    let mut out = io::stdout().lock();
    for role in Role::ALL {
        let report = of_role(role)?;
        writeln!(
            out,
            "{role}: {} mutants, {} detected, {} provably equivalent, {} not detected",
            report.mutants,
            report.noticed,
            report.equivalent,
            report.survivors.len()
        )?;
        survivors.extend(report.survivors.into_iter().map(|survivor| format!("  {role} {survivor}")));
    }
    if survivors.is_empty() {
        return Ok(());
    }
    bail!(
        "no vector detects these mutations of a schema:\n{}\nadd a vector in crates/client-event/src/schema/vectors/, or, if no value can \
         detect the mutation, a line with the proof in xtask/src/mutate/equivalent.rs",
        survivors.join("\n")
    )
}

/// The results of the mutants of a schema.
#[derive(Debug, Default)]
struct RoleReport {
    mutants: usize,
    noticed: usize,
    equivalent: usize,
    survivors: Vec<String>,
}

fn of_role(role: Role) -> Result<RoleReport> {
    let name = SchemaName::new(role, Dialect::Draft202012).context("every role has a schema of this draft")?;
    let original = schema(name);
    let vectors: Vec<_> = vectors().into_iter().filter(|vector| vector.role == role && !vector.optional).collect();
    if let Some(vector) = unnoticed_by(&original, &vectors)?.err() {
        bail!("{role}: the schema without mutation disagrees with the vector {:?}", vector.description);
    }
    let mut report = RoleReport::default();
    for mutant in mutants(&original) {
        // A change that makes the schema unusable, such as half a character class, needs no vector.
        let Ok(noticed) = unnoticed_by(&mutant.schema, &vectors) else { continue };
        report.mutants += 1;
        let listed = EQUIVALENT.iter().any(|equivalent| equivalent.is(role, &mutant.place, &mutant.change));
        match (noticed.is_err(), listed) {
            (true, false) => report.noticed += 1,
            (false, true) => report.equivalent += 1,
            (false, false) => report.survivors.push(format!("{}: {}", mutant.place, mutant.change)),
            (true, true) => {
                report
                    .survivors
                    .push(format!("{}: {} is listed as equivalent, but a vector detects it", mutant.place, mutant.change));
            }
        }
    }
    Ok(report)
}

/// Returns whether all vectors keep their verdicts, or the first that does not. Fails if the schema is unusable.
fn unnoticed_by<'v>(schema: &Value, vectors: &'v [Vector]) -> Result<Result<(), &'v Vector>> {
    let validator = jsonschema::draft202012::new(schema).context("compile a schema")?;
    let noticing = vectors.iter().find(|vector| validator.is_valid(&vector.data) != vector.valid);
    Ok(noticing.map_or(Ok(()), Err))
}

/// Returns all changes of a schema.
fn mutants(original: &Value) -> Vec<Mutant> {
    let mut places = Vec::new();
    collect_schemas(original, String::new(), &mut places);
    let mut mutants = Vec::new();
    for place in places {
        let here = original.pointer(&place).and_then(Value::as_object).cloned().unwrap_or_default();
        for (change, replacement) in keyword::changes(&here) {
            let mut schema = original.clone();
            if let Some(slot) = schema.pointer_mut(&place) {
                *slot = replacement.into();
            }
            mutants.push(Mutant { place: place.clone(), change, schema });
        }
    }
    mutants
}

/// Collects the places of all schemas within a schema, as JSON pointers.
fn collect_schemas(schema: &Value, place: String, places: &mut Vec<String>) {
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        let below = format!("{place}/{keyword}");
        match (keyword.as_str(), value) {
            ("properties" | "$defs", Value::Object(members)) => {
                for (name, member) in members {
                    collect_schemas(member, format!("{below}/{name}"), places);
                }
            }
            ("anyOf" | "oneOf" | "allOf", Value::Array(members)) => {
                for (position, member) in members.iter().enumerate() {
                    collect_schemas(member, format!("{below}/{position}"), places);
                }
            }
            ("items" | "additionalProperties" | "if" | "then" | "else", Value::Object(_)) => {
                collect_schemas(value, below, places);
            }
            _ => {}
        }
    }
    places.push(place);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_schema_within_is_found() {
        let schema = json!({
            "properties": {"a": {"items": {"type": "string"}}, "b": true},
            "anyOf": [{"minLength": 1}],
            "else": {"additionalProperties": {"$ref": "#/$defs/c"}},
            "$defs": {"c": {}}
        });
        let mut places = Vec::new();
        collect_schemas(&schema, String::new(), &mut places);
        places.sort();
        let expected = [
            "",
            "/$defs/c",
            "/anyOf/0",
            "/else",
            "/else/additionalProperties",
            "/properties/a",
            "/properties/a/items",
            "/properties/b",
        ];
        assert_eq!(places, expected);
    }

    #[test]
    fn a_change_that_matters_is_noticed_and_one_that_does_not_is_not() {
        let vectors: Vec<_> = vectors().into_iter().filter(|vector| vector.role == Role::Types && !vector.optional).collect();
        let mut schema = schema(SchemaName::new(Role::Types, Dialect::Draft202012).unwrap());
        schema["title"] = json!("another");
        assert!(unnoticed_by(&schema, &vectors).unwrap().is_ok());
        schema["properties"]["eventId"]["minLength"] = json!(2);
        assert!(unnoticed_by(&schema, &vectors).unwrap().is_err());
        schema["properties"]["eventId"]["pattern"] = json!("[");
        assert!(unnoticed_by(&schema, &vectors).is_err());
    }
}
