//! A response to a request. It has the same type over both versions of HTTP.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_http::body::{BodySize, MessageBody};
use actix_http::header::{CONTENT_TYPE, HeaderValue};
use actix_http::{Response, StatusCode};
use bytes::Bytes;

use crate::early_answer::EarlyAnswer;
use crate::large_answer::LargeAnswer;

/// A response.
pub(crate) type Answer = Response<AnswerBody>;

/// The body of a response.
pub(crate) enum AnswerBody {
    /// The body is sent as one piece.
    Whole(Bytes),
    /// The body is sent in several pieces.
    Large(LargeAnswer),
    /// The body of the request has not arrived completely.
    Early(EarlyAnswer),
}

/// Creates a response with this content type.
pub(crate) fn new(status: StatusCode, content_type: HeaderValue, body: AnswerBody) -> Answer {
    let mut answer = Response::with_body(status, body);
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}

impl MessageBody for AnswerBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        match self {
            Self::Whole(bytes) => bytes.size(),
            Self::Large(large) => large.size(),
            Self::Early(early) => early.size(),
        }
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, io::Error>>> {
        match &mut *self {
            Self::Whole(bytes) => Pin::new(bytes).poll_next(context).map_err(|never| match never {}),
            Self::Large(large) => Pin::new(large).poll_next(context),
            Self::Early(early) => Pin::new(early).poll_next(context).map_err(|never| match never {}),
        }
    }
}
