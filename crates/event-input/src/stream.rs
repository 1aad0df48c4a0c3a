//! Several inputs as one stream of numbered chunks, in the order in which they were given. An input that cannot be read is told of
//! in its place; the next one is read all the same.

use crate::chunk::{Chunk, Framing, InputEnd};
use crate::cutter::Cutter;
use crate::source::{BytesRead, Input};
use crate::{Format, FormatChoice};

/// The inputs while they are read.
pub struct Stream<'a> {
    inputs: &'a [Input],
    bytes_read: BytesRead,
    choice: FormatChoice,
    /// The number of the input that is being read, or that comes next.
    input: usize,
    current: Option<Current>,
    chunks: u64,
}

struct Current {
    cutter: Cutter,
    /// Known once an event showed it.
    format: Option<Format>,
}

impl<'a> Stream<'a> {
    /// The chunks of these inputs, one input after the other.
    pub fn new(inputs: &'a [Input], choice: FormatChoice, bytes_read: BytesRead) -> Self {
        Self { inputs, bytes_read, choice, input: 0, current: None, chunks: 0 }
    }

    /// The next chunk; `None` at the end. `spare` is memory to be used again.
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
