//! The error of starting a receiver.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

use crate::limits::Limits;

/// The error of starting a receiver.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReceiverError {
    /// Another socket listens on the address.
    #[error("{addr} is in use; stop the program that listens there, or choose another port (0 selects a free port)")]
    AddressInUse {
        /// The address.
        addr: SocketAddr,
    },
    /// The machine does not have the address.
    #[error("{addr} is not an address of this machine; choose a local address such as 127.0.0.1, or 0.0.0.0 for all addresses")]
    AddressNotAvailable {
        /// The address.
        addr: SocketAddr,
    },
    /// The user has no permission to listen on the address.
    #[error("no permission to listen on {addr}; choose a port of 1024 or above")]
    PermissionDenied {
        /// The address.
        addr: SocketAddr,
    },
    /// Listening failed for another reason.
    #[error("cannot listen on {addr}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The threads of the receiver could not be started.
    #[error("cannot start the receiver threads for {addr}; check the limits on threads and open files")]
    Threads {
        /// The address.
        addr: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// The maximum rate is out of range.
    #[error("the maximum rate is {value} events a second; expected a number above 0")]
    MaxRate {
        /// The maximum rate.
        value: f64,
    },
    /// The error ratio is out of range.
    #[error("the error ratio is {value}; expected 0 to 1")]
    ErrorRatio {
        /// The error ratio.
        value: f64,
    },
    /// The memory is too small for one body.
    #[error("the memory for bodies is {bytes} bytes; expected at least {}", Limits::MEMORY_BYTES_MIN)]
    Memory {
        /// The memory in bytes.
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

    #[test]
    fn an_error_names_the_address_and_the_fix() {
        let addr = "127.0.0.1:80".parse().unwrap();
        let error = |kind: io::ErrorKind| ReceiverError::listening(addr, kind.into()).to_string();
        assert!(error(io::ErrorKind::AddrInUse).starts_with("127.0.0.1:80 is in use; stop"));
        assert!(error(io::ErrorKind::AddrNotAvailable).starts_with("127.0.0.1:80 is not an address of this machine; choose"));
        assert!(error(io::ErrorKind::PermissionDenied).ends_with("choose a port of 1024 or above"));
        assert_eq!(error(io::ErrorKind::OutOfMemory), "cannot listen on 127.0.0.1:80");
    }
}
