//! Another host and port to connect to for the requests to a host: `--connect-to`, with curl's syntax.

use std::{fmt, str::FromStr};

use thiserror::Error;
use url::{Host, Url};

use super::resolve::split_host;

/// The host and port to connect to for a host and port, parsed from `HOST1:PORT1:HOST2:PORT2`. An empty first host or port stands for every
/// host or port. An empty second host or port stays the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectTo {
    from: Authority,
    to: Authority,
}

/// A host and a port, each if it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Authority {
    host: Option<Host>,
    port: Option<u16>,
}

/// Why a text is not a valid `--connect-to` value.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ConnectToError {
    /// A part is missing, or there are too many.
    #[error("expected HOST1:PORT1:HOST2:PORT2, such as jobs.example:443:127.0.0.1:8443")]
    Form,
    /// A host is invalid.
    #[error("{0:?} is not a host; expected a name such as jobs.example, or an IP address such as 192.0.2.1 or [2001:db8::1]")]
    Host(String),
    /// A port is invalid.
    #[error("{0:?} is not a port; expected a number from 1 to 65535")]
    Port(String),
}

impl ConnectTo {
    fn is_for(&self, host: &Host, port: u16) -> bool {
        self.from.host.as_ref().is_none_or(|from| from == host) && self.from.port.is_none_or(|from| from == port)
    }

    /// Whether this value applies to the host and port of this URL.
    pub fn is_for_url(&self, url: &Url) -> bool {
        url.host().is_some_and(|host| self.is_for(&host.to_owned(), url.port_or_known_default().unwrap_or_default()))
    }

    /// Returns the host and port to connect to for these, according to the first value that applies.
    pub(super) fn apply(all: &[Self], host: Host, port: u16) -> (Host, u16) {
        match all.iter().find(|one| one.is_for(&host, port)) {
            Some(Self { to, .. }) => (to.host.clone().unwrap_or(host), to.port.unwrap_or(port)),
            None => (host, port),
        }
    }

    /// Returns the URL with the host and port to connect to.
    #[must_use]
    pub fn apply_to_url(all: &[Self], url: &Url) -> Url {
        let mut connected = url.clone();
        if let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) {
            let (host, port) = Self::apply(all, host.to_owned(), port);
            connected.set_host(Some(&host.to_string())).expect("a URL with a host takes another host");
            connected.set_port(Some(port)).expect("a URL with a host takes a port");
        }
        connected
    }
}

/// Reads a host and a port that ends at a colon or at the end. Returns the rest, if there is one.
fn read(text: &str) -> Result<(Authority, Option<&str>), ConnectToError> {
    let (host, rest) = split_host(text).ok_or(ConnectToError::Form)?;
    let (port, rest) = rest.split_once(':').map_or((rest, None), |(port, rest)| (port, Some(rest)));
    let host = match host {
        "" => None,
        _ => Some(Host::parse(host).map_err(|_| ConnectToError::Host(host.to_owned()))?),
    };
    let port = match port {
        "" => None,
        _ => match port.parse() {
            Ok(0) | Err(_) => return Err(ConnectToError::Port(port.to_owned())),
            Ok(port) => Some(port),
        },
    };
    Ok((Authority { host, port }, rest))
}

impl FromStr for ConnectTo {
    type Err = ConnectToError;

    fn from_str(text: &str) -> Result<Self, ConnectToError> {
        let (from, rest) = read(text)?;
        let (to, rest) = read(rest.ok_or(ConnectToError::Form)?)?;
        if rest.is_some() { Err(ConnectToError::Form) } else { Ok(Self { from, to }) }
    }
}

impl fmt::Display for ConnectTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.from, self.to)
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        let (host, port) = (host.as_ref().map(Host::to_string), port.map(|port| port.to_string()));
        write!(f, "{}:{}", host.unwrap_or_default(), port.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mapped(all: &[&str], url: &str) -> String {
        let all: Vec<ConnectTo> = all.iter().map(|text| text.parse().unwrap()).collect();
        ConnectTo::apply_to_url(&all, &Url::parse(url).unwrap()).to_string()
    }

    #[test]
    fn the_first_value_that_applies_counts_and_empty_parts_stand_for_all() {
        for (all, url, connected) in [
            (&["jobs.example:443:a.example:8443"][..], "https://jobs.example/p", "https://a.example:8443/p"),
            (&["JOBS.example:443:[::1]:443"], "https://jobs.example/", "https://[::1]/"),
            (&["[::1]:80:127.0.0.1:81"], "http://[::1]/", "http://127.0.0.1:81/"),
            (&["jobs.example:80:a.example:81"], "https://jobs.example/", "https://jobs.example/"),
            (&["::a.example:81"], "http://jobs.example/", "http://a.example:81/"),
            (&["jobs.example::a.example:"], "http://jobs.example:8080/", "http://a.example:8080/"),
            (&["jobs.example:80::81"], "http://jobs.example/", "http://jobs.example:81/"),
            (&["other:80:a:1", "jobs.example:80:b:2", "jobs.example:80:c:3"], "http://jobs.example/", "http://b:2/"),
            // The result is not mapped again.
            (&["a:80:b:80", "b:80:c:80"], "http://a/", "http://b/"),
        ] {
            assert_eq!(mapped(all, url), connected, "{all:?}");
        }
    }

    #[test]
    fn other_texts_are_refused_for_their_reason() {
        for (text, error) in [
            ("", ConnectToError::Form),
            ("h", ConnectToError::Form),
            ("h:80", ConnectToError::Form),
            ("h:80:g", ConnectToError::Form),
            ("h:80:g:81:x", ConnectToError::Form),
            ("[::1", ConnectToError::Form),
            ("a b:80:g:81", ConnectToError::Host("a b".to_owned())),
            ("h:80:a b:81", ConnectToError::Host("a b".to_owned())),
            ("h:x:g:81", ConnectToError::Port("x".to_owned())),
            ("h:80:g:0", ConnectToError::Port("0".to_owned())),
            ("h:80:g:65536", ConnectToError::Port("65536".to_owned())),
        ] {
            assert_eq!(text.parse::<ConnectTo>(), Err(error), "{text}");
        }
    }

    proptest! {
        /// For all texts, parsing does not panic, and parsing the displayed value gives the same value.
        #[test]
        fn any_text_is_read_or_refused(text in "[a\\[\\]:0-9,é.]{0,16}") {
            if let Ok(read) = text.parse::<ConnectTo>() {
                prop_assert_eq!(read.to_string().parse::<ConnectTo>(), Ok(read));
            }
        }
    }
}
