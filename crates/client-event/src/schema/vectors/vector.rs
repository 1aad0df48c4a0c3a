//! A test vector.

use serde_json::Value;

use crate::schema::roles::Role;

/// A value and whether it is valid.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    /// The role.
    pub role: Role,
    /// The name of the file: the field or the reason.
    pub file: &'static str,
    /// Whether validators may differ from the verdict.
    pub optional: bool,
    /// The description of the value.
    pub description: String,
    /// The value.
    pub data: Value,
    /// The verdict.
    pub valid: bool,
}
