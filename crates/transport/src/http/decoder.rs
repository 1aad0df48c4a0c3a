//! Finds the end of a response. The decoder takes the bytes of a connection as they arrive. It reports how many bytes belong to the
//! response, the status, and whether the connection stays open. It does no I/O, so tests need only bytes.
//!
//! Invariant: the result depends on the bytes and never on how they were split into pieces.

mod chunks;
mod head;
mod malformed;

use super::retry_after::RetryAfter;
use chunks::Chunks;
use head::Head;
pub use malformed::Malformed;

/// The maximum length of a response head.
pub(super) const MAX_HEAD: usize = 64 << 10;

/// The maximum number of body bytes to read in order to keep the connection, chunk sizes and trailers included. Beyond that, a new
/// connection costs less.
pub(super) const MAX_BODY: usize = 1 << 20;

/// Finds the end of one response.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The body of the response, once its head has been read.
    body: Option<Body>,
}

/// The progress of the decoder after some input.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// The number of consumed bytes. Pass the other bytes again, followed by the next bytes.
    pub(super) consumed: usize,
    /// The outcome, if the response has ended.
    pub(super) outcome: Option<Outcome>,
}

/// The properties of a response, known at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) status: u16,
    /// Whether another request may follow on the connection.
    pub(super) keep_alive: bool,
    /// When to retry the request.
    pub(super) retry_after: Option<RetryAfter>,
    /// Whether the body was read to its end.
    pub(super) is_whole: bool,
}

#[derive(Debug)]
struct Body {
    status: u16,
    retry_after: Option<RetryAfter>,
    keep_alive: bool,
    framing: Framing,
    /// The number of body bytes that may still be read. After that, the rest of the body is not read.
    budget: usize,
}

/// How the end of a body is marked.
#[derive(Debug, PartialEq, Eq)]
enum Framing {
    /// By its length, of which this many bytes are left. A missing body has length zero.
    Length(u64),
    Chunked(Chunks),
    /// By the end of the connection.
    UntilClose,
}

impl Decoder {
    /// Takes the bytes that follow the bytes consumed so far, and passes the body data to `data`. Must not be called again once the
    /// response has ended.
    pub(super) fn advance(&mut self, input: &[u8], data: &mut impl FnMut(&[u8])) -> Result<Progress, Malformed> {
        let mut consumed = 0;
        loop {
            let rest = &input[consumed..];
            if let Some(body) = &mut self.body {
                let progress = body.skip(rest, data)?;
                return Ok(Progress { consumed: consumed + progress.consumed, ..progress });
            }
            let Some((length, head)) = Head::parse(rest)? else {
                return Ok(Progress { consumed, outcome: None });
            };
            consumed += length;
            if !head.is_interim() {
                let Head { status, keep_alive, framing, retry_after } = head;
                self.body = Some(Body { status, retry_after, keep_alive, framing, budget: MAX_BODY });
            }
        }
    }

    /// The outcome, if the orderly end of the connection also ends the response.
    pub(super) fn finish(self) -> Option<Outcome> {
        let body = self.body?;
        (body.framing == Framing::UntilClose).then_some(Outcome {
            status: body.status,
            keep_alive: false,
            retry_after: body.retry_after,
            is_whole: true,
        })
    }
}

impl Body {
    fn skip(&mut self, input: &[u8], data: &mut impl FnMut(&[u8])) -> Result<Progress, Malformed> {
        // Bytes past the budget are ignored; otherwise the result would depend on how the bytes are split.
        let input = &input[..input.len().min(self.budget)];
        let (consumed, is_complete) = match &mut self.framing {
            Framing::Length(left) => {
                let consumed = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
                *left -= consumed as u64;
                data(&input[..consumed]);
                (consumed, *left == 0)
            }
            Framing::Chunked(chunks) => chunks.skip(input, data)?,
            Framing::UntilClose => {
                data(input);
                (input.len(), false)
            }
        };
        self.budget -= consumed;
        let outcome = (is_complete || self.budget == 0).then_some(Outcome {
            status: self.status,
            keep_alive: is_complete && self.keep_alive,
            retry_after: self.retry_after,
            is_whole: is_complete,
        });
        Ok(Progress { consumed, outcome })
    }
}

#[cfg(test)]
mod tests;
