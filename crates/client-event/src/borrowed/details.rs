//! The details of a borrowed event. Where they are spelled as the writer spells them, their text is all that is kept: it is taken apart
//! when somebody asks for them, which most readers never do, and two events have the same details when the texts are the same.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::wire::containers::Entries;
use crate::wire::lexer::plain_length;

/// The details, in ascending order of distinct keys.
#[derive(Clone, Debug)]
pub(crate) enum Details<'a> {
    /// So many entries as the writer spells them, without the braces: `"key":"value","key":"value"`, and nothing in them is escaped.
    Plain { text: &'a str, count: usize },
    /// In any spelling.
    Entries(Entries<'a>),
}

impl Details<'_> {
    /// Nothing.
    pub(crate) const NONE: Self = Self::Plain { text: "", count: 0 };

    pub(crate) fn iter(&self) -> Iter<'_> {
        match self {
            Self::Plain { text, count } => Iter { text, entries: &[], left: *count },
            Self::Entries(entries) => Iter { text: "", entries, left: entries.len() },
        }
    }

    pub(crate) fn into_owned(self) -> BTreeMap<String, String> {
        match self {
            Self::Plain { .. } => self.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            Self::Entries(entries) => entries.into_iter().map(|(key, value)| (key.into_owned(), value.into_owned())).collect(),
        }
    }

    /// The text of the entries, if it is plain.
    pub(crate) fn plain(&self) -> Option<&str> {
        match self {
            Self::Plain { text, .. } => Some(text),
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
    /// Takes what stands in the quotes that come next in the text, and what follows them.
    fn quoted(&mut self) -> &'e str {
        let text = &self.text[1..];
        let (quoted, rest) = text.split_at(plain_length(text.as_bytes()));
        // The colon or the comma; behind the last there is none.
        self.text = rest.get(2..).unwrap_or_default();
        quoted
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
        Some((self.quoted(), self.quoted()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Iter<'_> {}
