//! Escapes text from targets and files for a terminal: characters that move the cursor, change colours or reorder letters.

mod one_line;

use std::borrow::Cow;

use serde_json::Value;

pub use one_line::one_line;

/// Returns the text with control characters replaced by escapes such as `\u{1b}`. Tabs and line breaks count as control characters.
pub fn escape_controls(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        if is_control(char) {
            escaped.extend(char.escape_default());
        } else {
            escaped.push(char);
        }
    }
    Cow::Owned(escaped)
}

/// Escapes control characters in all strings and keys of a JSON value.
pub fn escape_controls_within(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(escaped) = escape_controls(text) {
                *text = escaped;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(escape_controls_within),
        Value::Object(object) => {
            object.values_mut().for_each(escape_controls_within);
            if object.keys().any(|key| key.contains(is_control)) {
                let entries = std::mem::take(object).into_iter();
                *object = entries.map(|(key, value)| (escape_controls(&key).into_owned(), value)).collect();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a terminal may interpret the character instead of showing it: the control characters of Unicode, and the marks that change the
/// direction of text or end a line.
pub fn is_control(char: char) -> bool {
    char.is_control() || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        /// For all texts, the escaped text has no control character, and a text without control characters stays unchanged.
        #[test]
        fn nothing_is_left_to_obey(text in any::<String>()) {
            let escaped = escape_controls(&text);
            prop_assert!(!escaped.contains(is_control));
            prop_assert_eq!(escaped == text, !text.contains(is_control));
        }
    }

    #[test]
    fn escapes_show_the_original_characters() {
        for (text, expected) in [
            ("caf\u{e9} \u{1f980}", "caf\u{e9} \u{1f980}"),
            ("\u{1b}[2J\u{7}", "\\u{1b}[2J\\u{7}"),
            ("a\r\n\tb", "a\\r\\n\\tb"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("exe.\u{202e}txt", "exe.\\u{202e}txt"),
        ] {
            assert_eq!(escape_controls(text), expected);
        }
    }

    #[test]
    fn keys_are_escaped_like_values() {
        let mut value = json!({"a\u{7}": [{"b": "\u{1b}c", "d": 1}], "e": null});
        escape_controls_within(&mut value);
        assert_eq!(value, json!({"a\\u{7}": [{"b": "\\u{1b}c", "d": 1}], "e": null}));
    }
}
