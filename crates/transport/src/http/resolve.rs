//! Addresses that the user gives for a host in place of the name service: `--resolve`, with curl's syntax.
//!
//! Invariant: a [`Resolve`] has at least one address.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use thiserror::Error;
use url::{Host, Url};

/// Addresses for one host and port, parsed from `HOST:PORT:ADDRESS[,ADDRESS]...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolve {
    host: Host,
    port: u16,
    addresses: Vec<IpAddr>,
}

/// Why a text is not a valid `--resolve` value.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ResolveError {
    /// A part is missing.
    #[error("expected HOST:PORT:ADDRESS[,ADDRESS]..., such as jobs.example:443:192.0.2.1,192.0.2.2")]
    Form,
    /// The first part is not a host.
    #[error("{0:?} is not a host; expected a name such as jobs.example, or an IP address")]
    Host(String),
    /// The second part is not a port.
    #[error("{0:?} is not a port; expected a number from 1 to 65535")]
    Port(String),
    /// One of the addresses is not an IP address.
    #[error("{0:?} is not an IP address; expected one such as 192.0.2.1 or [2001:db8::1]")]
    Address(String),
}

impl Resolve {
    /// Whether the addresses are for this host and port.
    pub(super) fn is_for(&self, host: &Host<String>, port: u16) -> bool {
        self.port == port && self.host == *host
    }

    /// Whether the addresses are for the host and port of this URL.
    pub fn is_for_url(&self, url: &Url) -> bool {
        url.host().is_some_and(|host| self.is_for(&host.to_owned(), url.port_or_known_default().unwrap_or_default()))
    }

    /// The addresses with the port.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.addresses.iter().map(|&address| SocketAddr::new(address, self.port))
    }
}

/// Splits a text after its host, at a colon. The colons of an IPv6 address are inside brackets.
pub(super) fn split_host(text: &str) -> Option<(&str, &str)> {
    let end = if text.starts_with('[') { text.find("]:").map(|end| end + 1) } else { text.find(':') };
    end.map(|end| (&text[..end], &text[end + 1..]))
}

impl FromStr for Resolve {
    type Err = ResolveError;

    fn from_str(text: &str) -> Result<Self, ResolveError> {
        let (host, rest) = split_host(text).ok_or(ResolveError::Form)?;
        let (port, addresses) = rest.split_once(':').ok_or(ResolveError::Form)?;
        let host = Host::parse(host).map_err(|_| ResolveError::Host(host.to_owned()))?;
        let port = match port.parse() {
            Ok(0) | Err(_) => return Err(ResolveError::Port(port.to_owned())),
            Ok(port) => port,
        };
        let address = |text: &str| {
            let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
            bare.parse().map_err(|_| ResolveError::Address(text.to_owned()))
        };
        let addresses = addresses.split(',').map(address).collect::<Result<_, _>>()?;
        Ok(Self { host, port, addresses })
    }
}

/// Writes the host and port, without the addresses.
impl fmt::Display for Resolve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all hosts, ports and addresses, the parsed value equals the written one and applies to that host and port only.
        #[test]
        fn written_text_is_read(
            host in "[a-zA-Z][a-z0-9]{0,8}(\\.[a-z]{2,5})?",
            port in 1_u16..,
            addresses in prop::collection::vec(any::<IpAddr>(), 1..5),
        ) {
            let list: Vec<_> = addresses.iter().map(|&address| match address {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            }).collect();
            let resolve: Resolve = format!("{host}:{port}:{}", list.join(",")).parse().unwrap();
            let expected: Vec<_> = addresses.iter().map(|&address| SocketAddr::new(address, port)).collect();
            prop_assert_eq!(resolve.addresses().collect::<Vec<_>>(), expected);
            let url = |host: &str, port| Url::parse(&format!("http://{host}:{port}/p")).unwrap();
            prop_assert!(resolve.is_for_url(&url(&host.to_uppercase(), port)));
            let other = format!("x{host}");
            prop_assert!(!resolve.is_for_url(&url(&other, port)));
            prop_assert!(!resolve.is_for_url(&url(&host, port ^ 1)));
        }

        /// For all texts, parsing does not panic.
        #[test]
        fn any_text_is_read_or_refused(text in "[a\\[\\]:0-9,é.]{0,16}") {
            let _ = text.parse::<Resolve>();
        }
    }

    #[test]
    fn the_port_of_a_url_is_that_of_its_scheme() {
        let resolve: Resolve = "jobs.example:443:192.0.2.1".parse().unwrap();
        for (url, is_for) in [
            ("https://jobs.example", true),
            ("https://JOBS.example:443/p", true),
            ("http://jobs.example", false),
            ("https://jobs.example:8443", false),
            ("https://other.example", false),
        ] {
            assert_eq!(resolve.is_for_url(&Url::parse(url).unwrap()), is_for, "{url}");
        }
        let six: Resolve = "[::1]:80:127.0.0.1,::1".parse().unwrap();
        assert!(six.is_for_url(&Url::parse("http://[::1]").unwrap()));
        assert_eq!((six.to_string(), six.addresses().count()), ("[::1]:80".to_owned(), 2));
    }

    #[test]
    fn invalid_addresses_are_refused_with_a_reason() {
        for (text, error) in [
            ("", ResolveError::Form),
            ("h", ResolveError::Form),
            ("h:80", ResolveError::Form),
            ("[::1", ResolveError::Form),
            ("a b:80:127.0.0.1", ResolveError::Host("a b".to_owned())),
            ("h:x:127.0.0.1", ResolveError::Port("x".to_owned())),
            ("h:0:127.0.0.1", ResolveError::Port("0".to_owned())),
            ("h:65536:127.0.0.1", ResolveError::Port("65536".to_owned())),
            ("h:80:", ResolveError::Address(String::new())),
            ("h:80:127.0.0.1,", ResolveError::Address(String::new())),
            ("h:80:localhost", ResolveError::Address("localhost".to_owned())),
        ] {
            assert_eq!(text.parse::<Resolve>(), Err(error), "{text}");
        }
    }
}
