//! How long it took to open a connection.

use std::time::Duration;

/// The times of a connection that was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenTimes {
    /// The TCP handshake with the address that took the connection.
    pub connect: Duration,
    /// The TLS handshake, if there was one.
    pub tls: Option<Duration>,
}
