//! Several inputs as one stream of numbered chunks, in the given order. An input that cannot be read is reported in its
//! place, and the stream continues with the next input.

use crate::chunk::{Chunk, Framing, InputEnd};
use crate::cutter::Cutter;
use crate::source::{BytesRead, Input};
use crate::{Format, FormatChoice};

/// The inputs during reading.
pub struct Stream<'a> {
    inputs: &'a [Input],
    bytes_read: BytesRead,
    choice: FormatChoice,
    /// Number of the current or the next input.
    input: usize,
    current: Option<Current>,
    chunks: u64,
}

struct Current {
    cutter: Cutter,
    /// Known after the first event that shows it.
    format: Option<Format>,
}

impl<'a> Stream<'a> {
    /// Creates the stream of these inputs, one after the other.
    pub fn new(inputs: &'a [Input], choice: FormatChoice, bytes_read: BytesRead) -> Self {
        Self { inputs, bytes_read, choice, input: 0, current: None, chunks: 0 }
    }

    /// Returns the next chunk; `None` at the end. `spare` is memory to reuse.
    pub fn next_chunk(&mut self, spare: Vec<u8>) -> Option<Chunk> {
        let mut chunk = match &mut self.current {
            Some(current) => current.next_chunk(spare),
            None => match self.inputs.get(self.input)?.open(&self.bytes_read) {
                Ok(opened) => {
                    let current = Current { cutter: Cutter::new(opened.text), format: self.choice.fixed() };
                    self.current.insert(current).next_chunk(spare)
                }
                Err(error) => {
                    let end = Some(InputEnd::Unopened(error));
                    Chunk { begins_input: true, end, ..Chunk::of(Framing::Lines, Vec::new()) }
                }
            },
        };
        chunk.number = self.chunks;
        chunk.input = self.input;
        self.chunks += 1;
        if chunk.end.is_some() {
            self.current = None;
            self.input += 1;
        }
        Some(chunk)
    }
}

impl Current {
    fn next_chunk(&mut self, spare: Vec<u8>) -> Chunk {
        let mut chunk = self.cutter.next_chunk(spare);
        if self.format.is_none() {
            self.format = chunk.frames().find_map(|frame| Format::of_event(&chunk.bytes[frame.text]));
        }
        chunk.format = self.format.unwrap_or(Format::Message);
        chunk
    }
}
