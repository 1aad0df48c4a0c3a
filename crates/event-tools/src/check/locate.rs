//! Finds the part of an event's text that a finding is about. Runs for findings only, so events without findings cost nothing.

use std::ops::Range;

use client_event::{Problem, Reason};

use event_input::json_text::{elements, members, whole};
use event_input::{count_chars, path_in_other_version};

/// The maximum number of marked bytes of a long part.
const SPAN_BYTES: usize = 60;

/// The number of bytes of a long line that are kept on each side of the part.
const CONTEXT_BYTES: usize = 1_000;

/// A line of the text, or a piece of it, with the marked part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the line in its input, from 1.
    pub line: u64,
    /// The column of the first character, from 1; greater than 1 if the beginning of a long line was omitted.
    pub first_column: u64,
    /// The text, without a line break.
    pub text: String,
    /// The byte range of the marked part in the text.
    pub span: Range<usize>,
}

/// A place in an input, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    pub line: u64,
    /// In characters, from 1.
    pub column: u64,
    pub excerpt: Option<Excerpt>,
}

/// The text of an event and its place.
#[derive(Clone, Copy, Debug)]
pub struct EventText<'a> {
    /// From the beginning of the event's first line, as far as it is available, to the end of the event.
    pub text: &'a [u8],
    /// The offset of the event in the text.
    pub start: usize,
    /// The number of the first line.
    pub line: u64,
    /// The number of characters of the first line before the text.
    pub chars_before: u64,
}

impl EventText<'_> {
    /// Returns the place of a problem of the event.
    pub fn problem(&self, problem: &Problem) -> Located {
        self.located(problem.span.clone().unwrap_or_else(|| path_span(&self.text[self.start..], &problem.path)))
    }

    /// Whether the text was cut off, for the last text of an input with a problem of this kind.
    pub fn is_cut_off(&self, reason: Reason) -> bool {
        match reason {
            Reason::NotJson => client_event::is_json_prefix(&self.text[self.start..]),
            // Cut off in the middle of a character.
            Reason::NotUtf8 => std::str::from_utf8(&self.text[self.start..]).is_err_and(|error| error.error_len().is_none()),
            _ => false,
        }
    }

    /// Whether a text that is not JSON could become JSON if it went on.
    pub fn ends_too_early(&self, problem: &Problem) -> bool {
        problem.span.as_ref().is_some_and(|span| span.start == self.text.len() - self.start)
    }

    /// Returns the place of the part of the event with this path in the message.
    pub fn part(&self, path: &str) -> Located {
        let event = &self.text[self.start..];
        let spellings = [path.to_owned(), path_in_other_version(path, false), path_in_other_version(path, true)];
        let found = spellings.iter().find_map(|path| find(event, whole(event), "", path));
        self.located(found.unwrap_or_else(|| beginning(event)))
    }

    /// Returns the place where the event begins.
    pub fn beginning(&self) -> Located {
        self.located(beginning(&self.text[self.start..]))
    }

    /// Returns the place where the text of the event ends.
    pub fn end(&self) -> Located {
        self.located(after(self.text.len() - self.start))
    }

    fn located(&self, span: Range<usize>) -> Located {
        let span = self.start + span.start..self.start + span.end;
        let before = &self.text[..span.start];
        let newlines = memchr::memchr_iter(b'\n', before).count() as u64;
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let line_end = memchr::memchr(b'\n', &self.text[span.start..]).map_or(self.text.len(), |length| span.start + length);
        let column = count_chars(&self.text[line_start..span.start]) + if newlines == 0 { self.chars_before } else { 0 } + 1;
        let line = self.line + newlines;
        Located { line, column, excerpt: Some(excerpt(self.text, line, column, line_start..line_end, &span)) }
    }
}

fn excerpt(text: &[u8], line: u64, column: u64, line_at: Range<usize>, span: &Range<usize>) -> Excerpt {
    let boundary = |mut at: usize| {
        while at < line_at.end && text[at] & 0xC0 == 0x80 {
            at += 1;
        }
        at
    };
    // Bytes that are not UTF-8 may all look like the middle of a character, up to the part and beyond.
    let from = boundary(line_at.start.max(span.start.saturating_sub(CONTEXT_BYTES))).min(span.start);
    let span_end = boundary(span.end.clamp(span.start, line_at.end).min(span.start + SPAN_BYTES));
    let to = boundary(line_at.end.min(span_end + CONTEXT_BYTES));
    // The replacement character stands for invalid bytes, so offsets in the shown text are computed from its pieces.
    let mut shown = String::from_utf8_lossy(&text[from..span.start]).into_owned();
    let start = shown.len();
    shown.push_str(&String::from_utf8_lossy(&text[span.start..span_end]));
    let end = shown.len();
    shown.push_str(&String::from_utf8_lossy(&text[span_end..to]));
    let first_column = column - count_chars(&text[from..span.start]);
    Excerpt { line, first_column, text: shown, span: start..end }
}

fn after(offset: usize) -> Range<usize> {
    offset..offset + 1
}

fn beginning(event: &[u8]) -> Range<usize> {
    after(whole(event).start)
}

/// Returns the byte range of the part with this path. If a part of the path is missing, returns the beginning of the enclosing value.
fn path_span(event: &[u8], path: &str) -> Range<usize> {
    if path.is_empty() {
        return whole(event);
    }
    find(event, whole(event), "", path).unwrap_or_else(|| {
        let above = path.rfind(['.', '[']).map_or("", |end| &path[..end]);
        if above.is_empty() { beginning(event) } else { path_span(event, above) }
    })
}

/// Looks for a path in the value with the path `here`. Names each part like the event readers and compares.
fn find(text: &[u8], value: Range<usize>, here: &str, path: &str) -> Option<Range<usize>> {
    if here == path {
        return Some(value);
    }
    if text.get(value.start) == Some(&b'[') {
        return elements(text, value.start).enumerate().find_map(|(position, element)| {
            let below = format!("{here}[{position}]");
            leads_to(&below, path).then(|| find(text, element, &below, path)).flatten()
        });
    }
    members(text, value.start).find_map(|member| {
        let quoted = format!("{here}[{:?}]", member.key);
        let dot = if here.is_empty() { "" } else { "." };
        let named = [format!("{here}{dot}{}", member.key), format!("{here}{dot}{}", camel_case(&member.key)), quoted];
        let below = named.into_iter().find(|below| leads_to(below, path))?;
        find(text, member.value_at, &below, path)
    })
}

fn leads_to(below: &str, path: &str) -> bool {
    path.strip_prefix(below).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Returns the field name that problems use, for a field that may be written with its original name.
fn camel_case(key: &str) -> String {
    let mut name = String::with_capacity(key.len());
    let mut chars = key.chars();
    while let Some(char) = chars.next() {
        match char {
            '_' => name.extend(chars.next().map(|next| next.to_ascii_uppercase())),
            _ => name.push(char),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use client_event::{EventTimestamp, Reader};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Bytes that break UTF-8 in every way, mixed with JSON bytes.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            4 => 0x80..=0xBF_u8,
            1 => 0xC0..=0xFF_u8,
            3 => prop::sample::select(&b"{}[]\",:\\ \n\re1"[..]),
            1 => any::<u8>(),
        ];
        prop_oneof![vec(byte.clone(), 0..60), vec(byte, 1_000..3_000)]
    }

    fn assert_sound(located: &Located) -> Result<(), TestCaseError> {
        prop_assert!(located.line >= 1 && located.column >= 1);
        if let Some(excerpt) = &located.excerpt {
            prop_assert!(excerpt.text.get(excerpt.span.clone()).is_some(), "{excerpt:?}");
            prop_assert!(!excerpt.text.contains('\n'));
            prop_assert!(excerpt.first_column <= located.column);
        }
        Ok(())
    }

    proptest! {
        /// For all bytes, wherever the event begins in its line, each of its problems and every part has a place.
        #[test]
        fn every_problem_has_a_place(bytes in bytes(), start: prop::sample::Index, path in r#"([a-z]{0,2}[\[\]."0]?){0,3}"#) {
            let text = EventText { text: &bytes, start: start.index(bytes.len() + 1), line: 1, chars_before: 0 };
            for text in [text, EventText { start: 0, ..text }] {
                let now = Some(EventTimestamp::from_millis(0));
                if let Err(refusal) = Reader::new().check(now).read(&text.text[text.start..]) {
                    for problem in refusal.problems() {
                        assert_sound(&text.problem(problem))?;
                    }
                }
                for located in [text.part(&path), text.beginning(), text.end()] {
                    assert_sound(&located)?;
                }
            }
        }
    }

    #[test]
    fn a_line_that_begins_in_the_middle_of_a_character_is_shown() {
        for byte in [0x80, 0x90, 0xA5, 0xBF] {
            let text = EventText { text: &[byte], start: 0, line: 7, chars_before: 0 };
            let refusal = Reader::new().check(None).read(text.text).unwrap_err();
            let located = text.problem(&refusal.problems()[0]);
            let excerpt = Excerpt { line: 7, first_column: 1, text: "\u{FFFD}".to_owned(), span: 0..3 };
            assert_eq!(located, Located { line: 7, column: 1, excerpt: Some(excerpt) });
        }
    }
}
