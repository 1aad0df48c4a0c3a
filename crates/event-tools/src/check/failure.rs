//! Inputs that could not be read, or only in part.

use std::io;

use thiserror::Error;

/// An input that could not be read, or only in part. The part that was read is checked.
#[derive(Debug, Error)]
#[error("{file}{}", .failure.line().map_or_else(String::new, |line| format!(":{line}")))]
pub struct InputFailure {
    /// The input, as named on the command line.
    pub file: String,
    /// The error.
    #[source]
    pub failure: Failure,
}

/// An error of an input as a whole.
#[derive(Debug, Error)]
pub enum Failure {
    /// The operating system returned an error, or the path is not a file.
    #[error("cannot be opened")]
    Unopened(#[source] io::Error),
    /// The input has no events.
    #[error("has no events; expected one message per line, or a JSON array of messages")]
    NoEvent,
    /// The input could be read only up to a line.
    #[error("cannot be read beyond this line; an incomplete line at the end was skipped")]
    CutOff {
        /// The line, from 1.
        line: u64,
        /// The cause.
        source: io::Error,
    },
    /// The text ends before the array does.
    #[error("the JSON array is not closed; the input may be cut off")]
    OpenArray {
        /// The line, from 1.
        line: u64,
    },
    /// More text follows the array.
    #[error("the text after the JSON array was not read; expected another array or the end")]
    AfterArray {
        /// The line, from 1.
        line: u64,
    },
}

impl Failure {
    /// Returns the line of the error, if it has one.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Unopened(_) | Self::NoEvent => None,
            Self::CutOff { line, .. } | Self::OpenArray { line } | Self::AfterArray { line } => Some(*line),
        }
    }
}
