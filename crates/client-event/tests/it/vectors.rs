//! The truth test: the vectors through the schemas, the reader and the send check. Where they cannot agree is named here, with the
//! reason, and nowhere else.

use std::sync::LazyLock;

use client_event::schema::{Dialect, Role, SchemaName, Vector, schema, vectors};
use client_event::strategies::{broken_message, client_event, spelled_message};
use client_event::{ClientEvent, EventTimestamp, Reason};
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The validators of all roles and drafts; compiling one takes longer than using it.
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

/// What the code makes of a value: readable, and fit to be sent. A text is fit to be sent when it can be read, passes the checks, and
/// is what the writer would write.
fn verdict(role: Role, data: &Value) -> Result<(), String> {
    let event = ClientEvent::from_json(data.to_string().as_bytes()).map_err(|refusal| refusal.to_string())?;
    if role == Role::Send {
        let tolerated =
            |reason| reason == Reason::TimestampTooEarly && event.event_timestamp_millis >= EventTimestamp::from_millis(0);
        if let Some(problem) = event.check(None).into_iter().find(|problem| !tolerated(problem.reason)) {
            return Err(problem.to_string());
        }
        let mut written = serde_json::to_value(&event).unwrap();
        if data.get("details") == Some(&json!({})) {
            written["details"] = json!({});
        }
        if written != *data {
            return Err(format!("written as {written}"));
        }
    }
    Ok(())
}

/// Where a schema says more or less than the code, and why.
const EXCEPTIONS: &[(Role, &str, &str)] = &[
    (Role::Send, "time before 1971", "`send` takes any time from 0, so that the rule can be changed without another version"),
    (Role::Send, "empty details", "`send` takes an empty map, which the writer leaves out: it means the same"),
    (Role::Accept, "value of an exponent", "`accept` takes the spelling of a number with an exponent, whatever it is worth"),
];

#[test]
fn vectors_schemas_and_code_agree() {
    assert_eq!(EXCEPTIONS.len(), 3, "each is provided for: two in `verdict`, one in `optional/`");
    for role in Role::ALL {
        for dialect in [Dialect::Draft202012, Dialect::Draft07] {
            let validator = validator(role, dialect);
            for vector in vectors().into_iter().filter(|vector| vector.role == role) {
                let Vector { data, valid, optional, description, .. } = &vector;
                if !optional {
                    assert_eq!(validator.is_valid(data), *valid, "{role} {dialect}: {description}: {data}");
                }
                if role != Role::Types {
                    let verdict = verdict(role, data);
                    assert_eq!(verdict.is_ok(), *valid, "{role}: {description}: {data}: {verdict:?}");
                }
            }
        }
    }
}

proptest! {
    /// For all messages, what is written is valid in every role and draft.
    #[test]
    fn what_is_written_is_valid(event in client_event()) {
        let value = serde_json::to_value(&event).unwrap();
        for role in Role::ALL {
            for dialect in [Dialect::Draft202012, Dialect::Draft07] {
                let validator = validator(role, dialect);
                prop_assert!(validator.is_valid(&value), "{} {} {:?}", role, dialect, validator.iter_errors(&value).next());
            }
        }
    }

    /// For all messages in any spelling, `accept` takes them.
    #[test]
    fn every_spelling_is_accepted(spelled in spelled_message()) {
        let value: Value = serde_json::from_slice(&spelled.json).unwrap();
        let accept = validator(Role::Accept, Dialect::Draft202012);
        prop_assert!(accept.is_valid(&value), "{:?}", accept.iter_errors(&value).next());
    }

    /// For all broken messages that are JSON, `send` refuses them, but for the reasons that no schema can know.
    #[test]
    fn what_is_broken_is_not_to_be_sent(broken in broken_message()) {
        // A time is only in the future for those who have a clock; of two equal keys a JSON value keeps one.
        let unknowable =
            [Reason::NotJson, Reason::NotUtf8, Reason::DuplicateField, Reason::TimestampTooEarly, Reason::TimestampInFuture];
        if let Ok(value) = serde_json::from_slice::<Value>(&broken.json)
            && !unknowable.contains(&broken.reason)
        {
            prop_assert!(!validator(Role::Send, Dialect::Draft202012).is_valid(&value));
        }
    }
}
