//! Figures of the connections that carry events: how many were opened, and how long they and the first bytes of answers took.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::notes::Notes;
use crate::tally::time_histogram;

/// Connections of a run. Histograms are in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionFigures {
    /// Attempts to open one that failed or took too long.
    pub(crate) failed: u64,
    /// Connections over HTTP/2 that stopped answering.
    pub(crate) silent: u64,
    /// Requests that were sent again because the target had not looked at them.
    pub(crate) resent: u64,
    /// TCP handshakes, one for each connection that was opened.
    pub(crate) connect_time: Histogram<u64>,
    /// TLS handshakes.
    pub(crate) tls_time: Histogram<u64>,
    /// From the end of sending a request to the first byte of its answer, without the warm-up.
    pub(crate) first_byte_time: Histogram<u64>,
}

impl Default for ConnectionFigures {
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

impl ConnectionFigures {
    /// Adds the notes of an arbiter.
    pub(crate) fn add(&mut self, notes: &Notes) {
        self.failed += notes.connections_failed;
        self.silent += notes.connections_silent;
        self.resent += notes.requests_resent;
        for times in &notes.connections {
            self.connect_time.saturating_record(micros(times.connect));
            if let Some(tls) = times.tls {
                self.tls_time.saturating_record(micros(tls));
            }
        }
        for first_byte in &notes.first_bytes {
            self.first_byte_time.saturating_record(*first_byte);
        }
    }

    /// The connections that were opened.
    pub(crate) fn opened(&self) -> u64 {
        self.connect_time.len()
    }
}

/// A duration as histograms hold it.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
