//! Reads objects with known fields from ProtoJSON, for the message's relatives: camelCase and `snake_case` names, null for what is
//! not set, unknown and repeated fields refused, every problem named with its path. Knows nothing of required fields: in
//! ProtoJSON there are none.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::problem::{Problem, Problems, Reason, Refusal};
use crate::wire::containers::{document, elements, member_path, members, not_an_object, string_map};
use crate::wire::lexer::{Kind, Lexer, SyntaxError};
use crate::wire::reader::ReadOptions;

/// A text while it is read: where the reader is, and what was wrong so far.
pub(crate) struct ObjectReader {
    ignore_unknown_fields: bool,
    path: String,
    problems: Problems,
}

impl ObjectReader {
    /// Reads one text. What could be read comes with the problems of the rest; only what is not JSON is an error.
    pub(crate) fn of<T>(
        json: &[u8],
        options: ReadOptions,
        read: impl FnOnce(&mut Self, &mut Lexer<'_>) -> Result<T, SyntaxError>,
    ) -> Result<(T, Vec<Problem>), Refusal> {
        let ReadOptions { ignore_unknown_fields } = options;
        let mut reading = Self { ignore_unknown_fields, path: String::new(), problems: Problems::default() };
        let value = document(json, |lexer| read(&mut reading, lexer))?;
        Ok((value, reading.problems.into_kept()))
    }

    /// Names a problem of the value that is being read.
    pub(crate) fn problem(&mut self, reason: Reason, message: impl Into<String>) {
        self.problems.push(Problem::new(self.path.clone(), reason, message));
    }

    /// Takes the next value, an object, and has `field` take the value of each of the named fields that is not null.
    pub(crate) fn object<'a, F: Copy>(
        &mut self,
        lexer: &mut Lexer<'a>,
        fields: &[(&'static str, F)],
        mut field: impl FnMut(&mut Self, F, Kind, &mut Lexer<'a>) -> Result<(), SyntaxError>,
    ) -> Result<(), SyntaxError> {
        let kind = lexer.peek_kind()?;
        if kind != Kind::Object {
            if self.path.is_empty() {
                self.problems.push(not_an_object(kind));
                return lexer.skip_value();
            }
            return self.wrong_type(kind, "an object", lexer);
        }
        let mut seen = 0_u32;
        members(lexer, |key, lexer| {
            let Some(position) = fields.iter().position(|(name, _)| *key == **name || is_original_name(&key, name)) else {
                if !self.ignore_unknown_fields {
                    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
                    let message = format!("is not a field; expected one of {}", names.join(", "));
                    self.problems.push(Problem::new(member_path(&self.path, &key), Reason::UnknownField, message));
                }
                return lexer.skip_value();
            };
            let (name, chosen) = fields[position];
            let path = member_path(&self.path, name);
            self.below(path, |reading| {
                if seen & 1 << position != 0 {
                    reading.problem(Reason::DuplicateField, "is given twice");
                    return lexer.skip_value();
                }
                seen |= 1 << position;
                match lexer.peek_kind()? {
                    Kind::Null => lexer.null(),
                    kind => field(reading, chosen, kind, lexer),
                }
            })
        })
    }

    /// Takes the next value, an array, and has `element` take each of its values.
    pub(crate) fn array<'a>(
        &mut self,
        kind: Kind,
        lexer: &mut Lexer<'a>,
        mut element: impl FnMut(&mut Self, Kind, &mut Lexer<'a>) -> Result<(), SyntaxError>,
    ) -> Result<(), SyntaxError> {
        if kind != Kind::Array {
            return self.wrong_type(kind, "an array", lexer);
        }
        elements(lexer, |position, kind, lexer| {
            let path = format!("{}[{position}]", self.path);
            self.below(path, |reading| element(reading, kind, lexer))
        })
    }

    /// Takes the next value, a string; `None` after naming the problem that it is none.
    pub(crate) fn string<'a>(&mut self, kind: Kind, lexer: &mut Lexer<'a>) -> Result<Option<Cow<'a, str>>, SyntaxError> {
        if kind == Kind::String {
            return lexer.string().map(Some);
        }
        self.wrong_type(kind, "a string", lexer)?;
        Ok(None)
    }

    /// Takes the next value, a string, into `text`.
    pub(crate) fn text(&mut self, kind: Kind, lexer: &mut Lexer<'_>, text: &mut String) -> Result<(), SyntaxError> {
        if let Some(found) = self.string(kind, lexer)? {
            *text = found.into_owned();
        }
        Ok(())
    }

    /// Takes the next value, an object of strings, into `map`.
    pub(crate) fn string_map(
        &mut self,
        kind: Kind,
        lexer: &mut Lexer<'_>,
        map: &mut BTreeMap<String, String>,
    ) -> Result<(), SyntaxError> {
        if kind != Kind::Object {
            return self.wrong_type(kind, "an object of strings", lexer);
        }
        let entries = string_map(lexer, |key, reason, message| {
            self.problems.push(Problem::new(format!("{}[{key:?}]", self.path), reason, message));
        })?;
        *map = entries.into_iter().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        Ok(())
    }

    /// Names the problem that the next value is of another type, and skips it.
    pub(crate) fn wrong_type(&mut self, found: Kind, expected: &str, lexer: &mut Lexer<'_>) -> Result<(), SyntaxError> {
        self.problem(Reason::WrongType, format!("is {}; expected {expected}", found.name()));
        lexer.skip_value()
    }

    fn below<T>(&mut self, path: String, read: impl FnOnce(&mut Self) -> T) -> T {
        let above = std::mem::replace(&mut self.path, path);
        let value = read(self);
        self.path = above;
        value
    }
}

/// Whether this is the original `snake_case` name of the field with that camelCase name.
fn is_original_name(key: &str, camel_case: &str) -> bool {
    let mut key = key.bytes();
    let same = camel_case.bytes().all(|byte| match byte {
        b'A'..=b'Z' => key.next() == Some(b'_') && key.next() == Some(byte.to_ascii_lowercase()),
        _ => key.next() == Some(byte),
    });
    same && key.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::is_original_name;

    #[test]
    fn original_names() {
        for (key, camel_case, same) in [
            ("parent_event_id", "parentEventId", true),
            ("type", "type", true),
            ("parent_event", "parentEventId", false),
            ("parent_event_ids", "parentEventId", false),
            ("parent_Event_id", "parentEventId", false),
            ("parentEventId", "parentEventId", false),
            ("", "type", false),
        ] {
            assert_eq!(is_original_name(key, camel_case), same, "{key} {camel_case}");
        }
    }
}
