//! Why a request or a connection over HTTP/2 failed.

use std::io;

use http2_client::{ConnectionError, RequestError};
use thiserror::Error;

use super::local_limit::LocalLimit;

/// Why a request or a connection over HTTP/2 failed.
#[derive(Debug, Error)]
pub enum Http2Error {
    /// The connection ended without an error.
    #[error("the server closed the connection")]
    Closed,
    /// The connection was lost, for example by a reset.
    #[error(transparent)]
    Io(io::Error),
    /// The server violated HTTP/2, or ended the connection with an error.
    #[error(transparent)]
    Connection(ConnectionError),
    /// The server reset the request, or its response violates HTTP/2.
    #[error(transparent)]
    Request(RequestError),
}

impl Http2Error {
    /// The limit of this machine that caused the error, if any.
    pub(super) fn local_limit(&self) -> Option<LocalLimit> {
        match self {
            Self::Io(source) => LocalLimit::of(source),
            Self::Closed | Self::Connection(_) | Self::Request(_) => None,
        }
    }
}
