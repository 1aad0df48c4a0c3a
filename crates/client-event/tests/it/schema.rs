//! The generated schema against the messages that it describes.

use client_event::schema::{Dialect, Role, SchemaName, schema};
use jsonschema::Validator;

fn types() -> Validator {
    let schema = schema(SchemaName::new(Role::Types, Dialect::Draft202012).unwrap());
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

#[test]
fn what_the_schema_refuses() {
    let types = types();
    let valid = serde_json::json!({"eventId": "e", "eventType": "VIEW", "requestId": "r", "relatedJobNames": ["jobs/1"],
                                   "eventTimestampMillis": "1700000000000", "details": {"k": "v"}, "unknown": 1});
    assert!(types.is_valid(&valid));
    for (field, value) in [
        ("eventId", serde_json::json!("")),
        ("eventType", serde_json::json!("VIEWED")),
        ("requestId", serde_json::json!(1)),
        ("relatedJobNames", serde_json::json!("jobs/1")),
        ("eventTimestampMillis", serde_json::json!(1_700_000_000_000_i64)),
        ("eventTimestampMillis", serde_json::json!("9223372036854775808")),
        ("details", serde_json::json!({"k": 1})),
    ] {
        let mut changed = valid.clone();
        changed[field] = value;
        assert!(!types.is_valid(&changed), "{changed}");
    }
    for field in ["eventId", "eventType", "requestId", "relatedJobNames", "eventTimestampMillis"] {
        let mut changed = valid.clone();
        changed.as_object_mut().unwrap().remove(field);
        assert!(!types.is_valid(&changed), "{field}");
    }
}
