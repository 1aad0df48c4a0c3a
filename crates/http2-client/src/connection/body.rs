//! Request bodies: as much as the windows and the output allow now, the rest later.

use super::{Connection, OUTPUT_MAX};
use crate::{
    flow::SendWindow,
    frame::{self, PAYLOAD_MAX},
    response::Response,
    streams::{Phase, StreamKey},
};

impl<R: Response> Connection<R> {
    /// Appends DATA frames and returns the number of bytes in them. The frame with the last byte ends the request.
    pub(super) fn write_body(&mut self, id: u32, window: &mut SendWindow, body: &[u8]) -> usize {
        let mut sent = 0;
        while sent < body.len() && self.output.len() < OUTPUT_MAX {
            let room = self.send_window.room().min(window.room()).min(PAYLOAD_MAX);
            let length = room.min(body.len() - sent);
            if length == 0 {
                break;
            }
            let flags = if sent + length == body.len() { frame::END_STREAM } else { 0 };
            self.output.frame(frame::DATA, flags, id, &body[sent..sent + length]);
            self.send_window.take(length);
            window.take(length);
            sent += length;
        }
        sent
    }

    /// Continues the bodies that wait.
    pub(super) fn write_rests(&mut self) {
        for _ in 0..self.waiting.len() {
            if self.send_window.room() == 0 || self.output.len() >= OUTPUT_MAX {
                return;
            }
            let Some(key) = self.waiting.pop_front() else { return };
            if !self.write_rest(key) {
                self.waiting.push_back(key);
            }
        }
    }

    /// Continues one body. Returns whether nothing is left to send.
    fn write_rest(&mut self, key: StreamKey) -> bool {
        let Some(stream) = self.streams.get_mut(key).filter(|stream| stream.phase != Phase::Closed) else { return true };
        let (mut rest, mut window) = (std::mem::take(&mut stream.rest), stream.send_window);
        let sent = self.write_body(key.id(), &mut window, &rest);
        rest.drain(..sent);
        let is_whole = rest.is_empty();
        if let Some(stream) = self.streams.get_mut(key) {
            (stream.rest, stream.send_window) = (rest, window);
        }
        if is_whole {
            self.unwritten.push_back((self.output.end(), key));
        }
        is_whole
    }
}

/// The length of a body in decimal digits.
pub(super) struct DecimalLength {
    digits: [u8; 20],
    start: usize,
}

impl DecimalLength {
    pub(super) fn new(mut length: usize) -> Self {
        let mut decimal = Self { digits: [b'0'; 20], start: 20 };
        loop {
            decimal.start -= 1;
            decimal.digits[decimal.start] += u8::try_from(length % 10).unwrap_or_default();
            length /= 10;
            if length == 0 {
                return decimal;
            }
        }
    }

    /// Appends the field `content-length` as a literal with the name of the static table (index 28).
    pub(super) fn write_field(&self, block: &mut Vec<u8>) {
        let digits = &self.digits[self.start..];
        block.extend_from_slice(&[0x0f, 28 - 0x0f, u8::try_from(digits.len()).unwrap_or_default()]);
        block.extend_from_slice(digits);
    }
}
