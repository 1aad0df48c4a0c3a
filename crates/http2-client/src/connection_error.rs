//! Why a connection can carry no more requests.

use thiserror::Error;

use crate::reason::Reason;

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConnectionError {
    /// The server violates HTTP/2. The output tells it so in a GOAWAY frame.
    #[error("the server violates HTTP/2: {text} ({reason})")]
    Violation {
        /// The error code in the GOAWAY frame.
        reason: Reason,
        /// The violation.
        text: &'static str,
    },
    /// The server ended the connection with an error.
    #[error("the server ended the connection: {reason}{}", quoted(.debug_data))]
    GoAway {
        /// The error code.
        reason: Reason,
        /// The beginning of the server's message.
        debug_data: Box<[u8]>,
    },
}

impl ConnectionError {
    /// The text without the words of the server.
    pub fn unquoted(&self) -> String {
        match self {
            Self::Violation { .. } => self.to_string(),
            Self::GoAway { reason, .. } => format!("the server ended the connection: {reason}"),
        }
    }
}

/// A violation with its text.
pub(crate) const fn violation(reason: Reason, text: &'static str) -> ConnectionError {
    ConnectionError::Violation { reason, text }
}

fn quoted(debug_data: &[u8]) -> String {
    if debug_data.is_empty() { String::new() } else { format!(" ({:?})", String::from_utf8_lossy(debug_data)) }
}
