//! Where and how a receiver runs, and why it cannot be started.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;
use std::{io, thread};

use thiserror::Error;

use crate::impairment::Impairments;
use crate::limits::Limits;

/// Where and how a receiver runs.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiverConfig {
    /// The address to listen on; port 0 for one that is free.
    pub bind: SocketAddr,
    /// How many threads answer requests. A connection stays with one of them.
    pub workers: NonZeroUsize,
    /// Whether clients may speak HTTP/2 without asking (prior knowledge) beside HTTP/1.1.
    pub http2: bool,
    /// Whether messages that break a rule which no document states are refused too. Otherwise they are taken with a warning.
    pub strict: bool,
    /// What the receiver bears from its clients.
    pub limits: Limits,
    /// How the receiver is slow or fails on purpose.
    pub impairments: Impairments,
}

impl ReceiverConfig {
    /// A receiver at that address, with as many workers as the system runs threads at once.
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

    /// The same with another number of workers.
    #[must_use]
    pub fn with_workers(self, workers: NonZeroUsize) -> Self {
        Self { workers, ..self }
    }

    /// The same for clients that speak HTTP/2 too.
    #[must_use]
    pub fn with_http2(self) -> Self {
        Self { http2: true, ..self }
    }

    /// Refuses messages that break a rule which no document states.
    #[must_use]
    pub fn with_strict(self) -> Self {
        Self { strict: true, ..self }
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Limits the receiver to that many events a second, above 0. It behaves as one server with a FIFO queue: below the limit latency is
    /// low, above it latency grows for as long as the load lasts.
    #[must_use]
    pub fn with_max_rate(mut self, events_per_s: f64) -> Self {
        self.impairments.max_rate = Some(events_per_s);
        self
    }

    /// Adds that time to every answer to events. It does not lower the rate.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.impairments.delay = delay;
        self
    }

    /// Answers that share of requests, from 0 to 1, with 500 and ignores their events. The seed and the order of requests determine
    /// which ones.
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

/// A receiver could not be started.
#[derive(Debug, Error)]
pub enum ReceiverError {
    /// Something listens there already.
    #[error("{addr} is in use; stop what listens there, or choose another port (0 for a free one)")]
    AddressInUse {
        /// The address.
        addr: SocketAddr,
    },
    /// The address is none of this machine's.
    #[error("{addr} is no address of this machine; choose one that is, such as 127.0.0.1, or 0.0.0.0 for all of them")]
    AddressNotAvailable {
        /// The address.
        addr: SocketAddr,
    },
    /// The user may not listen there.
    #[error("listening on {addr} is not permitted; choose a port of 1024 or above")]
    PermissionDenied {
        /// The address.
        addr: SocketAddr,
    },
    /// Listening failed for another reason.
    #[error("cannot listen on {addr}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The threads of the receiver could not be started.
    #[error("cannot start the threads of the receiver at {addr}; are too many threads or files in use?")]
    Threads {
        /// The address.
        addr: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The limit of the rate is not a rate.
    #[error("the maximum rate is {value} events a second; expected a number above 0")]
    MaxRate {
        /// The limit.
        value: f64,
    },
    /// The share of errors is not a share.
    #[error("the error ratio is {value}; expected 0 to 1")]
    ErrorRatio {
        /// The share.
        value: f64,
    },
    /// There is too little memory for one body.
    #[error("the memory for bodies is {bytes} bytes; expected at least {}", Limits::MEMORY_BYTES_MIN)]
    Memory {
        /// The memory.
        bytes: usize,
    },
}

impl ReceiverError {
    pub(crate) fn listening(addr: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::AddressInUse { addr },
            io::ErrorKind::AddrNotAvailable => Self::AddressNotAvailable { addr },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { addr },
            _ => Self::Listen { addr, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::start;

    #[test]
    fn an_error_names_the_address_and_what_to_do() {
        let addr = "127.0.0.1:80".parse().unwrap();
        let error = |kind: io::ErrorKind| ReceiverError::listening(addr, kind.into()).to_string();
        assert!(error(io::ErrorKind::AddrInUse).starts_with("127.0.0.1:80 is in use; stop"));
        assert!(error(io::ErrorKind::AddrNotAvailable).starts_with("127.0.0.1:80 is no address of this machine; choose"));
        assert!(error(io::ErrorKind::PermissionDenied).ends_with("choose a port of 1024 or above"));
        assert_eq!(error(io::ErrorKind::OutOfMemory), "cannot listen on 127.0.0.1:80");
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let config = || ReceiverConfig::new("127.0.0.1:0".parse().unwrap());
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(start(config().with_max_rate(value)), Err(ReceiverError::MaxRate { .. })), "{value}");
        }
        for value in [-0.1, 1.1, f64::NAN] {
            assert!(matches!(start(config().with_error_ratio(value, 1)), Err(ReceiverError::ErrorRatio { .. })), "{value}");
        }
        let limits = Limits { memory_bytes: Limits::MEMORY_BYTES_MIN - 1, ..Limits::default() };
        assert!(matches!(start(config().with_limits(limits)), Err(ReceiverError::Memory { .. })));
    }
}
