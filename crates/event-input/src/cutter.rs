//! Cuts one input into chunks at the boundaries of events. Reads large blocks, and keeps at most a chunk and the longest
//! event.

use std::io::{self, Read};
use std::mem;

use memchr::{memchr, memrchr};

use crate::array::ArrayScan;
use crate::chunk::{Chunk, Framing, InputEnd, OVERLONG_BYTES, OmittedText};

/// Size of a read: large enough that the cost of handing it over is negligible, small enough for the processor's cache.
pub(crate) const CHUNK_BYTES: usize = 256 * 1024;

/// The byte order mark of UTF-8. Some programs write it, and no reader needs it.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads one input.
pub struct Cutter {
    text: Box<dyn Read + Send>,
    /// Text that was read and not returned yet.
    buffer: Vec<u8>,
    /// Known after the first byte that is not white space.
    framing: Option<Framing>,
    scan: ArrayScan,
    /// Whether a chunk was returned.
    begun: bool,
    /// Set when there is nothing more to read.
    end: Option<InputEnd>,
}

impl Cutter {
    /// Creates a cutter for this text.
    pub fn new(text: Box<dyn Read + Send>) -> Self {
        Self { text, buffer: Vec::new(), framing: None, scan: ArrayScan::new(), begun: false, end: None }
    }

    /// Resumes where another cutter cut an input with this framing.
    pub fn resumed(text: Box<dyn Read + Send>, framing: Framing) -> Self {
        Self { framing: Some(framing), scan: ArrayScan::between_elements(), begun: true, ..Self::new(text) }
    }

    /// Returns the next chunk. The last chunk has an `end`. `spare` is memory to reuse.
    pub fn next_chunk(&mut self, spare: Vec<u8>) -> Chunk {
        let mark_bytes = self.begin();
        let framing = self.framing.unwrap_or(Framing::Lines);
        loop {
            let length = self.whole_events(framing);
            if self.end.is_some() {
                return self.last_chunk(framing, length, mark_bytes, spare);
            }
            if length > 0 {
                return self.chunk(framing, length, mark_bytes, spare);
            }
            if self.event_bytes(framing) > OVERLONG_BYTES {
                return self.overlong(framing, mark_bytes, spare);
            }
            self.read();
        }
    }

    /// Reads the next text. At the start, detects the framing and returns the length of the byte order mark.
    fn begin(&mut self) -> usize {
        self.read();
        if self.begun {
            return 0;
        }
        let mark_bytes = if self.buffer.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        self.scan.skip(mark_bytes);
        loop {
            match self.buffer[mark_bytes..].iter().find(|byte| !byte.is_ascii_whitespace()) {
                Some(first) => self.framing = Some(if *first == b'[' { Framing::Elements } else { Framing::Lines }),
                None if self.end.is_none() && self.buffer.len() < OVERLONG_BYTES => {
                    self.read();
                    continue;
                }
                None => {}
            }
            return mark_bytes;
        }
    }

    fn read(&mut self) {
        if self.end.is_some() {
            return;
        }
        let mut length = self.buffer.len();
        // One resize for the whole read: a system call costs more than filling this much memory with zeros.
        self.buffer.resize(length + CHUNK_BYTES, 0);
        while length < self.buffer.len() {
            match self.text.read(&mut self.buffer[length..]) {
                Ok(0) => {
                    self.end = Some(InputEnd::Whole);
                    break;
                }
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.end = Some(InputEnd::CutOff(error));
                    break;
                }
            }
        }
        self.buffer.truncate(length);
    }

    /// Returns the number of bytes in the buffer that are whole events.
    fn whole_events(&mut self, framing: Framing) -> usize {
        match (framing, &self.end) {
            (Framing::Lines, Some(InputEnd::Whole)) => self.buffer.len(),
            (Framing::Lines, _) => memrchr(b'\n', &self.buffer).map_or(0, |newline| newline + 1),
            (Framing::Elements, _) => {
                self.scan.scan(&self.buffer, false);
                if let Some(stray) = self.scan.stray() {
                    // The rest of the input is not read.
                    self.buffer.truncate(stray);
                    self.end = Some(InputEnd::AfterArray);
                } else if let Some(InputEnd::Whole) = self.end {
                    return self.end_array();
                }
                self.scan.complete
            }
        }
    }

    /// Ends the array at the end of the text, and returns the number of bytes that are whole.
    fn end_array(&mut self) -> usize {
        if self.scan.is_closed() {
            return self.buffer.len();
        }
        self.end = Some(InputEnd::OpenArray);
        let Some(last) = self.scan.last_element(&self.buffer) else {
            return self.scan.complete;
        };
        self.scan.elements.push(last);
        self.buffer.len()
    }

    fn event_bytes(&self, framing: Framing) -> usize {
        match framing {
            Framing::Lines => self.buffer.len(),
            Framing::Elements => self.scan.element_bytes(self.buffer.len()),
        }
    }

    fn chunk(&mut self, framing: Framing, length: usize, mark_bytes: usize, mut spare: Vec<u8>) -> Chunk {
        // The returned text stays in its memory. Only the short rest is copied.
        spare.clear();
        spare.extend_from_slice(&self.buffer[length..]);
        self.buffer.truncate(length);
        let bytes = mem::replace(&mut self.buffer, spare);
        let elements = match framing {
            Framing::Lines => Vec::new(),
            Framing::Elements => self.scan.forget(length),
        };
        let begins_input = !mem::replace(&mut self.begun, true);
        let is_resumable_behind = framing == Framing::Lines || !self.scan.is_closed();
        let end = self.end.take();
        Chunk { begins_input, mark_bytes, elements, is_resumable_behind, end, ..Chunk::of(framing, bytes) }
    }

    /// Returns the last chunk, with the size of a partial event.
    fn last_chunk(&mut self, framing: Framing, length: usize, mark_bytes: usize, spare: Vec<u8>) -> Chunk {
        let mut chunk = self.chunk(framing, length, mark_bytes, spare);
        if self.buffer.trim_ascii().is_empty() {
            chunk.bytes.append(&mut self.buffer);
        } else {
            let mut omitted = OmittedText::default();
            omitted.add(&self.buffer);
            chunk.omitted = Some(omitted);
        }
        chunk
    }

    /// Returns a chunk with the text before an event that is too long, and the length of that event.
    fn overlong(&mut self, framing: Framing, mark_bytes: usize, spare: Vec<u8>) -> Chunk {
        let before = match framing {
            Framing::Lines => 0,
            Framing::Elements => self.buffer.len() - self.scan.element_bytes(self.buffer.len()),
        };
        let mut chunk = self.chunk(framing, before, mark_bytes, spare);
        let mut overlong = OmittedText { is_overlong: true, ..OmittedText::default() };
        loop {
            let length = match framing {
                Framing::Lines => memchr(b'\n', &self.buffer).map(|newline| newline + 1),
                Framing::Elements => {
                    self.scan.scan(&self.buffer, true);
                    (!self.scan.is_in_element()).then_some(self.scan.complete)
                }
            };
            let gone = length.unwrap_or(self.buffer.len());
            overlong.add(&self.buffer[..gone]);
            self.buffer.drain(..gone);
            // Positions inside the discarded event are useless.
            self.scan.forget(gone);
            if length.is_some() || self.end.is_some() {
                break;
            }
            self.read();
        }
        // The end of the input comes with the next chunk.
        chunk.omitted = Some(overlong);
        chunk
    }
}
