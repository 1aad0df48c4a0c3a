//! Inputs that could not be read, or not to their end.

use std::io;

use thiserror::Error;

/// An input that could not be read, or not to its end. What was read of it is judged.
#[derive(Debug, Error)]
#[error("{file}{}", .failure.line().map_or_else(String::new, |line| format!(":{line}")))]
pub struct InputFailure {
    /// The input, by the name that was given for it.
    pub file: String,
    /// What was wrong.
    #[source]
    pub failure: Failure,
}

/// What is wrong with an input as a whole.
#[derive(Debug, Error)]
pub enum Failure {
    /// The operating system refused, or it is no file.
    #[error("it cannot be opened")]
    Unopened(#[source] io::Error),
    /// There is nothing in it.
    #[error("it holds no event; expected one message a line, or a JSON array of messages")]
    NoEvent,
    /// It could be read up to that line.
    #[error("it cannot be read beyond this line, and what it holds of a line that is not whole was left out")]
    CutOff {
        /// The line, from 1.
        line: u64,
        /// Why.
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
    /// The line, where one is meant.
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Unopened(_) | Self::NoEvent => None,
            Self::CutOff { line, .. } | Self::OpenArray { line } | Self::AfterArray { line } => Some(*line),
        }
    }
}
