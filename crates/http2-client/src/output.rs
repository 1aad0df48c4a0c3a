//! The bytes that wait to be written, in one buffer that is reused.

use crate::frame::{self, HEADER_LENGTH};

/// The buffer size that is kept. A larger buffer is freed when it is empty.
const KEPT_MAX: usize = 256 << 10;

/// The bytes to write.
#[derive(Debug, Default)]
pub(crate) struct Output {
    bytes: Vec<u8>,
    /// The number of bytes at the beginning that are written.
    written: usize,
    /// The position of the first byte of the buffer in all bytes of the connection.
    start: u64,
}

impl Output {
    /// The bytes to write next.
    pub(crate) fn unwritten(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() - self.written
    }

    /// The position after the last byte.
    pub(crate) fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// The position after the last written byte.
    pub(crate) fn written_end(&self) -> u64 {
        self.start + self.written as u64
    }

    /// Removes bytes that are written.
    pub(crate) fn wrote(&mut self, count: usize) {
        self.written = (self.written + count).min(self.bytes.len());
        // Moves the rest to the front only if that is little work for the room that it makes.
        if self.written * 2 >= self.bytes.len() {
            self.start += self.written as u64;
            self.bytes.drain(..self.written);
            self.written = 0;
            if self.bytes.is_empty() && self.bytes.capacity() > KEPT_MAX {
                self.bytes = Vec::new();
            }
        }
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends a frame.
    pub(crate) fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        self.extend(&frame::header(payload.len(), kind, flags, stream));
        self.extend(payload);
    }

    /// Appends HEADERS and, if the block is longer than a frame may be, CONTINUATION frames. The function writes the block. `flags` are those of
    /// the HEADERS frame apart from `END_HEADERS`.
    pub(crate) fn headers(&mut self, flags: u8, stream: u32, payload_max: usize, write: impl FnOnce(&mut Vec<u8>)) {
        let header_start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; HEADER_LENGTH]);
        let block_start = self.bytes.len();
        write(&mut self.bytes);
        let length = self.bytes.len() - block_start;
        let mut set_header = |header| self.bytes[header_start..block_start].copy_from_slice(header);
        if length <= payload_max {
            set_header(&frame::header(length, frame::HEADERS, flags | frame::END_HEADERS, stream));
            return;
        }
        set_header(&frame::header(payload_max, frame::HEADERS, flags, stream));
        let rest = self.bytes.split_off(block_start + payload_max);
        let mut parts = rest.chunks(payload_max).peekable();
        while let Some(part) = parts.next() {
            let flags = if parts.peek().is_none() { frame::END_HEADERS } else { 0 };
            self.frame(frame::CONTINUATION, flags, stream, part);
        }
    }
}
