//! The bearer token of the requests and its source. The token is a secret: this module never shows it, and no error repeats a part of it.
//! During a run, [`renewal`] reads the token again.

pub mod renewal;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{env, fmt};

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::http::Header;

/// The maximum length of a token. Servers accept request heads of a few times that length at most.
const TOKEN_BYTES_MAX: u64 = 16 * 1024;

/// The source of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

/// A token as sent: one or more visible ASCII characters.
#[derive(Clone)]
pub struct Token(SecretString);

/// Why a token cannot be used.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The file cannot be read.
    #[error("read the token from `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why the file cannot be read.
        source: io::Error,
    },
    /// The environment variable does not exist.
    #[error("read the token: the environment variable `{0}` is not set")]
    NoVariable(String),
    /// The token is empty or only white space.
    #[error("use the token in {0}: it is empty")]
    Empty(TokenSource),
    /// The token is longer than the limit.
    #[error("use the token in {0}: it is longer than {TOKEN_BYTES_MAX} bytes")]
    TooLong(TokenSource),
    /// The token contains an invalid character. The error omits the character, because it is part of a secret.
    #[error("use the token in {origin}: byte {position} is {kind}; expected only the token, in visible ASCII characters")]
    Character {
        /// The source of the token.
        origin: TokenSource,
        /// The position of the byte, counted from 1.
        position: usize,
        /// The kind of the byte.
        kind: &'static str,
    },
}

impl TokenSource {
    /// Reads the token and trims the white space at its end.
    ///
    /// # Errors
    ///
    /// If there is no token, or if it cannot be sent.
    pub fn read(&self) -> Result<Token, TokenError> {
        let bytes = match self {
            Self::File(path) => read_some(path).map_err(|source| TokenError::Read { path: path.clone(), source })?,
            Self::Variable(name) => {
                let value = env::var_os(name).ok_or_else(|| TokenError::NoVariable(name.clone()))?;
                value.into_encoded_bytes()
            }
        };
        if bytes.len() as u64 > TOKEN_BYTES_MAX {
            return Err(TokenError::TooLong(self.clone()));
        }
        self.token(bytes.trim_ascii_end())
    }

    fn token(&self, bytes: &[u8]) -> Result<Token, TokenError> {
        if bytes.is_empty() {
            return Err(TokenError::Empty(self.clone()));
        }
        if let Some(position) = bytes.iter().position(|byte| !byte.is_ascii_graphic()) {
            let kind = match bytes[position] {
                b' ' => "a space",
                byte if byte.is_ascii_control() => "a control character",
                _ => "not ASCII",
            };
            return Err(TokenError::Character { origin: self.clone(), position: position + 1, kind });
        }
        Ok(Token(str::from_utf8(bytes).expect("ASCII is UTF-8").into()))
    }

    /// Whether reading again can return a new token. A pipe, such as `<(command)` in a shell, and an environment variable never change.
    pub fn is_renewable(&self) -> bool {
        match self {
            Self::File(path) => path.metadata().is_ok_and(|file| file.is_file()),
            Self::Variable(_) => false,
        }
    }

    /// Whether every user of this machine can read the source. A token file should not be readable by everyone.
    pub fn is_readable_by_everyone(&self) -> bool {
        match self {
            Self::File(path) => others_can_read(path),
            Self::Variable(_) => false,
        }
    }
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "`{}`", path.display()),
            Self::Variable(name) => write!(f, "the environment variable `{name}`"),
        }
    }
}

impl Token {
    /// The header with the token (RFC 6750, section 2.1).
    pub fn header(&self) -> Header {
        format!("Authorization: Bearer {}", self.0.expose_secret()).parse().expect("visible characters make a header's value")
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for Token {}

/// Omits the token.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}

/// Reads the beginning of a file, one byte more than the token limit, because the file may be endless.
fn read_some(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(TOKEN_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn others_can_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;

    const READABLE_BY_OTHERS: u32 = 0o004;
    // If the metadata cannot be read, the file cannot be read either, and that error is reported.
    path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & READABLE_BY_OTHERS != 0)
}

#[cfg(not(unix))]
fn others_can_read(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn source() -> TokenSource {
        TokenSource::Variable("TOKEN".to_owned())
    }

    #[test]
    fn invalid_tokens_are_refused_without_quoting_them() {
        let expected_alone = "expected only the token, in visible ASCII characters";
        for (bytes, expected) in [
            (&b""[..], "it is empty"),
            (b"sec\nret", "byte 4 is a control character"),
            (b"sec\0", "byte 4 is a control character"),
            (b"Bearer secret", "byte 7 is a space"),
            ("s\u{e9}cret".as_bytes(), "byte 2 is not ASCII"),
        ] {
            let error = source().token(bytes).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(error.ends_with(if bytes.is_empty() { "it is empty" } else { expected_alone }), "{error}");
            assert!(!error.contains("sec"), "{error}");
        }
    }

    #[test]
    fn files_are_read_to_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let source = TokenSource::File(path.clone());
        assert!(matches!(source.read(), Err(TokenError::Read { .. })));
        fs::write(&path, "abc \t\r\n").unwrap();
        assert_eq!(source.read().unwrap(), Token("abc".into()));
        fs::write(&path, " \n").unwrap();
        assert!(matches!(source.read(), Err(TokenError::Empty(_))));
        fs::write(&path, "x".repeat(20_000)).unwrap();
        assert!(matches!(source.read(), Err(TokenError::TooLong(_))));
        let unset = TokenSource::Variable("SEEKER_SIM_NO_SUCH_VARIABLE".to_owned());
        assert!(matches!(unset.read(), Err(TokenError::NoVariable(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_noticed() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "secret").unwrap();
        for (mode, expected) in [(0o644, true), (0o604, true), (0o640, false), (0o600, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(TokenSource::File(path.clone()).is_readable_by_everyone(), expected, "{mode:o}");
        }
    }

    proptest! {
        /// For all bytes, an accepted token makes one header, and neither the token nor the header shows it.
        #[test]
        fn accepted_tokens_make_headers_and_stay_secret(bytes in prop::collection::vec(any::<u8>(), 0..40), visible in "[!-~]{8,40}") {
            for bytes in [&bytes[..], visible.as_bytes()] {
                if let Ok(token) = source().token(bytes) {
                    let header = token.header();
                    prop_assert_eq!(header.value().as_bytes(), [b"Bearer ", bytes].concat());
                    prop_assert_eq!(header.name(), "Authorization");
                }
            }
            let token = source().token(visible.as_bytes()).unwrap();
            let shown = format!("{token:?} {:?}", token.header());
            prop_assert!(!shown.contains(&visible));
        }
    }
}
