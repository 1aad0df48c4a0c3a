//! Reads a whole text as one JSON value, and reports a text that is not UTF-8 or not JSON.

use crate::json::lexer::{Lexer, SyntaxError};
use crate::problem::{Problem, Reason, Refusal};

/// Reads the only value of a text with `read`. Refuses a text that is not UTF-8, not JSON, or has more than one value.
pub(crate) fn read_document<'a, T>(
    json: &'a [u8],
    read: impl FnOnce(&mut Lexer<'a>) -> Result<T, SyntaxError>,
) -> Result<T, Refusal> {
    read_document_text(decode_utf8(json)?, read)
}

/// Decodes UTF-8, or refuses the text.
pub(crate) fn decode_utf8(json: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(json).map_err(|error| {
        let offset = error.valid_up_to();
        let problem = Problem::new("", Reason::NotUtf8, format!("is not UTF-8 at byte {offset}"));
        Refusal::from_problem(problem.with_span(offset..offset + 1))
    })
}

/// [`read_document`] for a text that is known to be UTF-8.
pub(crate) fn read_document_text<'a, T>(
    text: &'a str,
    read: impl FnOnce(&mut Lexer<'a>) -> Result<T, SyntaxError>,
) -> Result<T, Refusal> {
    let mut lexer = Lexer::new(text);
    read(&mut lexer)
        .and_then(|value| lexer.expect_end().map(|()| value))
        .map_err(|error| Refusal::from_problem(not_json(text, &error)))
}

/// The offset of the first byte at which a text is not JSON. `None` for JSON, and for a text that is not UTF-8.
fn json_error_offset(json: &[u8]) -> Option<usize> {
    let mut lexer = Lexer::new(std::str::from_utf8(json).ok()?);
    lexer.skip_value().and_then(|()| lexer.expect_end()).err().map(|error| error.offset)
}

/// Whether a text is the incomplete beginning of a JSON text: it has no error except that it ends too early. Returns false for complete
/// JSON, and for a text that is not UTF-8.
///
/// ```
/// use client_event::is_json_prefix;
///
/// assert!(is_json_prefix(br#"{"eventId":"e-"#));
/// assert!(!is_json_prefix(br#"{"eventId" "e-"#));
/// assert!(!is_json_prefix(b"{}"));
/// ```
pub fn is_json_prefix(json: &[u8]) -> bool {
    json_error_offset(json).is_some_and(|offset| {
        let rest = &json[offset..];
        // An incomplete literal and an incomplete surrogate pair are reported at their beginning.
        let is_literal_prefix = ["true", "false", "null"].iter().any(|word| word.as_bytes().starts_with(rest));
        let is_pair_prefix = rest.split_at_checked(4).is_some_and(|(digits, after)| {
            json[..offset].ends_with(b"\\u")
                && matches!(digits, [b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B', ..])
                && matches!(after, b"" | b"\\")
        });
        rest.is_empty() || is_literal_prefix || is_pair_prefix
    })
}

fn not_json(text: &str, error: &SyntaxError) -> Problem {
    let char = text[error.offset..].chars().next();
    let found = char.map_or_else(|| "the end of the text".to_owned(), |char| format!("{char:?}"));
    let message = format!("is not JSON at byte {}: found {found}, expected {}", error.offset, error.expected);
    let span = error.offset..error.offset + char.map_or(0, char::len_utf8);
    Problem::new("", Reason::NotJson, message).with_span(span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::strategies::encoded_message;

    #[test]
    fn errors_have_an_offset() {
        for (text, offset) in [("{}", None), ("{\"a\":1 x}", Some(7)), ("", Some(0)), ("{} {}", Some(3)), ("{\"é\":", Some(6))] {
            assert_eq!(json_error_offset(text.as_bytes()), offset, "{text}");
        }
        assert_eq!(json_error_offset(b"\xff"), None);
    }

    proptest! {
        /// For all messages in any encoding, every proper prefix is a prefix of JSON, and the whole is not.
        #[test]
        fn every_prefix_of_a_message_is_a_json_prefix(encoded in encoded_message()) {
            let text = str::from_utf8(&encoded.json).unwrap().trim_end();
            for (offset, _) in text.char_indices().skip_while(|(offset, _)| text[..*offset].trim().is_empty()) {
                prop_assert!(is_json_prefix(&text.as_bytes()[..offset]), "{}", &text[..offset]);
            }
            prop_assert!(!is_json_prefix(text.as_bytes()));
        }
    }

    #[test]
    fn a_text_with_an_error_is_not_a_json_prefix() {
        for text in ["nonsense", "{\"a\" 1", "{\"a\":trux", "{} {", "{\"a\":\"\\ud83dx", "{\"a\":\"\\ude00\"", "1"] {
            assert!(!is_json_prefix(text.as_bytes()), "{text}");
        }
        assert!(!is_json_prefix(b"{\xff"));
    }
}
