//! Why a connection could not be opened, and the advice to the user.

use std::{io, net::SocketAddr, sync::Arc};

use rustls::{AlertDescription, CertificateError};
use terminal_escape::escape_controls;
use thiserror::Error;

#[cfg(feature = "http3")]
use super::http3_error::Http3Error;
use super::{http2_error::Http2Error, local_limit::LocalLimit, tls::is_of_authority};

/// Advice for a target that does not speak HTTP/3, as the end of a sentence.
pub const NO_HTTP3_ADVICE: &str = "does the target support HTTP/3? Omit --http3 to use HTTP/1.1";

/// Why a connection could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The host name could not be resolved.
    #[error("resolve the host `{host}`")]
    Resolve {
        /// The host of the endpoint.
        host: String,
        /// The error of the resolver.
        source: io::Error,
    },
    /// The host name has no address.
    #[error("resolve the host `{host}`: it has no address")]
    NoAddress {
        /// The host of the endpoint.
        host: String,
    },
    /// No address of the host accepted the connection.
    #[error("connect to {address}")]
    Connect {
        /// The last address that was tried.
        address: SocketAddr,
        /// Why the connection failed.
        source: io::Error,
    },
    /// The connection to the proxy failed before there was a tunnel to the server.
    #[error("open a tunnel through the proxy at {address}")]
    Tunnel {
        /// The address of the proxy.
        address: SocketAddr,
        /// Why there is no tunnel.
        source: io::Error,
    },
    /// The proxy refused to open a tunnel to the server.
    #[error("open a tunnel through the proxy at {address}: the proxy answered {status}")]
    TunnelRefused {
        /// The address of the proxy.
        address: SocketAddr,
        /// The status of its answer.
        status: u16,
    },
    /// The TLS handshake failed: the server does not speak TLS, or did not prove its identity.
    #[error("establish TLS with {address}")]
    Tls {
        /// The address that accepted the connection.
        address: SocketAddr,
        /// The error of the handshake.
        source: io::Error,
    },
    /// The server's certificate does not cover the host name.
    #[error("establish TLS with {address}: the certificate does not cover `{wanted}`; it covers {}", listed(.presented))]
    TlsName {
        /// The address that accepted the connection.
        address: SocketAddr,
        /// The host of the endpoint.
        wanted: String,
        /// The names in the certificate.
        presented: Vec<String>,
    },
    /// The issuer of the server's certificate is not trusted.
    #[error("establish TLS with {address}: the issuer of the certificate is not trusted")]
    TlsIssuer {
        /// The address that accepted the connection.
        address: SocketAddr,
    },
    /// The server speaks TLS but does not offer HTTP/2.
    #[error("negotiate HTTP/2 with {address}: the server does not offer HTTP/2 (ALPN)")]
    NoHttp2 {
        /// The address that accepted the connection.
        address: SocketAddr,
    },
    /// The server closed the connection before it sent anything in HTTP/2.
    #[error("start HTTP/2 with {address}: the server closed the connection")]
    Http2Closed {
        /// The address that accepted the connection.
        address: SocketAddr,
    },
    /// The server does not send valid HTTP/2.
    #[error("start HTTP/2 with {address}")]
    Http2 {
        /// The address that accepted the connection.
        address: SocketAddr,
        /// The error of the HTTP/2 connection.
        source: Arc<Http2Error>,
    },
    /// No packet came back from any address.
    #[cfg(feature = "http3")]
    #[error("open an HTTP/3 connection to {address}: nothing answered on UDP port {}", .address.port())]
    UdpSilence {
        /// The last address that was tried.
        address: SocketAddr,
    },
    /// The server speaks QUIC but does not offer HTTP/3.
    #[cfg(feature = "http3")]
    #[error("negotiate HTTP/3 with {address}: the server does not offer HTTP/3 (QUIC version 1, ALPN `h3`)")]
    NoHttp3 {
        /// The address that answered.
        address: SocketAddr,
    },
    /// The server ended the connection, or does not send valid QUIC and HTTP/3.
    #[cfg(feature = "http3")]
    #[error("start HTTP/3 with {address}")]
    Http3 {
        /// The address that answered.
        address: SocketAddr,
        /// The error of the HTTP/3 connection.
        source: Http3Error,
    },
}

impl OpenError {
    /// Advice to the user, as the end of a sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::TlsName { .. } => "check the host of --target, or pass --insecure to skip the certificate check",
            Self::TlsIssuer { .. } => "pass --ca FILE to trust more certificates, or --insecure to skip the certificate check",
            Self::Tls { .. } if self.is_about_identity() => "pass --insecure to skip the certificate check",
            Self::TunnelRefused { status: 407, .. } => "put the user name and the password into the URL of the proxy",
            Self::Tunnel { .. } | Self::TunnelRefused { .. } => {
                "does the proxy lead to the target? Pass --no-proxy to connect directly"
            }
            Self::NoHttp2 { .. } | Self::Http2 { .. } | Self::Http2Closed { .. } => {
                "does the target support HTTP/2? Omit --http2 to use HTTP/1.1"
            }
            #[cfg(feature = "http3")]
            Self::UdpSilence { .. } | Self::NoHttp3 { .. } | Self::Http3 { .. } => NO_HTTP3_ADVICE,
            Self::Resolve { .. } | Self::NoAddress { .. } | Self::Connect { .. } | Self::Tls { .. } => {
                "is the service running, and is --target right?"
            }
        }
    }

    /// Whether the wrong server has answered. A retry does not help.
    pub fn is_about_identity(&self) -> bool {
        match self {
            Self::TlsName { .. } | Self::TlsIssuer { .. } | Self::NoHttp2 { .. } => true,
            Self::Tls { source, .. } => matches!(rustls_error(source), Some(rustls::Error::InvalidCertificate(_))),
            #[cfg(feature = "http3")]
            Self::NoHttp3 { .. } => true,
            #[cfg(feature = "http3")]
            Self::UdpSilence { .. } | Self::Http3 { .. } => false,
            // Other statuses say that the server cannot be reached at the moment.
            Self::TunnelRefused { status, .. } => (400..500).contains(status),
            Self::Resolve { .. }
            | Self::NoAddress { .. }
            | Self::Connect { .. }
            | Self::Tunnel { .. }
            | Self::Http2 { .. }
            | Self::Http2Closed { .. } => false,
        }
    }

    /// The limit of this machine that caused the error, if any. Such an error says nothing about the target.
    pub fn local_limit(&self) -> Option<LocalLimit> {
        match self {
            Self::Resolve { source, .. } => Some(LocalLimit::of(source).unwrap_or(LocalLimit::NameService)),
            Self::NoAddress { .. } => Some(LocalLimit::NameService),
            Self::Connect { source, .. } | Self::Tunnel { source, .. } | Self::Tls { source, .. } => LocalLimit::of(source),
            Self::Http2 { source, .. } => source.local_limit(),
            #[cfg(feature = "http3")]
            Self::UdpSilence { .. } | Self::NoHttp3 { .. } | Self::Http3 { .. } => None,
            Self::TunnelRefused { .. }
            | Self::TlsName { .. }
            | Self::TlsIssuer { .. }
            | Self::NoHttp2 { .. }
            | Self::Http2Closed { .. } => None,
        }
    }

    /// Whether this machine, not the target, caused the error.
    pub fn is_local(&self) -> bool {
        self.local_limit().is_some()
    }

    /// Whether the server speaks TLS but supports none of the offered protocols.
    pub(super) fn is_about_protocol(&self) -> bool {
        let alert = rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol);
        matches!(self, Self::Tls { source, .. } if rustls_error(source) == Some(&alert))
    }

    /// The error of a failed handshake, as specific as possible.
    pub(super) fn of_handshake(address: SocketAddr, source: io::Error) -> Self {
        match rustls_error(&source) {
            Some(rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { expected, presented })) => {
                let presented = presented.iter().map(|name| escape_controls(bare_name(name)).into_owned()).collect();
                Self::TlsName { address, wanted: expected.to_str().into_owned(), presented }
            }
            // A root of the same name with a different key did not sign the certificate.
            Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)) => {
                Self::TlsIssuer { address }
            }
            Some(rustls::Error::InvalidCertificate(error)) if is_of_authority(error) => Self::TlsIssuer { address },
            _ => Self::Tls { address, source },
        }
    }
}

/// The rustls error behind an I/O error, if any.
fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// The bare name: rustls formats the names in a certificate as `DnsName("localhost")` or `IpAddress(127.0.0.1)`.
fn bare_name(name: &str) -> &str {
    let inner = ["DnsName(", "IpAddress("].iter().find_map(|kind| name.strip_prefix(kind)?.strip_suffix(')'));
    inner.map_or(name, |inner| inner.trim_matches('"'))
}

/// Lists the first names of a certificate, which may have a hundred.
fn listed(names: &[String]) -> String {
    const SHOWN_MAX: usize = 5;
    let shown: Vec<_> = names.iter().take(SHOWN_MAX).map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => "no name".to_owned(),
        number if number > SHOWN_MAX => format!("{} and {} more", shown.join(", "), number - SHOWN_MAX),
        _ => shown.join(", "),
    }
}
