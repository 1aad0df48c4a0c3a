//! Why a request over HTTP/3 has no response.

mod malformed;

use std::fmt;

use quinn::{ConnectionError, VarInt};
use rustls::AlertDescription;
use terminal_escape::escape_controls;
use thiserror::Error;

pub use malformed::Malformed;

/// Why a request has no response, or a connection is lost.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Http3Error {
    /// The server reset the request.
    #[error("the server reset the request ({0})")]
    Reset(ErrorCode),
    /// The server sent data that is not valid HTTP/3.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The server closed the connection.
    #[error("the server closed the connection ({code}{})", quoted(.reason))]
    Closed {
        /// The error code of the server.
        code: ErrorCode,
        /// The text of the server.
        reason: String,
    },
    /// The server has no record of the connection, for example because it was restarted.
    #[error("the server no longer knows the connection (stateless reset)")]
    Forgotten,
    /// The handshake succeeded, but the server does not start HTTP/3.
    #[error("the server sent no HTTP/3 settings within 3s after the handshake")]
    NoSettings,
    /// No packet arrived for so long that the connection ended.
    #[error("no packet arrived from the server within the idle timeout of the connection")]
    TimedOut,
    /// The server supports other versions of QUIC only.
    #[error("the server supports no version of QUIC that this program supports")]
    Version,
    /// The server sent packets that are not valid QUIC.
    #[error("the server broke the rules of QUIC: {0}")]
    Quic(String),
    /// This client closed the connection.
    #[error("the connection was closed, because the server sent data that is not valid HTTP/3")]
    ClosedHere,
}

/// The error code of a stream or a connection, with its name if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// A code of HTTP/3.
    Http3(u64),
    /// A code of QUIC.
    Quic(u64),
}

impl ErrorCode {
    /// The server has not processed the request (RFC 9114, section 8.1).
    pub(in crate::http) const REQUEST_REJECTED: Self = Self::Http3(0x10b);

    /// The TLS alert in the code, if it is one (RFC 9001, section 4.8).
    pub(in crate::http) fn alert(self) -> Option<AlertDescription> {
        match self {
            Self::Quic(code @ 0x100..0x200) => Some(AlertDescription::from(code.to_le_bytes()[0])),
            _ => None,
        }
    }

    fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Quic(code) => match code {
                0x0 => "NO_ERROR",
                0x1 => "INTERNAL_ERROR",
                0x2 => "CONNECTION_REFUSED",
                0x3 => "FLOW_CONTROL_ERROR",
                0x4 => "STREAM_LIMIT_ERROR",
                0x5 => "STREAM_STATE_ERROR",
                0x6 => "FINAL_SIZE_ERROR",
                0x7 => "FRAME_ENCODING_ERROR",
                0x8 => "TRANSPORT_PARAMETER_ERROR",
                0x9 => "CONNECTION_ID_LIMIT_ERROR",
                0xa => "PROTOCOL_VIOLATION",
                0xb => "INVALID_TOKEN",
                0xc => "APPLICATION_ERROR",
                _ => return None,
            },
            Self::Http3(code) => match code {
                0x100 => "H3_NO_ERROR",
                0x101 => "H3_GENERAL_PROTOCOL_ERROR",
                0x102 => "H3_INTERNAL_ERROR",
                0x103 => "H3_STREAM_CREATION_ERROR",
                0x104 => "H3_CLOSED_CRITICAL_STREAM",
                0x105 => "H3_FRAME_UNEXPECTED",
                0x106 => "H3_FRAME_ERROR",
                0x107 => "H3_EXCESSIVE_LOAD",
                0x108 => "H3_ID_ERROR",
                0x109 => "H3_SETTINGS_ERROR",
                0x10a => "H3_MISSING_SETTINGS",
                0x10b => "H3_REQUEST_REJECTED",
                0x10c => "H3_REQUEST_CANCELLED",
                0x10d => "H3_REQUEST_INCOMPLETE",
                0x10e => "H3_MESSAGE_ERROR",
                0x10f => "H3_CONNECT_ERROR",
                0x110 => "H3_VERSION_FALLBACK",
                0x200 => "QPACK_DECOMPRESSION_FAILED",
                0x201 => "QPACK_ENCODER_STREAM_ERROR",
                0x202 => "QPACK_DECODER_STREAM_ERROR",
                _ => return None,
            },
        })
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(alert) = self.alert() {
            return write!(f, "TLS alert {alert:?}");
        }
        let (Self::Http3(code) | Self::Quic(code)) = self;
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "error {code:#x}"),
        }
    }
}

impl From<VarInt> for ErrorCode {
    fn from(code: VarInt) -> Self {
        Self::Http3(code.into_inner())
    }
}

impl From<ConnectionError> for Http3Error {
    fn from(error: ConnectionError) -> Self {
        let text = |reason: &[u8]| escape_controls(&String::from_utf8_lossy(reason)).into_owned();
        match error {
            ConnectionError::ApplicationClosed(close) => {
                Self::Closed { code: close.error_code.into(), reason: text(&close.reason) }
            }
            ConnectionError::ConnectionClosed(close) => {
                Self::Closed { code: ErrorCode::Quic(close.error_code.into()), reason: text(&close.reason) }
            }
            ConnectionError::TransportError(error) => Self::Quic(error.to_string()),
            ConnectionError::Reset => Self::Forgotten,
            ConnectionError::TimedOut => Self::TimedOut,
            ConnectionError::VersionMismatch => Self::Version,
            ConnectionError::LocallyClosed => Self::ClosedHere,
            ConnectionError::CidsExhausted => Self::Quic("no connection id is left".to_owned()),
        }
    }
}

impl Http3Error {
    /// The text without the part that quotes the server, if there is such a part.
    pub(in crate::http) fn without_quote(&self) -> Option<String> {
        match self {
            Self::Closed { code, reason } if !reason.is_empty() => {
                Some(Self::Closed { code: *code, reason: String::new() }.to_string())
            }
            _ => None,
        }
    }
}

/// The text of the server, after its error code.
fn quoted(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}
