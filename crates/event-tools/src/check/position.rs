//! The positions of events. A position in the stream is a single number that grows from event to event. The input and the line follow from
//! it, so the checker stores nothing per event.

use event_input::{Chunk, Frame, Framing, TextSize};

use crate::check::locate::EventText;

/// A position consists of a row and a byte in the row; this many bits hold the byte.
const BYTE_BITS: u32 = 28;

/// A line is one row, or several rows if it is longer than this. An array on a single line can be that long.
const ROW_BYTES: u64 = 1 << BYTE_BITS;

/// The distance in bytes between places from which an input can be read again.
const LANDMARK_BYTES: u64 = 4 * 1024 * 1024;

/// A place in an input between two events.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// The index of the input, from 0.
    pub input: usize,
    /// The row in which the line begins, from 0 over all inputs.
    row: u64,
    /// The line, from 1.
    pub line: u64,
    /// Bytes since the beginning of the line.
    line_bytes: u64,
    /// Characters since the beginning of the line.
    line_chars: u64,
    /// Bytes since the beginning of the input's text.
    pub offset: u64,
}

impl Mark {
    /// Returns the position of an event of the chunk that begins here.
    pub fn at(&self, frame: &Frame) -> u64 {
        let start = frame.text.start as u64;
        if frame.newlines > 0 {
            let row = self.row_after(frame.first_line_bytes, frame.newlines);
            return (row << BYTE_BITS) + (start - frame.line_start as u64);
        }
        // An overflow of the byte's bits carries into the row.
        (self.row << BYTE_BITS) + self.line_bytes + start
    }

    /// Returns the position at the end of `size`, counted from here.
    pub fn at_end(&self, size: &TextSize) -> u64 {
        if size.newlines > 0 {
            return (self.row_after(size.first_line_bytes, size.newlines) << BYTE_BITS) + size.last_line_bytes;
        }
        (self.row << BYTE_BITS) + self.line_bytes + size.last_line_bytes
    }

    /// Returns the line of an event, and the number of its characters before the text in which the line begins.
    pub fn line_of(&self, frame: &Frame) -> (u64, u64) {
        (self.line + frame.newlines, if frame.newlines > 0 { 0 } else { self.line_chars })
    }

    /// Returns an empty text at the end of `size`, counted from here.
    pub fn nothing_at_end(&self, size: &TextSize) -> EventText<'static> {
        let here = if size.newlines > 0 { 0 } else { self.line_chars };
        let (line, chars_before) = (self.line + size.newlines, here + size.last_line_chars);
        EventText { text: b"", start: 0, line, chars_before }
    }

    /// Returns the row after `newlines` line breaks, the first of them `first_line_bytes` from here.
    fn row_after(&self, first_line_bytes: u64, newlines: u64) -> u64 {
        self.row + (self.line_bytes + first_line_bytes) / ROW_BYTES + newlines
    }

    /// Advances past a text.
    pub fn advance(&mut self, bytes: u64, size: &TextSize) {
        self.offset += bytes;
        if size.newlines > 0 {
            self.row = self.row_after(size.first_line_bytes, size.newlines);
            self.line += size.newlines;
            (self.line_bytes, self.line_chars) = (size.last_line_bytes, size.last_line_chars);
        } else {
            self.line_bytes += size.last_line_bytes;
            self.line_chars += size.last_line_chars;
        }
    }
}

/// A place where the line numbers stop following the row numbers.
#[derive(Clone, Copy, Debug)]
struct LineOffset {
    first_row: u64,
    input: usize,
    line: u64,
}

/// Maps positions to lines, and to places from which an input can be read again.
#[derive(Debug, Default)]
pub struct Positions {
    mark: Option<Mark>,
    line_offsets: Vec<LineOffset>,
    landmarks: Vec<(Mark, Framing)>,
    lines: u64,
    bytes: u64,
}

impl Positions {
    /// Starts a chunk and returns its place.
    pub fn begin(&mut self, chunk: &Chunk) -> Mark {
        if !chunk.begins_input {
            return self.mark.expect("the first chunk of an input begins the input");
        }
        let row = self.mark.map_or(0, |mark| mark.row_after(0, 1));
        let mark = Mark { input: chunk.input, row, line: 1, line_bytes: 0, line_chars: 0, offset: 0 };
        self.line_offsets.push(LineOffset { first_row: row, input: chunk.input, line: 1 });
        self.mark = Some(mark);
        mark
    }

    /// Ends the chunk.
    pub fn end(&mut self, chunk: &Chunk, size: &TextSize, is_last: bool) {
        let mark = self.mark.as_mut().expect("the chunk has begun");
        let before = *mark;
        mark.advance(chunk.input_bytes(), size);
        self.bytes += chunk.input_bytes();
        self.lines += size.newlines + u64::from(is_last && mark.line_bytes > 0);
        // For a line of several rows, the later rows belong to the same line, and the offset between rows and lines changes after it.
        let next_row = before.row_after(size.first_line_bytes, 1);
        if size.newlines > 0 && next_row > before.row + 1 {
            self.line_offsets.push(LineOffset { first_row: next_row, input: mark.input, line: before.line + 1 });
        }
        let rows = mark.line_bytes / ROW_BYTES;
        if rows > 0 && (size.newlines > 0 || rows > before.line_bytes / ROW_BYTES) {
            self.line_offsets.push(LineOffset { first_row: mark.row + rows, input: mark.input, line: mark.line });
        }
        let is_far =
            self.landmarks.last().is_none_or(|(last, _)| last.input != mark.input || mark.offset - last.offset >= LANDMARK_BYTES);
        if is_far && chunk.is_resumable_behind && !is_last {
            self.landmarks.push((*mark, chunk.framing));
        }
    }

    /// Returns the input and the line of a position.
    pub fn place(&self, at: u64) -> (usize, u64) {
        let row = at >> BYTE_BITS;
        let next = self.line_offsets.partition_point(|line_offset| line_offset.first_row <= row);
        let line_offset = self.line_offsets[next.checked_sub(1).expect("the first line offset starts at row 0")];
        (line_offset.input, line_offset.line + (row - line_offset.first_row))
    }

    /// Returns the last place at or before a position from which its input can be read again; `None` if that is the beginning of the input.
    pub fn landmark(&self, at: u64) -> Option<(Mark, Framing)> {
        let (input, _) = self.place(at);
        let next = self.landmarks.partition_point(|(mark, _)| (mark.row << BYTE_BITS) + mark.line_bytes <= at);
        self.landmarks[..next].last().copied().filter(|(mark, _)| mark.input == input)
    }

    /// Returns the beginning of an input.
    pub fn beginning(&self, input: usize) -> Option<Mark> {
        let line_offset = self.line_offsets.iter().find(|line_offset| line_offset.input == input)?;
        Some(Mark { input, row: line_offset.first_row, line: 1, line_bytes: 0, line_chars: 0, offset: 0 })
    }

    /// The number of lines in all inputs.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// The number of bytes of text in all inputs.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The current line.
    pub fn line(&self) -> u64 {
        self.mark.map_or(1, |mark| mark.line)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use event_input::OmittedText;

    /// A chunk of an array: text that ends with an element, and an overlong event with this many bytes and line breaks.
    fn chunk(input: usize, begins_input: bool, text: &str, omitted: Option<(u64, u64)>) -> Chunk {
        let omitted = omitted.map(|(bytes, newlines)| OmittedText {
            is_overlong: true,
            bytes: bytes + newlines,
            newlines,
            first_line_bytes: bytes,
            last_line_bytes: if newlines > 0 { 0 } else { bytes },
        });
        let elements = std::iter::once(text.len() - 1..text.len()).collect();
        Chunk { input, begins_input, elements, omitted, ..Chunk::of(Framing::Elements, text.as_bytes().to_vec()) }
    }

    proptest! {
        /// For all texts, including lines of several rows, positions grow and map back to their line.
        #[test]
        fn positions_lead_to_lines(
            chunks in prop::collection::vec(
                (prop::bool::weighted(0.2), "[ \n]{0,6}x", prop::option::of((1..3 * ROW_BYTES, 0_u64..3))),
                1..20,
            ),
        ) {
            let mut positions = Positions::default();
            let mut expected = Vec::new();
            let (mut input, mut line) = (0, 1);
            for (number, (begins_input, text, omitted)) in chunks.into_iter().enumerate() {
                if begins_input && number > 0 {
                    (input, line) = (input + 1, 1);
                }
                let chunk = chunk(input, begins_input || number == 0, &text, omitted);
                let mark = positions.begin(&chunk);
                let frame = chunk.frames().next().unwrap();
                line += text.matches('\n').count() as u64;
                prop_assert_eq!(mark.line_of(&frame).0, line);
                expected.push((mark.at(&frame), input, line));
                let before = chunk.text_size();
                prop_assert!(mark.at_end(&before) > mark.at(&frame));
                positions.end(&chunk, &chunk.size(), false);
                line += omitted.map_or(0, |(_, newlines)| newlines);
            }
            prop_assert!(expected.is_sorted_by(|before, after| before.0 < after.0), "{:?}", expected);
            for (at, input, line) in expected {
                prop_assert_eq!(positions.place(at), (input, line));
            }
        }
    }
}
