//! A response to a request whose body has not arrived completely.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_http::body::{BodySize, MessageBody};
use bytes::Bytes;

use crate::incoming_body::IncomingBody;

/// A response that keeps the rest of its request body. While the rest exists, actix-http closes the connection after the response and waits
/// a bounded time for the client. If the rest were dropped, actix-http would read a chunked body without end.
pub(crate) struct EarlyAnswer {
    answer: Bytes,
    _rest: IncomingBody,
}

impl EarlyAnswer {
    pub(crate) fn new(answer: Bytes, rest: IncomingBody) -> Self {
        Self { answer, _rest: rest }
    }
}

impl MessageBody for EarlyAnswer {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Pin::new(&mut self.answer).poll_next(context)
    }
}
