//! Figures of the connections that carry events: their number, the time to open them, and the time to the first byte of an
//! answer.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::observations::Observations;
use crate::time_histogram::time_histogram;

/// Counters of the connections of a run. Histograms are in microseconds.
#[derive(Clone, Debug)]
pub struct ConnectionCounters {
    /// Attempts to open a connection that failed or took too long.
    pub failed: u64,
    /// HTTP/2 and HTTP/3 connections that stopped answering.
    pub silent: u64,
    /// Requests that were sent again because the target had not processed them.
    pub resent: u64,
    /// TCP handshakes, one for each opened connection.
    pub connect_time: Histogram<u64>,
    /// TLS handshakes.
    pub tls_time: Histogram<u64>,
    /// From the end of sending a request to the first byte of its answer. Excludes the warm-up.
    pub first_byte_time: Histogram<u64>,
}

impl Default for ConnectionCounters {
    fn default() -> Self {
        Self {
            failed: 0,
            silent: 0,
            resent: 0,
            connect_time: time_histogram(),
            tls_time: time_histogram(),
            first_byte_time: time_histogram(),
        }
    }
}

impl ConnectionCounters {
    /// Adds the observations of an arbiter.
    pub fn add(&mut self, observations: &Observations) {
        self.failed += observations.connections_failed;
        self.silent += observations.connections_silent;
        self.resent += observations.requests_resent;
        for times in &observations.connections {
            self.connect_time.saturating_record(micros(times.connect));
            if let Some(tls) = times.tls {
                self.tls_time.saturating_record(micros(tls));
            }
        }
        for first_byte in &observations.first_bytes {
            self.first_byte_time.saturating_record(*first_byte);
        }
    }

    /// Returns the number of opened connections.
    pub fn opened(&self) -> u64 {
        self.connect_time.len()
    }
}

/// Converts a duration to microseconds, the unit of the histograms.
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
