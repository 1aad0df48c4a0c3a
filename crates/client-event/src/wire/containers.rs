//! Walks through JSON objects and arrays for the readers, and names what is wrong with a text as a whole. Knows the shapes of
//! JSON, but no field of any message.

use std::borrow::Cow;

use crate::problem::{Problem, Reason, Refusal};
use crate::wire::lexer::{Kind, Lexer, SyntaxError};

/// Hands the one value of a text to `read` and makes sure that nothing follows it. Refuses what is not UTF-8 or not JSON.
pub(crate) fn document<'a, T>(json: &'a [u8], read: impl FnOnce(&mut Lexer<'a>) -> Result<T, SyntaxError>) -> Result<T, Refusal> {
    document_of(utf8(json)?, read)
}

/// The text that the bytes are. Refuses what is not UTF-8.
pub(crate) fn utf8(json: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(json).map_err(|error| {
        let message = format!("is not UTF-8 at byte {}", error.valid_up_to());
        refused(Problem::new("", Reason::NotUtf8, message))
    })
}

/// Does as [`document`] does with a text.
pub(crate) fn document_of<'a, T>(
    text: &'a str,
    read: impl FnOnce(&mut Lexer<'a>) -> Result<T, SyntaxError>,
) -> Result<T, Refusal> {
    let mut lexer = Lexer::new(text);
    read(&mut lexer).and_then(|value| lexer.end().map(|()| value)).map_err(|error| refused(not_json(text, &error)))
}

fn refused(problem: Problem) -> Refusal {
    Refusal::of(vec![problem]).expect("it has a problem")
}

/// Where a text stops being JSON, in bytes from its start: the place that a problem of [`Reason::NotJson`] speaks of. `None` for
/// JSON, and for what is not UTF-8.
pub fn json_error_offset(json: &[u8]) -> Option<usize> {
    let mut lexer = Lexer::new(std::str::from_utf8(json).ok()?);
    lexer.skip_value().and_then(|()| lexer.end()).err().map(|error| error.offset)
}

/// Whether a text could be JSON if it went on: it ends before its value does, and nothing in it is wrong. Says no of JSON, and of what
/// is not UTF-8.
pub fn is_json_prefix(json: &[u8]) -> bool {
    json_error_offset(json).is_some_and(|offset| {
        let rest = &json[offset..];
        // What is begun and not whole is at fault from its beginning: a word, or the first half of a pair of surrogates.
        let is_word_begun = ["true", "false", "null"].iter().any(|word| word.as_bytes().starts_with(rest));
        let is_pair_begun = rest.split_at_checked(4).is_some_and(|(digits, behind)| {
            json[..offset].ends_with(b"\\u")
                && matches!(digits, [b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', ..])
                && matches!(behind, b"" | b"\\")
        });
        rest.is_empty() || is_word_begun || is_pair_begun
    })
}

/// Takes an object and hands each key to `member`, which takes the value; the caller has seen that an object comes next.
#[inline]
pub(crate) fn members<'a>(
    lexer: &mut Lexer<'a>,
    mut member: impl FnMut(Cow<'a, str>, &mut Lexer<'a>) -> Result<(), SyntaxError>,
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

/// Takes an array and has `element` take each of its values; the caller has seen that an array comes next.
#[inline]
pub(crate) fn elements<'a>(
    lexer: &mut Lexer<'a>,
    mut element: impl FnMut(usize, Kind, &mut Lexer<'a>) -> Result<(), SyntaxError>,
) -> Result<(), SyntaxError> {
    lexer.expect(b'[', "`[`")?;
    if lexer.take(b']') {
        return Ok(());
    }
    for position in 0.. {
        let kind = lexer.peek_kind()?;
        element(position, kind, lexer)?;
        if !lexer.take(b',') {
            break;
        }
    }
    lexer.expect(b']', "`,` or `]`")
}

/// The entries of a map of strings, in ascending order of distinct keys.
pub(crate) type Entries<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// Takes an object of strings; tells `fault` of values that are no strings and then of keys given twice.
#[inline]
pub(crate) fn string_map<'a>(
    lexer: &mut Lexer<'a>,
    mut fault: impl FnMut(&str, Reason, String),
) -> Result<Entries<'a>, SyntaxError> {
    let mut entries = Entries::new();
    members(lexer, |key, lexer| {
        let kind = lexer.peek_kind()?;
        if kind != Kind::String {
            fault(&key, Reason::WrongType, format!("is {}; expected a string", kind.name()));
            return lexer.skip_value();
        }
        if entries.capacity() == 0 {
            entries.reserve(8);
        }
        entries.push((key, lexer.string()?));
        Ok(())
    })?;
    if !entries.is_sorted_by(|(earlier, _), (later, _)| earlier < later) {
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        entries.dedup_by(|(later, _), (earlier, _)| {
            let repeated = later == earlier;
            if repeated {
                fault(later, Reason::DuplicateField, "is given twice".to_owned());
            }
            repeated
        });
    }
    Ok(entries)
}

/// The path of a member below the path of its object: `jobEvent.type`; keys unlike names are quoted.
pub(crate) fn member_path(object: &str, key: &str) -> String {
    let plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match (plain, object) {
        (false, _) => format!("{object}[{key:?}]"),
        (true, "") => key.to_owned(),
        (true, _) => format!("{object}.{key}"),
    }
}

pub(crate) fn not_an_object(found: Kind) -> Problem {
    Problem::new("", Reason::NotAnObject, format!("is {}; expected an object", found.name()))
}

fn not_json(text: &str, error: &SyntaxError) -> Problem {
    let found = match text[error.offset..].chars().next() {
        Some(char) => format!("{char:?}"),
        None => "the end of the text".to_owned(),
    };
    let message = format!("is not JSON at byte {}: found {found}, expected {}", error.offset, error.expected);
    Problem::new("", Reason::NotJson, message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_json_prefix, json_error_offset};
    use crate::strategies::encoded_message;

    #[test]
    fn errors_have_a_place() {
        for (text, offset) in [("{}", None), ("{\"a\":1 x}", Some(7)), ("", Some(0)), ("{} {}", Some(3)), ("{\"é\":", Some(6))] {
            assert_eq!(json_error_offset(text.as_bytes()), offset, "{text}");
        }
        assert_eq!(json_error_offset(b"\xff"), None);
    }

    proptest! {
        /// For all messages in any spelling, every beginning of one could go on, and the whole could not.
        #[test]
        fn every_beginning_of_json_could_go_on(spelled in encoded_message()) {
            let text = str::from_utf8(&spelled.json).unwrap().trim_end();
            for (at, _) in text.char_indices().skip_while(|(at, _)| text[..*at].trim().is_empty()) {
                prop_assert!(is_json_prefix(&text.as_bytes()[..at]), "{}", &text[..at]);
            }
            prop_assert!(!is_json_prefix(text.as_bytes()));
        }
    }

    #[test]
    fn what_is_wrong_cannot_go_on() {
        for text in ["nonsense", "{\"a\" 1", "{\"a\":trux", "{} {", "{\"a\":\"\\ud83dx", "{\"a\":\"\\ude00\"", "1"] {
            assert!(!is_json_prefix(text.as_bytes()), "{text}");
        }
        assert!(!is_json_prefix(b"{\xff"));
    }
}
