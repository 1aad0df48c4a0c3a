//! The details of a borrowed event. Details that are encoded as the writer encodes them are kept as text and parsed on demand, because
//! most programs never read them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::json::containers::Entries;
use crate::json::lexer::plain_length;

/// The details, sorted by distinct keys.
#[derive(Clone, Debug)]
pub(crate) enum Details<'a> {
    /// The text of `count` entries without braces and escapes, as the writer writes them: `"key":"value","key":"value"`.
    Json { text: &'a str, count: usize },
    /// Parsed entries.
    Entries(Entries<'a>),
}

impl Details<'_> {
    /// No details.
    pub(crate) const NONE: Self = Self::Json { text: "", count: 0 };

    pub(crate) fn iter(&self) -> Iter<'_> {
        match self {
            Self::Json { text, count } => Iter { text, entries: &[], left: *count },
            Self::Entries(entries) => Iter { text: "", entries, left: entries.len() },
        }
    }

    pub(crate) fn into_owned(self) -> BTreeMap<String, String> {
        match self {
            Self::Json { .. } => self.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            Self::Entries(entries) => entries.into_iter().map(|(key, value)| (key.into_owned(), value.into_owned())).collect(),
        }
    }

    /// The JSON of the entries without the braces, if the details are stored as text.
    pub(crate) fn json(&self) -> Option<&str> {
        match self {
            Self::Json { text, .. } => Some(text),
            Self::Entries(_) => None,
        }
    }
}

impl PartialEq for Details<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Details<'_> {}

/// The keys and values.
#[derive(Clone)]
pub(crate) struct Iter<'e> {
    text: &'e str,
    entries: &'e [(Cow<'e, str>, Cow<'e, str>)],
    left: usize,
}

impl<'e> Iter<'e> {
    /// Reads the next string and the byte after it.
    fn read_string(&mut self) -> &'e str {
        let text = &self.text[1..];
        let (string, rest) = text.split_at(plain_length(text.as_bytes()));
        // Skips the quote and the colon or comma; after the last string there is no comma.
        self.text = rest.get(2..).unwrap_or_default();
        string
    }
}

impl<'e> Iterator for Iter<'e> {
    type Item = (&'e str, &'e str);

    fn next(&mut self) -> Option<(&'e str, &'e str)> {
        self.left = self.left.checked_sub(1)?;
        if let Some(((key, value), rest)) = self.entries.split_first() {
            self.entries = rest;
            return Some((key, value));
        }
        Some((self.read_string(), self.read_string()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Iter<'_> {}
