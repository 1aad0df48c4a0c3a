//! Finds the parts of a response in the bytes of its stream (RFC 9114, section 4.1). Does no I/O, so tests need only bytes.
//!
//! Invariant: the result depends on the bytes and never on how they were split into pieces.

use super::varint;
use crate::http::{
    decoder::{MAX_BODY, MAX_HEAD},
    http3_error::Malformed,
    qpack::{ResponseHead, read_head},
};

/// Frame types (RFC 9114, section 7.2).
pub(super) mod frame {
    pub(in crate::http::http3) const DATA: u64 = 0x0;
    pub(in crate::http::http3) const HEADERS: u64 = 0x1;
    pub(in crate::http::http3) const CANCEL_PUSH: u64 = 0x3;
    pub(in crate::http::http3) const SETTINGS: u64 = 0x4;
    pub(in crate::http::http3) const PUSH_PROMISE: u64 = 0x5;
    pub(in crate::http::http3) const GOAWAY: u64 = 0x7;
    pub(in crate::http::http3) const MAX_PUSH_ID: u64 = 0xd;
    /// The types that HTTP/2 uses and HTTP/3 forbids.
    pub(in crate::http::http3) const OF_HTTP2: [u64; 4] = [0x2, 0x6, 0x8, 0x9];
}

/// Finds the parts of one response.
#[derive(Debug, Default)]
pub(super) struct ResponseDecoder {
    /// The header of the current frame, or the payload of HEADERS, as far as it has arrived.
    pending: Vec<u8>,
    frame: Frame,
    head: Option<ResponseHead>,
    /// The number of body bytes so far.
    body: u64,
    has_trailers: bool,
}

/// The current frame, and how many bytes of its payload are left.
#[derive(Clone, Copy, Debug, Default)]
enum Frame {
    /// Its type and length have not arrived yet.
    #[default]
    Unknown,
    Head(usize),
    Data(u64),
    Skipped(u64),
}

impl ResponseDecoder {
    /// Takes the next bytes of the stream, and passes body data to `data`.
    pub(super) fn advance(&mut self, mut input: &[u8], data: &mut impl FnMut(&[u8])) -> Result<(), Malformed> {
        loop {
            match self.frame {
                Frame::Unknown => {
                    let Some((first, rest)) = input.split_first() else { return Ok(()) };
                    self.pending.push(*first);
                    input = rest;
                    let Some((kind, length)) = frame_header(&self.pending) else { continue };
                    self.pending.clear();
                    self.frame = self.start(kind, length)?;
                }
                Frame::Head(left) => {
                    let taken = take(&mut input, left);
                    self.pending.extend_from_slice(taken);
                    self.frame = Frame::Head(left - taken.len());
                    if taken.len() == left {
                        self.end_head()?;
                    } else {
                        return Ok(());
                    }
                }
                Frame::Data(left) | Frame::Skipped(left) => {
                    let taken = take(&mut input, usize::try_from(left).unwrap_or(usize::MAX));
                    let rest = left - taken.len() as u64;
                    if matches!(self.frame, Frame::Data(_)) {
                        self.body += taken.len() as u64;
                        if !taken.is_empty() {
                            data(taken);
                        }
                        self.frame = Frame::Data(rest);
                    } else {
                        self.frame = Frame::Skipped(rest);
                    }
                    if rest > 0 {
                        return Ok(());
                    }
                    self.frame = Frame::Unknown;
                }
            }
        }
    }

    fn start(&self, kind: u64, length: u64) -> Result<Frame, Malformed> {
        match kind {
            _ if self.has_trailers && matches!(kind, frame::DATA | frame::HEADERS) => {
                Err(Malformed::UnexpectedFrame("a frame after the trailers"))
            }
            frame::DATA if self.head.is_none() => Err(Malformed::UnexpectedFrame("DATA before the header of the response")),
            frame::DATA => Ok(Frame::Data(length)),
            frame::HEADERS => match usize::try_from(length) {
                Ok(length @ ..=MAX_HEAD) => Ok(Frame::Head(length)),
                _ => Err(Malformed::LongHead),
            },
            // The client allows no pushes.
            frame::PUSH_PROMISE => Err(Malformed::Id),
            frame::CANCEL_PUSH | frame::SETTINGS | frame::GOAWAY | frame::MAX_PUSH_ID => {
                Err(Malformed::UnexpectedFrame("a frame of the control stream within a response"))
            }
            _ if frame::OF_HTTP2.contains(&kind) => Err(Malformed::UnexpectedFrame("a frame of HTTP/2")),
            _ => Ok(Frame::Skipped(length)),
        }
    }

    /// Reads a complete HEADERS frame: an interim response, the response, or its trailers, which the client does not need.
    fn end_head(&mut self) -> Result<(), Malformed> {
        if self.head.is_some() {
            self.has_trailers = true;
        } else {
            let head = read_head(&self.pending)?;
            self.head = (head.status >= 200).then_some(head);
        }
        self.pending.clear();
        self.frame = Frame::Unknown;
        Ok(())
    }

    /// The header of the response, once it has arrived.
    pub(super) fn head(&self) -> Option<ResponseHead> {
        self.head
    }

    /// Whether the body is so long that the rest of it is not read.
    pub(super) fn is_past_budget(&self) -> bool {
        self.body > MAX_BODY as u64
    }

    /// The header of the response, if the stream may end here.
    pub(super) fn finish(&self) -> Result<ResponseHead, Malformed> {
        if !matches!(self.frame, Frame::Unknown) || !self.pending.is_empty() {
            return Err(Malformed::CutShort);
        }
        let head = self.head.ok_or(Malformed::NoResponse)?;
        // Responses without a body may announce the length of another response.
        if head.length.is_some_and(|length| length != self.body) && !matches!(head.status, 204 | 304) {
            return Err(Malformed::Message("a body with another length than its header says"));
        }
        Ok(head)
    }
}

/// The type and the length of a frame, if both are complete.
pub(super) fn frame_header(bytes: &[u8]) -> Option<(u64, u64)> {
    let (kind, start) = varint::read(bytes)?;
    let (length, _) = varint::read(&bytes[start..])?;
    Some((kind, length))
}

/// Takes up to this many bytes from the input.
fn take<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(most.min(input.len()));
    *input = rest;
    taken
}

#[cfg(test)]
mod tests;
