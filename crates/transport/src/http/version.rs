//! The versions of HTTP.

use std::fmt;

/// The supported versions of HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.1: a connection carries one request at a time.
    #[default]
    Http1,
    /// HTTP/2: a connection carries several concurrent requests.
    Http2,
    /// HTTP/3: a connection over QUIC carries several concurrent requests. Needs the feature `http3`.
    Http3,
}

impl Version {
    /// Whether this build can use the version.
    pub const fn is_supported(self) -> bool {
        !matches!(self, Self::Http3) || cfg!(feature = "http3")
    }

    /// The name in the TLS negotiation (ALPN).
    pub(super) const fn alpn_name(self) -> &'static [u8] {
        match self {
            Self::Http1 => b"http/1.1",
            Self::Http2 => b"h2",
            Self::Http3 => b"h3",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
            Self::Http3 => "HTTP/3",
        })
    }
}
