//! The errors of creating an endpoint from a URL and headers.

use thiserror::Error;

use super::{trust::TrustError, version::Version};

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
    /// The header controls the connection, which HTTP/2 and HTTP/3 manage themselves.
    #[error("use the header `{name}` over {version}, which does not allow it")]
    Http1Header {
        /// The name of the header.
        name: String,
        /// The version of HTTP.
        version: Version,
    },
    /// The request is not valid in this version of HTTP.
    #[error("create an {version} request")]
    Request {
        /// The version of HTTP.
        version: Version,
        /// Why the request is not valid.
        source: http::Error,
    },
    /// HTTP/3 is always encrypted.
    #[error("use HTTP/3 without TLS; expected a URL that begins with https://")]
    Http3WithoutTls,
    /// This build lacks the feature `http3`.
    #[error("use HTTP/3, which this build does not include")]
    NoHttp3,
    /// There are no trusted roots to check an https server against.
    #[error(transparent)]
    Trust(#[from] TrustError),
}
