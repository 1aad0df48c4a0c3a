//! Reads the body of a request within bounds. A body that is too large is read further for a while and thrown away, since many
//! clients look at the answer only once they have sent everything; what is held in memory never exceeds the limit by more than
//! one read. A body that does not come in one piece is a transfer: it has to keep a rate, and counts against the memory of all bodies.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::body::{BodySize, BodyStream, MessageBody};
use actix_web::dev::Payload;
use actix_web::web::Bytes;

use crate::transfer::Transfer;
use crate::transfers::Cut;

/// How many bytes the body of a message may have: 1 MiB.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// How many bytes of a body are read only to be thrown away before the request is answered: 64 MiB. A client that sends more is
/// answered all the same, but the connection ends a few seconds later, whether the client has finished or not.
const DISCARDED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A body of this size that comes in one piece does not count against the memory.
const FREE_BYTES_MAX: usize = 4 * 1024;

/// The body of a request, as far as it was read.
pub(crate) enum Body {
    /// All of it.
    Whole(Bytes),
    /// It is larger than [`BODY_BYTES_MAX`].
    TooLarge,
}

/// A body that is not had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It broke off, or was not framed as HTTP demands.
    BrokeOff,
    /// The transfer was cut off.
    Cut(Cut),
}

impl From<Cut> for BodyError {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

/// Reads the body. Its memory stays reserved until the transfer ends.
///
/// # Errors
///
/// The body is not had.
pub(crate) async fn read(incoming: &mut Incoming, transfer: &Transfer) -> Result<Body, BodyError> {
    // Most bodies come in one piece, which is then used as it is.
    let mut first = None;
    let body = poll_fn(|context| poll_read(incoming, transfer, &mut first, context)).await?;
    transfer.set_moving(false);
    Ok(body)
}

fn poll_read(
    incoming: &mut Incoming,
    transfer: &Transfer,
    first: &mut Option<Bytes>,
    context: &mut Context<'_>,
) -> Poll<Result<Body, BodyError>> {
    transfer.check()?;
    loop {
        let Poll::Ready(next) = incoming.poll_next(context)? else {
            if let Some(first) = first.take() {
                transfer.hold(&first)?;
            }
            transfer.wait(context);
            return Poll::Pending;
        };
        let held = first.as_ref().map_or_else(|| transfer.held(), Bytes::len);
        let Some(piece) = next else {
            let whole = match first.take() {
                Some(first) => {
                    if held > FREE_BYTES_MAX {
                        transfer.reserve(held)?;
                    }
                    first
                }
                None => transfer.take_held().into(),
            };
            return Poll::Ready(Ok(Body::Whole(whole)));
        };
        if held + piece.len() > BODY_BYTES_MAX {
            *first = None;
            transfer.throw_away();
            return Poll::Ready(Ok(Body::TooLarge));
        }
        if held == 0 {
            *first = Some(piece);
        } else {
            if let Some(first) = first.take() {
                transfer.hold(&first)?;
            }
            transfer.hold(&piece)?;
        }
    }
}

/// Reads and throws away what is left of a body, up to a limit; whether it came to its end.
///
/// # Errors
///
/// The body broke off, or is slower than the least rate.
pub(crate) async fn discard(incoming: &mut Incoming, transfer: &Transfer) -> Result<bool, BodyError> {
    transfer.end();
    let mut discarded = 0;
    poll_fn(|context| poll_discard(incoming, transfer, &mut discarded, context)).await
}

fn poll_discard(
    incoming: &mut Incoming,
    transfer: &Transfer,
    discarded: &mut usize,
    context: &mut Context<'_>,
) -> Poll<Result<bool, BodyError>> {
    transfer.check()?;
    while *discarded < DISCARDED_BYTES_MAX {
        let Poll::Ready(next) = incoming.poll_next(context)? else {
            transfer.wait(context);
            return Poll::Pending;
        };
        let Some(piece) = next else { return Poll::Ready(Ok(true)) };
        *discarded += piece.len();
        transfer.moved(piece.len());
    }
    Poll::Ready(Ok(false))
}

/// The body of a request while it comes in.
pub(crate) struct Incoming {
    source: Source,
    is_finished: bool,
}

enum Source {
    Http1(BodyStream<Payload>),
    Http2(h2::RecvStream),
    /// Somebody else has it.
    Taken,
}

impl Incoming {
    pub(crate) fn http1(payload: Payload) -> Self {
        let is_finished = matches!(payload, Payload::None);
        Self { source: Source::Http1(BodyStream::new(payload)), is_finished }
    }

    pub(crate) fn http2(stream: h2::RecvStream) -> Self {
        Self { source: Source::Http2(stream), is_finished: false }
    }

    /// Whether all of it was read.
    pub(crate) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Takes what is still to come, if anything is.
    pub(crate) fn take(&mut self) -> Option<Self> {
        let source = std::mem::replace(&mut self.source, Source::Taken);
        (!self.is_finished).then_some(Self { source, is_finished: false })
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, BodyError>> {
        if self.is_finished {
            return Poll::Ready(Ok(None));
        }
        let next = match &mut self.source {
            Source::Http1(stream) => ready!(Pin::new(stream).poll_next(context)).transpose().map_err(|_| BodyError::BrokeOff)?,
            Source::Http2(stream) => match ready!(stream.poll_data(context)) {
                Some(piece) => {
                    let piece = piece.map_err(|_| BodyError::BrokeOff)?;
                    stream.flow_control().release_capacity(piece.len()).map_err(|_| BodyError::BrokeOff)?;
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

/// An answer that holds on to what is left of the request's body. As long as it does, actix-http closes the connection after the
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
