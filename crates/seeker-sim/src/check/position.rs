//! Where events are. An event's position in the stream is one number, which grows from event to event and from which its input
//! and line follow, so that nothing has to be kept for each event.

use crate::check::input::{Chunk, Extent, Frame, Framing};
use crate::check::locate::EventText;

/// Positions are a row and a byte within it; this many bits are the byte's.
const BYTE_BITS: u32 = 28;

/// A line is one row, or several if it is longer than this (as an array that is written on one line may be).
const ROW_BYTES: u64 = 1 << BYTE_BITS;

/// How much text lies between places at which reading can begin anew.
const LANDMARK_BYTES: u64 = 4 * 1024 * 1024;

/// A place in an input that is between events.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// The input, from 0.
    pub(crate) input: usize,
    /// The row at which the line begins, from 0 over all inputs.
    row: u64,
    /// The line, from 1.
    pub(crate) line: u64,
    /// Bytes since the beginning of the line.
    line_bytes: u64,
    /// Characters since the beginning of the line.
    line_chars: u64,
    /// Bytes since the beginning of the input's text.
    pub(crate) offset: u64,
}

impl Mark {
    /// The position of an event of the chunk that begins here.
    pub(crate) fn at(&self, frame: &Frame) -> u64 {
        let start = frame.text.start as u64;
        if frame.newlines > 0 {
            return (self.row_after(frame.newlines) << BYTE_BITS) + (start - frame.line_start as u64);
        }
        // What goes beyond the byte's bits is a row more.
        (self.row << BYTE_BITS) + self.line_bytes + start
    }

    /// The position of what follows that far behind this place.
    pub(crate) fn at_end(&self, extent: &Extent) -> u64 {
        let here = if extent.newlines > 0 { 0 } else { self.line_bytes };
        (self.row_after(extent.newlines) << BYTE_BITS) + here + extent.last_line_bytes
    }

    /// The line of an event, and how many characters of it come before the text in which its own line begins.
    pub(crate) fn line_of(&self, frame: &Frame) -> (u64, u64) {
        (self.line + frame.newlines, if frame.newlines > 0 { 0 } else { self.line_chars })
    }

    /// No text, in the place that follows that far behind this one.
    pub(crate) fn nothing_at_end(&self, extent: &Extent) -> EventText<'static> {
        let here = if extent.newlines > 0 { 0 } else { self.line_chars };
        let (line, chars_before) = (self.line + extent.newlines, here + extent.last_line_chars);
        EventText { text: b"", start: 0, line, chars_before }
    }

    fn row_after(&self, newlines: u64) -> u64 {
        self.row + self.line_bytes / ROW_BYTES + newlines
    }

    pub(crate) fn advance(&mut self, bytes: u64, extent: &Extent) {
        self.offset += bytes;
        if extent.newlines > 0 {
            self.row = self.row_after(extent.newlines);
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
pub(crate) struct Positions {
    mark: Option<Mark>,
    stretches: Vec<Stretch>,
    landmarks: Vec<(Mark, Framing)>,
    lines: u64,
    bytes: u64,
}

impl Positions {
    /// Takes note that a chunk begins; gives where.
    pub(crate) fn begin(&mut self, chunk: &Chunk) -> Mark {
        if !chunk.begins_input {
            return self.mark.expect("the first chunk of an input begins it");
        }
        let row = self.mark.map_or(0, |mark| mark.row_after(1));
        let mark = Mark { input: chunk.input, row, line: 1, line_bytes: 0, line_chars: 0, offset: 0 };
        self.stretches.push(Stretch { first_row: row, input: chunk.input, line: 1 });
        self.mark = Some(mark);
        mark
    }

    /// Takes note that the chunk ends.
    pub(crate) fn end(&mut self, chunk: &Chunk, extent: &Extent, is_last: bool) {
        let mark = self.mark.as_mut().expect("a chunk that ends has begun");
        let rows_before = mark.line_bytes / ROW_BYTES;
        mark.advance(chunk.input_bytes(), extent);
        self.bytes += chunk.input_bytes();
        self.lines += extent.newlines + u64::from(is_last && mark.line_bytes > 0);
        let rows = mark.line_bytes / ROW_BYTES;
        if extent.newlines == 0 && rows > rows_before || extent.newlines > 0 && rows_before > 0 {
            self.stretches.push(Stretch { first_row: mark.row + rows, input: mark.input, line: mark.line });
        }
        let is_far =
            self.landmarks.last().is_none_or(|(last, _)| last.input != mark.input || mark.offset - last.offset >= LANDMARK_BYTES);
        if is_far && chunk.is_resumable_behind && !is_last {
            self.landmarks.push((*mark, chunk.framing));
        }
    }

    /// The input and the line of a position.
    pub(crate) fn place(&self, at: u64) -> (usize, u64) {
        let row = at >> BYTE_BITS;
        let next = self.stretches.partition_point(|stretch| stretch.first_row <= row);
        let stretch = self.stretches[next.checked_sub(1).expect("the first row is that of the first input")];
        (stretch.input, stretch.line + (row - stretch.first_row))
    }

    /// The last place at or before a position from which its input can be read again; none where that is the input's beginning.
    pub(crate) fn landmark(&self, at: u64) -> Option<(Mark, Framing)> {
        let (input, _) = self.place(at);
        let next = self.landmarks.partition_point(|(mark, _)| (mark.row << BYTE_BITS) + mark.line_bytes <= at);
        self.landmarks[..next].last().copied().filter(|(mark, _)| mark.input == input)
    }

    /// The beginning of an input.
    pub(crate) fn beginning(&self, input: usize) -> Option<Mark> {
        let stretch = self.stretches.iter().find(|stretch| stretch.input == input)?;
        Some(Mark { input, row: stretch.first_row, line: 1, line_bytes: 0, line_chars: 0, offset: 0 })
    }

    /// How many lines there were in all inputs.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// How many bytes of text there were in all inputs.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The line that is being read.
    pub(crate) fn line(&self) -> u64 {
        self.mark.map_or(1, |mark| mark.line)
    }
}
