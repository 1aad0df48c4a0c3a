//! One request and its response on any byte stream. [`super::connection`] opens the stream, and [`super::decoder`] finds the end of the
//! response.
//!
//! Invariant: an exchange that did not complete, because of an error or a dropped future, leaves the stream marked as not reusable.

use std::{
    future::poll_fn,
    io, mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use http2_client::Reason;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[cfg(feature = "http3")]
use super::http3_error::Http3Error;
use super::{
    decoder::{Decoder, MAX_HEAD, Malformed, Outcome},
    http2_error::Http2Error,
    local_limit::LocalLimit,
    retry_after::RetryAfter,
};

/// The buffer size for a typical response. Every idle connection keeps this buffer, so it is no larger.
const USUAL_ANSWER: usize = 4 << 10;

/// The end of a head without further headers.
pub(super) const HEAD_END: &[u8; 4] = b"\r\n\r\n";

/// The first status that means that the request was rejected.
const FIRST_ERROR: u16 = 400;

/// The response to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code, from 200 to 999.
    pub status: u16,
    /// When to retry the request, if the server rejected it and sent a time.
    pub retry_after: Option<RetryAfter>,
    /// Whether the body was read to its end. Only the first 1 MiB of a longer body is read.
    pub is_whole: bool,
    /// The status of a gRPC call; `None` over plain HTTP, and if the server sent none.
    pub grpc_status: Option<u16>,
    /// When the request had been sent, or when the response arrived if that was earlier.
    pub sent_at: Instant,
    /// When the first byte of the response arrived; `None` if the last byte arrived with it. In that case the caller's clock reading after
    /// the response gives both times, which saves one clock reading per response.
    pub first_byte_at: Option<Instant>,
}

impl Answer {
    /// The time from the end of sending the request to the first byte of the response. `ended` is the time of its last byte.
    pub fn time_to_first_byte(&self, ended: Instant) -> Duration {
        self.first_byte_at.unwrap_or(ended).saturating_duration_since(self.sent_at)
    }
}

/// Why a request has no response.
#[derive(Debug, Error)]
pub enum ExchangeError {
    /// The connection had already ended. Nothing was sent, so the request can be sent on another connection.
    #[error("send the request: the connection is no longer usable")]
    NotReusable,
    /// The connection was lost while the request was being sent.
    #[error("send the request")]
    Send(#[source] io::Error),
    /// The server closed the connection without a response.
    #[error("read the response: the connection closed before the first byte")]
    Unanswered,
    /// The server closed the connection within the response.
    #[error("read the response: the connection closed before the last byte")]
    CutShort,
    /// The connection was lost, for example by a reset, before the response was complete.
    #[error("read the response")]
    Receive(#[source] io::Error),
    /// The server closes the HTTP/2 connection for this reason and has not processed the request, which can be sent on another connection.
    #[error("send the request: the server closed each connection before it processed the request (GOAWAY, {0})")]
    NotTaken(Reason),
    /// The server refused this request of an HTTP/2 connection before processing it, so it can be sent again.
    #[error("send the request: the server refused the request each time (RST_STREAM, REFUSED_STREAM)")]
    Refused,
    /// The request was reset, or its HTTP/2 connection was lost.
    #[error("read the response over HTTP/2")]
    Http2(#[source] Arc<Http2Error>),
    /// The server ends the HTTP/3 connection and has not processed the request, which can be sent on another connection.
    #[cfg(feature = "http3")]
    #[error("send the request: the server closed each connection before it processed the request (GOAWAY)")]
    Http3NotTaken,
    /// The server refused this request of an HTTP/3 connection before processing it, so it can be sent again.
    #[cfg(feature = "http3")]
    #[error("send the request: the server refused the request each time (H3_REQUEST_REJECTED)")]
    Http3Refused,
    /// The request was reset, or its HTTP/3 connection was lost.
    #[cfg(feature = "http3")]
    #[error("read the response over HTTP/3")]
    Http3(#[source] Http3Error),
    /// The response breaks the rules of HTTP/1.
    #[error("parse the response")]
    Malformed(#[from] Malformed),
}

impl ExchangeError {
    /// The limit of this machine that caused the error, if any.
    pub fn local_limit(&self) -> Option<LocalLimit> {
        match self {
            Self::Send(source) | Self::Receive(source) => LocalLimit::of(source),
            Self::Http2(source) => source.local_limit(),
            #[cfg(feature = "http3")]
            Self::Http3NotTaken | Self::Http3Refused | Self::Http3(_) => None,
            Self::NotReusable | Self::Unanswered | Self::CutShort | Self::NotTaken(_) | Self::Refused | Self::Malformed(_) => {
                None
            }
        }
    }

    /// Whether the server has certainly not processed the request, so that it can be sent again.
    pub fn is_unprocessed(&self) -> bool {
        match self {
            Self::NotReusable | Self::NotTaken(_) | Self::Refused => true,
            #[cfg(feature = "http3")]
            Self::Http3NotTaken | Self::Http3Refused => true,
            _ => false,
        }
    }

    /// Whether the server sent something that is not HTTP.
    pub fn is_malformed(&self) -> bool {
        match self {
            Self::Malformed(_) => true,
            #[cfg(feature = "http3")]
            Self::Http3(Http3Error::Malformed(_)) => true,
            _ => false,
        }
    }

    /// Whether the server refused this request alone, and its connection can carry further requests.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Refused => true,
            #[cfg(feature = "http3")]
            Self::Http3Refused => true,
            _ => false,
        }
    }
}

/// A byte stream that carries one exchange after the other, and its buffers.
#[derive(Debug)]
pub(super) struct Exchange<S> {
    stream: S,
    output: Vec<u8>,
    /// An initialised read buffer. Its contents do not matter between exchanges.
    input: Vec<u8>,
    is_reusable: bool,
    /// Whether the stream carries further requests after the first one.
    keeps_alive: bool,
    /// Whether every started request has its response.
    is_in_order: bool,
    /// The status of a response that arrived before the whole request was sent, while the rest is being sent.
    early_status: Option<u16>,
}

/// The progress of sending a request.
#[derive(Debug)]
enum Sending {
    /// This many bytes are written.
    Written(usize),
    /// The whole request was sent at this time.
    Sent(Instant),
    /// The connection accepted no more bytes.
    Failed(io::Error),
}

/// The progress of reading a response.
struct Receiving<'a> {
    decoder: Decoder,
    /// The buffer for the body, if the body is kept.
    kept: Option<&'a mut Vec<u8>>,
    /// The number of input bytes that the decoder has not consumed yet.
    filled: usize,
    has_begun: bool,
    /// When the first byte arrived, if the last byte did not arrive with it.
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

    /// The error if the connection closes now.
    fn closed(&self) -> ExchangeError {
        if self.has_begun { ExchangeError::CutShort } else { ExchangeError::Unanswered }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Exchange<S> {
    pub(super) fn new(stream: S, keeps_alive: bool) -> Self {
        let input = vec![0; USUAL_ANSWER];
        Self { stream, output: Vec::new(), input, is_reusable: true, keeps_alive, is_in_order: true, early_status: None }
    }

    pub(super) fn is_reusable(&self) -> bool {
        self.is_reusable
    }

    /// The status of a response that arrived before the whole request was sent, if the exchange was cancelled while the rest was being
    /// sent.
    pub(super) fn early_status(&self) -> Option<u16> {
        self.early_status
    }

    /// The stream, if closing it now loses nothing.
    pub(super) fn stream_in_order(&mut self) -> Option<&mut S> {
        self.is_in_order.then_some(&mut self.stream)
    }

    /// Sends a request and reads the whole response. The head lacks only the number at its end, which `head_end` follows. The body is stored
    /// in `kept`, if given.
    ///
    /// If the connection accepts the whole request immediately, the request is written before the response is read. While a larger
    /// request waits for space, the response is read too, because a target may reject a body by its head. After a status of 400 or more,
    /// the rest of the request is not sent; after any other status, it is sent.
    pub(super) async fn post<const END: usize>(
        &mut self,
        head: &[u8],
        head_end: &[u8; END],
        body: &[u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<Answer, ExchangeError> {
        // Polling the stream once costs no system call: the runtime remembers that there was nothing left to read.
        let is_closed = poll_fn(|context| Poll::Ready(self.poll_closed(context).is_ready())).await;
        if is_closed {
            return Err(ExchangeError::NotReusable);
        }
        // From here until the response has been read to its end, a dropped future leaves a response in flight.
        (self.is_reusable, self.is_in_order, self.early_status) = (false, false, None);
        self.write_output(head, head_end, body);
        let mut sending = Sending::Written(0);
        let mut receiving = Receiving::new(kept);
        poll_fn(|context| self.poll_exchange(context, &mut sending, &mut receiving)).await
    }

    /// Resolves when the idle stream is no longer usable. Dropping the future earlier loses nothing.
    pub(super) async fn until_closed(&mut self) {
        poll_fn(|context| self.poll_closed(context)).await;
    }

    /// Any read event on an idle stream makes it unusable: its end, an error, or unsolicited bytes.
    fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.is_reusable {
            let mut room = ReadBuf::new(&mut self.input);
            // The result does not matter, because every result makes the stream unusable.
            let _ = ready!(Pin::new(&mut self.stream).poll_read(context, &mut room));
            self.is_reusable = false;
        }
        Poll::Ready(())
    }

    fn write_output<const END: usize>(&mut self, head: &[u8], head_end: &[u8; END], body: &[u8]) {
        // Copying a small body costs less than a second system call, and little more than the bookkeeping of a vectored write.
        self.output.clear();
        self.output.extend_from_slice(head);
        self.output.extend_from_slice(itoa::Buffer::new().format(body.len()).as_bytes());
        self.output.extend_from_slice(head_end);
        self.output.extend_from_slice(body);
    }

    /// Sends the rest of the request, and reads the available part of the response.
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
                // The connection may stay open, but no response will arrive.
                (Poll::Pending, Sending::Failed(source)) if !is_lost(source) => return Poll::Ready(Err(unsent(source))),
                // Data received before the connection was lost can still be read.
                (Poll::Pending, _) => return Poll::Pending,
            },
        };
        receiving.outcome = Some(outcome);
        let sent_at = match sending {
            Sending::Sent(at) => {
                // Without a branch.
                (self.is_reusable, self.is_in_order) = (outcome.keep_alive & self.keeps_alive, true);
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
        let answer = Answer { status, retry_after, is_whole, grpc_status: None, sent_at, first_byte_at: receiving.first_byte_at };
        Poll::Ready(Ok(answer))
    }

    /// Writes the rest of the request.
    fn poll_send(&mut self, context: &mut Context<'_>, written: &mut usize) -> Poll<io::Result<()>> {
        while *written < self.output.len() {
            match ready!(Pin::new(&mut self.stream).poll_write(context, &self.output[*written..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => *written += more,
            }
        }
        // TCP sends immediately. TLS keeps data that the socket did not accept until a flush.
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Reads the response to its end. The outcome does not keep the connection if bytes follow the response.
    fn poll_receive(&mut self, context: &mut Context<'_>, receiving: &mut Receiving<'_>) -> Poll<Result<Outcome, ExchangeError>> {
        loop {
            if receiving.filled == self.input.len() {
                // Only an unfinished head stays in the buffer between reads, and the decoder refuses a head of this length.
                debug_assert!(receiving.filled < MAX_HEAD);
                self.input.resize((2 * receiving.filled).min(MAX_HEAD), 0);
            }
            let mut room = ReadBuf::new(&mut self.input[receiving.filled..]);
            let read = match ready!(Pin::new(&mut self.stream).poll_read(context, &mut room)) {
                Ok(()) => room.filled().len(),
                // TLS was closed without `close_notify`. An attacker can cause that, so it does not count as the end of a body.
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

/// Whether the peer has ended the connection, so that reading ends too.
fn is_lost(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};

    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
}

#[cfg(test)]
mod tests;
