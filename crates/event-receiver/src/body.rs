//! Reads the body of a request within bounds. A body that is too large is read further for a while and thrown away, since many
//! clients look at the answer only once they have sent everything; what is held in memory never exceeds the limit by more than
//! one read.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BodyStream, MessageBody};
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, Payload};

/// How many bytes the body of a message may have: 1 MiB.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// How many bytes of a body are read only to be thrown away before the request is answered: 64 MiB. A client that sends more is
/// answered all the same, but the connection ends a few seconds later, whether the client has finished or not.
const DISCARDED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The body of a request, as far as it was read.
pub(crate) enum Body {
    /// All of it.
    Whole(Bytes),
    /// It is larger than [`BODY_BYTES_MAX`]. What is still to come of it, if anything is.
    TooLarge(Option<Incoming>),
}

/// Reads the body.
///
/// # Errors
///
/// The body broke off or was not framed as HTTP demands.
pub(crate) async fn read(payload: Payload) -> Result<Body, PayloadError> {
    let mut incoming = Incoming::new(payload);
    // Most bodies come in one piece, which is then used as it is.
    let first = incoming.next().await.transpose()?.unwrap_or_default();
    let Some(second) = incoming.next().await.transpose()? else {
        return Ok(if first.len() > BODY_BYTES_MAX { Body::TooLarge(None) } else { Body::Whole(first) });
    };
    let mut whole = Vec::from(first);
    let mut piece = second;
    loop {
        if whole.len() + piece.len() > BODY_BYTES_MAX {
            drop(whole);
            return Ok(Body::TooLarge(incoming.discard().await?));
        }
        whole.extend_from_slice(&piece);
        match incoming.next().await.transpose()? {
            Some(next) => piece = next,
            None => return Ok(Body::Whole(whole.into())),
        }
    }
}

/// Reads and throws away the body of a request that is answered without it; returns what is still to come of it, if anything
/// is.
///
/// # Errors
///
/// The body broke off or was not framed as HTTP demands.
pub(crate) async fn discard(payload: Payload) -> Result<Option<Incoming>, PayloadError> {
    Incoming::new(payload).discard().await
}

/// The body of a request while it comes in.
pub(crate) struct Incoming(BodyStream<Payload>);

impl Incoming {
    fn new(payload: Payload) -> Self {
        Self(BodyStream::new(payload))
    }

    async fn next(&mut self) -> Option<Result<Bytes, PayloadError>> {
        poll_fn(|context| Pin::new(&mut self.0).poll_next(context)).await
    }

    async fn discard(mut self) -> Result<Option<Incoming>, PayloadError> {
        let mut discarded = 0;
        while discarded < DISCARDED_BYTES_MAX {
            match self.next().await.transpose()? {
                Some(piece) => discarded += piece.len(),
                None => return Ok(None),
            }
        }
        Ok(Some(self))
    }
}

/// An answer that holds on to what is left of the request's body. As long as it does, actix-web closes the connection after the
/// answer and lingers over it for a bounded time; were the rest let go, a chunked body would be read on without end.
pub(crate) struct AnswerBeforeEnd {
    answer: Bytes,
    _rest: Incoming,
}

impl AnswerBeforeEnd {
    pub(crate) fn new(answer: Bytes, rest: Incoming) -> Self {
        Self { answer, _rest: rest }
    }
}

impl MessageBody for AnswerBeforeEnd {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        Pin::new(&mut self.answer).poll_next(context)
    }
}
