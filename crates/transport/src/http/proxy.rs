//! The HTTP proxy between the client and a server: where it is, and the tunnel through it. Over plain HTTP/1.1 the proxy gets each request with
//! the whole URL in its first line. For https and HTTP/2 it opens a tunnel (`CONNECT`, RFC 9110, section 9.3.6).
//!
//! Invariant: the user name and password of a [`Proxy`] are never shown.

use std::{fmt, io, str::FromStr, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretSlice};
use thiserror::Error;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::{Host, Position, Url};

use super::{decoder::MAX_HEAD, header::Header};

/// An HTTP proxy.
#[derive(Clone, PartialEq)]
pub struct Proxy {
    pub(super) host: Host,
    pub(super) port: u16,
    /// The credentials of the URL, as a header.
    pub(super) authorization: Option<Header>,
}

/// Why a text is not the URL of a proxy. The error does not repeat the text, because it may hold a password.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("expected the URL of an HTTP proxy, such as http://proxy.example:3128")]
pub struct ProxyError;

impl FromStr for Proxy {
    type Err = ProxyError;

    /// Reads a URL with the scheme http, or a host and a port.
    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
        let url = url.map_err(|_| ProxyError)?;
        if url.scheme() != "http" || url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyError);
        }
        let decoded = |text| percent_decode_str(text).collect::<Vec<u8>>();
        let authorization = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let credentials = [decoded(url.username()), b":".to_vec(), decoded(url.password().unwrap_or_default())].concat();
            let header = format!("Proxy-Authorization: Basic {}", BASE64_STANDARD.encode(credentials));
            header.parse().expect("base64 is a header value")
        });
        let host = url.host().ok_or(ProxyError)?.to_owned();
        Ok(Self { host, port: url.port_or_known_default().ok_or(ProxyError)?, authorization })
    }
}

/// Omits the credentials.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}", self.host, self.port)
    }
}

/// Omits the credentials.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// A connection to a proxy that leads to the server once the proxy has accepted this request.
#[derive(Clone)]
pub(super) struct Tunnel(Arc<SecretSlice<u8>>);

/// Why a proxy has opened no tunnel.
#[derive(Debug)]
pub(super) enum TunnelError {
    /// The connection was lost, or the response is not HTTP.
    Io(io::Error),
    /// The proxy answered with this status.
    Refused(u16),
}

impl From<io::Error> for TunnelError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Tunnel {
    /// The tunnel to the host and port of this URL.
    pub(super) fn to(target: &Url, proxy: &Proxy) -> Self {
        let host = &target[Position::BeforeHost..Position::AfterHost];
        let authority = format!("{host}:{}", target.port_or_known_default().unwrap_or_default());
        let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
        if let Some(header) = &proxy.authorization {
            request.extend([header.name(), ": ", header.value(), "\r\n"]);
        }
        request.push_str("\r\n");
        Self(Arc::new(request.into_bytes().into()))
    }

    /// Asks the proxy for the tunnel. Reads nothing that follows its answer, because that comes from the server.
    pub(super) async fn open(&self, stream: &mut TcpStream) -> Result<(), TunnelError> {
        stream.write_all(self.0.expose_secret()).await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() == MAX_HEAD {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer of the proxy is longer than 64 KiB").into());
            }
            head.push(stream.read_u8().await.map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "the proxy closed the connection"),
                _ => error,
            })?);
        }
        match status(&head) {
            Some(200..300) => Ok(()),
            Some(status) => Err(TunnelError::Refused(status)),
            None => Err(io::Error::new(io::ErrorKind::InvalidData, "the answer of the proxy is not HTTP").into()),
        }
    }
}

fn status(head: &[u8]) -> Option<u16> {
    let rest = head.strip_prefix(b"HTTP/1.")?;
    str::from_utf8(rest.get(2..5)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_proxy_is_read_and_shown_without_its_credentials() {
        for (text, shown, credentials) in [
            ("http://proxy.example:3128", "http://proxy.example:3128", None),
            ("http://proxy.example/", "http://proxy.example:80", None),
            ("proxy.example:8080", "http://proxy.example:8080", None),
            ("http://[::1]:3128", "http://[::1]:3128", None),
            ("http://user:se%63ret@proxy.example", "http://proxy.example:80", Some("user:secret")),
        ] {
            let proxy: Proxy = text.parse().unwrap();
            assert_eq!((proxy.to_string(), format!("{proxy:?}")), (shown.to_owned(), format!("Proxy({shown})")));
            let header = proxy.authorization.map(|header| header.value().to_owned());
            assert_eq!(header, credentials.map(|credentials| format!("Basic {}", BASE64_STANDARD.encode(credentials))));
        }
        for text in ["", "https://proxy.example", "socks5://proxy.example", "http://proxy.example/path", "http://"] {
            assert_eq!(text.parse::<Proxy>(), Err(ProxyError), "{text}");
        }
    }

    #[test]
    fn a_tunnel_names_the_host_and_the_port() {
        for (target, proxy, request) in [
            ("https://h/p?q=1", "http://p", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"),
            ("http://[::1]:81", "http://p", "CONNECT [::1]:81 HTTP/1.1\r\nHost: [::1]:81\r\n\r\n"),
            ("http://h", "http://u:p@p", "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\nProxy-Authorization: Basic dTpw\r\n\r\n"),
        ] {
            let tunnel = Tunnel::to(&Url::parse(target).unwrap(), &proxy.parse().unwrap());
            assert_eq!(str::from_utf8(tunnel.0.expose_secret()).unwrap(), request);
        }
    }

    #[test]
    fn the_status_of_an_answer_is_read() {
        for (head, expected) in [
            ("HTTP/1.1 200 Connection established\r\n\r\n", Some(200)),
            ("HTTP/1.0 407 \r\n\r\n", Some(407)),
            ("HTTP/1.1 x\r\n\r\n", None),
            ("SSH-2.0\r\n\r\n", None),
        ] {
            assert_eq!(status(head.as_bytes()), expected, "{head}");
        }
    }
}
