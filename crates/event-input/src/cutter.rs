//! Cuts one input into chunks at the boundaries of events. Reads much at once, keeps no more than a chunk and the longest event.

use std::io::{self, Read};
use std::mem;

use memchr::{memchr, memrchr};

use crate::array::ArrayScan;
use crate::chunk::{Chunk, Framing, InputEnd, LeftOut, OVERLONG_BYTES};

/// How much is read at once: enough that the cost of handing it over is nothing, little enough to stay in the processor's cache.
pub(crate) const CHUNK_BYTES: usize = 256 * 1024;

/// The byte order mark of UTF-8, which some programs write and nobody needs.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads one input.
pub struct Cutter {
    text: Box<dyn Read + Send>,
    /// What was read and not handed out.
    buffer: Vec<u8>,
    /// Known once anything but white space was read.
    framing: Option<Framing>,
    scan: ArrayScan,
    /// Whether a chunk was handed out.
    begun: bool,
    /// Set when nothing more can be read.
    end: Option<InputEnd>,
}

impl Cutter {
    /// Cuts this text into chunks.
    pub fn new(text: Box<dyn Read + Send>) -> Self {
        Self { text, buffer: Vec::new(), framing: None, scan: ArrayScan::new(), begun: false, end: None }
    }

    /// Goes on reading where another cutter had cut an input that is framed like this.
    pub fn resumed(text: Box<dyn Read + Send>, framing: Framing) -> Self {
        Self { framing: Some(framing), scan: ArrayScan::between_elements(), begun: true, ..Self::new(text) }
    }

    /// The next chunk; the one with an `end` is the last. `spare` is memory to be used again.
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

    /// Reads what comes next and, at the start, tells how events follow each other and how many bytes are a byte order mark.
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
        // Once for all that is read: a system call costs more than to fill this much with zeros.
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

    /// How many bytes of the buffer are whole events.
    fn whole_events(&mut self, framing: Framing) -> usize {
        match (framing, &self.end) {
            (Framing::Lines, Some(InputEnd::Whole)) => self.buffer.len(),
            (Framing::Lines, _) => memrchr(b'\n', &self.buffer).map_or(0, |newline| newline + 1),
            (Framing::Elements, _) => {
                self.scan.scan(&self.buffer, false);
                if let Some(stray) = self.scan.stray() {
                    // The input ends here, as far as it is read.
                    self.buffer.truncate(stray);
                    self.end = Some(InputEnd::AfterArray);
                } else if let Some(InputEnd::Whole) = self.end {
                    return self.end_array();
                }
                self.scan.complete
            }
        }
    }

    /// The text ends here; gives how much of it is whole.
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
        // What is handed out stays in the memory that it is in; the little that is left is copied.
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

    /// The last chunk, and how much was begun and is not whole.
    fn last_chunk(&mut self, framing: Framing, length: usize, mark_bytes: usize, spare: Vec<u8>) -> Chunk {
        let mut chunk = self.chunk(framing, length, mark_bytes, spare);
        if self.buffer.trim_ascii().is_empty() {
            chunk.bytes.append(&mut self.buffer);
        } else {
            let mut left_out = LeftOut::default();
            left_out.add(&self.buffer);
            chunk.left_out = Some(left_out);
        }
        chunk
    }

    /// A chunk of what comes before an event that is too long, and the length of that event.
    fn overlong(&mut self, framing: Framing, mark_bytes: usize, spare: Vec<u8>) -> Chunk {
        let before = match framing {
            Framing::Lines => 0,
            Framing::Elements => self.buffer.len() - self.scan.element_bytes(self.buffer.len()),
        };
        let mut chunk = self.chunk(framing, before, mark_bytes, spare);
        let mut overlong = LeftOut { is_overlong: true, ..LeftOut::default() };
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
            // Where in it the event was is of no use.
            self.scan.forget(gone);
            if length.is_some() || self.end.is_some() {
                break;
            }
            self.read();
        }
        // The end of the input comes with the next chunk.
        chunk.left_out = Some(overlong);
        chunk
    }
}
