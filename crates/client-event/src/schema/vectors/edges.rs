//! A row of the table of edge cases, and the messages that the rows are made from.

use serde_json::{Map, Value, json};

use super::vector::Vector;
use crate::schema::roles::Role;

/// Whether a value is valid under `types`, `send` and `accept`.
pub(super) type Verdicts = [bool; 3];

/// Valid in every role.
pub(super) const ALL: Verdicts = [true, true, true];

/// Valid in no role.
pub(super) const NONE: Verdicts = [false, false, false];

/// Valid in `accept` only: an encoding that ProtoJSON accepts and no producer writes.
pub(super) const ACCEPT: Verdicts = [false, false, true];

/// Valid in `types` only: it has the simple shape, but must not be sent and is not accepted.
pub(super) const TYPES: Verdicts = [true, false, false];

/// Readable, but must not be sent.
pub(super) const NOT_SEND: Verdicts = [true, false, true];

/// A value and its verdicts.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    file: &'static str,
    description: String,
    data: Value,
    verdicts: [Option<bool>; 3],
    optional: bool,
}

impl Edge {
    pub(super) fn new(file: &'static str, description: impl Into<String>, data: Value, verdicts: Verdicts) -> Self {
        Self { file, description: description.into(), data, verdicts: verdicts.map(Some), optional: false }
    }

    /// A value of one role on which validators differ from the reader. The file is named after the reason.
    pub(super) fn optional(role: Role, reason: &'static str, description: impl Into<String>, data: Value, valid: bool) -> Self {
        let verdicts = Role::ALL.map(|other| (other == role).then_some(valid));
        Self { file: reason, description: description.into(), data, verdicts, optional: true }
    }

    pub(super) fn vector(&self, role: Role) -> Option<Vector> {
        Some(Vector {
            role,
            file: self.file,
            optional: self.optional,
            description: self.description.clone(),
            data: self.data.clone(),
            valid: self.verdicts[role as usize]?,
        })
    }
}

/// A message that is valid in every role.
pub(super) fn message() -> Map<String, Value> {
    let message = json!({
        "eventId": "e2b1c0de-0000-4000-8000-000000000001",
        "eventType": "VIEW",
        "requestId": "8d2bdd5d-1361-42a5-a0fd-bd2b58b7d8fb:APAb7ISd4Sc5faibw2V5hTU/OoC2WAW5AA==",
        "relatedJobNames": ["projects/p/tenants/t/jobs/1"],
        "eventTimestampMillis": "1700000000000"
    });
    match message {
        Value::Object(message) => message,
        _ => Map::new(),
    }
}

/// The message with another value for a field, or with an additional field.
pub(super) fn with(field: &str, value: Value) -> Value {
    let mut message = message();
    message.insert(field.to_owned(), value);
    message.into()
}

/// The message without a field.
pub(super) fn without(field: &str) -> Map<String, Value> {
    let mut message = message();
    message.remove(field);
    message
}
