//! The connections of a run in the report.

use std::fmt;

use measure::connections::ConnectionCounters;
use serde::{Deserialize, Serialize};

use crate::{Histograms, Percentiles};

/// The connections that carry events. Includes the connections of the warm-up, because most connections are opened when the load starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Connections {
    /// Opened connections, including the TLS handshake.
    pub opened: u64,
    /// Attempts to open a connection that failed or took longer than `--timeout`.
    pub failed: u64,
    /// HTTP/2 and HTTP/3 connections that answered neither requests nor PING frames any more. New connections replaced them.
    #[serde(default)]
    pub stopped_answering: u64,
    /// The number of times that an HTTP/2 or HTTP/3 request was sent again because the target returned it unprocessed (`REFUSED_STREAM`,
    /// `H3_REQUEST_REJECTED` or `GOAWAY`).
    /// Such a repetition is neither a failure nor a retry.
    #[serde(default)]
    pub requests_resent: u64,
    /// The time of the TCP handshake, over opened connections. Over HTTP/3, the time of the QUIC handshake, which contains TLS.
    pub connect_ms: Percentiles,
    /// The time of the TLS handshake, over opened connections; null without TLS and over HTTP/3.
    pub tls_handshake_ms: Percentiles,
    /// The time from the end of sending a request to the first byte of its answer, over answered requests, without the warm-up.
    pub first_byte_ms: Percentiles,
}

impl Connections {
    /// Returns `None` if the run tried no connection, for example when it writes events as lines.
    pub fn of(figures: &ConnectionCounters) -> Option<Self> {
        let opened = figures.opened();
        (opened + figures.failed > 0).then(|| Self {
            opened,
            failed: figures.failed,
            stopped_answering: figures.silent,
            requests_resent: figures.resent,
            connect_ms: Percentiles::of(&figures.connect_time),
            tls_handshake_ms: Percentiles::of(&figures.tls_time),
            first_byte_ms: Percentiles::of(&figures.first_byte_time),
        })
    }

    /// Combines the connections of several runs. `histograms` holds the merged times.
    pub fn merge(runs: impl Iterator<Item = Self>, histograms: &Histograms) -> Option<Self> {
        let sum = runs.reduce(|sum, run| Self {
            opened: sum.opened + run.opened,
            failed: sum.failed + run.failed,
            stopped_answering: sum.stopped_answering + run.stopped_answering,
            requests_resent: sum.requests_resent + run.requests_resent,
            ..sum
        })?;
        let [connect_ms, tls_handshake_ms, first_byte_ms] =
            [&histograms.connect_time, &histograms.tls_handshake_time, &histograms.first_byte_time]
                .map(|times| times.as_ref().map(|times| Percentiles::of(times.as_ref())).unwrap_or_default());
        Some(Self { connect_ms, tls_handshake_ms, first_byte_ms, ..sum })
    }
}

impl fmt::Display for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} opened, {} failed", self.opened, self.failed)?;
        for (count, what) in [(self.stopped_answering, "stopped answering"), (self.requests_resent, "requests sent again")] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        let mut before = "; ";
        for (name, p50) in [("connect", self.connect_ms.p50), ("TLS", self.tls_handshake_ms.p50)] {
            if let Some(p50) = p50 {
                write!(f, "{before}{name} p50 {p50:.2} ms")?;
                before = ", ";
            }
        }
        if let Percentiles { p50: Some(p50), p99: Some(p99), .. } = self.first_byte_ms {
            write!(f, "{before}first byte p50 {p50:.2} ms p99 {p99:.2} ms")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_measured_values() {
        let at = |p50, p99| Percentiles { p50: Some(p50), p99: Some(p99), ..Percentiles::default() };
        let plain =
            Connections { opened: 64, connect_ms: at(0.08, 0.2), first_byte_ms: at(0.3, 1.125), ..Connections::default() };
        let lost = Connections { failed: 3, ..Connections::default() };
        for (connections, line) in [
            (plain, "64 opened, 0 failed; connect p50 0.08 ms, first byte p50 0.30 ms p99 1.12 ms"),
            (
                Connections { tls_handshake_ms: at(1.2, 4.0), failed: 1, ..plain },
                "64 opened, 1 failed; connect p50 0.08 ms, TLS p50 1.20 ms, first byte p50 0.30 ms p99 1.12 ms",
            ),
            (lost, "0 opened, 3 failed"),
            (
                Connections { stopped_answering: 2, requests_resent: 5, ..lost },
                "0 opened, 3 failed, 2 stopped answering, 5 requests sent again",
            ),
        ] {
            assert_eq!(connections.to_string(), line);
        }
    }
}
