//! The time to open a connection.

use std::time::Duration;

/// The times of an opened connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenTimes {
    /// The TCP handshake with the address that accepted the connection.
    pub connect: Duration,
    /// The TLS handshake, if there was one.
    pub tls: Option<Duration>,
}
