//! Where requests go, and the head that each of them carries. How they get there is the matter of [`super::connection`].
//!
//! The invariant: the head of an [`Endpoint`] is complete and well-formed up to the digits of its content-length, so that a request
//! is made by joining bytes and checks nothing.

use std::fmt;

use rustls::RootCertStore;
use thiserror::Error;
use url::{Host, Position, Url};

use crate::event_form::EventForm;

use super::{
    header::Header,
    tls::Tls,
    trust::{Trust, TrustError},
};

/// Where events go on a server whose URL names no path.
const DEFAULT_PATH: &str = EventForm::Message.default_path();

/// Where requests go, and the head that each carries: made once from the checked URL and headers.
pub struct Endpoint {
    url: String,
    host: Host<String>,
    port: u16,
    tls: Option<Tls>,
    head: Vec<u8>,
}

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
    /// There is nobody to whom an https server could prove itself.
    #[error(transparent)]
    Trust(#[from] TrustError),
}

impl Endpoint {
    /// An endpoint for an http or https URL and extra headers.
    ///
    /// A path that is empty or `/` stands for `/clientEvents`; any other path is used as given, and so is the query. The fragment
    /// is ignored. The headers replace `Host`, `User-Agent`, `Content-Type` and `Accept` where they have the same name.
    ///
    /// # Errors
    ///
    /// If no request can be sent to the URL, if there is more than one `Host`, or if the URL is https and nobody is there to be
    /// trusted.
    pub fn new(target: &Url, headers: &[Header], trust: &Trust) -> Result<Self, EndpointError> {
        Self::with_roots(target, headers, || trust.roots())
    }

    /// Like [`Endpoint::new`], but an https server proves itself to these roots, which are asked for only if it is one. Without roots it
    /// need not.
    pub(super) fn with_roots(
        target: &Url,
        headers: &[Header],
        roots: impl FnOnce() -> Result<Option<RootCertStore>, TrustError>,
    ) -> Result<Self, EndpointError> {
        let is_https = match target.scheme() {
            "http" => false,
            "https" => true,
            other => return Err(EndpointError::Scheme(other.to_owned())),
        };
        if !target.username().is_empty() || target.password().is_some() {
            return Err(EndpointError::UserInfo);
        }
        let host = target.host().ok_or(EndpointError::NoHost)?.to_owned();
        let port = target.port_or_known_default().ok_or(EndpointError::NoHost)?;
        if headers.iter().filter(|header| header.is("host")).count() > 1 {
            return Err(EndpointError::RepeatedHost);
        }

        let mut target = target.clone();
        target.set_fragment(None);
        if matches!(target.path(), "" | "/") {
            target.set_path(DEFAULT_PATH);
        }
        Ok(Self {
            // `Url` leaves out a default port and keeps the brackets of an IPv6 address, just as `Host` wants them.
            head: head(&target[Position::BeforeHost..Position::AfterPort], &target[Position::BeforePath..], headers),
            tls: if is_https { Some(Tls::new(&host, roots()?)?) } else { None },
            url: target.into(),
            host,
            port,
        })
    }

    /// The URL that requests are really sent to, for messages.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The request head up to the value of its last header, which is the content-length.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    pub(super) fn host(&self) -> &Host<String> {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What it takes to start TLS, if the endpoint wants it.
    pub(super) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }
}

/// Leaves out the head, for its headers may hold secrets.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("url", &self.url).finish_non_exhaustive()
    }
}

fn head(authority: &str, path_and_query: &str, headers: &[Header]) -> Vec<u8> {
    let defaults = [
        ("Host", authority),
        ("User-Agent", concat!("seeker-sim/", env!("CARGO_PKG_VERSION"))),
        ("Content-Type", "application/json"),
        ("Accept", "application/json"),
    ];
    let mut head = format!("POST {path_and_query} HTTP/1.1\r\n");
    let mut add = |name: &str, value: &str| {
        for part in [name, ": ", value, "\r\n"] {
            head.push_str(part);
        }
    };
    // RFC 9110 wants `Host` first, so a user's own stays in the place of the default that it replaces; so do the others.
    for (name, default) in defaults {
        let mut given = headers.iter().filter(|header| header.is(name)).peekable();
        if given.peek().is_none() {
            add(name, default);
        }
        given.for_each(|header| add(header.name(), header.value()));
    }
    for header in headers {
        if !defaults.iter().any(|(name, _)| header.is(name)) {
            add(header.name(), header.value());
        }
    }
    head.push_str("Content-Length: ");
    head.into_bytes()
}

#[cfg(test)]
mod tests;
