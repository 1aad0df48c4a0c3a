//! A piece of an input that begins and ends between events, and the frames in it: where each event is.

use std::io;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

use crate::Format;

/// How long the text of one event may be. One that is longer is told of and skipped, so that no input can fill the memory.
pub const OVERLONG_BYTES: usize = 16 * 1024 * 1024;

/// How the events of an input follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// One a line (NDJSON).
    Lines,
    /// Elements of a JSON array.
    Elements,
}

/// Whole events of one input, in a row.
#[derive(Debug)]
pub struct Chunk {
    /// Which piece of the stream this is, from 0.
    pub number: u64,
    /// Which input it is of, from 0.
    pub input: usize,
    /// The form of its events.
    pub format: Format,
    /// Whether the input begins here.
    pub begins_input: bool,
    /// The text.
    pub bytes: Vec<u8>,
    /// How many bytes at the start are no text (a byte order mark).
    pub mark_bytes: usize,
    /// How the events are separated.
    pub framing: Framing,
    /// Where the elements are, for [`Framing::Elements`].
    pub elements: Vec<Range<usize>>,
    /// What follows and is not given out: an event that was too long to be kept, or the beginning of one that the end of the input
    /// cut off.
    pub left_out: Option<LeftOut>,
    /// Whether reading can begin anew behind this chunk: not where one array has ended and another may follow.
    pub is_resumable_behind: bool,
    /// Whether and how the input ends here.
    pub end: Option<InputEnd>,
}

/// How an input ends.
#[derive(Debug)]
pub enum InputEnd {
    /// At its end.
    Whole,
    /// It could not be opened.
    Unopened(io::Error),
    /// It could be read up to here; a text that was begun is not given out.
    CutOff(io::Error),
    /// The array is not closed.
    OpenArray,
    /// Something follows the array, and is not read.
    AfterArray,
}

/// How far a text reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// How many line breaks are in it.
    pub newlines: u64,
    /// How many bytes come before the first; all of them where there is none.
    pub first_line_bytes: u64,
    /// How many bytes follow the last; all of them where there is none.
    pub last_line_bytes: u64,
    /// How many characters.
    pub last_line_chars: u64,
}

/// How many characters are in text that may not be UTF-8: bytes that continue none.
pub fn count_chars(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64
}

/// The text of an event that is not given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Whether that is because it is too long.
    pub is_overlong: bool,
    /// How long it is, what ends it included.
    pub bytes: u64,
    /// How many line breaks are in it.
    pub newlines: u64,
    /// How many bytes come before the first line break; all of them where there is none.
    pub first_line_bytes: u64,
    /// How many bytes follow the last line break; all of them where there is none.
    pub last_line_bytes: u64,
}

impl LeftOut {
    /// Counts bytes that are left out.
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

/// Where an event is in its chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its text.
    pub text: Range<usize>,
    /// How many line breaks of the chunk come before it.
    pub newlines: u64,
    /// How many bytes of the chunk come before the first of them; 0 where there is none.
    pub first_line_bytes: u64,
    /// Where its line begins; 0 where that is before the chunk.
    pub line_start: usize,
    /// How many characters of the chunk are before it in its line.
    pub chars_before: u64,
    /// Whether it is the last of a text that does not end in a line break, for [`Framing::Lines`].
    pub is_unterminated: bool,
}

impl Frame {
    /// Whether the event is too long to be read.
    pub fn is_overlong(&self) -> bool {
        self.text.len() > OVERLONG_BYTES
    }
}

impl Chunk {
    /// A chunk of an input's middle.
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
            left_out: None,
            is_resumable_behind: true,
            end: None,
        }
    }

    /// How far the text reaches.
    pub fn text_extent(&self) -> Extent {
        let text = &self.bytes;
        let first_line_bytes = memchr(b'\n', text).unwrap_or(text.len()) as u64;
        match memrchr(b'\n', text) {
            Some(last) => Extent {
                first_line_bytes,
                newlines: memchr_iter(b'\n', &text[..=last]).count() as u64,
                last_line_bytes: (text.len() - last - 1) as u64,
                last_line_chars: count_chars(&text[last + 1..]),
            },
            None => Extent {
                newlines: 0,
                first_line_bytes,
                last_line_bytes: text.len() as u64,
                last_line_chars: count_chars(&text[self.mark_bytes..]),
            },
        }
    }

    /// How many bytes of the input it stands for.
    pub fn input_bytes(&self) -> u64 {
        self.bytes.len() as u64 + self.left_out.map_or(0, |left_out| left_out.bytes)
    }

    /// How far the text reaches, what is left out included.
    pub fn extent(&self) -> Extent {
        let mut extent = self.text_extent();
        if let Some(left_out) = &self.left_out {
            if extent.newlines == 0 {
                extent.first_line_bytes += left_out.first_line_bytes;
            }
            extent.newlines += left_out.newlines;
            // The characters of what is gone cannot be counted; its bytes are as many or more.
            if left_out.newlines > 0 {
                extent.last_line_bytes = left_out.last_line_bytes;
                extent.last_line_chars = left_out.last_line_bytes;
            } else {
                extent.last_line_bytes += left_out.last_line_bytes;
                extent.last_line_chars += left_out.last_line_bytes;
            }
        }
        extent
    }

    /// The events in order. Blank lines are left out.
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
    /// Characters from there to `at`, for elements.
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
            // The last byte is all there is to look at in nearly every line.
            let mut text = start..end;
            if text.end > text.start && bytes[text.end - 1] == b'\r' {
                text.end -= 1;
            }
            if bytes[text.clone()].iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let is_unterminated = newline.is_none();
            // A line begins where its chunk does, or within it, and no chunk is longer than a row of positions.
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
