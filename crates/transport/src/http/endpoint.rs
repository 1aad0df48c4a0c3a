//! The target of requests and the head of each request. [`super::connection`] opens the connections.
//!
//! Invariant: the head of an [`Endpoint`] is complete and well-formed up to the digits of its content-length. Building a request only joins
//! bytes and needs no checks.

mod head;

use std::{fmt, sync::Arc, time::Duration};

use http2_client::RequestHead;
use secrecy::ExposeSecret;
use url::{Host, Position, Url};

use event_request::EventForm;

use super::{
    addresses::Addresses,
    connect_to::ConnectTo,
    endpoint_error::EndpointError,
    header::Header,
    identity::ClientIdentity,
    proxy::{Proxy, Tunnel},
    resolve::Resolve,
    secrets::Secrets,
    tls::Tls,
    trust::{Roots, Trust, TrustError},
    version::Version,
};
use head::Head;

/// The path for events if the URL names no path.
const DEFAULT_PATH: &str = EventForm::Message.default_path();

/// The target of requests and the head of each request, made once from the checked URL and headers.
pub struct Endpoint {
    url: String,
    addresses: Arc<Addresses>,
    tls: Option<Tls>,
    /// The URL with its query values. Heads are made from it.
    target: Url,
    head: Head,
    secrets: Secrets,
    shows_answers: bool,
    keeps_alive: bool,
    proxy: Option<Proxy>,
    tunnel: Option<Tunnel>,
}

/// The maximum number of response bytes to show.
const SAID_MAX: usize = 2 << 10;

impl Endpoint {
    /// Creates an endpoint for an http or https URL and extra headers.
    ///
    /// A path that is empty or `/` becomes `/clientEvents`; any other path is used as given, and so is the query. The fragment is ignored.
    /// The headers replace `Host`, `User-Agent`, `Content-Type` and `Accept` of the same name.
    ///
    /// # Errors
    ///
    /// If requests to the URL are not possible, if there is more than one `Host`, or if the URL is https and there are no trusted roots.
    pub fn new(target: &Url, headers: &[Header], trust: &Trust) -> Result<Self, EndpointError> {
        Self::with_roots(target, headers, Version::Http1, || trust.roots())
    }

    /// Like [`Endpoint::new`], for [`Multiplexed`](super::Multiplexed) connections. A `Host` header becomes the authority.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::new`], and if a header controls the connection.
    pub fn new_http2(target: &Url, headers: &[Header], trust: &Trust) -> Result<Self, EndpointError> {
        Self::with_roots(target, headers, Version::Http2, || trust.roots())
    }

    /// Like [`Endpoint::new_http2`], for HTTP/3 connections, which are always encrypted.
    ///
    /// # Errors
    ///
    /// As [`Endpoint::new_http2`], and if the URL is not https or this build has no HTTP/3.
    pub fn new_http3(target: &Url, headers: &[Header], trust: &Trust) -> Result<Self, EndpointError> {
        Self::with_roots(target, headers, Version::Http3, || trust.roots())
    }

    /// Like [`Endpoint::new`], with a function that returns the trusted roots. It is called for https only. Without roots the certificate
    /// of the server is not checked.
    pub(super) fn with_roots(
        target: &Url,
        headers: &[Header],
        version: Version,
        roots: impl FnOnce() -> Result<Option<Roots>, TrustError>,
    ) -> Result<Self, EndpointError> {
        let is_https = match target.scheme() {
            "http" => false,
            "https" => true,
            other => return Err(EndpointError::Scheme(other.to_owned())),
        };
        if version == Version::Http3 && !is_https {
            return Err(EndpointError::Http3WithoutTls);
        }
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
            head: Head::new(version, &target, headers)?,
            tls: if is_https { Some(Tls::new(&host, version, roots()?)?) } else { None },
            secrets: Secrets::of(&target, headers),
            url: without_values(&target),
            target,
            addresses: Arc::new(Addresses::new(host, port)),
            shows_answers: true,
            keeps_alive: true,
            proxy: None,
            tunnel: None,
        })
    }

    /// Returns the same endpoint, but never shows response text.
    #[must_use]
    pub fn without_answers(self) -> Self {
        Self { shows_answers: false, ..self }
    }

    /// Returns the same endpoint, but HTTP/1.1 connections carry one request each, whether or not the server keeps them open.
    #[must_use]
    pub fn without_keep_alive(self) -> Self {
        Self { head: self.head.closing(), keeps_alive: false, ..self }
    }

    /// Returns the same endpoint with other headers, such as a renewed token. Earlier secrets stay secret.
    ///
    /// # Errors
    ///
    /// Over HTTP/2, if a header controls the connection.
    pub fn with_headers(&self, headers: &[Header]) -> Result<Self, EndpointError> {
        let head = Head::new(self.version(), &self.target, headers)?;
        Ok(Self {
            head: self.shaped(head),
            secrets: self.secrets.and(headers),
            url: self.url.clone(),
            addresses: Arc::clone(&self.addresses),
            tls: self.tls.clone(),
            target: self.target.clone(),
            shows_answers: self.shows_answers,
            keeps_alive: self.keeps_alive,
            proxy: self.proxy.clone(),
            tunnel: self.tunnel.clone(),
        })
    }

    /// Returns the same endpoint without headers at another host and port. Over TLS, the certificate has to cover the other host, or the host of
    /// this endpoint if the other host is an IP address.
    ///
    /// # Errors
    ///
    /// Over TLS, if no certificate can cover the host.
    pub fn at_other_host(&self, host: Host<String>, port: u16) -> Result<Self, EndpointError> {
        let tls = self.tls.as_ref().map(|tls| tls.for_other(&host)).transpose()?;
        Ok(Self { tls, addresses: Arc::new(self.addresses.of_other(host, port)), ..self.with_headers(&[])? })
    }

    /// Returns the same endpoint with the host and port to connect to, the addresses that the user gave for them, and this connect timeout.
    /// Requests and the check of certificates keep the host of the URL.
    #[must_use]
    pub fn with_addresses(self, connect_to: &[ConnectTo], resolves: &[Resolve], timeout: Duration) -> Self {
        let addresses = self.addresses.with(connect_to, resolves, timeout);
        Self { addresses: Arc::new(addresses), ..self }
    }

    /// Returns an endpoint for another server with the same scheme, certificates and secrets, without a proxy. Its requests have no headers
    /// of the user.
    ///
    /// # Errors
    ///
    /// If the host is no valid host, or if it cannot be in a certificate.
    pub fn for_server(&self, host: &str, port: u16) -> Result<Self, EndpointError> {
        let host = Host::parse(host).map_err(|_| EndpointError::NoHost)?;
        let mut target = self.target.clone();
        target.set_host(Some(&host.to_string())).map_err(|_| EndpointError::NoHost)?;
        target.set_port(Some(port)).map_err(|()| EndpointError::NoHost)?;
        Ok(Self {
            head: Head::new(self.version(), &target, &[])?,
            tls: self.tls.as_ref().map(|tls| tls.for_host(&host)).transpose()?,
            secrets: self.secrets.clone(),
            url: without_values(&target),
            target,
            addresses: Arc::new(Addresses::new(host, port)),
            shows_answers: self.shows_answers,
            keeps_alive: self.keeps_alive,
            proxy: None,
            tunnel: None,
        })
    }

    /// Returns the same endpoint. If an https server asks for a client certificate, it gets this one.
    #[must_use]
    pub fn with_identity(self, identity: &ClientIdentity) -> Self {
        Self { tls: self.tls.map(|tls| tls.with_identity(identity)), ..self }
    }

    /// Returns the same endpoint behind a proxy. Over plain HTTP/1.1, the proxy gets the requests; otherwise it opens a tunnel.
    #[must_use]
    pub fn with_proxy(self, proxy: &Proxy, timeout: Duration) -> Self {
        let is_tunnel = self.tls.is_some() || self.version() == Version::Http2;
        let mut addresses = Addresses::new(proxy.host.clone(), proxy.port);
        addresses.fit_into(timeout);
        Self {
            addresses: Arc::new(addresses),
            head: if is_tunnel { self.head } else { self.head.forwarded(&self.target, proxy) },
            tunnel: is_tunnel.then(|| Tunnel::to(&self.target, proxy)),
            secrets: self.secrets.and(proxy.authorization.as_slice()),
            proxy: Some(proxy.clone()),
            ..self
        }
    }

    /// The proxy that connections go through, if any.
    pub fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// The tunnel through the proxy, if connections need one.
    pub(super) fn tunnel(&self) -> Option<&Tunnel> {
        self.tunnel.as_ref()
    }

    /// A new head in the form that the connections and the proxy need.
    fn shaped(&self, head: Head) -> Head {
        let head = if self.keeps_alive { head } else { head.closing() };
        match &self.proxy {
            Some(proxy) if self.tunnel.is_none() => head.forwarded(&self.target, proxy),
            _ => head,
        }
    }

    /// The URL of the requests, for messages. It omits the query values, which may be secrets.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The beginning of the response text, for messages, if responses may be shown. The server may repeat request data, so possible secrets
    /// are concealed.
    pub fn said(&self, answer: &[u8]) -> Option<String> {
        let beginning = &answer[..answer.len().min(SAID_MAX)];
        self.shows_answers.then(|| self.secrets.conceal(&String::from_utf8_lossy(beginning)))
    }

    /// The HTTP version of the endpoint.
    pub fn version(&self) -> Version {
        match &self.head {
            Head::Http1(_) => Version::Http1,
            Head::Http2(_) => Version::Http2,
            #[cfg(feature = "http3")]
            Head::Http3(_) => Version::Http3,
        }
    }

    /// The HTTP/1.1 request head up to the value of its last header, the content-length.
    pub fn head(&self) -> &[u8] {
        match &self.head {
            Head::Http1(head) => head.expose_secret(),
            Head::Http2(_) => unreachable!("an HTTP/2 endpoint is used only with HTTP/2 connections"),
            #[cfg(feature = "http3")]
            Head::Http3(_) => unreachable!("an HTTP/3 endpoint is used only with HTTP/3 connections"),
        }
    }

    /// The encoded HTTP/2 request head, and whether requests are gRPC calls.
    pub(super) fn http2_head(&self) -> (&RequestHead, bool) {
        match &self.head {
            Head::Http1(_) => unreachable!("an HTTP/1.1 endpoint is used only with HTTP/1.1 connections"),
            Head::Http2(head) => (head.encoded(), head.is_grpc()),
            #[cfg(feature = "http3")]
            Head::Http3(_) => unreachable!("an HTTP/3 endpoint is used only with HTTP/3 connections"),
        }
    }

    /// The compressed HTTP/3 header without the content-length.
    #[cfg(feature = "http3")]
    pub(super) fn http3_head(&self) -> &[u8] {
        match &self.head {
            Head::Http3(head) => head.expose_secret(),
            Head::Http1(_) | Head::Http2(_) => unreachable!("other endpoints are not used with HTTP/3 connections"),
        }
    }

    /// What is missing if no connection opens in time, for messages.
    pub fn missing_connection(&self) -> String {
        match self.version() {
            Version::Http1 | Version::Http2 => "no connection".to_owned(),
            Version::Http3 => format!("no connection: nothing answered on UDP port {}", self.addresses.port()),
        }
    }

    /// Whether an HTTP/1.1 connection carries further requests after the first one.
    pub(super) fn keeps_alive(&self) -> bool {
        self.keeps_alive
    }

    /// The addresses of the host.
    pub(super) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The TLS settings, if the endpoint uses TLS.
    pub(super) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }
}

/// The URL with only the names of its query parameters.
pub fn without_values(url: &Url) -> String {
    let Some(query) = url.query() else { return url.to_string() };
    let parts = query.split('&').map(|part| part.split_once('=').map_or("...".to_owned(), |(name, _)| format!("{name}=...")));
    format!("{}?{}", &url[..Position::AfterPath], parts.collect::<Vec<_>>().join("&"))
}

/// Omits the head, because its headers may hold secrets.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
