//! The JSON Schema of the report. It is closed: a report has only the keys that the schema defines.

use std::sync::LazyLock;

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Value, json};

use crate::Report;

/// The path of the schema below `schemas/`.
pub const SCHEMA_PATH: &str = "report/v1/report.schema.json";

/// An identifier, not an address.
const ID: &str = "https://seeker-sim.example/schemas/report/v1/report.schema.json";

/// Keys that a later version added, by the object that contains them. The empty name is the report itself.
const KEYS_OF_LATER: [(&str, &[&str]); 12] = [
    ("", &["capacity", "requests", "searches", "answered_latency_ms", "run", "shard", "target_clock"]),
    ("JudgedThreshold", &["worst_from_s", "is_lower_bound"]),
    ("Percentiles", &["min", "mean", "stddev", "p95", "lower_bound_above"]),
    ("Window", &["not_sent", "generator_lag_p99_ms", "generator_pause_ms"]),
    ("WindowPercentiles", &["lower_bound_above"]),
    ("Capacity", &["unconfirmed_rate_per_s", "generator_limit_per_s"]),
    ("Generator", &["pauses", "local_errors", "host"]),
    ("Connections", &["stopped_answering", "requests_resent"]),
    ("LoadFigures", &["pacing"]),
    ("Seekers", &["panicked"]),
    ("Part", &["shard", "host", "start_offset_ms", "target_clock", "reasons", "latency_ms"]),
    ("Summary", &["warnings", "limits"]),
];

/// Returns the text of the schema file.
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).expect("a schema can be written as JSON");
    text.push('\n');
    text
}

fn schema() -> Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
        let mut schema = SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Report>();
        RecursiveTransform(close).transform(&mut schema);
        // Keys that a later version added are optional, because earlier reports lack them and stay valid.
        for (object, keys) in KEYS_OF_LATER {
            let place = if object.is_empty() { String::new() } else { format!("/$defs/{object}") };
            let required = schema.pointer_mut(&format!("{place}/required")).and_then(Value::as_array_mut);
            required.expect("the object has required keys").retain(|required| !keys.iter().any(|key| required == key));
        }
        schema.insert("$id".to_owned(), json!(ID));
        schema.insert("title".to_owned(), json!("The report of a run of seeker-sim"));
        schema.to_value()
    });
    SCHEMA.clone()
}

/// Forbids other keys in objects with defined keys.
fn close(schema: &mut Schema) {
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
}
