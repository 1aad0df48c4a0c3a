//! The credentials of a NATS user in a file: a credentials file (`.creds`) with a JWT and a seed, or a file with only a seed. The user proves
//! the possession of the seed with a signature; the seed itself is never sent and never shown.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use thiserror::Error;
use transport::token::TokenSource;

use crate::target::nkey::{SeedError, UserKey};

/// The maximum length of a file.
const BYTES_MAX: u64 = 64 * 1024;

/// A file with the credentials of a NATS user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NatsCredentialsFile {
    /// A JWT and a seed.
    Creds(PathBuf),
    /// A seed.
    Nkey(PathBuf),
}

/// The credentials of a NATS user.
pub(crate) struct NatsCredentials {
    /// The signed permissions of the user; `None` if the server knows the key.
    pub(crate) jwt: Option<String>,
    pub(crate) key: UserKey,
}

/// Why the credentials cannot be used. The errors omit the content of the file, because it is a secret.
#[derive(Debug, Error)]
pub(crate) enum NatsCredentialsError {
    #[error("read the NATS credentials from `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("use the NATS credentials in `{}`: the file is longer than {BYTES_MAX} bytes", .0.display())]
    TooLong(PathBuf),
    #[error("use the NATS credentials in `{}`: expected {expected}", path.display())]
    Missing { path: PathBuf, expected: &'static str },
    #[error("use the NATS credentials in `{}`", path.display())]
    Seed { path: PathBuf, source: SeedError },
}

impl NatsCredentialsFile {
    /// Reads the file.
    pub(crate) fn read(&self) -> Result<NatsCredentials, NatsCredentialsError> {
        let path = self.path();
        let bytes = read_some(path).map_err(|source| NatsCredentialsError::Read { path: path.to_owned(), source })?;
        if bytes.len() as u64 > BYTES_MAX {
            return Err(NatsCredentialsError::TooLong(path.to_owned()));
        }
        self.credentials(&String::from_utf8_lossy(&bytes))
    }

    fn credentials(&self, text: &str) -> Result<NatsCredentials, NatsCredentialsError> {
        let path = self.path();
        let missing = |expected| NatsCredentialsError::Missing { path: path.to_owned(), expected };
        let (jwt, seed) = match self {
            Self::Creds(_) => {
                let jwt = block(text, "JWT").filter(|jwt| is_jwt(jwt));
                let jwt =
                    jwt.ok_or_else(|| missing("a JWT between `-----BEGIN NATS USER JWT-----` and the end line of its block"))?;
                let seed = block(text, "SEED")
                    .ok_or_else(|| missing("a seed between `-----BEGIN USER NKEY SEED-----` and the end line of its block"))?;
                (Some(jwt.to_owned()), seed)
            }
            Self::Nkey(_) => {
                let mut words = text.split_whitespace();
                let alone = words.next().filter(|_| words.next().is_none());
                (None, block(text, "SEED").or(alone).ok_or_else(|| missing("only the seed of a user, which begins with SU"))?)
            }
        };
        let key = UserKey::from_seed(seed).map_err(|source| NatsCredentialsError::Seed { path: path.to_owned(), source })?;
        Ok(NatsCredentials { jwt, key })
    }

    /// Whether reading again can return other credentials. A pipe, such as `<(command)` in a shell, never changes.
    pub(crate) fn is_renewable(&self) -> bool {
        TokenSource::File(self.path().to_owned()).is_renewable()
    }

    /// Whether every user of this machine can read the file.
    pub(crate) fn is_readable_by_everyone(&self) -> bool {
        TokenSource::File(self.path().to_owned()).is_readable_by_everyone()
    }

    /// The option that names the file.
    pub(crate) fn option(&self) -> &'static str {
        match self {
            Self::Creds(_) => "--nats-creds",
            Self::Nkey(_) => "--nats-nkey",
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Creds(path) | Self::Nkey(path) => path,
        }
    }
}

/// Omits the JWT, because some servers accept it without a signature.
impl fmt::Debug for NatsCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsCredentials").field("key", &self.key).finish_non_exhaustive()
    }
}

impl fmt::Display for NatsCredentialsFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.path().display())
    }
}

/// The content of the block whose first line begins with three hyphens and contains this name. The line after the content ends the block.
fn block<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| !(line.starts_with("---") && line.contains(name)));
    lines.next()?;
    let content = lines.next().filter(|line| !line.is_empty() && !line.starts_with("---"))?;
    lines.next().filter(|line| line.starts_with("---")).map(|_| content)
}

/// Whether a text has the form of a JWT (RFC 7519): three parts in base64.
fn is_jwt(text: &str) -> bool {
    let is_part = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='));
    text.split('.').count() == 3 && text.split('.').all(|part| !part.is_empty() && is_part(part))
}

/// Reads the beginning of a file, one byte more than the limit, because the file may be endless.
fn read_some(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    const SEED: &str = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
    const JWT: &str = "eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJVIn0.c2lnbmF0dXJl";

    /// A file as `nsc` writes it.
    fn creds(jwt: &str, seed: &str, end_of_line: &str) -> String {
        let lines = [
            "-----BEGIN NATS USER JWT-----",
            jwt,
            "------END NATS USER JWT------",
            "",
            "************************* IMPORTANT *************************",
            "NKEY Seed printed below can be used to sign and prove identity.",
            "NKEYs are sensitive and should be treated as secrets.",
            "",
            "-----BEGIN USER NKEY SEED-----",
            seed,
            "------END USER NKEY SEED------",
            "",
            "*************************************************************",
        ];
        lines.join(end_of_line)
    }

    fn read(file: fn(PathBuf) -> NatsCredentialsFile, text: &str) -> Result<(Option<String>, String), String> {
        match file("a.creds".into()).credentials(text) {
            Ok(credentials) => Ok((credentials.jwt, credentials.key.public().to_owned())),
            Err(error) => Err(format!("{error}{}", error.source().map(|cause| format!(": {cause}")).unwrap_or_default())),
        }
    }

    #[test]
    fn files_of_nsc_and_nk_are_read() {
        let public = UserKey::from_seed(SEED).unwrap().public().to_owned();
        for end_of_line in ["\n", "\r\n"] {
            let text = creds(JWT, SEED, end_of_line);
            assert_eq!(read(NatsCredentialsFile::Creds, &text), Ok((Some(JWT.to_owned()), public.clone())));
            // The seed of a credentials file alone.
            assert_eq!(read(NatsCredentialsFile::Nkey, &text), Ok((None, public.clone())));
        }
        assert_eq!(read(NatsCredentialsFile::Nkey, &format!("{SEED}\n")), Ok((None, public)));
    }

    #[test]
    fn what_is_missing_is_told_without_the_content() {
        let jwt = "expected a JWT between";
        for (file, text, expected) in [
            (NatsCredentialsFile::Creds as fn(PathBuf) -> NatsCredentialsFile, String::new(), jwt),
            (NatsCredentialsFile::Creds, SEED.to_owned(), jwt),
            (NatsCredentialsFile::Creds, creds("", SEED, "\n"), jwt),
            (NatsCredentialsFile::Creds, creds("no jwt", SEED, "\n"), jwt),
            (NatsCredentialsFile::Creds, creds(JWT, "", "\n"), "expected a seed between"),
            (NatsCredentialsFile::Creds, creds(JWT, &SEED[..57], "\n"), "the seed is not in base32"),
            (NatsCredentialsFile::Nkey, String::new(), "expected only the seed of a user"),
            (NatsCredentialsFile::Nkey, format!("{SEED} {SEED}"), "expected only the seed of a user"),
            (NatsCredentialsFile::Nkey, "secret".to_owned(), "the seed is not in base32"),
        ] {
            let error = read(file, &text).unwrap_err();
            assert!(error.contains(expected) && error.contains("`a.creds`"), "{text}: {error}");
            assert!(!error.contains("SUAAAA") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn files_are_read_to_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.creds");
        let file = NatsCredentialsFile::Creds(path.clone());
        assert!(matches!(file.read(), Err(NatsCredentialsError::Read { .. })));
        fs::write(&path, creds(JWT, SEED, "\n")).unwrap();
        assert!(file.read().is_ok() && file.is_renewable());
        fs::write(&path, " ".repeat(70_000)).unwrap();
        assert!(matches!(file.read(), Err(NatsCredentialsError::TooLong(_))));
        assert!(!NatsCredentialsFile::Creds("/dev/null".into()).is_renewable());
    }

    proptest! {
        /// For all texts, reading ends, and neither the error nor the credentials show the seed.
        #[test]
        fn any_text_is_read(text in "\\PC{0,80}", lines in prop::collection::vec("-{0,4}(JWT|SEED)?[A-Z2-7.]{0,60}", 0..8)) {
            for text in [text, lines.join("\n"), creds(JWT, &lines.concat(), "\n")] {
                for file in [NatsCredentialsFile::Creds as fn(PathBuf) -> NatsCredentialsFile, NatsCredentialsFile::Nkey] {
                    let _ = read(file, &text);
                }
            }
            let shown = format!("{:?}", NatsCredentialsFile::Creds("a".into()).credentials(&creds(JWT, SEED, "\n")).unwrap());
            prop_assert!(!shown.contains(SEED));
        }
    }
}
