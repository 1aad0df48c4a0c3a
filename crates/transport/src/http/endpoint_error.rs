//! Why no requests can be made from a URL and headers.

use thiserror::Error;

use super::trust::TrustError;

/// Why no requests can be made from a URL and headers.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// The scheme is neither http nor https.
    #[error("use a URL with the scheme `{0}`, expected http or https")]
    Scheme(String),
    /// The URL holds a user name or a password. It is not repeated, for it is a secret.
    #[error("use a URL with a user name or password, expected `--header 'Authorization: ...'` in its place")]
    UserInfo,
    /// The URL names no host.
    #[error("use a URL without a host")]
    NoHost,
    /// More than one header says what the host is.
    #[error("use more than one `Host` header")]
    RepeatedHost,
    /// The host can be no name in a certificate.
    #[error("use `{name}` as the name of a TLS server")]
    ServerName {
        /// The host of the URL.
        name: String,
        /// What is wrong with it.
        source: rustls::pki_types::InvalidDnsNameError,
    },
    /// The header is about connections, of which HTTP/2 has its own idea.
    #[error("use the header `{0}` over HTTP/2, which knows no such thing")]
    Http1Header(String),
    /// The request cannot be written in the words of HTTP/2.
    #[error("make a request for HTTP/2")]
    Http2(#[source] http::Error),
    /// There is nobody to whom an https server could prove itself.
    #[error(transparent)]
    Trust(#[from] TrustError),
}
