//! Decodes a text in every possible way and tracks the source position of each decoded byte. No encoding is assumed: anything that looks
//! like an encoding is decoded from every place where it could begin.

use std::ops::Range;

/// The minimum number of base64 and of hexadecimal characters that can hold a secret.
const BASE64_MIN: usize = 8;
const HEX_MIN: usize = 12;

/// The number of bytes to decode from each place within an escape. Every compared part of a secret is shorter.
const WITHIN_MAX: usize = 12;

/// A text, plain or decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Decoded {
    bytes: Vec<u8>,
    /// The range of the text that each byte comes from.
    origins: Vec<Range<usize>>,
    /// Whether no further decoding applies.
    is_final: bool,
}

/// Escapes that are decoded together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Escapes {
    /// Escapes of JSON and of programming languages.
    Backslash,
    /// Escapes of URLs.
    Percent,
    /// Escapes of HTML.
    Ampersand,
}

impl Decoded {
    /// A text without decoding.
    pub(super) fn text(text: &str) -> Self {
        Self { bytes: text.into(), origins: (0..text.len()).map(|at| at..at + 1).collect(), is_final: false }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The ranges of the text that these bytes come from.
    pub(super) fn origins(&self, bytes: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        self.origins[bytes].iter().cloned()
    }

    /// Decodes these bytes further, in every possible encoding.
    pub(super) fn further(&self) -> Vec<Self> {
        if self.is_final {
            return Vec::new();
        }
        let escapes = [Escapes::Backslash, Escapes::Percent, Escapes::Ampersand];
        let unescaped = escapes.into_iter().filter_map(|escapes| self.unescaped(escapes)).flatten();
        let base64 = (0..4).filter_map(|begin| self.of_runs(is_base64, BASE64_MIN, begin, Self::push_base64));
        let is_hex = |byte: u8| byte.is_ascii_hexdigit();
        let hex = (0..2).filter_map(|begin| self.of_runs(is_hex, HEX_MIN, begin, Self::push_hex));
        unescaped.chain(base64).chain(hex).collect()
    }

    fn push(&mut self, byte: u8, origin: Range<usize>) {
        self.bytes.push(byte);
        self.origins.push(origin);
    }

    /// The range of the text that all of these bytes come from.
    fn origin(&self, bytes: Range<usize>) -> Range<usize> {
        self.origins[bytes.start].start..self.origins[bytes.end - 1].end
    }

    /// Decodes these escapes, if there are any: once from the beginning, and once from each place within an escape. A secret may begin
    /// there, because the bytes before it may form an escape with its first characters.
    fn unescaped(&self, escapes: Escapes) -> Option<[Self; 2]> {
        let mut unescaped = Self::default();
        let mut from_within = Self { is_final: true, ..Self::default() };
        let mut at = 0;
        while at < self.bytes.len() {
            let length = unescaped.push_unescaped(self, escapes, at);
            for within in at + 1..at + length {
                let (begin, mut next) = (from_within.bytes.len(), within);
                while next < self.bytes.len() && from_within.bytes.len() < begin + WITHIN_MAX {
                    next += from_within.push_unescaped(self, escapes, next);
                }
                from_within.push_end(self.origins[within].start);
            }
            at += length;
        }
        (unescaped.bytes.len() < self.bytes.len()).then_some([unescaped, from_within])
    }

    /// Appends the unescaped bytes at a place. Returns the number of source bytes.
    fn push_unescaped(&mut self, from: &Self, escapes: Escapes, at: usize) -> usize {
        let (bytes, length) = escapes.at_start_of(&from.bytes[at..]).unwrap_or_else(|| (vec![from.bytes[at]], 1));
        let origin = from.origin(at..at + length);
        for byte in bytes {
            self.push(byte, origin.clone());
        }
        length
    }

    /// Appends a separator. No secret contains this byte.
    fn push_end(&mut self, origin: usize) {
        self.push(0, origin..origin);
    }

    /// Decodes each run of at least `least` bytes of an encoding, starting at byte number `begin` of the run.
    fn of_runs(
        &self,
        is_of_encoding: impl Fn(u8) -> bool,
        least: usize,
        begin: usize,
        push: impl Fn(&mut Self, &Self, Range<usize>),
    ) -> Option<Self> {
        let mut decoded = Self::default();
        let mut at = 0;
        while at < self.bytes.len() {
            let length = self.bytes[at..].iter().take_while(|byte| is_of_encoding(**byte)).count();
            if length >= least + begin {
                push(&mut decoded, self, at + begin..at + length);
                decoded.push_end(self.origins[at + length - 1].end);
            }
            at += length + 1;
        }
        (!decoded.bytes.is_empty()).then_some(decoded)
    }

    /// Each group of four characters makes three bytes; the last group may be shorter.
    fn push_base64(&mut self, from: &Self, run: Range<usize>) {
        for begin in run.clone().step_by(4) {
            let end = run.end.min(begin + 4);
            let digits = from.bytes[begin..end].iter().map(|byte| base64_digit(*byte));
            let group = digits.fold(0_u32, |group, digit| group << 6 | digit) << (6 * (4 - (end - begin)));
            for (number, byte) in group.to_be_bytes()[1..].iter().enumerate().take(end - begin - 1) {
                self.push(*byte, from.origin(begin + number..begin + number + 2));
            }
        }
    }

    fn push_hex(&mut self, from: &Self, run: Range<usize>) {
        for begin in run.clone().step_by(2).take_while(|begin| begin + 2 <= run.end) {
            let byte = number(&from.bytes[begin..begin + 2], 16).and_then(|number| u8::try_from(number).ok());
            self.push(byte.expect("two digits"), from.origin(begin..begin + 2));
        }
    }
}

/// Whether the byte is a character of either base64 alphabet.
fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn base64_digit(byte: u8) -> u32 {
    let digit = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    };
    digit.into()
}

impl Escapes {
    /// The bytes of the escape at the start of the text, if any, and the length of the escape.
    fn at_start_of(self, text: &[u8]) -> Option<(Vec<u8>, usize)> {
        match (self, text) {
            (Self::Backslash, [b'\\', rest @ ..]) => backslash(text, rest),
            (Self::Percent, [b'%', b'u' | b'U', ..]) => unicode(text),
            (Self::Percent, [b'%', digits @ ..]) => Some((vec![byte(digits)?], 3)),
            (Self::Ampersand, [b'&', rest @ ..]) => entity(rest),
            _ => None,
        }
    }
}

/// The value of an escape of JSON, Rust and similar languages.
fn backslash(text: &[u8], rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    let char = match rest {
        [b'u' | b'U', b'{', digits @ ..] => {
            let end = digits.iter().take(8).position(|byte| *byte == b'}')?;
            return Some((utf8(number(&digits[..end], 16)?)?, end + 4));
        }
        [b'u' | b'U', ..] => return unicode(text),
        [b'x' | b'X', digits @ ..] => return Some((vec![byte(digits)?], 4)),
        [b'b', ..] => 0x08,
        [b'f', ..] => 0x0C,
        [b'n', ..] => b'\n',
        [b'r', ..] => b'\r',
        [b't', ..] => b'\t',
        [char @ (b'/' | b'\\' | b'"' | b'\''), ..] => *char,
        _ => return None,
    };
    Some((vec![char], 2))
}

/// `\uXXXX`, or a surrogate pair of them for one character beyond the basic plane.
fn unicode(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let unit = |text: &[u8]| match text {
        [b'\\' | b'%', b'u' | b'U', digits @ ..] => number(digits.get(..4)?, 16),
        _ => None,
    };
    let first = unit(text)?;
    if !(0xD800..0xDC00).contains(&first) {
        return Some((utf8(first)?, 6));
    }
    let second = unit(text.get(6..)?).filter(|second| (0xDC00..0xE000).contains(second))?;
    Some((utf8(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))?, 12))
}

/// The rest of an HTML character reference: `#47;`, `#x2F;`, `amp;`.
fn entity(rest: &[u8]) -> Option<(Vec<u8>, usize)> {
    const NAMED: [(&[u8], u8); 5] = [(b"amp", b'&'), (b"lt", b'<'), (b"gt", b'>'), (b"quot", b'"'), (b"apos", b'\'')];
    let end = rest.iter().take(10).position(|byte| *byte == b';')?;
    let char = match &rest[..end] {
        [b'#', b'x' | b'X', digits @ ..] => utf8(number(digits, 16)?)?,
        [b'#', digits @ ..] => utf8(number(digits, 10)?)?,
        name => NAMED.iter().find(|(of_char, _)| *of_char == name).map(|(_, char)| vec![*char])?,
    };
    Some((char, end + 2))
}

fn byte(digits: &[u8]) -> Option<u8> {
    number(digits.get(..2)?, 16).and_then(|number| u8::try_from(number).ok())
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
    let digits = str::from_utf8(digits).ok().filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| is_digit(&byte)))?;
    u32::from_str_radix(digits, radix).ok()
}

fn utf8(char: u32) -> Option<Vec<u8>> {
    char::from_u32(char).map(|char| char.to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_undone() {
        for (escapes, text, expected) in [
            (Escapes::Backslash, r#"a\/b\\c\"d\n"#, "a/b\\c\"d\n"),
            (Escapes::Backslash, r"\u0041\U00e9\u{1f600}\ud83d\ude00\x41", "A\u{e9}\u{1f600}\u{1f600}A"),
            (Escapes::Percent, "%41%2f%u0041%C3%A9", "A/A\u{e9}"),
            (Escapes::Ampersand, "&amp;&#47;&#x2F;&quot;", "&//\""),
        ] {
            let [unescaped, _] = Decoded::text(text).unescaped(escapes).unwrap();
            assert_eq!(String::from_utf8(unescaped.bytes).unwrap(), expected, "{text}");
        }
        for escapes in [Escapes::Backslash, Escapes::Percent, Escapes::Ampersand] {
            let text = r"\q 100% %4g \ud800 \u00g0 &nbsp; & \";
            assert_eq!(Decoded::text(text).unescaped(escapes), None);
        }
    }

    #[test]
    fn a_byte_knows_where_it_comes_from() {
        let [unescaped, _] = Decoded::text(r"x\u00e9\x41y").unescaped(Escapes::Backslash).unwrap();
        assert_eq!(unescaped.bytes, "x\u{e9}Ay".as_bytes());
        assert_eq!(unescaped.origins, [0..1, 1..7, 1..7, 7..11, 11..12]);
    }

    #[test]
    fn escapes_are_undone_from_each_place_on() {
        let [unescaped, from_within] = Decoded::text(r"\\u0041b").unescaped(Escapes::Backslash).unwrap();
        assert_eq!((&unescaped.bytes[..], &from_within.bytes[..]), (&br"\u0041b"[..], &b"Ab\0"[..]));
    }

    proptest! {
        /// For all texts, decoding does not panic, and every source range lies within the text.
        #[test]
        fn every_text_can_be_decoded(text in prop_oneof![any::<String>(), r"[\\%&#;xu{}0-9a-fA-F/+_-]{0,60}"]) {
            for decoded in Decoded::text(&text).further() {
                prop_assert_eq!(decoded.bytes.len(), decoded.origins.len());
                prop_assert!(decoded.origins.iter().all(|origin| origin.start <= origin.end && origin.end <= text.len()));
                decoded.further();
            }
        }

        /// For all bytes and all text around them, base64 and hexadecimal are decoded.
        #[test]
        fn encodings_of_bytes_are_undone(
            bytes in prop::collection::vec(any::<u8>(), 6..40),
            before in "[a-z0-9 ]{0,7}",
            after in "[a-z0-9 =]{0,7}",
        ) {
            let hex = bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            for encoded in [BASE64_STANDARD.encode(&bytes), BASE64_URL_SAFE_NO_PAD.encode(&bytes), hex.to_uppercase(), hex] {
                let text = format!("{before}{encoded}{after}");
                let is_found = |decoded: &Decoded| decoded.bytes.windows(bytes.len()).any(|window| window == bytes);
                prop_assert!(Decoded::text(&text).further().iter().any(is_found), "{}", text);
            }
        }
    }
}
