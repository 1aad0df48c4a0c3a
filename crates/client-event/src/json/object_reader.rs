//! Reads objects with known fields from ProtoJSON, for the other API versions: camelCase and `snake_case` names, null for a field that is
//! not set. Unknown and repeated fields are problems. Every problem has a path and a span. There are no required fields in ProtoJSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::json::containers::{member_path, not_an_object, read_elements, read_members, read_string_map};
use crate::json::document::read_document;
use crate::json::lexer::{Lexer, SyntaxError, ValueKind};
use crate::json::read_options::ReadOptions;
use crate::problem::{Problem, Problems, Reason, Refusal};

/// The path of the value that is being read, and the problems so far.
pub(crate) struct ObjectReader {
    ignore_unknown_fields: bool,
    path: String,
    problems: Problems,
}

impl ObjectReader {
    /// Reads a text. Returns what is readable and all problems; only a text that is not JSON is an error.
    pub(crate) fn read<T>(
        json: &[u8],
        options: ReadOptions,
        read: impl FnOnce(&mut Self, &mut Lexer<'_>) -> Result<T, SyntaxError>,
    ) -> Result<(T, Vec<Problem>), Refusal> {
        let mut reader =
            Self { ignore_unknown_fields: options.ignore_unknown_fields, path: String::new(), problems: Problems::default() };
        let value = read_document(json, |lexer| read(&mut reader, lexer))?;
        Ok((value, reader.problems.into_kept()))
    }

    /// Adds a problem of the value that is being read.
    pub(crate) fn add_problem(&mut self, reason: Reason, message: impl Into<String>) {
        self.problems.push(Problem::new(self.path.clone(), reason, message));
    }

    /// Reads an object and calls `field` to read each of these fields that is not null.
    pub(crate) fn read_object<'a, F: Copy>(
        &mut self,
        lexer: &mut Lexer<'a>,
        fields: &[(&'static str, F)],
        mut field: impl FnMut(&mut Self, F, ValueKind, &mut Lexer<'a>) -> Result<(), SyntaxError>,
    ) -> Result<(), SyntaxError> {
        let kind = lexer.peek_kind()?;
        if kind != ValueKind::Object {
            if self.path.is_empty() {
                let start = lexer.offset();
                lexer.skip_value()?;
                self.problems.push(not_an_object(kind).with_span(start..lexer.offset()));
                return Ok(());
            }
            return self.read_wrong_type(kind, "an object", lexer);
        }
        let mut seen = 0_u32;
        read_members(lexer, |key, lexer| {
            let is_field = |(name, _): &(&str, F)| key.name == *name || is_original_name(&key.name, name);
            let Some(index) = fields.iter().position(is_field) else {
                if !self.ignore_unknown_fields {
                    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
                    let message = format!("is not a field; expected one of {}", names.join(", "));
                    let problem = Problem::new(member_path(&self.path, &key.name), Reason::UnknownField, message);
                    self.problems.push(problem.with_span(key.span));
                }
                return lexer.skip_value();
            };
            let (name, chosen) = fields[index];
            let path = member_path(&self.path, name);
            if seen & 1 << index != 0 {
                self.problems.push(Problem::new(path, Reason::DuplicateField, "is given twice").with_span(key.span));
                return lexer.skip_value();
            }
            seen |= 1 << index;
            match lexer.peek_kind()? {
                ValueKind::Null => lexer.null(),
                kind => self.read_below(path, lexer, |reader, lexer| field(reader, chosen, kind, lexer)),
            }
        })
    }

    /// Reads an array and calls `element` to read each of its values.
    pub(crate) fn read_array<'a>(
        &mut self,
        kind: ValueKind,
        lexer: &mut Lexer<'a>,
        mut element: impl FnMut(&mut Self, ValueKind, &mut Lexer<'a>) -> Result<(), SyntaxError>,
    ) -> Result<(), SyntaxError> {
        if kind != ValueKind::Array {
            return self.read_wrong_type(kind, "an array", lexer);
        }
        read_elements(lexer, |index, kind, lexer| {
            let path = format!("{}[{index}]", self.path);
            self.read_below(path, lexer, |reader, lexer| element(reader, kind, lexer))
        })
    }

    /// Reads a string; returns `None` and adds a problem if the value is not a string.
    pub(crate) fn read_string<'a>(
        &mut self,
        kind: ValueKind,
        lexer: &mut Lexer<'a>,
    ) -> Result<Option<Cow<'a, str>>, SyntaxError> {
        if kind == ValueKind::String {
            return lexer.string().map(Some);
        }
        self.read_wrong_type(kind, "a string", lexer)?;
        Ok(None)
    }

    /// Reads a string into `target`.
    pub(crate) fn read_string_into(
        &mut self,
        kind: ValueKind,
        lexer: &mut Lexer<'_>,
        target: &mut String,
    ) -> Result<(), SyntaxError> {
        if let Some(found) = self.read_string(kind, lexer)? {
            *target = found.into_owned();
        }
        Ok(())
    }

    /// Reads an object of strings into `map`.
    pub(crate) fn read_string_map_into(
        &mut self,
        kind: ValueKind,
        lexer: &mut Lexer<'_>,
        map: &mut BTreeMap<String, String>,
    ) -> Result<(), SyntaxError> {
        if kind != ValueKind::Object {
            return self.read_wrong_type(kind, "an object of strings", lexer);
        }
        let entries = read_string_map(lexer, |key, reason, message, span| {
            self.problems.push(Problem::new(format!("{}[{key:?}]", self.path), reason, message).with_span(span));
        })?;
        *map = entries.into_iter().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
        Ok(())
    }

    /// Adds the problem that the next value has the wrong type, and skips the value.
    pub(crate) fn read_wrong_type(&mut self, found: ValueKind, expected: &str, lexer: &mut Lexer<'_>) -> Result<(), SyntaxError> {
        self.add_problem(Reason::WrongType, format!("is {}; expected {expected}", found.name()));
        lexer.skip_value()
    }

    /// Reads the value with this path, and sets its span on the problems of the value.
    fn read_below<'a>(
        &mut self,
        path: String,
        lexer: &mut Lexer<'a>,
        read: impl FnOnce(&mut Self, &mut Lexer<'a>) -> Result<(), SyntaxError>,
    ) -> Result<(), SyntaxError> {
        let (start, first_problem) = (lexer.offset(), self.problems.kept());
        let above = std::mem::replace(&mut self.path, path);
        let result = read(self, lexer);
        self.path = above;
        self.problems.set_span(first_problem, &(start..lexer.offset()));
        result
    }
}

/// Whether the key is the original `snake_case` name of the field with this camelCase name.
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
