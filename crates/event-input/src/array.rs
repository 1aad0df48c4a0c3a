//! Finds the elements of a JSON array in text that arrives in pieces, without parsing them. Any text between two commas is
//! an element. The reader reports the problems of an element, and the scan continues with the next element.

use std::ops::Range;

use memchr::memchr3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first array, or between two arrays.
    Outside,
    /// Before an element.
    Gap { after_comma: bool },
    /// In an element, at this depth of nested objects and arrays.
    Element { depth: u32 },
    /// In a string of an element.
    Text { depth: u32 },
    /// Other text follows the array.
    Stray,
}

/// The search for elements. Positions refer to the kept text; see [`ArrayScan::forget`].
#[derive(Debug)]
pub(crate) struct ArrayScan {
    state: State,
    /// End of the scanned text.
    at: usize,
    /// Start of the current element.
    start: usize,
    /// All elements before this position are in `elements`.
    pub complete: usize,
    /// The elements found so far.
    pub elements: Vec<Range<usize>>,
}

impl ArrayScan {
    pub(crate) const fn new() -> Self {
        Self { state: State::Outside, at: 0, start: 0, complete: 0, elements: Vec::new() }
    }

    /// Continues another scan that stopped between two elements.
    pub(crate) const fn between_elements() -> Self {
        let mut scan = Self::new();
        scan.state = State::Gap { after_comma: false };
        scan
    }

    /// Whether the text may end here.
    pub(crate) fn is_closed(&self) -> bool {
        self.state == State::Outside
    }

    /// Position of other text after the array.
    pub(crate) fn stray(&self) -> Option<usize> {
        (self.state == State::Stray).then_some(self.at)
    }

    /// Whether the scan is inside an element.
    pub(crate) fn is_in_element(&self) -> bool {
        matches!(self.state, State::Element { .. } | State::Text { .. })
    }

    /// Returns the size of the current element so far.
    pub(crate) fn element_bytes(&self, length: usize) -> usize {
        if self.is_in_element() { length - self.start } else { 0 }
    }

    /// Skips bytes before the text.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.at = bytes;
    }

    /// Discards the first `bytes` bytes of the text and returns the elements in them.
    pub(crate) fn forget(&mut self, bytes: usize) -> Vec<Range<usize>> {
        self.at = self.at.saturating_sub(bytes);
        self.start = self.start.saturating_sub(bytes);
        self.complete = self.complete.saturating_sub(bytes);
        std::mem::take(&mut self.elements)
    }

    /// Scans the appended text. With `one_only`, stops after the first element that ends.
    pub(crate) fn scan(&mut self, text: &[u8], one_only: bool) {
        let found = self.elements.len();
        while self.at < text.len() && !(one_only && self.elements.len() > found) {
            let byte = text[self.at];
            match self.state {
                State::Outside | State::Gap { .. } if byte.is_ascii_whitespace() => self.at += 1,
                State::Outside if byte == b'[' => {
                    self.at += 1;
                    self.complete = self.at;
                    self.state = State::Gap { after_comma: false };
                }
                State::Outside => self.state = State::Stray,
                State::Stray => return,
                State::Gap { after_comma: false } if byte == b']' => self.close(),
                State::Gap { .. } => {
                    // If a comma or the end follows immediately, the element is the empty text before it.
                    self.start = self.at;
                    self.state = State::Element { depth: 0 };
                }
                State::Element { depth } => self.in_element(text, byte, depth),
                State::Text { depth } => self.in_text(text, depth),
            }
        }
    }

    /// Returns the element that ends at the end of the text, if its brackets and quotes are complete.
    pub(crate) fn last_element(&self, text: &[u8]) -> Option<Range<usize>> {
        (self.state == State::Element { depth: 0 }).then(|| trimmed(text, self.start..text.len()))
    }

    fn in_element(&mut self, text: &[u8], byte: u8, depth: u32) {
        match byte {
            b'"' => self.state = State::Text { depth },
            b'{' | b'[' => self.state = State::Element { depth: depth + 1 },
            b']' if depth == 0 => {
                self.elements.push(trimmed(text, self.start..self.at));
                self.close();
                return;
            }
            b'}' | b']' => self.state = State::Element { depth: depth.saturating_sub(1) },
            b',' if depth == 0 => {
                self.elements.push(trimmed(text, self.start..self.at));
                self.state = State::Gap { after_comma: true };
                self.complete = self.at + 1;
            }
            _ => {}
        }
        self.at += 1;
    }

    fn in_text(&mut self, text: &[u8], depth: u32) {
        let Some(length) = memchr3(b'"', b'\\', b'\n', &text[self.at..]) else {
            self.at = text.len();
            return;
        };
        self.at += length;
        if text[self.at] == b'\\' {
            // The escaped character may be in the next piece.
            self.at += 2;
        } else {
            // A line break ends a string too. Strings contain no line breaks, so the closing quote is missing.
            self.at += 1;
            self.state = State::Element { depth };
        }
    }

    fn close(&mut self) {
        self.at += 1;
        self.complete = self.at;
        self.state = State::Outside;
    }
}

fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let length = text[range.clone()].trim_ascii_end().len();
    range.start..range.start + length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn elements(pieces: &[&[u8]]) -> (Vec<String>, ArrayScan) {
        let (mut scan, mut text) = (ArrayScan::new(), Vec::new());
        for piece in pieces {
            text.extend_from_slice(piece);
            scan.scan(&text, false);
        }
        let found = scan.elements.iter().map(|range| String::from_utf8(text[range.clone()].to_vec()).unwrap()).collect();
        (found, scan)
    }

    proptest! {
        /// For all arrays, in any layout and cut into any pieces, the scan finds the written elements.
        #[test]
        fn elements_are_found(
            values in prop::collection::vec(r#"[\[\]{},:"\\a\n]{0,8}"#, 0..5),
            indent: bool,
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        ) {
            let values: Vec<_> = values
                .iter()
                .map(|text| serde_json::json!({ "a": [text, { text: 1 }], "b": text }))
                .collect();
            let text = if indent { serde_json::to_string_pretty(&values) } else { serde_json::to_string(&values) }.unwrap();
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(text.len())).chain([0, text.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|cut| &text.as_bytes()[cut[0]..cut[1]]).collect();
            let (found, scan) = elements(&pieces);
            prop_assert!(scan.is_closed());
            let found: Vec<serde_json::Value> = found.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
            prop_assert_eq!(found, values);
        }
    }

    #[test]
    fn malformed_elements_are_left_to_the_reader() {
        for (text, expected, is_closed) in [
            (&b"[1, \"a\" ,{}]"[..], &["1", "\"a\"", "{}"][..], true),
            (b"[]", &[], true),
            (b" [ ] \n", &[], true),
            (b"[1,]", &["1", ""], true),
            (b"[,1]", &["", "1"], true),
            (b"[{} {}]", &["{} {}"], true),
            (b"[{}},1]", &["{}}", "1"], true),
            (b"[\"a\n,1]", &["\"a", "1"], true),
            (b"[1]\n[2]", &["1", "2"], true),
            (b"[1,2", &["1"], false),
            (b"[{\"a\":1", &[], false),
            (b"[1] x", &["1"], false),
        ] {
            let (found, scan) = elements(&[text]);
            assert_eq!(
                (&found[..], scan.is_closed()),
                (&expected.iter().map(ToString::to_string).collect::<Vec<_>>()[..], is_closed)
            );
        }
    }
}
