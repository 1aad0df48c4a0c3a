//! Finds positions in JSON text: the parts of an event that a finding is about. The text should be valid JSON. For other
//! text, the returned positions are arbitrary or missing, but no function panics.

use std::borrow::Cow;
use std::ops::Range;

/// A member of an object.
pub struct Member<'a> {
    /// The key, unescaped.
    pub key: Cow<'a, str>,
    /// Position of the value.
    pub value_at: Range<usize>,
}

/// Returns the members of the object at position `object`; none if there is no object.
pub fn members(text: &[u8], object: usize) -> impl Iterator<Item = Member<'_>> {
    let mut at = skip_white_space(text, object);
    let mut open = text.get(at) == Some(&b'{');
    at += 1;
    std::iter::from_fn(move || {
        if !open {
            return None;
        }
        let key_start = skip_white_space(text, at);
        let key_end = string_end(text, key_start)?;
        let colon = skip_white_space(text, key_end);
        let value_start = skip_white_space(text, colon + 1);
        let value_end = value_end(text, value_start)?;
        let next = skip_white_space(text, value_end);
        open = text.get(next) == Some(&b',');
        at = next + 1;
        let key = unescaped(&text[key_start..key_end]);
        Some(Member { key, value_at: value_start..value_end })
    })
}

/// Returns the positions of the elements of the array at position `array`; none if there is no array.
pub fn elements(text: &[u8], array: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = skip_white_space(text, array);
    let mut open = text.get(at) == Some(&b'[');
    at += 1;
    std::iter::from_fn(move || {
        if !open {
            return None;
        }
        let start = skip_white_space(text, at);
        let end = value_end(text, start)?;
        let next = skip_white_space(text, end);
        open = text.get(next) == Some(&b',');
        at = next + 1;
        Some(start..end)
    })
}

/// Returns the position of the value in a text, without surrounding white space.
pub fn whole(text: &[u8]) -> Range<usize> {
    let start = skip_white_space(text, 0);
    start..start.max(text.trim_ascii_end().len())
}

fn unescaped(string: &[u8]) -> Cow<'_, str> {
    let plain = string.get(1..string.len().saturating_sub(1)).unwrap_or_default();
    if plain.contains(&b'\\') {
        return serde_json::from_slice::<String>(string).unwrap_or_default().into();
    }
    String::from_utf8_lossy(plain)
}

fn skip_white_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = text.get(at) {
        at += 1;
    }
    at
}

/// Returns the end of the string that begins at `start`, if it ends.
fn string_end(text: &[u8], start: usize) -> Option<usize> {
    if text.get(start) != Some(&b'"') {
        return None;
    }
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Returns the end of the value that begins at `start`, if it ends.
fn value_end(text: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_u32;
    let mut at = start;
    loop {
        match text.get(at)? {
            b'"' => {
                at = string_end(text, at)?;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return (depth == 1).then_some(at + 1),
            b'}' | b']' => depth -= 1,
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => {
                let literal = text[at..]
                    .iter()
                    .position(|byte| !matches!(byte, b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z'));
                let literal = literal.unwrap_or(text.len() - at);
                if depth == 0 || literal == 0 {
                    return (literal > 0).then_some(at + literal);
                }
                at += literal;
                continue;
            }
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    proptest! {
        /// For all objects, the members are the written ones, each at its position.
        #[test]
        fn members_are_found(texts in prop::collection::btree_map(".{0,5}", r#"[\[\]{},:"\\a]{0,8}"#, 0..5), indent: bool) {
            let value = serde_json::json!({ "m": texts, "l": [texts.values().collect::<Vec<_>>(), { "x": [1.5e3, true, null] }] });
            let text = if indent { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let text = text.as_bytes();
            let outer: Vec<_> = members(text, 0).collect();
            prop_assert_eq!(outer.len(), 2);
            for member in outer {
                let found: Value = serde_json::from_slice(&text[member.value_at.clone()]).unwrap();
                prop_assert_eq!(&found, &value[&*member.key]);
                for element in elements(text, member.value_at.start) {
                    serde_json::from_slice::<Value>(&text[element]).unwrap();
                }
                for inner in members(text, member.value_at.start) {
                    let found: String = serde_json::from_slice(&text[inner.value_at]).unwrap();
                    prop_assert_eq!(&found, &texts[&*inner.key]);
                }
            }
        }

        /// For all texts, the search ends.
        #[test]
        fn looking_into_anything_ends(text in r#"[\[\]{},:"\\a \n0-9é]{0,20}"#) {
            let text = text.as_bytes();
            for start in 0..=text.len() {
                prop_assert!(members(text, start).all(|member| member.value_at.end <= text.len()));
                prop_assert!(elements(text, start).all(|element| element.end <= text.len()));
            }
        }
    }
}
