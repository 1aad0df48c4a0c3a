//! Why the data of a server is not valid HTTP/3.

use thiserror::Error;

/// Why the data of a server is not valid HTTP/3.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Malformed {
    /// The header of a response cannot be decompressed.
    #[error("the header of the response is not valid QPACK: {0}")]
    Compression(&'static str),
    /// The response breaks the rules of HTTP.
    #[error("the response has {0}")]
    Message(&'static str),
    /// A frame is at a place where it must not be.
    #[error("the server sent {0}")]
    UnexpectedFrame(&'static str),
    /// A frame or stream ends too early.
    #[error("the stream ended within a frame")]
    CutShort,
    /// The response has no header.
    #[error("the stream ended without a response")]
    NoResponse,
    /// The header of the response is too long.
    #[error("the header of the response has more than 64 KiB")]
    LongHead,
    /// A stream that lasts as long as the connection was closed.
    #[error("the server closed its control stream")]
    ClosedControl,
    /// The control stream does not begin with the settings.
    #[error("the control stream does not begin with SETTINGS")]
    NoSettings,
    /// An id in a frame is not one of a request.
    #[error("the server sent the id of something that the client did not allow")]
    Id,
}

impl Malformed {
    /// Whether the whole connection has to end, not only the request.
    pub(in crate::http) const fn ends_connection(self) -> bool {
        !matches!(self, Self::Message(_) | Self::LongHead | Self::NoResponse)
    }

    /// The error code that tells the server (RFC 9114, section 8.1, and RFC 9204, section 6).
    pub(in crate::http) const fn code(self) -> u32 {
        match self {
            Self::Compression(_) => 0x200,
            Self::Message(_) => 0x10e,
            Self::UnexpectedFrame(_) | Self::NoResponse => 0x105,
            Self::CutShort => 0x106,
            Self::LongHead => 0x107,
            Self::ClosedControl => 0x104,
            Self::NoSettings => 0x10a,
            Self::Id => 0x108,
        }
    }
}
