//! One request and its answer on a stream of bytes, whatever that stream is made of. How the stream was opened is the matter of
//! [`super::connection`], and where an answer ends that of [`super::decoder`].
//!
//! The invariant: an exchange that has begun and not ended well, be it by an error or because its future was dropped, leaves the
//! stream marked as not reusable.

use std::{
    future::poll_fn,
    io, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    decoder::{Decoder, MAX_HEAD, Malformed, Outcome},
    local_limit::LocalLimit,
    retry_after::RetryAfter,
};

/// Room for a usual answer. It is also what each idle connection holds on to, so it is not larger.
const USUAL_ANSWER: usize = 4 << 10;

/// The first status that says that the request was not taken.
const FIRST_ERROR: u16 = 400;

/// What came back for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code, from 200 to 999.
    pub status: u16,
    /// When the server wants the request again, if it did not take it and says so.
    pub retry_after: Option<RetryAfter>,
    /// Whether the body was read to its end. Only the first 1 MiB of a longer body is read.
    pub is_whole: bool,
    /// When the request had been sent, or when the answer came if that was earlier.
    pub sent_at: Instant,
    /// When the first byte of the answer came; `None` if the last one came with it. A caller reads the clock after the answer anyway, which
    /// is then the time of both: an answer costs one reading less.
    pub first_byte_at: Option<Instant>,
}

impl Answer {
    /// From the end of sending the request to the first byte of the answer, whose last byte came then.
    pub fn time_to_first_byte(&self, ended: Instant) -> Duration {
        self.first_byte_at.unwrap_or(ended).saturating_duration_since(self.sent_at)
    }
}

/// Why a request has no answer.
#[derive(Debug, Error)]
pub enum ExchangeError {
    /// The connection had come to its end before. Nothing was sent, so that the request can be sent on another one.
    #[error("send the request on a connection that is not usable any more")]
    NotReusable,
    /// The connection was lost while the request was sent.
    #[error("send the request")]
    Send(#[source] io::Error),
    /// The server closed the connection instead of an answer.
    #[error("get an answer, the connection was closed before the first byte of it")]
    Unanswered,
    /// The server closed the connection within the answer.
    #[error("get the whole answer, the connection was closed within it")]
    CutShort,
    /// The connection was lost, for example by a reset, before the answer was complete.
    #[error("read the answer")]
    Receive(#[source] io::Error),
    /// The server closes the HTTP/2 connection for this reason, and has not looked at this request, which can be sent on another one.
    #[error("have the request taken, the server closed each connection before it looked at the request (GOAWAY, {0:?})")]
    NotTaken(h2::Reason),
    /// The server refused this request of an HTTP/2 connection before it looked at it, so that it can be sent again.
    #[error("have the request taken, the server refused it each time (RST_STREAM, REFUSED_STREAM)")]
    Refused,
    /// The request was reset, or its HTTP/2 connection was lost.
    #[error("get an answer over HTTP/2")]
    Http2(#[source] h2::Error),
    /// The HTTP/2 connection ended with this error before the answer was complete.
    #[error("get an answer over HTTP/2")]
    Http2Connection(#[source] Arc<h2::Error>),
    /// The answer breaks the rules of HTTP/1.
    #[error("understand the answer")]
    Malformed(#[from] Malformed),
}

impl ExchangeError {
    /// The limit of this machine that is the cause, if one is.
    pub fn local_limit(&self) -> Option<LocalLimit> {
        match self {
            Self::Send(source) | Self::Receive(source) => LocalLimit::of(source),
            Self::Http2(source) => source.get_io().and_then(LocalLimit::of),
            Self::Http2Connection(source) => source.get_io().and_then(LocalLimit::of),
            Self::NotReusable | Self::Unanswered | Self::CutShort | Self::NotTaken(_) | Self::Refused | Self::Malformed(_) => {
                None
            }
        }
    }
}

/// A stream of bytes that carries one exchange after the other, and the buffers they share.
#[derive(Debug)]
pub(super) struct Exchange<S> {
    stream: S,
    output: Vec<u8>,
    /// Initialised room to read into. It holds nothing of worth between exchanges.
    input: Vec<u8>,
    is_reusable: bool,
    /// Whether every request that was begun has its answer.
    is_in_order: bool,
    /// The status of an answer that came before the whole request was sent, while the rest of it is sent.
    early_status: Option<u16>,
}

/// How far the sending of a request has got.
#[derive(Debug)]
enum Sending {
    /// So many of its bytes are written.
    Written(usize),
    /// All of it was sent, at this time.
    Sent(Instant),
    /// The connection took no more of it.
    Failed(io::Error),
}

/// How far the reading of an answer has got.
struct Receiving<'a> {
    decoder: Decoder,
    /// Where the body is kept, if it is.
    kept: Option<&'a mut Vec<u8>>,
    /// How many bytes of the input wait for more behind them.
    filled: usize,
    has_begun: bool,
    /// When the first byte came, if the last one did not come with it.
    first_byte_at: Option<Instant>,
    outcome: Option<Outcome>,
}

impl<'a> Receiving<'a> {
    fn new(mut kept: Option<&'a mut Vec<u8>>) -> Self {
        if let Some(kept) = &mut kept {
            kept.clear();
        }
        Self { decoder: Decoder::default(), kept, filled: 0, has_begun: false, first_byte_at: None, outcome: None }
    }

    /// What the end of the connection means for the answer.
    fn closed(&self) -> ExchangeError {
        if self.has_begun { ExchangeError::CutShort } else { ExchangeError::Unanswered }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Exchange<S> {
    pub(super) fn new(stream: S) -> Self {
        let input = vec![0; USUAL_ANSWER];
        Self { stream, output: Vec::new(), input, is_reusable: true, is_in_order: true, early_status: None }
    }

    pub(super) fn is_reusable(&self) -> bool {
        self.is_reusable
    }

    /// The status of an answer that came before the whole request was sent, if the exchange was given up while the rest was sent.
    pub(super) fn early_status(&self) -> Option<u16> {
        self.early_status
    }

    /// The stream, if nothing is lost by closing it now.
    pub(super) fn stream_in_order(&mut self) -> Option<&mut S> {
        self.is_in_order.then_some(&mut self.stream)
    }

    /// Sends a request, whose head lacks only the number at its end, and reads the whole answer. Its body is kept where there is room for
    /// it.
    ///
    /// A request that the connection takes at once is written and then answered. While a larger one waits for room, the answer is
    /// read as well: a target may refuse a body by its head. After an answer of 400 or more the rest of the request is not sent, and
    /// after any other answer it is.
    pub(super) async fn post(&mut self, head: &[u8], body: &[u8], kept: Option<&mut Vec<u8>>) -> Result<Answer, ExchangeError> {
        // To look at the stream once costs no system call: the runtime remembers that there was nothing left to read.
        let is_closed = poll_fn(|context| Poll::Ready(self.poll_closed(context).is_ready())).await;
        if is_closed {
            return Err(ExchangeError::NotReusable);
        }
        // From here until the answer is known to be read to its end, a dropped future leaves an answer on its way.
        (self.is_reusable, self.is_in_order, self.early_status) = (false, false, None);
        self.write_output(head, body);
        let mut sending = Sending::Written(0);
        let mut receiving = Receiving::new(kept);
        poll_fn(|context| self.poll_exchange(context, &mut sending, &mut receiving)).await
    }

    /// Resolves when the idle stream is not usable any more. Loses nothing if dropped before.
    pub(super) async fn until_closed(&mut self) {
        poll_fn(|context| self.poll_closed(context)).await;
    }

    /// Whatever can be read from an idle stream, its end, an error or bytes nobody asked for, makes it unusable.
    fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.is_reusable {
            let mut room = ReadBuf::new(&mut self.input);
            // The result does not matter, for any makes the stream unusable and there is nobody to tell more than that.
            let _ = ready!(Pin::new(&mut self.stream).poll_read(context, &mut room));
            self.is_reusable = false;
        }
        Poll::Ready(())
    }

    /// Puts the request together.
    fn write_output(&mut self, head: &[u8], body: &[u8]) {
        // A copy of a small body costs less than a second system call, and little more than the bookkeeping of a vectored one.
        self.output.clear();
        self.output.extend_from_slice(head);
        self.output.extend_from_slice(itoa::Buffer::new().format(body.len()).as_bytes());
        self.output.extend_from_slice(b"\r\n\r\n");
        self.output.extend_from_slice(body);
    }

    /// Sends what is left of the request, and reads what there is of the answer.
    fn poll_exchange(
        &mut self,
        context: &mut Context<'_>,
        sending: &mut Sending,
        receiving: &mut Receiving<'_>,
    ) -> Poll<Result<Answer, ExchangeError>> {
        if let Sending::Written(written) = sending {
            match self.poll_send(context, written) {
                Poll::Ready(Ok(())) => *sending = Sending::Sent(Instant::now()),
                Poll::Ready(Err(error)) => *sending = Sending::Failed(error),
                Poll::Pending => {}
            }
        }
        let outcome = match receiving.outcome {
            Some(outcome) => outcome,
            None => match (self.poll_receive(context, receiving), &mut *sending) {
                (Poll::Ready(Ok(outcome)), _) => outcome,
                (Poll::Ready(Err(_)), Sending::Failed(source)) if !receiving.has_begun => {
                    return Poll::Ready(Err(unsent(source)));
                }
                (Poll::Ready(Err(error)), _) => return Poll::Ready(Err(error)),
                // The connection may live on, without an answer to come.
                (Poll::Pending, Sending::Failed(source)) if !is_lost(source) => return Poll::Ready(Err(unsent(source))),
                // What a lost connection has received can still be read.
                (Poll::Pending, _) => return Poll::Pending,
            },
        };
        receiving.outcome = Some(outcome);
        let sent_at = match sending {
            Sending::Sent(at) => {
                (self.is_reusable, self.is_in_order) = (outcome.keep_alive, true);
                *at
            }
            Sending::Written(_) if outcome.status < FIRST_ERROR => {
                self.early_status = Some(outcome.status);
                return Poll::Pending;
            }
            Sending::Written(_) | Sending::Failed(_) => Instant::now(),
        };
        self.early_status = None;
        let Outcome { status, retry_after, is_whole, .. } = outcome;
        Poll::Ready(Ok(Answer { status, retry_after, is_whole, sent_at, first_byte_at: receiving.first_byte_at }))
    }

    /// Writes what is left of the request.
    fn poll_send(&mut self, context: &mut Context<'_>, written: &mut usize) -> Poll<io::Result<()>> {
        while *written < self.output.len() {
            match ready!(Pin::new(&mut self.stream).poll_write(context, &self.output[*written..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => *written += more,
            }
        }
        // TCP sends at once. TLS may hold back what the socket did not take at once until it is flushed.
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Reads the answer to its end. The outcome does not keep the connection alive if anything came behind the answer.
    fn poll_receive(&mut self, context: &mut Context<'_>, receiving: &mut Receiving<'_>) -> Poll<Result<Outcome, ExchangeError>> {
        loop {
            if receiving.filled == self.input.len() {
                // Only an unfinished head is kept from one read to the next, and the decoder refuses one of this length.
                debug_assert!(receiving.filled < MAX_HEAD);
                self.input.resize((2 * receiving.filled).min(MAX_HEAD), 0);
            }
            let mut room = ReadBuf::new(&mut self.input[receiving.filled..]);
            let read = match ready!(Pin::new(&mut self.stream).poll_read(context, &mut room)) {
                Ok(()) => room.filled().len(),
                // TLS was closed without a word of farewell. Anybody can do that, so it is not the end of a body either.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Poll::Ready(Err(receiving.closed())),
                Err(error) => return Poll::Ready(Err(ExchangeError::Receive(error))),
            };
            if read == 0 {
                let closed = receiving.closed();
                return Poll::Ready(mem::take(&mut receiving.decoder).finish().ok_or(closed));
            }
            receiving.has_begun = true;
            let filled = receiving.filled + read;
            let kept = &mut receiving.kept;
            let mut keep = |data: &[u8]| {
                if let Some(kept) = kept {
                    kept.extend_from_slice(data);
                }
            };
            let progress = receiving.decoder.advance(&self.input[..filled], &mut keep)?;
            if let Some(outcome) = progress.outcome {
                let keep_alive = outcome.keep_alive && progress.consumed == filled;
                return Poll::Ready(Ok(Outcome { keep_alive, ..outcome }));
            }
            receiving.first_byte_at.get_or_insert_with(Instant::now);
            self.input.copy_within(progress.consumed..filled, 0);
            receiving.filled = filled - progress.consumed;
        }
    }
}

fn unsent(source: &mut io::Error) -> ExchangeError {
    ExchangeError::Send(mem::replace(source, io::ErrorKind::Other.into()))
}

/// Whether the peer has ended the connection, so that reading comes to an end as well.
fn is_lost(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};

    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
}

#[cfg(test)]
mod tests;
