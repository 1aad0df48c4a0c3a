//! A row of the table of edges, and the messages that rows are made from.

use serde_json::{Map, Value, json};

use super::vector::Vector;
use crate::schema::roles::Role;

/// Whether a value is valid under `types`, `send` and `accept`.
pub(super) type Verdicts = [bool; 3];

/// Valid everywhere.
pub(super) const ALL: Verdicts = [true, true, true];

/// Valid nowhere.
pub(super) const NONE: Verdicts = [false, false, false];

/// Valid for the reader only: an encoding that ProtoJSON accepts and no producer writes.
pub(super) const ACCEPT: Verdicts = [false, false, true];

/// Of the plain shape, but nothing that may be sent or is taken.
pub(super) const TYPES: Verdicts = [true, false, false];

/// Readable, but not to be sent.
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

    /// A value of one role alone on which engines differ from the reader, for the reason after which the file is named.
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

/// A message that is valid everywhere.
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

/// That message with another value for a field, or with a further field.
pub(super) fn with(field: &str, value: Value) -> Value {
    let mut message = message();
    message.insert(field.to_owned(), value);
    message.into()
}

/// That message without a field.
pub(super) fn without(field: &str) -> Map<String, Value> {
    let mut message = message();
    message.remove(field);
    message
}
