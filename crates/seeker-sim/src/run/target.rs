//! The target of a run: a service at a URL, a file, or a receiver that is started in this process. It is reached before any seeker starts.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use event_receiver::{ReceiverConfig, ReceiverError, RunningReceiver};
use thiserror::Error;
use tokio::sync::watch;
use tokio::time::timeout;
use url::Url;

use crate::delivery::line_sink::LineSink;
use crate::delivery::route::Route;
#[cfg(test)]
use crate::delivery::scripted::ScriptedTarget;
use crate::plan::RunPlan;
use crate::search::service::SearchService;
use crate::target::address::TargetAddress;
use crate::target::service::Service;
use event_request::PathError;
use transport::http::{Connection, Endpoint, EndpointError, Header, LocalLimit, Multiplexed, OpenError, TrustError, Version};
use transport::token::renewal::{Credentials, Renewing, TokenRenewal};
use transport::token::{Token, TokenError};

/// A target that cannot be.
#[derive(Debug, Error)]
pub enum TargetError {
    /// The target's address or a header cannot be used.
    #[error(transparent)]
    Endpoint(EndpointError),
    /// The address of the search cannot be used.
    #[error(transparent)]
    Search(EndpointError),
    /// There is nobody to whom the target could prove itself.
    #[error(transparent)]
    Trust(TrustError),
    /// The path of the target and the names that belong in it do not fit together.
    #[error(transparent)]
    Path(#[from] PathError),
    /// There is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The file cannot be written.
    #[error("write to {address}")]
    Lines {
        /// What names it.
        address: TargetAddress,
        /// What the operating system said.
        source: io::Error,
    },
    /// The receiver in this process could not be started.
    #[error("start a receiver in this process")]
    Receiver(#[from] ReceiverError),
}

impl From<EndpointError> for TargetError {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::Trust(error) => Self::Trust(error),
            error => Self::Endpoint(error),
        }
    }
}

/// Why a target is not ready for a run.
#[derive(Debug)]
pub(crate) enum Unready {
    /// It cannot be reached. As a sentence: why, and what to do.
    Unreachable(String),
    /// This machine lacks what a connection takes. As a sentence: what, and what to do.
    LocalLimit(String),
    /// It cannot be used at all.
    Unusable(TargetError),
}

impl Unready {
    /// Because no connection to this endpoint, which the option names, could be opened.
    fn without_connection(endpoint: &Endpoint, option: &str, error: &OpenError) -> Self {
        let why = format!("{} cannot be reached: failed to {}", endpoint.url(), endpoint.error_line(error));
        match error.local_limit() {
            // Before the start, a wrong name is more likely than a broken name service.
            None | Some(LocalLimit::NameService) => {
                Self::Unreachable(format!("{why}; {}", error.advice().replace("--target", option)))
            }
            Some(limit) => Self::LocalLimit(format!("{why}; {limit}")),
        }
    }
}

/// Where events go.
pub(crate) struct Target {
    pub(crate) route: Route,
    name: String,
    /// What answers searches, if not the built-in catalogue.
    pub(crate) search: Option<SearchService>,
    receiver: Option<RunningReceiver>,
    renewal: Option<Arc<TokenRenewal>>,
}

impl Target {
    /// The target of the plan; without one a receiver is started on a free loopback port.
    pub(crate) fn of(plan: &RunPlan) -> Result<Self, TargetError> {
        let mut services = Services::new(plan)?;
        let search = plan.search_url().transpose()?.map(|url| services.search(&url)).transpose()?;
        if let Some(address) = &plan.target
            && let Some(sink) =
                LineSink::open(address).map_err(|source| TargetError::Lines { address: address.clone(), source })?
        {
            let (route, name) = (Route::Lines(Arc::new(sink)), address.to_string());
            return Ok(Self { route, name, search, receiver: None, renewal: services.renewal() });
        }
        let (url, receiver) = if let Some(url) = plan.service() {
            (plan.target_url(url)?, None)
        } else {
            let config = ReceiverConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).with_workers(NonZeroUsize::MIN);
            let config = if plan.streams.is_some() { config.with_http2() } else { config };
            let receiver = event_receiver::start(config)?;
            let url = Url::parse(&receiver.url()).expect("a receiver has a URL");
            (plan.body_form().url(&url, &plan.names)?, Some(receiver))
        };
        let service = services.target(&url)?;
        let name = match &receiver {
            Some(_) => format!("{} (a receiver in this process)", service.endpoint().url()),
            None => service.endpoint().url().to_owned(),
        };
        Ok(Self { route: Route::Service(service), name, search, receiver, renewal: services.renewal() })
    }

    /// A target that a test makes up.
    #[cfg(test)]
    pub(crate) fn scripted(script: Arc<ScriptedTarget>) -> Self {
        Self { route: Route::Scripted(script), name: "scripted".to_owned(), search: None, receiver: None, renewal: None }
    }

    /// What to call the target.
    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }

    /// Its address.
    pub(crate) fn address(&self) -> String {
        match &self.route {
            Route::Service(service) => service.endpoint().url().to_owned(),
            Route::Lines(_) => self.name.clone(),
            #[cfg(test)]
            Route::Scripted(_) => self.name.clone(),
        }
    }

    /// Has the token renewed until that is dropped, if it can be.
    pub(crate) fn renew_token(&self) -> Option<Renewing> {
        self.renewal.clone().map(TokenRenewal::start)
    }

    /// Opens a connection and closes it again, and so with the search; waits until a file is open.
    pub(crate) async fn reach(&self, limit: Duration) -> Result<(), Unready> {
        match &self.route {
            Route::Service(service) => reach(&service.endpoint(), limit, "--target").await?,
            Route::Lines(sink) => self.open_file(sink, limit).await?,
            #[cfg(test)]
            Route::Scripted(_) => {}
        }
        match &self.search {
            Some(search) => reach(&search.service.endpoint(), limit, "--search").await,
            None => Ok(()),
        }
    }

    async fn open_file(&self, sink: &LineSink, limit: Duration) -> Result<(), Unready> {
        match timeout(limit, sink.opened()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(source)) => Err(Unready::Unusable(TargetError::Lines { address: sink.address().clone(), source })),
            // Other files open at once.
            Err(_) => Err(Unready::Unreachable(format!(
                "{} has no reader: not opened within {}; start the program that reads from the pipe first",
                self.name,
                humantime::format_duration(limit)
            ))),
        }
    }

    /// Ends what was started; what the receiver counted, if there was one.
    pub(crate) fn stop(self) -> Option<event_receiver::Summary> {
        self.receiver.map(RunningReceiver::stop)
    }
}

/// Makes the services of a run, with the headers that requests to each of them carry.
struct Services<'a> {
    plan: &'a RunPlan,
    token: Option<Token>,
    credentials: Credentials,
    renewal: Option<TokenRenewal>,
}

impl<'a> Services<'a> {
    fn new(plan: &'a RunPlan) -> Result<Self, TargetError> {
        let token = plan.token.as_ref().map(|source| source.read().map(|token| (source, token))).transpose()?;
        let renewal = token
            .clone()
            .filter(|(source, _)| source.is_renewable())
            .map(|(source, token)| TokenRenewal::new(source.clone(), token));
        let has_credentials = token.is_some() || plan.headers.iter().any(|header| header.is("authorization"));
        let credentials = match &renewal {
            Some(renewal) => renewal.credentials(),
            None if has_credentials => Credentials::Fixed,
            None => Credentials::None,
        };
        Ok(Self { plan, token: token.map(|(_, token)| token), credentials, renewal })
    }

    /// The service that events are sent to.
    fn target(&mut self, url: &Url) -> Result<Service, TargetError> {
        let mut headers = self.plan.headers.clone();
        if self.plan.gzip {
            headers.push("Content-Encoding: gzip".parse().expect("it is a header"));
        }
        if !headers.iter().any(|header| header.is("content-type")) {
            let content_type = format!("Content-Type: {}", self.plan.body_form().content_type());
            headers.push(content_type.parse().expect("it is a header"));
        }
        let version = if self.plan.streams.is_some() { Version::Http2 } else { Version::Http1 };
        Ok(self.service(url, headers, version)?)
    }

    /// The service that answers searches. The headers that describe bodies with events are no headers of its requests.
    fn search(&mut self, url: &Url) -> Result<SearchService, TargetError> {
        let service = self.service(url, self.plan.headers.clone(), Version::Http1).map_err(|error| match error {
            EndpointError::Trust(error) => TargetError::Trust(error),
            error => TargetError::Search(error),
        })?;
        Ok(SearchService::new(url, service))
    }

    fn service(&mut self, url: &Url, headers: Vec<Header>, version: Version) -> Result<Service, EndpointError> {
        let with_token: Vec<_> = headers.iter().cloned().chain(self.token.as_ref().map(Token::header)).collect();
        let endpoint = match version {
            Version::Http1 => Endpoint::new(url, &with_token, &self.plan.trust)?,
            Version::Http2 => Endpoint::new_http2(url, &with_token, &self.plan.trust)?,
        };
        let endpoint = endpoint.with_addresses(&self.plan.resolves, self.plan.timeout);
        let endpoint = if self.plan.shows_answers { endpoint } else { endpoint.without_answers() };
        let endpoint = match &mut self.renewal {
            Some(renewal) => renewal.renews(endpoint, headers),
            None => watch::channel(Arc::new(endpoint)).1,
        };
        Ok(Service::new(endpoint, self.credentials.clone()))
    }

    fn renewal(self) -> Option<Arc<TokenRenewal>> {
        self.renewal.map(Arc::new)
    }
}

/// `option` names the endpoint in advice.
async fn reach(endpoint: &Endpoint, limit: Duration, option: &str) -> Result<(), Unready> {
    let opened = async {
        match endpoint.version() {
            Version::Http1 => Connection::open(endpoint).await.map(drop),
            Version::Http2 => Multiplexed::open(endpoint).await.map(drop),
        }
    };
    match timeout(limit, opened).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Unready::without_connection(endpoint, option, &error)),
        Err(_) => Err(Unready::Unreachable(format!(
            "{} cannot be reached: no connection within {}; is the service running, and is {option} right?",
            endpoint.url(),
            humantime::format_duration(limit)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use transport::http::Trust;

    #[test]
    fn a_limit_of_this_machine_is_no_fault_of_the_target() {
        let error = |kind: io::ErrorKind| OpenError::Connect { address: "192.0.2.1:80".parse().unwrap(), source: kind.into() };
        let endpoint = Endpoint::new(&Url::parse("http://a").unwrap(), &[], &Trust::System).unwrap();
        let unready = |error| Unready::without_connection(&endpoint, "--search", &error);
        let local = unready(error(io::ErrorKind::AddrNotAvailable));
        assert!(matches!(&local, Unready::LocalLimit(told) if told.ends_with("net.ipv4.ip_local_port_range")), "{local:?}");
        let resolve = OpenError::Resolve { host: "a".to_owned(), source: io::Error::other("no such name") };
        for error in [error(io::ErrorKind::ConnectionRefused), resolve] {
            let unready = unready(error);
            assert!(matches!(&unready, Unready::Unreachable(told) if told.ends_with("is --search right?")), "{unready:?}");
        }
    }
}
