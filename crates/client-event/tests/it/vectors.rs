//! Passes the test vectors to the schemas, the reader and the checks for sending, which must agree. The only exceptions are listed here, with
//! their reasons.

use std::sync::LazyLock;

use client_event::schema::{Dialect, Role, SchemaName, Vector, schema, vectors};
use client_event::strategies::{broken_message, client_event, encoded_message};
use client_event::{ClientEvent, Reason};
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The validators of all roles and drafts. They are compiled once, because compiling takes longer than validating.
static VALIDATORS: LazyLock<Vec<(Role, Dialect, Validator)>> = LazyLock::new(|| {
    let drafts = [Dialect::Draft202012, Dialect::Draft07];
    Role::ALL.into_iter().flat_map(|role| drafts.map(|dialect| (role, dialect, compiled(role, dialect)))).collect()
});

fn validator(role: Role, dialect: Dialect) -> &'static Validator {
    let found = VALIDATORS.iter().find(|(of_role, of_dialect, _)| (*of_role, *of_dialect) == (role, dialect));
    &found.unwrap().2
}

fn compiled(role: Role, dialect: Dialect) -> Validator {
    let schema = schema(SchemaName::new(role, dialect).unwrap());
    if dialect == Dialect::Draft07 {
        jsonschema::draft7::meta::validate(&schema).unwrap();
        return jsonschema::draft7::new(&schema).unwrap();
    }
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

/// The verdict of the code on a value. In `accept`, a value is valid if the reader accepts it. In `send`, it must also pass the checks and
/// equal the output of the writer.
fn verdict(role: Role, data: &Value) -> Result<(), String> {
    let event = ClientEvent::from_json(data.to_string().as_bytes()).map_err(|refusal| refusal.to_string())?;
    if role == Role::Send {
        if let Some(problem) = event.check(None).first() {
            return Err(problem.to_string());
        }
        let written = serde_json::to_value(&event).unwrap();
        if written != *data {
            return Err(format!("written as {written}"));
        }
    }
    Ok(())
}

/// An exception: values that a schema accepts and the code refuses, and the reason.
struct Exception {
    role: Role,
    name: &'static str,
    /// If the exception applies to the value, returns a changed value that the code accepts too.
    mended: fn(&Value) -> Option<Value>,
}

const EXCEPTIONS: &[Exception] = &[
    Exception {
        role: Role::Send,
        name: "`send` accepts any time from 0, not only from 1971, so that the rule can change without a new version of the schema",
        mended: |data| {
            let millis: i64 = data.get("eventTimestampMillis")?.as_str()?.parse().ok()?;
            (0..31_536_000_000).contains(&millis).then(|| with(data, "eventTimestampMillis", json!("31536000000")))
        },
    },
    Exception {
        role: Role::Send,
        name: "`send` accepts an empty map of details, which the writer leaves out; both mean the same",
        mended: |data| (data.get("details")? == &json!({})).then(|| with(data, "details", json!({"a": "b"}))),
    },
    Exception {
        role: Role::Accept,
        name: "`accept` checks only the spelling of a time with an exponent, not its value",
        mended: |data| {
            let text = data.get("eventTimestampMillis")?.as_str()?;
            text.contains(['e', 'E']).then(|| with(data, "eventTimestampMillis", json!("31536000000")))
        },
    },
];

fn with(data: &Value, field: &str, value: Value) -> Value {
    let mut data = data.clone();
    data[field] = value;
    data
}

#[test]
fn vectors_schemas_and_code_agree() {
    let mut used = [false; EXCEPTIONS.len()];
    for role in [Role::Send, Role::Accept] {
        for dialect in [Dialect::Draft202012, Dialect::Draft07] {
            let validator = validator(role, dialect);
            for vector in vectors().into_iter().filter(|vector| vector.role == role) {
                let Vector { data, valid, optional, description, .. } = &vector;
                let (by_schema, by_code) = (validator.is_valid(data), verdict(role, data));
                // Validators differ on optional vectors; the verdict is the reader's.
                let expected = if *optional { by_code.is_ok() } else { by_schema };
                assert_eq!(expected, *valid, "{role} {dialect}: {description}: {data}: {by_code:?}");
                if by_schema == by_code.is_ok() {
                    continue;
                }
                let excepted = EXCEPTIONS.iter().position(|exception| {
                    exception.role == role
                        && by_schema
                        && (exception.mended)(data).is_some_and(|mended| verdict(role, &mended).is_ok())
                });
                let Some(excepted) = excepted else {
                    panic!("{role} {dialect}: {description}: {data}: the schema says {by_schema}, the code {by_code:?}");
                };
                used[excepted] = true;
            }
        }
    }
    for (exception, used) in EXCEPTIONS.iter().zip(used) {
        assert!(used, "no vector shows this exception: {}", exception.name);
    }
}

#[test]
fn vectors_and_types_agree() {
    for dialect in [Dialect::Draft202012, Dialect::Draft07] {
        let validator = validator(Role::Types, dialect);
        for vector in vectors().into_iter().filter(|vector| vector.role == Role::Types && !vector.optional) {
            let Vector { data, valid, description, .. } = &vector;
            assert_eq!(validator.is_valid(data), *valid, "{dialect}: {description}: {data}");
        }
    }
}

proptest! {
    /// For all messages, the output of the writer is valid in every role and draft.
    #[test]
    fn written_messages_are_valid(event in client_event()) {
        let value = serde_json::to_value(&event).unwrap();
        for role in Role::ALL {
            for dialect in [Dialect::Draft202012, Dialect::Draft07] {
                let validator = validator(role, dialect);
                prop_assert!(validator.is_valid(&value), "{} {} {:?}", role, dialect, validator.iter_errors(&value).next());
            }
        }
    }

    /// For all messages in any encoding, `accept` accepts them.
    #[test]
    fn every_spelling_is_accepted(spelled in encoded_message()) {
        let value: Value = serde_json::from_slice(&spelled.json).unwrap();
        let accept = validator(Role::Accept, Dialect::Draft202012);
        prop_assert!(accept.is_valid(&value), "{:?}", accept.iter_errors(&value).next());
    }

    /// For all broken messages that are JSON, `send` refuses them, except for reasons that a schema cannot express.
    #[test]
    fn broken_messages_must_not_be_sent(broken in broken_message()) {
        // A schema has no clock, and a JSON value keeps only one of two equal keys.
        let unknowable =
            [Reason::NotJson, Reason::NotUtf8, Reason::DuplicateField, Reason::TimestampTooEarly, Reason::TimestampInFuture];
        if let Ok(value) = serde_json::from_slice::<Value>(&broken.json)
            && !unknowable.contains(&broken.reason)
        {
            prop_assert!(!validator(Role::Send, Dialect::Draft202012).is_valid(&value));
        }
    }
}
