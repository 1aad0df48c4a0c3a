//! Where events are. An event's position in the stream is one number, which grows from event to event and from which its input
//! and line follow, so that nothing has to be kept for each event.

use event_input::{Chunk, Extent, Frame, Framing};

use crate::check::locate::EventText;

/// Positions are a row and a byte within it; this many bits are the byte's.
const BYTE_BITS: u32 = 28;

/// A line is one row, or several if it is longer than this (as an array that is written on one line may be).
const ROW_BYTES: u64 = 1 << BYTE_BITS;

/// How much text lies between places at which reading can begin anew.
const LANDMARK_BYTES: u64 = 4 * 1024 * 1024;

/// A place in an input that is between events.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    /// The input, from 0.
    pub input: usize,
    /// The row at which the line begins, from 0 over all inputs.
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
    /// The position of an event of the chunk that begins here.
    pub fn at(&self, frame: &Frame) -> u64 {
        let start = frame.text.start as u64;
        if frame.newlines > 0 {
            let row = self.row_after(frame.first_line_bytes, frame.newlines);
            return (row << BYTE_BITS) + (start - frame.line_start as u64);
        }
        // What goes beyond the byte's bits is a row more.
        (self.row << BYTE_BITS) + self.line_bytes + start
    }

    /// The position of what follows that far behind this place.
    pub fn at_end(&self, extent: &Extent) -> u64 {
        if extent.newlines > 0 {
            return (self.row_after(extent.first_line_bytes, extent.newlines) << BYTE_BITS) + extent.last_line_bytes;
        }
        (self.row << BYTE_BITS) + self.line_bytes + extent.last_line_bytes
    }

    /// The line of an event, and how many characters of it come before the text in which its own line begins.
    pub fn line_of(&self, frame: &Frame) -> (u64, u64) {
        (self.line + frame.newlines, if frame.newlines > 0 { 0 } else { self.line_chars })
    }

    /// No text, in the place that follows that far behind this one.
    pub fn nothing_at_end(&self, extent: &Extent) -> EventText<'static> {
        let here = if extent.newlines > 0 { 0 } else { self.line_chars };
        let (line, chars_before) = (self.line + extent.newlines, here + extent.last_line_chars);
        EventText { text: b"", start: 0, line, chars_before }
    }

    /// The row so many line breaks behind this place, the first of them so many bytes behind it.
    fn row_after(&self, first_line_bytes: u64, newlines: u64) -> u64 {
        self.row + (self.line_bytes + first_line_bytes) / ROW_BYTES + newlines
    }

    /// Goes on by a text.
    pub fn advance(&mut self, bytes: u64, extent: &Extent) {
        self.offset += bytes;
        if extent.newlines > 0 {
            self.row = self.row_after(extent.first_line_bytes, extent.newlines);
            self.line += extent.newlines;
            (self.line_bytes, self.line_chars) = (extent.last_line_bytes, extent.last_line_chars);
        } else {
            self.line_bytes += extent.last_line_bytes;
            self.line_chars += extent.last_line_chars;
        }
    }
}

/// A place at which the lines do not go on with the rows.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    first_row: u64,
    input: usize,
    line: u64,
}

/// The way from positions to lines, and places from which an input can be read again.
#[derive(Debug, Default)]
pub struct Positions {
    mark: Option<Mark>,
    stretches: Vec<Stretch>,
    landmarks: Vec<(Mark, Framing)>,
    lines: u64,
    bytes: u64,
}

impl Positions {
    /// Takes note that a chunk begins; gives where.
    pub fn begin(&mut self, chunk: &Chunk) -> Mark {
        if !chunk.begins_input {
            return self.mark.expect("the first chunk of an input begins it");
        }
        let row = self.mark.map_or(0, |mark| mark.row_after(0, 1));
        let mark = Mark { input: chunk.input, row, line: 1, line_bytes: 0, line_chars: 0, offset: 0 };
        self.stretches.push(Stretch { first_row: row, input: chunk.input, line: 1 });
        self.mark = Some(mark);
        mark
    }

    /// Takes note that the chunk ends.
    pub fn end(&mut self, chunk: &Chunk, extent: &Extent, is_last: bool) {
        let mark = self.mark.as_mut().expect("a chunk that ends has begun");
        let before = *mark;
        mark.advance(chunk.input_bytes(), extent);
        self.bytes += chunk.input_bytes();
        self.lines += extent.newlines + u64::from(is_last && mark.line_bytes > 0);
        // A line of several rows: its later rows are of the same line, and so the rows behind it are not those of the lines.
        let next_row = before.row_after(extent.first_line_bytes, 1);
        if extent.newlines > 0 && next_row > before.row + 1 {
            self.stretches.push(Stretch { first_row: next_row, input: mark.input, line: before.line + 1 });
        }
        let rows = mark.line_bytes / ROW_BYTES;
        if rows > 0 && (extent.newlines > 0 || rows > before.line_bytes / ROW_BYTES) {
            self.stretches.push(Stretch { first_row: mark.row + rows, input: mark.input, line: mark.line });
        }
        let is_far =
            self.landmarks.last().is_none_or(|(last, _)| last.input != mark.input || mark.offset - last.offset >= LANDMARK_BYTES);
        if is_far && chunk.is_resumable_behind && !is_last {
            self.landmarks.push((*mark, chunk.framing));
        }
    }

    /// The input and the line of a position.
    pub fn place(&self, at: u64) -> (usize, u64) {
        let row = at >> BYTE_BITS;
        let next = self.stretches.partition_point(|stretch| stretch.first_row <= row);
        let stretch = self.stretches[next.checked_sub(1).expect("the first row is that of the first input")];
        (stretch.input, stretch.line + (row - stretch.first_row))
    }

    /// The last place at or before a position from which its input can be read again; none where that is the input's beginning.
    pub fn landmark(&self, at: u64) -> Option<(Mark, Framing)> {
        let (input, _) = self.place(at);
        let next = self.landmarks.partition_point(|(mark, _)| (mark.row << BYTE_BITS) + mark.line_bytes <= at);
        self.landmarks[..next].last().copied().filter(|(mark, _)| mark.input == input)
    }

    /// The beginning of an input.
    pub fn beginning(&self, input: usize) -> Option<Mark> {
        let stretch = self.stretches.iter().find(|stretch| stretch.input == input)?;
        Some(Mark { input, row: stretch.first_row, line: 1, line_bytes: 0, line_chars: 0, offset: 0 })
    }

    /// How many lines there were in all inputs.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// How many bytes of text there were in all inputs.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The line that is being read.
    pub fn line(&self) -> u64 {
        self.mark.map_or(1, |mark| mark.line)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use event_input::LeftOut;

    /// A chunk of an array: text with an element at its end, and an event that was too long, of so many bytes and line breaks.
    fn chunk(input: usize, begins_input: bool, text: &str, left_out: Option<(u64, u64)>) -> Chunk {
        let left_out = left_out.map(|(bytes, newlines)| LeftOut {
            is_overlong: true,
            bytes: bytes + newlines,
            newlines,
            first_line_bytes: bytes,
            last_line_bytes: if newlines > 0 { 0 } else { bytes },
        });
        let elements = std::iter::once(text.len() - 1..text.len()).collect();
        Chunk { input, begins_input, elements, left_out, ..Chunk::of(Framing::Elements, text.as_bytes().to_vec()) }
    }

    proptest! {
        /// For all texts, with lines of several rows too, positions grow and lead back to their line.
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
            for (number, (begins_input, text, left_out)) in chunks.into_iter().enumerate() {
                if begins_input && number > 0 {
                    (input, line) = (input + 1, 1);
                }
                let chunk = chunk(input, begins_input || number == 0, &text, left_out);
                let mark = positions.begin(&chunk);
                let frame = chunk.frames().next().unwrap();
                line += text.matches('\n').count() as u64;
                prop_assert_eq!(mark.line_of(&frame).0, line);
                expected.push((mark.at(&frame), input, line));
                let before = chunk.text_extent();
                prop_assert!(mark.at_end(&before) > mark.at(&frame));
                positions.end(&chunk, &chunk.extent(), false);
                line += left_out.map_or(0, |(_, newlines)| newlines);
            }
            prop_assert!(expected.is_sorted_by(|before, after| before.0 < after.0), "{:?}", expected);
            for (at, input, line) in expected {
                prop_assert_eq!(positions.place(at), (input, line));
            }
        }
    }
}
