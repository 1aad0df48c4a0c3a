//! The configuration of a receiver.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use crate::impairments::Impairments;
use crate::limits::Limits;
use crate::receiver_error::ReceiverError;

/// The configuration of a receiver.
///
/// ```
/// use event_receiver::ReceiverConfig;
///
/// let config = ReceiverConfig::new("127.0.0.1:8080".parse()?).with_http2().with_strict();
/// assert!(config.http2 && config.strict);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ReceiverConfig {
    /// The address to listen on. Port 0 selects a free port.
    pub bind: SocketAddr,
    /// The number of worker threads. A connection stays on one thread.
    pub workers: NonZeroUsize,
    /// Whether clients can use HTTP/2 with prior knowledge, in addition to HTTP/1.1.
    pub http2: bool,
    /// Whether messages that violate an inferred rule are refused. Otherwise they are accepted with a warning.
    pub strict: bool,
    /// The limits for clients.
    pub limits: Limits,
    /// Delays and errors on purpose.
    pub impairments: Impairments,
}

impl ReceiverConfig {
    /// A receiver at this address, with one worker for each thread that the system can run concurrently.
    pub fn new(bind: SocketAddr) -> Self {
        Self {
            bind,
            workers: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            http2: false,
            strict: false,
            limits: Limits::default(),
            impairments: Impairments::default(),
        }
    }

    /// Sets the number of workers.
    #[must_use]
    pub fn with_workers(self, workers: NonZeroUsize) -> Self {
        Self { workers, ..self }
    }

    /// Accepts HTTP/2 with prior knowledge, in addition to HTTP/1.1.
    #[must_use]
    pub fn with_http2(self) -> Self {
        Self { http2: true, ..self }
    }

    /// Refuses messages that violate an inferred rule.
    #[must_use]
    pub fn with_strict(self) -> Self {
        Self { strict: true, ..self }
    }

    /// Sets the limits for clients.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Limits the receiver to this number of events a second, above 0. The receiver behaves as one server with a FIFO queue: below the limit latency is
    /// low, above it latency grows for as long as the load lasts.
    #[must_use]
    pub fn with_max_rate(mut self, events_per_s: f64) -> Self {
        self.impairments.max_rate = Some(events_per_s);
        self
    }

    /// Adds this time to every response to events. It does not lower the rate.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.impairments.delay = delay;
        self
    }

    /// Answers a share of the requests, from 0 to 1, with 500 and ignores their events. The seed and the order of the requests select them.
    #[must_use]
    pub fn with_error_ratio(mut self, ratio: f64, seed: u64) -> Self {
        (self.impairments.error_ratio, self.impairments.seed) = (ratio, seed);
        self
    }

    pub(crate) fn check(&self) -> Result<(), ReceiverError> {
        let Impairments { max_rate, error_ratio, .. } = self.impairments;
        if let Some(value) = max_rate.filter(|max_rate| !(max_rate.is_finite() && *max_rate > 0.0)) {
            return Err(ReceiverError::MaxRate { value });
        }
        if !(0.0..=1.0).contains(&error_ratio) {
            return Err(ReceiverError::ErrorRatio { value: error_ratio });
        }
        if self.limits.memory_bytes < Limits::MEMORY_BYTES_MIN {
            return Err(ReceiverError::Memory { bytes: self.limits.memory_bytes });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_range_are_refused() {
        let config = || ReceiverConfig::new("127.0.0.1:0".parse().unwrap());
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(config().with_max_rate(value).check(), Err(ReceiverError::MaxRate { .. })), "{value}");
        }
        for value in [-0.1, 1.1, f64::NAN] {
            assert!(matches!(config().with_error_ratio(value, 1).check(), Err(ReceiverError::ErrorRatio { .. })), "{value}");
        }
        let limits = Limits { memory_bytes: Limits::MEMORY_BYTES_MIN - 1, ..Limits::default() };
        assert!(matches!(config().with_limits(limits).check(), Err(ReceiverError::Memory { .. })));
    }
}
