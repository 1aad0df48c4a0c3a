//! A piece of an input that begins and ends between events, and its frames: the positions of the events.

use std::io;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

use crate::Format;

/// The maximum length of an event's text. A longer event is reported and skipped, so no input can fill the memory.
pub const OVERLONG_BYTES: usize = 16 * 1024 * 1024;

/// The separation of events in an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// One event per line (NDJSON).
    Lines,
    /// Elements of a JSON array.
    Elements,
}

/// Consecutive whole events of one input.
#[derive(Debug)]
pub struct Chunk {
    /// Number of the chunk in the stream, from 0.
    pub number: u64,
    /// Number of the input, from 0.
    pub input: usize,
    /// The format of the events.
    pub format: Format,
    /// Whether the input begins here.
    pub begins_input: bool,
    /// The text.
    pub bytes: Vec<u8>,
    /// Number of bytes at the start that are not text (a byte order mark).
    pub mark_bytes: usize,
    /// How the events are separated.
    pub framing: Framing,
    /// Positions of the elements, for [`Framing::Elements`].
    pub elements: Vec<Range<usize>>,
    /// Text after the chunk that is not included: an event that was too long to keep, or the beginning of an event that the
    /// end of the input cut off.
    pub omitted: Option<OmittedText>,
    /// Whether a reader can resume after this chunk: yes, except between two arrays.
    pub is_resumable_behind: bool,
    /// How the input ends, if it ends here.
    pub end: Option<InputEnd>,
}

/// How an input ends.
#[derive(Debug)]
pub enum InputEnd {
    /// The input was read to its end.
    Whole,
    /// The input could not be opened.
    Unopened(io::Error),
    /// Reading failed here. The chunk does not include a partial text.
    CutOff(io::Error),
    /// The array is not closed.
    OpenArray,
    /// Other text follows the array. It is not read.
    AfterArray,
}

/// The size of a text in lines, bytes and characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextSize {
    /// Number of line breaks.
    pub newlines: u64,
    /// Number of bytes before the first line break; all bytes without a line break.
    pub first_line_bytes: u64,
    /// Number of bytes after the last line break; all bytes without a line break.
    pub last_line_bytes: u64,
    /// Number of characters after the last line break; all characters without a line break.
    pub last_line_chars: u64,
}

/// Counts the characters of text that may not be UTF-8: all bytes except continuation bytes.
pub fn count_chars(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64
}

/// The text of an event that the chunk does not include.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OmittedText {
    /// Whether the event is too long.
    pub is_overlong: bool,
    /// Length of the text, including its terminator.
    pub bytes: u64,
    /// Number of line breaks in the text.
    pub newlines: u64,
    /// Number of bytes before the first line break; all bytes without a line break.
    pub first_line_bytes: u64,
    /// Number of bytes after the last line break; all bytes without a line break.
    pub last_line_bytes: u64,
}

impl OmittedText {
    /// Counts bytes that the chunk does not include.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        if self.newlines == 0 {
            self.first_line_bytes += memchr(b'\n', bytes).unwrap_or(bytes.len()) as u64;
        }
        let mut newlines = memchr_iter(b'\n', bytes);
        match newlines.next_back() {
            Some(last) => {
                self.newlines += 1 + newlines.count() as u64;
                self.last_line_bytes = (bytes.len() - last - 1) as u64;
            }
            None => self.last_line_bytes += bytes.len() as u64,
        }
    }
}

/// The position of an event in its chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The text of the event.
    pub text: Range<usize>,
    /// Number of line breaks in the chunk before the event.
    pub newlines: u64,
    /// Number of bytes in the chunk before the first of these line breaks; 0 without a line break.
    pub first_line_bytes: u64,
    /// Start of the event's line; 0 if the line starts before the chunk.
    pub line_start: usize,
    /// Number of characters in the chunk before the event in its line.
    pub chars_before: u64,
    /// Whether the event is the last of a text without a final line break, for [`Framing::Lines`].
    pub is_unterminated: bool,
}

impl Frame {
    /// Whether the event is too long to read.
    pub fn is_overlong(&self) -> bool {
        self.text.len() > OVERLONG_BYTES
    }
}

impl Chunk {
    /// Creates a chunk from the middle of an input.
    pub fn of(framing: Framing, bytes: Vec<u8>) -> Self {
        Self {
            number: 0,
            input: 0,
            format: Format::Message,
            begins_input: false,
            bytes,
            mark_bytes: 0,
            framing,
            elements: Vec::new(),
            omitted: None,
            is_resumable_behind: true,
            end: None,
        }
    }

    /// Returns the size of the text.
    pub fn text_size(&self) -> TextSize {
        let text = &self.bytes;
        let first_line_bytes = memchr(b'\n', text).unwrap_or(text.len()) as u64;
        match memrchr(b'\n', text) {
            Some(last) => TextSize {
                first_line_bytes,
                newlines: memchr_iter(b'\n', &text[..=last]).count() as u64,
                last_line_bytes: (text.len() - last - 1) as u64,
                last_line_chars: count_chars(&text[last + 1..]),
            },
            None => TextSize {
                newlines: 0,
                first_line_bytes,
                last_line_bytes: text.len() as u64,
                last_line_chars: count_chars(&text[self.mark_bytes..]),
            },
        }
    }

    /// Returns the number of input bytes that the chunk covers.
    pub fn input_bytes(&self) -> u64 {
        self.bytes.len() as u64 + self.omitted.map_or(0, |omitted| omitted.bytes)
    }

    /// Returns the size of the text, including left-out text.
    pub fn size(&self) -> TextSize {
        let mut size = self.text_size();
        if let Some(omitted) = &self.omitted {
            if size.newlines == 0 {
                size.first_line_bytes += omitted.first_line_bytes;
            }
            size.newlines += omitted.newlines;
            // The characters of discarded text cannot be counted. Its number of bytes is an upper bound.
            if omitted.newlines > 0 {
                size.last_line_bytes = omitted.last_line_bytes;
                size.last_line_chars = omitted.last_line_bytes;
            } else {
                size.last_line_bytes += omitted.last_line_bytes;
                size.last_line_chars += omitted.last_line_bytes;
            }
        }
        size
    }

    /// Returns the events in order. Skips blank lines.
    pub fn frames(&self) -> Frames<'_> {
        Frames {
            chunk: self,
            at: self.mark_bytes,
            element: 0,
            newlines: 0,
            line_start: self.mark_bytes,
            chars_before: 0,
            first_line_bytes: 0,
        }
    }
}

/// The frames of a chunk.
pub struct Frames<'a> {
    chunk: &'a Chunk,
    at: usize,
    element: usize,
    newlines: u64,
    first_line_bytes: u64,
    line_start: usize,
    /// Number of characters from `line_start` to `at`, for elements.
    chars_before: u64,
}

impl Frames<'_> {
    fn next_line(&mut self) -> Option<Frame> {
        let bytes = &self.chunk.bytes;
        while self.at < bytes.len() {
            let start = self.at;
            let newline = memchr(b'\n', &bytes[start..]);
            let end = newline.map_or(bytes.len(), |length| start + length);
            self.at = end + 1;
            let newlines = self.newlines;
            self.newlines += 1;
            // In nearly every line, only the last byte needs a check.
            let mut text = start..end;
            if text.end > text.start && bytes[text.end - 1] == b'\r' {
                text.end -= 1;
            }
            if bytes[text.clone()].iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let is_unterminated = newline.is_none();
            // A line never begins before its chunk, and a chunk is never longer than a row of positions.
            return Some(Frame { text, newlines, first_line_bytes: 0, line_start: start, chars_before: 0, is_unterminated });
        }
        None
    }

    fn next_element(&mut self) -> Option<Frame> {
        let text = self.chunk.elements.get(self.element)?.clone();
        self.element += 1;
        let between = &self.chunk.bytes[self.at..text.start];
        for newline in memchr_iter(b'\n', between) {
            if self.newlines == 0 {
                self.first_line_bytes = (self.at + newline) as u64;
            }
            self.newlines += 1;
            self.line_start = self.at + newline + 1;
            self.chars_before = 0;
        }
        self.chars_before += count_chars(&self.chunk.bytes[self.line_start.max(self.at)..text.start]);
        self.at = text.start;
        let Self { newlines, first_line_bytes, line_start, chars_before, .. } = *self;
        Some(Frame { text, newlines, first_line_bytes, line_start, chars_before, is_unterminated: false })
    }
}

impl Iterator for Frames<'_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        match self.chunk.framing {
            Framing::Lines => self.next_line(),
            Framing::Elements => self.next_element(),
        }
    }
}
