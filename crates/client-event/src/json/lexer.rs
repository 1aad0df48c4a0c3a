//! A lexer for JSON (RFC 8259). Knows nothing of the message. The text is already known to be UTF-8; every offset is in bytes.

use std::borrow::Cow;
use std::ops::Range;

/// The deepest nesting that is accepted; the same as the default of serde_json.
const DEPTH_MAX: u32 = 128;

/// The text is not JSON.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// The byte offset of the error.
    pub(crate) offset: usize,
    /// The token that was expected at the offset.
    pub(crate) expected: &'static str,
}

/// The kind of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueKind {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

impl ValueKind {
    /// The kind with its article, for messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Null => "null",
        }
    }
}

/// The key of a member of an object.
pub(crate) struct Key<'a> {
    /// The key, unescaped.
    pub(crate) name: Cow<'a, str>,
    /// Where the key is in the text, with its quotes.
    pub(crate) span: Range<usize>,
}

/// A position in a JSON text.
#[derive(Clone)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self::starting_at(text, 0)
    }

    /// A lexer that starts in the middle of a text.
    pub(crate) fn starting_at(text: &'a str, offset: usize) -> Self {
        Self { text, offset }
    }

    /// The offset of the next byte. After [`Self::peek_kind`], the offset of the next value.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// Skips white space and returns the kind of the next value.
    pub(crate) fn peek_kind(&mut self) -> Result<ValueKind, SyntaxError> {
        self.skip_white_space();
        match self.peek() {
            Some(b'{') => Ok(ValueKind::Object),
            Some(b'[') => Ok(ValueKind::Array),
            Some(b'"') => Ok(ValueKind::String),
            Some(b'-' | b'0'..=b'9') => Ok(ValueKind::Number),
            Some(b't' | b'f') => Ok(ValueKind::Boolean),
            Some(b'n') => Ok(ValueKind::Null),
            _ => Err(self.error("a value")),
        }
    }

    /// Skips white space and reads this byte.
    pub(crate) fn expect(&mut self, byte: u8, name: &'static str) -> Result<(), SyntaxError> {
        if self.take(byte) { Ok(()) } else { Err(self.error(name)) }
    }

    /// Skips white space and reads this byte if it is next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        self.skip_white_space();
        let found = self.peek() == Some(byte);
        self.offset += usize::from(found);
        found
    }

    /// Checks that only white space is left.
    pub(crate) fn expect_end(&mut self) -> Result<(), SyntaxError> {
        self.skip_white_space();
        if self.offset == self.text.len() { Ok(()) } else { Err(self.error("the end of the text")) }
    }

    /// Reads the key of a member and the colon after it.
    pub(crate) fn key(&mut self) -> Result<Key<'a>, SyntaxError> {
        self.skip_white_space();
        if self.peek() != Some(b'"') {
            return Err(self.error("a key in double quotes"));
        }
        let start = self.offset;
        let name = self.string()?;
        let span = start..self.offset;
        self.expect(b':', "`:`")?;
        Ok(Key { name, span })
    }

    /// Reads a string. The next value must be a string.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        self.expect(b'"', "a string")?;
        let start = self.offset;
        self.offset += plain_length(&self.text.as_bytes()[start..]);
        if self.peek() == Some(b'"') {
            let plain = &self.text[start..self.offset];
            self.offset += 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut unescaped = String::from(&self.text[start..self.offset]);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.offset += 1;
                    return Ok(Cow::Owned(unescaped));
                }
                Some(b'\\') => {
                    self.offset += 1;
                    unescaped.push(self.escape()?);
                }
                Some(byte) if byte < 0x20 => return Err(self.error("control characters to be escaped in a string")),
                _ => return Err(self.error("`\"` at the end of a string")),
            }
            let start = self.offset;
            self.offset += plain_length(&self.text.as_bytes()[start..]);
            unescaped.push_str(&self.text[start..self.offset]);
        }
    }

    /// Reads a number and returns its text.
    pub(crate) fn number(&mut self) -> Result<&'a str, SyntaxError> {
        let start = self.offset;
        self.offset += usize::from(self.peek() == Some(b'-'));
        let zero = self.peek() == Some(b'0');
        let whole = self.digits()?;
        if zero && whole > 1 {
            self.offset -= whole - 1;
            return Err(self.error("a number without leading zeros"));
        }
        if self.peek() == Some(b'.') {
            self.offset += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.offset += 1;
            self.offset += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(&self.text[start..self.offset])
    }

    /// Reads `null`.
    pub(crate) fn null(&mut self) -> Result<(), SyntaxError> {
        self.literal("null")
    }

    /// Skips the next value.
    pub(crate) fn skip_value(&mut self) -> Result<(), SyntaxError> {
        self.skip_nested(DEPTH_MAX)
    }

    fn skip_nested(&mut self, depth_left: u32) -> Result<(), SyntaxError> {
        if depth_left == 0 {
            return Err(self.error("at most 128 levels of nesting"));
        }
        match self.peek_kind()? {
            ValueKind::Object => {
                self.offset += 1;
                if self.take(b'}') {
                    return Ok(());
                }
                loop {
                    self.key()?;
                    self.skip_nested(depth_left - 1)?;
                    if !self.take(b',') {
                        return self.expect(b'}', "`,` or `}`");
                    }
                }
            }
            ValueKind::Array => {
                self.offset += 1;
                if self.take(b']') {
                    return Ok(());
                }
                loop {
                    self.skip_nested(depth_left - 1)?;
                    if !self.take(b',') {
                        return self.expect(b']', "`,` or `]`");
                    }
                }
            }
            ValueKind::String => self.string().map(drop),
            ValueKind::Number => self.number().map(drop),
            ValueKind::Boolean if self.peek() == Some(b't') => self.literal("true"),
            ValueKind::Boolean => self.literal("false"),
            ValueKind::Null => self.null(),
        }
    }

    fn literal(&mut self, word: &'static str) -> Result<(), SyntaxError> {
        if self.text[self.offset..].starts_with(word) {
            self.offset += word.len();
            return Ok(());
        }
        Err(self.error(word))
    }

    fn digits(&mut self) -> Result<usize, SyntaxError> {
        let count = self.text.as_bytes()[self.offset..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.offset += count;
        if count == 0 { Err(self.error("a digit")) } else { Ok(count) }
    }

    /// Reads an escape after its backslash.
    fn escape(&mut self) -> Result<char, SyntaxError> {
        let Some(byte) = self.peek() else {
            return Err(self.error("an escape"));
        };
        let char = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.offset += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.error("one of `\"\\/bfnrtu` after a backslash")),
        };
        self.offset += 1;
        Ok(char)
    }

    fn unicode_escape(&mut self) -> Result<char, SyntaxError> {
        const LONE: &str = "a pair of surrogates";
        let start = self.offset;
        let unit = self.four_hex_digits()?;
        let code = match unit {
            0xD800..=0xDBFF => {
                if !self.text[self.offset..].starts_with("\\u") {
                    return Err(SyntaxError { offset: start, expected: LONE });
                }
                self.offset += 2;
                let low = self.four_hex_digits()?;
                if !(0xDC00..=0xDFFF).contains(&low) {
                    return Err(SyntaxError { offset: start, expected: LONE });
                }
                0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
            }
            _ => unit,
        };
        char::from_u32(code).ok_or(SyntaxError { offset: start, expected: LONE })
    }

    fn four_hex_digits(&mut self) -> Result<u32, SyntaxError> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            value = value << 4 | digit.ok_or_else(|| self.error("four hexadecimal digits"))?;
            self.offset += 1;
        }
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.offset += 1;
        }
    }

    fn error(&self, expected: &'static str) -> SyntaxError {
        SyntaxError { offset: self.offset, expected }
    }
}

/// The number of bytes before the first quote, backslash or control character. Compares eight bytes at a time.
#[inline]
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let mut rest = bytes;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let quotes = word ^ (ONES * u64::from(b'"'));
        let backslashes = word ^ (ONES * u64::from(b'\\'));
        // Subtraction borrows into the high bit of each byte that is smaller than the subtrahend. A borrow can also set the high bit of
        // a higher byte by mistake, but the lowest set bit is always right.
        let less = quotes.wrapping_sub(ONES) | backslashes.wrapping_sub(ONES) | word.wrapping_sub(ONES * 0x20);
        let special = less & !word & HIGH;
        if special != 0 {
            return bytes.len() - rest.len() + special.trailing_zeros() as usize / 8;
        }
        rest = after;
    }
    let in_rest = rest.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count();
    bytes.len() - rest.len() + in_rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all texts, skipping one value succeeds exactly where serde_json reads one.
        #[test]
        fn accepts_the_same_texts_as_serde_json(text in r#"([\[\]{}:,"\\ \n\ttrufalsenu0-9.eE+-]|\\u[dD][89cC][0-9]{2}|\\n|é|\x01|null|"a":){0,12}"#) {
            let mut lexer = Lexer::new(&text);
            let skipped = lexer.skip_value().and_then(|()| lexer.expect_end());
            // `IgnoredAny` checks the grammar only, not the value of a number.
            let parsed = serde_json::from_str::<serde::de::IgnoredAny>(&text);
            prop_assert_eq!(skipped.is_ok(), parsed.is_ok(), "{:?}: {:?} {:?}", text, skipped, parsed);
        }

        /// For all strings, the lexer reads what serde_json writes.
        #[test]
        fn strings_are_read(text: String, plain in "[a-z/]{0,40}") {
            for text in [text, plain] {
                let json = serde_json::to_string(&text).unwrap();
                prop_assert_eq!(Lexer::new(&json).string().unwrap(), text);
            }
        }

        /// For all bytes, the plain length is that of looking at one byte after the other.
        #[test]
        fn plain_length_is_exact(bytes in prop::collection::vec(prop_oneof![9 => 0x23_u8..0x5c, 1 => any::<u8>()], 0..40)) {
            let expected = bytes.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20)).count();
            prop_assert_eq!(plain_length(&bytes), expected);
        }
    }

    #[test]
    fn errors_say_where_and_what() {
        for (text, offset, expected) in [
            ("", 0, "a value"),
            ("{\"a\" 1}", 5, "`:`"),
            ("{a:1}", 1, "a key in double quotes"),
            ("[1 2]", 3, "`,` or `]`"),
            ("\"ab", 3, "`\"` at the end of a string"),
            ("\"a\nb\"", 2, "control characters to be escaped in a string"),
            ("\"\\x\"", 2, "one of `\"\\/bfnrtu` after a backslash"),
            ("\"\\ud800\"", 3, "a pair of surrogates"),
            ("\"\\udc00\"", 3, "a pair of surrogates"),
            ("01", 1, "a number without leading zeros"),
            ("1.x", 2, "a digit"),
            ("nul", 0, "null"),
        ] {
            let error = Lexer::new(text).skip_value().unwrap_err();
            assert_eq!(error, SyntaxError { offset, expected }, "{text}");
        }
        let deep = "[".repeat(129);
        assert_eq!(Lexer::new(&deep).skip_value().unwrap_err().expected, "at most 128 levels of nesting");
    }
}
