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
    #[error("it cannot be opened")]
    Unopened(#[source] io::Error),
    /// The input has no events.
    #[error("it holds no event; expected one message a line, or a JSON array of messages")]
    NoEvent,
    /// The input could be read only up to a line.
    #[error("it cannot be read beyond this line, and what it holds of a line that is not whole was left out")]
    CutOff {
        /// The line, from 1.
        line: u64,
        /// The cause.
        source: io::Error,
    },
    /// The text ends before the array does.
    #[error("the text ends, but the array that it begins with is not closed; is it cut off?")]
    OpenArray {
        /// The line, from 1.
        line: u64,
    },
    /// More text follows the array.
    #[error("something follows the array that is no other array, and was not read; expected events in one form")]
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
