//! A response of the endpoint of the metrics and the load.

use actix_http::header::{CONTENT_TYPE, HeaderValue};
use actix_http::{Response, StatusCode};

/// A response.
pub(super) type Answer = Response<String>;

/// Creates a response with this content type.
pub(super) fn new(status: StatusCode, content_type: &'static str, body: String) -> Answer {
    let mut answer = Response::with_body(status, body);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}
