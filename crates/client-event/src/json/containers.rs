//! Reads JSON objects and arrays. Knows no field of any message.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::json::lexer::{Key, Lexer, SyntaxError, ValueKind};
use crate::problem::{Problem, Reason};

/// Reads an object and passes each key to `member`, which reads the value. The next value must be an object.
#[inline]
pub(crate) fn read_members<'a>(
    lexer: &mut Lexer<'a>,
    mut member: impl FnMut(Key<'a>, &mut Lexer<'a>) -> Result<(), SyntaxError>,
) -> Result<(), SyntaxError> {
    lexer.expect(b'{', "`{`")?;
    if lexer.take(b'}') {
        return Ok(());
    }
    loop {
        let key = lexer.key()?;
        member(key, lexer)?;
        if !lexer.take(b',') {
            return lexer.expect(b'}', "`,` or `}`");
        }
    }
}

/// Reads an array and calls `element` with the index and kind of each value to read the value. The next value must be an array.
#[inline]
pub(crate) fn read_elements<'a>(
    lexer: &mut Lexer<'a>,
    mut element: impl FnMut(usize, ValueKind, &mut Lexer<'a>) -> Result<(), SyntaxError>,
) -> Result<(), SyntaxError> {
    lexer.expect(b'[', "`[`")?;
    if lexer.take(b']') {
        return Ok(());
    }
    for index in 0.. {
        let kind = lexer.peek_kind()?;
        element(index, kind, lexer)?;
        if !lexer.take(b',') {
            break;
        }
    }
    lexer.expect(b']', "`,` or `]`")
}

/// The entries of a map of strings, sorted by distinct keys.
pub(crate) type Entries<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Reads an object of strings. Calls `fault` with the key and the span of each value that is not a string, and then of each repeated key.
#[inline]
pub(crate) fn read_string_map<'a>(
    lexer: &mut Lexer<'a>,
    mut fault: impl FnMut(&str, Reason, String, Range<usize>),
) -> Result<Entries<'a>, SyntaxError> {
    let beginning = lexer.clone();
    let mut entries = Entries::new();
    read_members(lexer, |key, lexer| {
        let kind = lexer.peek_kind()?;
        if kind != ValueKind::String {
            let start = lexer.offset();
            lexer.skip_value()?;
            fault(&key.name, Reason::WrongType, format!("is {}; expected a string", kind.name()), start..lexer.offset());
            return Ok(());
        }
        if entries.capacity() == 0 {
            entries.reserve(8);
        }
        entries.push((key.name, lexer.string()?));
        Ok(())
    })?;
    if !entries.is_sorted_by(|(earlier, _), (later, _)| earlier < later) {
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        let count = entries.len();
        entries.dedup_by(|(later, _), (earlier, _)| later == earlier);
        if entries.len() < count {
            for (key, span) in repeated_keys(beginning) {
                fault(&key, Reason::DuplicateField, "is given twice".to_owned(), span);
            }
        }
    }
    Ok(entries)
}

/// The repeated keys of a map of strings, sorted, with their spans. Reads the object a second time, so that maps without repeated keys
/// need not keep spans.
fn repeated_keys(mut lexer: Lexer<'_>) -> Vec<(Cow<'_, str>, Range<usize>)> {
    let (mut seen, mut repeated) = (HashSet::new(), Vec::new());
    let read = read_members(&mut lexer, |key, lexer| {
        if lexer.peek_kind()? == ValueKind::String && !seen.insert(key.name.clone()) {
            repeated.push((key.name, key.span));
        }
        lexer.skip_value()
    });
    debug_assert!(read.is_ok(), "the object was read before");
    repeated.sort_by(|(one, _), (other, _)| one.cmp(other));
    repeated
}

/// The path of a member of an object with a path: `jobEvent.type`. Keys that are not identifiers are quoted.
pub(crate) fn member_path(object: &str, key: &str) -> String {
    let is_identifier = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match (is_identifier, object) {
        (false, _) => format!("{object}[{key:?}]"),
        (true, "") => key.to_owned(),
        (true, _) => format!("{object}.{key}"),
    }
}

pub(crate) fn not_an_object(found: ValueKind) -> Problem {
    Problem::new("", Reason::NotAnObject, format!("is {}; expected an object", found.name()))
}
