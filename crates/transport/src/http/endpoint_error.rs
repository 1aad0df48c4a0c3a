//! The errors of creating an endpoint from a URL and headers.

use thiserror::Error;

use super::trust::TrustError;

/// Why a URL and headers do not make an endpoint.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// The scheme is neither http nor https.
    #[error("use a URL with the scheme `{0}`; expected http or https")]
    Scheme(String),
    /// The URL contains a user name or a password. The error omits them, because they are secrets.
    #[error("use a URL with a user name or password; pass `--header 'Authorization: ...'` instead")]
    UserInfo,
    /// The URL names no host.
    #[error("use a URL without a host")]
    NoHost,
    /// More than one header names the host.
    #[error("use more than one `Host` header")]
    RepeatedHost,
    /// The host is not a valid name for a certificate.
    #[error("use `{name}` as a TLS server name")]
    ServerName {
        /// The host of the URL.
        name: String,
        /// Why the name is invalid.
        source: rustls::pki_types::InvalidDnsNameError,
    },
    /// The header controls the connection, which HTTP/2 manages itself.
    #[error("use the header `{0}` over HTTP/2, which does not allow it")]
    Http1Header(String),
    /// The request is not valid in HTTP/2.
    #[error("create an HTTP/2 request")]
    Http2(#[source] http::Error),
    /// There are no trusted roots to check an https server against.
    #[error(transparent)]
    Trust(#[from] TrustError),
}
