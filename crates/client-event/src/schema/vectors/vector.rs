//! A test vector.

use serde_json::Value;

use crate::schema::roles::Role;

/// A value and whether it is valid.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    /// The role whose schema is meant.
    pub role: Role,
    /// The file, after the field or the reason.
    pub file: &'static str,
    /// Whether engines may differ from the verdict.
    pub optional: bool,
    /// What the value is.
    pub description: String,
    /// The value.
    pub data: Value,
    /// The verdict.
    pub valid: bool,
}
