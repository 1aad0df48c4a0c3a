//! The body of a request while it arrives, over either version of HTTP.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_http::Payload;
use actix_http::body::{BodyStream, MessageBody};
use bytes::Bytes;

/// A body that ended early, or was not framed as HTTP requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BrokenBody;

/// The body of a request while it arrives.
pub(crate) struct IncomingBody {
    source: Source,
    is_finished: bool,
}

enum Source {
    Http1(BodyStream<Payload>),
    Http2(h2::RecvStream),
    /// The rest of the body was taken.
    Taken,
}

impl IncomingBody {
    pub(crate) fn http1(payload: Payload) -> Self {
        let is_finished = matches!(payload, Payload::None);
        Self { source: Source::Http1(BodyStream::new(payload)), is_finished }
    }

    pub(crate) const fn http2(stream: h2::RecvStream) -> Self {
        Self { source: Source::Http2(stream), is_finished: false }
    }

    /// Whether the whole body was read.
    pub(crate) const fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Takes the rest of the body. `None` if there is no rest.
    pub(crate) fn take_rest(&mut self) -> Option<Self> {
        let source = std::mem::replace(&mut self.source, Source::Taken);
        (!self.is_finished).then_some(Self { source, is_finished: false })
    }

    /// The next piece of the body. `None` at its end.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, BrokenBody>> {
        if self.is_finished {
            return Poll::Ready(Ok(None));
        }
        let next = match &mut self.source {
            Source::Http1(stream) => ready!(Pin::new(stream).poll_next(context)).transpose().map_err(|_| BrokenBody)?,
            Source::Http2(stream) => match ready!(stream.poll_data(context)) {
                Some(piece) => {
                    let piece = piece.map_err(|_| BrokenBody)?;
                    stream.flow_control().release_capacity(piece.len()).map_err(|_| BrokenBody)?;
                    Some(piece)
                }
                None => None,
            },
            Source::Taken => None,
        };
        self.is_finished = next.is_none() && !matches!(self.source, Source::Taken);
        Poll::Ready(Ok(next))
    }
}
