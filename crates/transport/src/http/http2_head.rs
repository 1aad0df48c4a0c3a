//! The head of HTTP/2 requests, made once for an endpoint.

use http::header::{ACCEPT, CONTENT_TYPE, TE};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderValue, Request};
use http2_client::RequestHead;
use url::{Position, Url};

use super::default_headers::{DEFAULTS, with_defaults};
use super::endpoint_error::EndpointError;
use super::header::Header;

/// The head of HTTP/2 requests, without the content-length.
pub(super) struct Http2Head {
    encoded: RequestHead,
    /// Whether requests are gRPC calls, by their content type.
    is_grpc: bool,
}

impl Http2Head {
    /// Makes the head from the URL and the headers of the user.
    pub(super) fn new(target: &Url, headers: &[Header]) -> Result<Self, EndpointError> {
        let request = request(target, headers)?;
        let is_grpc = is_grpc(&request);
        let uri = request.uri();
        let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let mut fields: Vec<(&[u8], &[u8])> = vec![
            (b":method", request.method().as_str().as_bytes()),
            (b":scheme", uri.scheme_str().unwrap_or_default().as_bytes()),
            (b":authority", uri.authority().map_or("", Authority::as_str).as_bytes()),
            (b":path", path.as_bytes()),
        ];
        fields.extend(request.headers().iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes())));
        // A gRPC call has no content-length: its messages carry their length.
        let encoded = RequestHead::new(&fields, !is_grpc).expect("the crate http allows no other names and values");
        Ok(Self { encoded, is_grpc })
    }

    /// The encoded head.
    pub(super) const fn encoded(&self) -> &RequestHead {
        &self.encoded
    }

    /// Whether requests are gRPC calls.
    pub(super) const fn is_grpc(&self) -> bool {
        self.is_grpc
    }
}

/// The same head for HTTP/2: lower-case names, and the authority in place of `Host`.
pub(super) fn request(target: &Url, headers: &[Header]) -> Result<Request<()>, EndpointError> {
    let authority = headers.iter().find(|header| header.is("host"));
    let authority = authority.map_or(&target[Position::BeforeHost..Position::AfterPort], Header::value);
    let uri = format!("{}://{authority}{}", target.scheme(), &target[Position::BeforePath..]);
    let mut request = Request::post(uri).version(http::Version::HTTP_2);
    for (name, value) in with_defaults(DEFAULTS.into_iter(), headers) {
        // RFC 9113, section 8.2.2. `Header` refuses the other headers of that list.
        if ["keep-alive", "proxy-connection"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return Err(EndpointError::Http1Header(name.to_owned()));
        }
        if !name.eq_ignore_ascii_case("host") {
            request = request.header(name, value.as_bytes());
        }
    }
    let mut request = request.body(()).map_err(EndpointError::Http2)?;
    if is_grpc(&request) {
        request.headers_mut().remove(ACCEPT);
        request.headers_mut().insert(TE, HeaderValue::from_static("trailers"));
    }
    Ok(request)
}

fn is_grpc(head: &Request<()>) -> bool {
    head.headers().get(CONTENT_TYPE).is_some_and(|content_type| content_type.as_bytes().starts_with(b"application/grpc"))
}
