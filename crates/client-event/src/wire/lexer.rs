//! Splits JSON text (RFC 8259) into its parts for the reader. Knows nothing of the message. Works on text that is already known
//! to be UTF-8; every position it reports is a byte offset into that text.

use std::borrow::Cow;

/// How deep values may be nested before the text is refused: as deep as serde_json's default.
const DEPTH_MAX: u32 = 128;

/// The text is not JSON.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Byte offset of what was found.
    pub(crate) offset: usize,
    /// What would have been right there.
    pub(crate) expected: &'static str,
}

/// What kind of value starts here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

impl Kind {
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

#[derive(Clone)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Says which kind of value comes next, without taking it.
    pub(crate) fn peek_kind(&mut self) -> Result<Kind, SyntaxError> {
        self.skip_white_space();
        match self.peek() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::String),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Boolean),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.error("a value")),
        }
    }

    /// Takes this very byte, after white space.
    pub(crate) fn expect(&mut self, byte: u8, name: &'static str) -> Result<(), SyntaxError> {
        if self.take(byte) { Ok(()) } else { Err(self.error(name)) }
    }

    /// Takes this very byte, after white space, if it comes next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        self.skip_white_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Makes sure that nothing but white space is left.
    pub(crate) fn end(&mut self) -> Result<(), SyntaxError> {
        self.skip_white_space();
        if self.at == self.text.len() { Ok(()) } else { Err(self.error("the end of the text")) }
    }

    /// Takes the key of an object's member and the colon behind it.
    pub(crate) fn key(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        self.skip_white_space();
        if self.peek() != Some(b'"') {
            return Err(self.error("a key in double quotes"));
        }
        let key = self.string()?;
        self.expect(b':', "`:`")?;
        Ok(key)
    }

    /// Takes a string; the caller has seen that one comes next.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, SyntaxError> {
        self.expect(b'"', "a string")?;
        let start = self.at;
        self.at += plain_length(&self.text.as_bytes()[start..]);
        if self.peek() == Some(b'"') {
            let plain = &self.text[start..self.at];
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut unescaped = String::from(&self.text[start..self.at]);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(unescaped));
                }
                Some(b'\\') => {
                    self.at += 1;
                    unescaped.push(self.escape()?);
                }
                Some(byte) if byte < 0x20 => return Err(self.error("control characters to be escaped in a string")),
                _ => return Err(self.error("`\"` at the end of a string")),
            }
            let start = self.at;
            self.at += plain_length(&self.text.as_bytes()[start..]);
            unescaped.push_str(&self.text[start..self.at]);
        }
    }

    /// Takes a number and gives its text.
    pub(crate) fn number(&mut self) -> Result<&'a str, SyntaxError> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let zero = self.peek() == Some(b'0');
        let whole = self.digits()?;
        if zero && whole > 1 {
            self.at -= whole - 1;
            return Err(self.error("a number without leading zeros"));
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    /// Takes `null`.
    pub(crate) fn null(&mut self) -> Result<(), SyntaxError> {
        self.literal("null")
    }

    /// Takes whatever value comes next.
    pub(crate) fn skip_value(&mut self) -> Result<(), SyntaxError> {
        self.skip_nested(DEPTH_MAX)
    }

    fn skip_nested(&mut self, depth_left: u32) -> Result<(), SyntaxError> {
        if depth_left == 0 {
            return Err(self.error("at most 128 levels of nesting"));
        }
        match self.peek_kind()? {
            Kind::Object => {
                self.at += 1;
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
            Kind::Array => {
                self.at += 1;
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
            Kind::String => self.string().map(drop),
            Kind::Number => self.number().map(drop),
            Kind::Boolean if self.peek() == Some(b't') => self.literal("true"),
            Kind::Boolean => self.literal("false"),
            Kind::Null => self.null(),
        }
    }

    fn literal(&mut self, word: &'static str) -> Result<(), SyntaxError> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        Err(self.error(word))
    }

    fn digits(&mut self) -> Result<usize, SyntaxError> {
        let count = self.text.as_bytes()[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err(self.error("a digit")) } else { Ok(count) }
    }

    /// Takes what follows a backslash.
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
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.error("one of `\"\\/bfnrtu` after a backslash")),
        };
        self.at += 1;
        Ok(char)
    }

    fn unicode_escape(&mut self) -> Result<char, SyntaxError> {
        const LONE: &str = "a pair of surrogates";
        let start = self.at;
        let unit = self.four_hex_digits()?;
        let code = match unit {
            0xD800..=0xDBFF => {
                if !self.text[self.at..].starts_with("\\u") {
                    return Err(SyntaxError { offset: start, expected: LONE });
                }
                self.at += 2;
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
            self.at += 1;
        }
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn error(&self, expected: &'static str) -> SyntaxError {
        SyntaxError { offset: self.at, expected }
    }
}

/// How many bytes from the start need no attention inside a JSON string: up to a quote, a backslash or a control character.
/// Looks at eight bytes at a time.
#[inline]
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let mut rest = bytes;
    while let Some((chunk, behind)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let quotes = word ^ (ONES * u64::from(b'"'));
        let backslashes = word ^ (ONES * u64::from(b'\\'));
        // Taking away more than a byte is sets its high bit, which ASCII does not have. What is taken from the next byte then may set
        // that of another one wrongly, but the lowest is right, and it is the one asked for.
        let less = quotes.wrapping_sub(ONES) | backslashes.wrapping_sub(ONES) | word.wrapping_sub(ONES * 0x20);
        let special = less & !word & HIGH;
        if special != 0 {
            return bytes.len() - rest.len() + special.trailing_zeros() as usize / 8;
        }
        rest = behind;
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
        fn takes_what_serde_json_takes(text in r#"([\[\]{}:,"\\ \n\ttrufalsenu0-9.eE+-]|\\u[dD][89cC][0-9]{2}|\\n|é|\x01|null|"a":){0,12}"#) {
            let mut lexer = Lexer::new(&text);
            let skipped = lexer.skip_value().and_then(|()| lexer.end());
            // As unparsed text: what is asked here is the grammar, not what a number is worth.
            let parsed = serde_json::from_str::<serde::de::IgnoredAny>(&text);
            prop_assert_eq!(skipped.is_ok(), parsed.is_ok(), "{:?}: {:?} {:?}", text, skipped, parsed);
        }

        /// For all texts, their JSON spelling is read as the text.
        #[test]
        fn reads_strings(text: String, plain in "[a-z/]{0,40}") {
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
