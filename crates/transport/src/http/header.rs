//! A header that the user adds to each request. [`super::endpoint`] sets the default headers.
//!
//! Invariant: a [`Header`] can be written into a request head as it is. Its name is a token, its value has no control characters, and the
//! client does not use it to frame messages. So a header cannot split or join requests.

use std::{fmt, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// The headers that decide where a request ends and whether its connection is kept. A user who sets them breaks every request.
const MANAGED: [&str; 7] = ["connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade"];

/// An extra header of each request, parsed from `Name: value`.
#[derive(Clone)]
pub struct Header {
    name: String,
    value: SecretString,
}

/// Why a text is not a valid extra header.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HeaderError {
    /// No colon ends the name.
    #[error("no colon found; expected `Name: value`")]
    NoColon,
    /// The name is not a token of RFC 9110. The error omits it, because it may be a secret that was given without a name.
    #[error("the text before the colon is not a header name; expected letters, digits and any of !#$%&'*+-.^_`|~")]
    Name,
    /// The value contains a character that could end it early. The error omits the value, because it may be a secret.
    #[error("the value of `{name}` holds the control character {found:?}; only tabs are allowed")]
    Value {
        /// The name of the header.
        name: String,
        /// The first such character.
        found: char,
    },
    /// Only the client sets this header.
    #[error("`{0}` is set by the client; expected any other header")]
    Managed(String),
}

impl Header {
    /// The name, as the user wrote it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value, without surrounding white space.
    pub fn value(&self) -> &str {
        self.value.expose_secret()
    }

    /// Whether the header has this name; case does not matter in header names.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

impl FromStr for Header {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, HeaderError> {
        let (name, value) = text.split_once(':').ok_or(HeaderError::NoColon)?;
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return Err(HeaderError::Name);
        }
        if MANAGED.iter().any(|managed| managed.eq_ignore_ascii_case(name)) {
            return Err(HeaderError::Managed(name.to_owned()));
        }
        // Trims only the white space that RFC 9110 allows around a value: a line break is an error even at the end.
        let value = value.trim_matches([' ', '\t']);
        if let Some(found) = value.chars().find(|&c| c.is_control() && c != '\t') {
            return Err(HeaderError::Value { name: name.to_owned(), found });
        }
        Ok(Self { name: name.to_owned(), value: value.into() })
    }
}

impl PartialEq for Header {
    fn eq(&self, other: &Self) -> bool {
        (self.name(), self.value()) == (other.name(), other.value())
    }
}

impl Eq for Header {}

/// Omits the value, because it may be a secret.
impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header").field("name", &self.name).finish_non_exhaustive()
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_is_a_name_and_a_trimmed_value() {
        let header: Header = "X-Run: \t a: b\tc ".parse().unwrap();
        assert_eq!((header.name(), header.value()), ("X-Run", "a: b\tc"));
        let empty: Header = "X-Run:".parse().unwrap();
        assert_eq!(empty.value(), "");
    }

    #[test]
    fn names_that_are_no_tokens_are_refused() {
        for text in [": x", "X Run: x", " X-Run: x", "X-Run : x", "X\r\nY: x", "É: x", "X(: x"] {
            assert!(matches!(text.parse::<Header>(), Err(HeaderError::Name)), "{text:?}");
        }
        assert_eq!("X-Run".parse::<Header>(), Err(HeaderError::NoColon));
    }

    #[test]
    fn managed_headers_are_refused_in_any_case() {
        for name in ["Content-Length", "TRANSFER-ENCODING", "connection", "Expect", "upgrade", "tE", "Trailer"] {
            let refused = format!("{name}: 1").parse::<Header>();
            assert_eq!(refused, Err(HeaderError::Managed(name.to_owned())));
        }
    }

    #[test]
    fn a_secret_is_not_debugged_nor_part_of_an_error() {
        let header: Header = "Authorization: Bearer secret".parse().unwrap();
        assert!(!format!("{header:?}").contains("secret"));
        let refused = "Authorization: secret\n".parse::<Header>().unwrap_err();
        assert!(!refused.to_string().contains("secret"));
    }

    proptest! {
        /// For all texts, an accepted header is a single line of a head and is not managed by the client.
        #[test]
        fn accepted_headers_cannot_inject(text in "(?s)[a-zA-Z-]{0,6}[:\r\n\0 ]{0,2}.{0,12}") {
            if let Ok(header) = text.parse::<Header>() {
                let line = format!("{}: {}\r\n\r\n", header.name(), header.value());
                let mut parsed = [httparse::EMPTY_HEADER; 2];
                let status = httparse::parse_headers(line.as_bytes(), &mut parsed).unwrap();
                let httparse::Status::Complete((length, headers)) = status else {
                    panic!("{line:?} is not a whole header")
                };
                prop_assert_eq!(length, line.len());
                prop_assert_eq!(headers.len(), 1);
                prop_assert_eq!(headers[0].name, header.name());
                prop_assert_eq!(headers[0].value, header.value().as_bytes());
            }
        }
    }
}
