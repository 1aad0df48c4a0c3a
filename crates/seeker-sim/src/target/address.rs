//! What names a target: the URL of a service, a file, or standard output.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use url::Url;

use transport::http::without_values;

/// Where events are sent.
#[derive(Clone, PartialEq, Eq)]
pub enum TargetAddress {
    /// A service.
    Service(Url),
    /// A file, a line for each event. What it held before is gone.
    File(PathBuf),
    /// Standard output, a line for each event.
    StandardOutput,
}

/// How a file begins, so that it is not taken for a URL, nor the other way round.
const FILE: &str = "file:";

impl TargetAddress {
    /// The URL of the service, if it is one.
    pub fn service(&self) -> Option<&Url> {
        match self {
            Self::Service(url) => Some(url),
            Self::File(_) | Self::StandardOutput => None,
        }
    }
}

impl FromStr for TargetAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix(FILE) {
            Some("") => Err(format!("expected a path, such as {FILE}events.ndjson")),
            Some(path) => Ok(Self::File(path.into())),
            None if text == "-" => Ok(Self::StandardOutput),
            None => service_url(text)
                .map(Self::Service)
                .map_err(|error| format!("{error}, {FILE}events.ndjson for a file, or - for standard output")),
        }
    }
}

/// Leaves out the values of a URL's query, for they may be secrets.
impl fmt::Debug for TargetAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TargetAddress({self})")
    }
}

/// Leaves out the values of a URL's query, for they may be secrets.
impl fmt::Display for TargetAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(url) => f.write_str(&without_values(url)),
            Self::File(path) => write!(f, "{FILE}{}", path.display()),
            Self::StandardOutput => f.write_str("standard output"),
        }
    }
}

/// The URL of a service.
///
/// # Errors
///
/// What was expected.
pub(crate) fn service_url(text: &str) -> Result<Url, String> {
    const EXPECTED: &str = "expected a URL such as http://127.0.0.1:8080 or https://jobs.example/events";
    // Without a scheme, `localhost:8080` would be read as a URL whose scheme is `localhost`.
    match Url::parse(text) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            Err("a user name or password has no place in the URL; pass --header 'Authorization: ...' in its place".to_owned())
        }
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(_) => Err(EXPECTED.to_owned()),
        Err(error) => Err(format!("{error}; {EXPECTED}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_told_from_the_others() {
        for (text, address) in [
            ("http://h/p", TargetAddress::Service("http://h/p".parse().unwrap())),
            ("file:a b.ndjson", TargetAddress::File("a b.ndjson".into())),
            ("file:/a/b", TargetAddress::File("/a/b".into())),
            ("-", TargetAddress::StandardOutput),
        ] {
            assert_eq!(text.parse(), Ok(address), "{text}");
        }
        for (text, expected) in [
            ("file:", "expected a path, such as file:events.ndjson"),
            (
                "events.ndjson",
                "expected a URL such as http://127.0.0.1:8080 or https://jobs.example/events, file:events.ndjson for a file",
            ),
            ("ftp://h", "or - for standard output"),
            ("http://user@h", "pass --header 'Authorization: ...'"),
            ("https://:secret@h", "pass --header 'Authorization: ...'"),
        ] {
            let error = text.parse::<TargetAddress>().unwrap_err();
            assert!(error.contains(expected) && !error.contains("secret"), "{text}: {error}");
        }
    }

    #[test]
    fn values_of_a_query_are_not_shown() {
        let address: TargetAddress = "http://h/p?key=secret".parse().unwrap();
        assert_eq!(format!("{address} {address:?}"), "http://h/p?key=... TargetAddress(http://h/p?key=...)");
    }
}
