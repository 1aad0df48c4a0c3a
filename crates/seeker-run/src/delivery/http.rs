//! Sends events over HTTP: each request sender has its own connection, or the senders share a pool.

use std::fmt;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use event_request::BodyForm;
use tokio::time::timeout;
use transport::http::{Connection, Endpoint, LocalLimit, NO_HTTP3_ADVICE, OpenError, SharedConnection, Version, without_values};
use url::Url;

use crate::delivery::dispatch::Dispatch;
use crate::delivery::pool::Pool;
use crate::delivery::request_sender::RequestSenders;
use crate::delivery::transport::{Destination, LocalFuture, NotReady, Senders, Transport, of_other_target};
use crate::target::service::Service;
use crate::target::services::{Services, TargetError};
use crate::target::settings::DeliverySettings;
use crate::target::url::{EXPECTED, service_url};

/// The URL of a service. A URL without a path gets the default path of the format.
#[derive(Debug)]
pub(crate) struct HttpDestination(Url);

impl HttpDestination {
    pub(crate) const EXAMPLES: &[&str] = &[EXPECTED];

    pub(crate) fn new(url: Url) -> Self {
        Self(url)
    }

    /// Reads an address that begins with `http://` or `https://`.
    pub(crate) fn read(text: &str) -> Option<Result<Arc<dyn Destination>, String>> {
        let scheme = text.split_once("://")?.0.to_ascii_lowercase();
        let read = || Ok(Arc::new(Self(service_url(text)?)) as Arc<dyn Destination>);
        matches!(scheme.as_str(), "http" | "https").then(read)
    }
}

/// Leaves out the values of the query, because they may be secrets.
impl fmt::Display for HttpDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&without_values(&self.0))
    }
}

impl Destination for HttpDestination {
    fn url(&self) -> Option<&Url> {
        Some(&self.0)
    }

    fn refusal(&self, option: &str) -> Option<&'static str> {
        of_other_target(option)
    }

    fn body_form(&self, settings: &DeliverySettings) -> BodyForm {
        settings.request_form()
    }

    fn open(&self, services: &mut Services<'_>) -> Result<Arc<dyn Transport>, TargetError> {
        let url = services.settings.target_url(&self.0)?;
        let form = self.body_form(services.settings);
        Ok(Arc::new(HttpTransport::new(services.target(&url, &form)?, None)))
    }
}

/// A service that accepts events over HTTP.
pub(crate) struct HttpTransport {
    service: Service,
    /// The address to show in place of the URL.
    address: Option<String>,
}

impl HttpTransport {
    pub(crate) fn new(service: Service, address: Option<String>) -> Self {
        Self { service, address }
    }
}

impl Transport for HttpTransport {
    fn address(&self) -> String {
        self.address.clone().unwrap_or_else(|| self.service.endpoint().url().to_owned())
    }

    fn reach(&self, limit: Duration) -> LocalFuture<'_, Result<(), NotReady>> {
        Box::pin(async move { reach(&self.service.endpoint(), limit, "--target").await })
    }

    fn start(&self, dispatch: Rc<Dispatch>, connections: NonZeroUsize) -> Rc<dyn Senders> {
        let pool = dispatch.sending.streams.map(|streams| Rc::new(Pool::new(connections, streams)));
        let senders_max = pool.as_ref().map_or(connections.get(), |pool| pool.places_max());
        Rc::new(HttpSenders { senders: RequestSenders::start(dispatch, self.service.clone(), pool.clone(), senders_max), pool })
    }
}

struct HttpSenders {
    senders: Rc<RequestSenders>,
    /// The shared connections, over HTTP/2 and HTTP/3.
    pool: Option<Rc<Pool>>,
}

impl Senders for HttpSenders {
    fn check_connections(&self) -> u64 {
        self.pool.as_ref().map_or(0, |pool| pool.check())
    }

    fn abort(&self) {
        self.senders.abort();
    }

    fn close(&self) -> LocalFuture<'_, ()> {
        Box::pin(async {
            if let Some(pool) = &self.pool {
                pool.close().await;
            }
        })
    }
}

/// Opens a connection and closes it again. `option` is the option name to show in advice.
pub(crate) async fn reach(endpoint: &Endpoint, limit: Duration, option: &str) -> Result<(), NotReady> {
    let opened = async {
        match endpoint.version() {
            Version::Http1 => Connection::open(endpoint).await.map(drop),
            Version::Http2 | Version::Http3 => SharedConnection::open(endpoint, || {}).await.map(drop),
        }
    };
    match timeout(limit, opened).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(without_connection(endpoint, option, &error)),
        Err(_) => {
            let advice = match endpoint.version() {
                Version::Http1 | Version::Http2 => format!("is the service running, and is {option} right?"),
                Version::Http3 => NO_HTTP3_ADVICE.to_owned(),
            };
            let (name, missing) = (name(endpoint), endpoint.missing_connection());
            let limit = humantime::format_duration(limit);
            Err(NotReady::Unreachable(format!("{name} cannot be reached: {missing} within {limit}; {advice}")))
        }
    }
}

/// The URL of the endpoint, with its proxy.
fn name(endpoint: &Endpoint) -> String {
    let proxy = endpoint.proxy().map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default();
    format!("{}{proxy}", endpoint.url())
}

/// The error for an endpoint without a connection. `option` is the option that sets the endpoint.
fn without_connection(endpoint: &Endpoint, option: &str, error: &OpenError) -> NotReady {
    let why = format!("{} cannot be reached: failed to {}", name(endpoint), endpoint.error_line(error));
    match error.local_limit() {
        // Before the start, a wrong name is more likely than a broken name service.
        None | Some(LocalLimit::NameService) => {
            NotReady::Unreachable(format!("{why}; {}", error.advice().replace("--target", option)))
        }
        Some(limit) => NotReady::LocalLimit(format!("{why}; {limit}")),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use url::Url;

    use super::*;
    use transport::http::Trust;

    #[test]
    fn a_limit_of_this_machine_is_not_blamed_on_the_target() {
        let error = |kind: io::ErrorKind| OpenError::Connect { address: "192.0.2.1:80".parse().unwrap(), source: kind.into() };
        let endpoint = Endpoint::new(&Url::parse("http://a").unwrap(), &[], &Trust::System).unwrap();
        let not_ready = |error| without_connection(&endpoint, "--search", &error);
        let local = not_ready(error(io::ErrorKind::AddrNotAvailable));
        assert!(matches!(&local, NotReady::LocalLimit(told) if told.ends_with("net.ipv4.ip_local_port_range")), "{local:?}");
        let resolve = OpenError::Resolve { host: "a".to_owned(), source: io::Error::other("no such name") };
        for error in [error(io::ErrorKind::ConnectionRefused), resolve] {
            let not_ready = not_ready(error);
            assert!(matches!(&not_ready, NotReady::Unreachable(told) if told.ends_with("is --search right?")), "{not_ready:?}");
        }
    }
}
