//! The address of a broker.

use std::borrow::Cow;
use std::fmt;

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
}

impl Server {
    /// The host as part of a URL. Brokers give addresses of IPv6 without brackets.
    pub(super) fn url_host(&self) -> Cow<'_, str> {
        if self.host.contains(':') && !self.host.starts_with('[') {
            format!("[{}]", self.host).into()
        } else {
            self.host.as_str().into()
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.url_host(), self.port)
    }
}
