//! Where an answer ends: a decoder that is fed the bytes of a connection as they come and says how many belong to the answer, what
//! its status is, and whether the connection outlives it. It does no I/O, so that it can be tested on bytes alone.
//!
//! The invariant: what the decoder says depends on the bytes and never on how they were cut into pieces.

mod chunks;
mod head;
mod malformed;

use super::retry_after::RetryAfter;
use chunks::Chunks;
use head::Head;
pub use malformed::Malformed;

/// How long the head of an answer may be.
pub(super) const MAX_HEAD: usize = 64 << 10;

/// How much of a body is read for the sake of its connection, chunk sizes and trailers included. To open another connection costs
/// less than to read more than that.
pub(super) const MAX_BODY: usize = 1 << 20;

/// Finds the end of one answer.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// The body of the answer, as soon as its head has been read.
    body: Option<Body>,
}

/// How far some bytes have brought the decoder.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// How many of the bytes are done with. The others have to be given again, with more behind them.
    pub(super) consumed: usize,
    /// What the answer was, if it has ended.
    pub(super) outcome: Option<Outcome>,
}

/// What is known of an answer at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) status: u16,
    /// Whether another request may follow on the connection.
    pub(super) keep_alive: bool,
    /// When the request is wanted again.
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
    /// How much more of the body is read before the rest of it is given up.
    budget: usize,
}

/// How the end of a body is marked.
#[derive(Debug, PartialEq, Eq)]
enum Framing {
    /// By its length, of which this much is yet to come. No body is a body of length zero.
    Length(u64),
    Chunked(Chunks),
    /// By the end of the connection.
    UntilClose,
}

impl Decoder {
    /// Takes the bytes that follow those consumed so far, and gives away those that are data of the body. Not to be called again once the
    /// answer has ended.
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

    /// What the answer was, if the orderly end of the connection is its end too.
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
        // Bytes past the budget are not even looked at; otherwise it would depend on the pieces whether they matter.
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
