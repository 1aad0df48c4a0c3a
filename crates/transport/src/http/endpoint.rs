//! Where requests go, and the head that each of them carries. How they get there is the matter of [`super::connection`].
//!
//! The invariant: the head of an [`Endpoint`] is complete and well-formed up to the digits of its content-length, so that a request
//! is made by joining bytes and checks nothing.

use std::{fmt, sync::Arc, time::Duration};

use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Request};
use secrecy::{ExposeSecret, SecretSlice};
use url::{Position, Url};

use event_request::EventForm;

use super::{
    addresses::Addresses,
    endpoint_error::EndpointError,
    header::Header,
    resolve::Resolve,
    secrets::Secrets,
    tls::Tls,
    trust::{Roots, Trust, TrustError},
    version::Version,
};

/// Where events go on a server whose URL names no path.
const DEFAULT_PATH: &str = EventForm::Message.default_path();

/// Where requests go, and the head that each carries: made once from the checked URL and headers.
pub struct Endpoint {
    url: String,
    addresses: Arc<Addresses>,
    tls: Option<Tls>,
    /// The URL with the values of its query, from which heads are made.
    target: Url,
    head: Head,
    secrets: Secrets,
    shows_answers: bool,
}

/// How much of an answer is looked at to be shown.
const SAID_MAX: usize = 2 << 10;

/// The head of requests.
enum Head {
    /// Up to the value of its last header, which is the content-length.
    Http1(SecretSlice<u8>),
    /// All but the content-length.
    Http2(Box<Request<()>>),
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
        Self::with_roots(target, headers, Version::Http1, || trust.roots())
    }

    /// Like [`Endpoint::new`], for [`Multiplexed`](super::Multiplexed) connections. A `Host` among the headers becomes the authority.
    ///
    /// # Errors
    ///
    /// The same, and if a header is about connections.
    pub fn new_http2(target: &Url, headers: &[Header], trust: &Trust) -> Result<Self, EndpointError> {
        Self::with_roots(target, headers, Version::Http2, || trust.roots())
    }

    /// Like [`Endpoint::new`], but an https server proves itself to these roots, which are asked for only if it is one. Without roots it
    /// need not.
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
        })
    }

    /// The same endpoint, of which nothing is shown that the server said.
    #[must_use]
    pub fn without_answers(self) -> Self {
        Self { shows_answers: false, ..self }
    }

    /// The same endpoint with other headers, such as a renewed token. What was a secret before stays one.
    ///
    /// # Errors
    ///
    /// If a header is about connections, over HTTP/2.
    pub fn with_headers(&self, headers: &[Header]) -> Result<Self, EndpointError> {
        Ok(Self {
            head: Head::new(self.version(), &self.target, headers)?,
            secrets: self.secrets.and(headers),
            url: self.url.clone(),
            addresses: Arc::clone(&self.addresses),
            tls: self.tls.clone(),
            target: self.target.clone(),
            shows_answers: self.shows_answers,
        })
    }

    /// The same endpoint, with the addresses that the user gives for its host, and this time in which a connection opens or is given up.
    #[must_use]
    pub fn with_addresses(self, resolves: &[Resolve], timeout: Duration) -> Self {
        let addresses = self.addresses.with(resolves, timeout);
        Self { addresses: Arc::new(addresses), ..self }
    }

    /// The URL that requests are really sent to, for messages: without the values of its query, which may be secrets.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The beginning of what the server said, for messages, if that is shown. The server may repeat what it was sent, so what may be a secret
    /// of that is concealed.
    pub fn said(&self, answer: &[u8]) -> Option<String> {
        let beginning = &answer[..answer.len().min(SAID_MAX)];
        self.shows_answers.then(|| self.secrets.conceal(&String::from_utf8_lossy(beginning)))
    }

    /// The version of HTTP that it is for.
    pub fn version(&self) -> Version {
        match &self.head {
            Head::Http1(_) => Version::Http1,
            Head::Http2(_) => Version::Http2,
        }
    }

    /// The request head of HTTP/1.1 up to the value of its last header, which is the content-length.
    pub fn head(&self) -> &[u8] {
        match &self.head {
            Head::Http1(head) => head.expose_secret(),
            Head::Http2(_) => unreachable!("an endpoint for HTTP/2 is spoken to in HTTP/2"),
        }
    }

    /// A request of HTTP/2 with a body of this length.
    pub(super) fn request(&self, length: usize) -> Request<()> {
        match &self.head {
            Head::Http1(_) => unreachable!("an endpoint for HTTP/1.1 is spoken to in HTTP/1.1"),
            Head::Http2(head) => with_length(head, length),
        }
    }

    /// The addresses of the host.
    pub(super) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// What it takes to start TLS, if the endpoint wants it.
    pub(super) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }
}

impl Head {
    fn new(version: Version, target: &Url, headers: &[Header]) -> Result<Self, EndpointError> {
        Ok(match version {
            // `Url` leaves out a default port and keeps the brackets of an IPv6 address, just as `Host` wants them.
            Version::Http1 => {
                let authority = &target[Position::BeforeHost..Position::AfterPort];
                Self::Http1(head(authority, &target[Position::BeforePath..], headers).into())
            }
            Version::Http2 => Self::Http2(Box::new(request(target, headers)?)),
        })
    }
}

/// A URL in which the query has its names alone.
pub fn without_values(url: &Url) -> String {
    let Some(query) = url.query() else { return url.to_string() };
    let parts = query.split('&').map(|part| part.split_once('=').map_or("...".to_owned(), |(name, _)| format!("{name}=...")));
    format!("{}?{}", &url[..Position::AfterPath], parts.collect::<Vec<_>>().join("&"))
}

/// Leaves out the head, for its headers may hold secrets.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The headers that every request has, unless the user gives others of the same name.
const DEFAULTS: [(&str, &str); 3] = [
    ("User-Agent", concat!("seeker-sim/", env!("CARGO_PKG_VERSION"))),
    ("Content-Type", "application/json"),
    ("Accept", "application/json"),
];

fn head(authority: &str, path_and_query: &str, headers: &[Header]) -> Vec<u8> {
    let mut head = format!("POST {path_and_query} HTTP/1.1\r\n");
    // RFC 9110 wants `Host` first, so a user's own stays in the place of the default that it replaces; so do the others.
    for (name, value) in with_defaults([("Host", authority)].into_iter().chain(DEFAULTS), headers) {
        for part in [name, ": ", value, "\r\n"] {
            head.push_str(part);
        }
    }
    head.push_str("Content-Length: ");
    head.into_bytes()
}

/// The same head in the words of HTTP/2: names in small letters, and the authority in the place of `Host`.
fn request(target: &Url, headers: &[Header]) -> Result<Request<()>, EndpointError> {
    let authority = headers.iter().find(|header| header.is("host"));
    let authority = authority.map_or(&target[Position::BeforeHost..Position::AfterPort], Header::value);
    let uri = format!("{}://{authority}{}", target.scheme(), &target[Position::BeforePath..]);
    let mut request = Request::post(uri).version(http::Version::HTTP_2);
    for (name, value) in with_defaults(DEFAULTS.into_iter(), headers) {
        // RFC 9113, section 8.2.2; the others of them no header of the user's can be.
        if ["keep-alive", "proxy-connection"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return Err(EndpointError::Http1Header(name.to_owned()));
        }
        if !name.eq_ignore_ascii_case("host") {
            request = request.header(name, value.as_bytes());
        }
    }
    request.body(()).map_err(EndpointError::Http2)
}

/// The defaults, each replaced by the headers of its name where there are any, then the other headers.
fn with_defaults<'a>(defaults: impl Iterator<Item = (&'a str, &'a str)>, headers: &'a [Header]) -> Vec<(&'a str, &'a str)> {
    let own = |header: &'a Header| (header.name(), header.value());
    let defaults: Vec<_> = defaults.collect();
    let mut all = Vec::new();
    for &(name, default) in &defaults {
        let before = all.len();
        all.extend(headers.iter().filter(|header| header.is(name)).map(own));
        if all.len() == before {
            all.push((name, default));
        }
    }
    all.extend(headers.iter().filter(|header| !defaults.iter().any(|(name, _)| header.is(name))).map(own));
    all
}

/// A request with a body of this length, of which the head is this one.
fn with_length(head: &Request<()>, length: usize) -> Request<()> {
    let mut request = head.clone();
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    request
}

#[cfg(test)]
mod tests;
