//! Keeps the texts of events that may get a finding later and whose input cannot be read again: standard input and pipes. Memory is
//! limited; findings about events beyond the limit have a line, but no column and no excerpt.

use std::collections::HashMap;

use crate::check::locate::EventText;

/// The maximum number of bytes of text.
pub(crate) const WAITING_BYTES: usize = 64 * 1024 * 1024;

/// The texts by position.
#[derive(Debug, Default)]
pub struct WaitingTexts {
    texts: HashMap<u64, Waiting>,
    bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    text: Box<[u8]>,
    start: usize,
    line: u64,
    chars_before: u64,
}

impl WaitingTexts {
    /// Keeps a text, unless the limit is reached.
    pub fn add(&mut self, at: u64, text: &EventText<'_>) {
        // The approximate overhead of a map entry.
        let bytes = text.text.len() + 64;
        if self.bytes + bytes <= WAITING_BYTES {
            self.bytes += bytes;
            let EventText { text, start, line, chars_before } = *text;
            self.texts.insert(at, Waiting { text: text.into(), start, line, chars_before });
        }
    }

    /// Returns the text at this position, if it was kept.
    pub fn get(&self, at: u64) -> Option<EventText<'_>> {
        let Waiting { text, start, line, chars_before } = self.texts.get(&at)?;
        Some(EventText { text, start: *start, line: *line, chars_before: *chars_before })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept_up_to_the_limit() {
        let long = vec![b'x'; WAITING_BYTES / 2];
        let text = |text| EventText { text, start: 1, line: 2, chars_before: 3 };
        let mut texts = WaitingTexts::default();
        for at in 0..3 {
            texts.add(at, &text(&long));
        }
        texts.add(3, &text(b"short"));
        assert!(texts.get(0).is_some() && texts.get(1).is_none() && texts.get(2).is_none());
        let short = texts.get(3).unwrap();
        assert_eq!((short.text, short.start, short.line, short.chars_before), (&b"short"[..], 1, 2, 3));
    }
}
