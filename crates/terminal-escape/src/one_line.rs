//! Writes an error and its causes in one line.

use std::error::Error;

use crate::escape_controls;

/// Returns the error and its causes, separated by colons. Control characters are escaped, because an error may quote a target or a file.
pub fn one_line(error: &dyn Error) -> String {
    let mut line = escape_controls(&error.to_string()).into_owned();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&escape_controls(&cause.to_string()));
        source = cause.source();
    }
    line
}
