//! The versions of HTTP.

/// The supported versions of HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.1: a connection carries one request at a time.
    #[default]
    Http1,
    /// HTTP/2: a connection carries several concurrent requests.
    Http2,
}

impl Version {
    /// The name in the TLS negotiation (ALPN).
    pub(super) const fn alpn_name(self) -> &'static [u8] {
        match self {
            Self::Http1 => b"http/1.1",
            Self::Http2 => b"h2",
        }
    }
}
