//! The heads of requests: the bytes or the header fields before the body, made once for an endpoint.
//!
//! Invariant: a head is complete and well-formed up to the content-length.

use http::header::{ACCEPT, CONTENT_TYPE, TE};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderValue, Request};
use http2_client::RequestHead;
use secrecy::{ExposeSecret, SecretSlice};
use url::{Position, Url};

#[cfg(feature = "http3")]
use crate::http::qpack::FieldWriter;
use crate::http::{endpoint_error::EndpointError, header::Header, proxy::Proxy, version::Version};

/// The head of requests.
pub(super) enum Head {
    /// The head up to the value of its last header, the content-length.
    Http1(SecretSlice<u8>),
    /// The head without the content-length.
    Http2(Box<Http2Head>),
    /// The compressed header without the content-length.
    #[cfg(feature = "http3")]
    Http3(SecretSlice<u8>),
}

impl Head {
    pub(super) fn new(version: Version, target: &Url, headers: &[Header]) -> Result<Self, EndpointError> {
        Ok(match version {
            // `Url` omits a default port and keeps the brackets of an IPv6 address, exactly as `Host` requires.
            Version::Http1 => {
                let authority = &target[Position::BeforeHost..Position::AfterPort];
                Self::Http1(head(authority, &target[Position::BeforePath..], headers).into())
            }
            Version::Http2 => Self::Http2(Box::new(Http2Head::new(&request(version, target, headers)?))),
            #[cfg(feature = "http3")]
            Version::Http3 => Self::Http3(http3_head(&request(version, target, headers)?).into()),
            #[cfg(not(feature = "http3"))]
            Version::Http3 => return Err(EndpointError::NoHttp3),
        })
    }

    /// The same head, with the request to close the connection after the response. HTTP/2 has no such header.
    pub(super) fn closing(self) -> Self {
        match self {
            Self::Http1(head) => Self::Http1(with_header(head.expose_secret(), "Connection", "close").into()),
            Self::Http2(_) => self,
            #[cfg(feature = "http3")]
            Self::Http3(_) => self,
        }
    }

    /// The same head for a proxy that forwards requests: with the whole URL in its first line, and the credentials for the proxy.
    pub(super) fn forwarded(self, target: &Url, proxy: &Proxy) -> Self {
        let Self::Http1(head) = self else { return self };
        let path = head.expose_secret().strip_prefix(METHOD.as_bytes()).expect("a head begins with the method");
        let head = [METHOD.as_bytes(), target[..Position::AfterPort].as_bytes(), path].concat();
        Self::Http1(match &proxy.authorization {
            Some(header) => with_header(&head, header.name(), header.value()).into(),
            None => head.into(),
        })
    }
}

/// An HTTP/1.1 head with another header before the length.
fn with_header(head: &[u8], name: &str, value: &str) -> Vec<u8> {
    let before = head.strip_suffix(LENGTH.as_bytes()).expect("a head ends with the length");
    [before, name.as_bytes(), b": ", value.as_bytes(), b"\r\n", LENGTH.as_bytes()].concat()
}

/// The beginning of an HTTP/1.1 head.
const METHOD: &str = "POST ";

/// The end of an HTTP/1.1 head, before the digits of the length.
const LENGTH: &str = "Content-Length: ";

/// The headers of every request, unless the user gives headers of the same name.
const DEFAULTS: [(&str, &str); 3] = [
    ("User-Agent", concat!("seeker-sim/", env!("CARGO_PKG_VERSION"))),
    ("Content-Type", "application/json"),
    ("Accept", "application/json"),
];

fn head(authority: &str, path_and_query: &str, headers: &[Header]) -> Vec<u8> {
    let mut head = format!("{METHOD}{path_and_query} HTTP/1.1\r\n");
    // RFC 9110 recommends `Host` as the first header, so a header of the user takes the position of the default that it replaces.
    for (name, value) in with_defaults([("Host", authority)].into_iter().chain(DEFAULTS), headers) {
        for part in [name, ": ", value, "\r\n"] {
            head.push_str(part);
        }
    }
    head.push_str(LENGTH);
    head.into_bytes()
}

/// The same head for HTTP/2 and HTTP/3: lower-case names, and the authority in place of `Host`.
pub(super) fn request(version: Version, target: &Url, headers: &[Header]) -> Result<Request<()>, EndpointError> {
    let authority = headers.iter().find(|header| header.is("host"));
    let authority = authority.map_or(&target[Position::BeforeHost..Position::AfterPort], Header::value);
    let uri = format!("{}://{authority}{}", target.scheme(), &target[Position::BeforePath..]);
    let mut request = Request::post(uri).version(http::Version::HTTP_2);
    for (name, value) in with_defaults(DEFAULTS.into_iter(), headers) {
        // RFC 9113, section 8.2.2. `Header` refuses the other headers of that list.
        if ["keep-alive", "proxy-connection"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return Err(EndpointError::Http1Header { name: name.to_owned(), version });
        }
        if !name.eq_ignore_ascii_case("host") {
            request = request.header(name, value.as_bytes());
        }
    }
    let mut request = request.body(()).map_err(|source| EndpointError::Request { version, source })?;
    if is_grpc(&request) {
        request.headers_mut().remove(ACCEPT);
        request.headers_mut().insert(TE, HeaderValue::from_static("trailers"));
    }
    Ok(request)
}

/// All header fields of a request, after its pseudo-header fields.
fn fields(request: &Request<()>) -> impl Iterator<Item = (&str, &[u8])> {
    let uri = request.uri();
    let pseudo = [
        (":method", request.method().as_str()),
        (":scheme", uri.scheme_str().unwrap_or_default()),
        (":authority", uri.authority().map_or("", Authority::as_str)),
        (":path", uri.path_and_query().map_or("/", PathAndQuery::as_str)),
    ];
    let pseudo = pseudo.into_iter().map(|(name, value)| (name, value.as_bytes()));
    pseudo.chain(request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())))
}

/// The head of HTTP/2 requests, without the content-length.
pub(super) struct Http2Head {
    encoded: RequestHead,
    /// Whether requests are gRPC calls, by their content type.
    is_grpc: bool,
}

impl Http2Head {
    fn new(request: &Request<()>) -> Self {
        let is_grpc = is_grpc(request);
        let fields: Vec<_> = fields(request).map(|(name, value)| (name.as_bytes(), value)).collect();
        // A gRPC call has no content-length: its messages carry their length.
        let encoded = RequestHead::new(&fields, !is_grpc).expect("the crate http allows no other names and values");
        Self { encoded, is_grpc }
    }

    pub(super) const fn encoded(&self) -> &RequestHead {
        &self.encoded
    }

    pub(super) const fn is_grpc(&self) -> bool {
        self.is_grpc
    }
}

/// The compressed form of a request for HTTP/3, without the content-length.
#[cfg(feature = "http3")]
fn http3_head(request: &Request<()>) -> Vec<u8> {
    let mut head = FieldWriter::new();
    fields(request).for_each(|(name, value)| head.field(name, value));
    head.into_bytes()
}

/// The defaults, each replaced by the user headers of the same name if any, then the other user headers.
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

fn is_grpc(head: &Request<()>) -> bool {
    head.headers().get(CONTENT_TYPE).is_some_and(|content_type| content_type.as_bytes().starts_with(b"application/grpc"))
}
