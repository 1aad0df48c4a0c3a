//! The target of a run: a service at a URL, a file, or a receiver that is started in this process. The run connects to the target before
//! any seeker starts.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use event_receiver::{ReceiverConfig, ReceiverError, RunningReceiver};
use thiserror::Error;
use tokio::sync::watch;
use url::Url;

use crate::delivery::http::{HttpTransport, reach};
use crate::delivery::line_sink::{LineSink, LinesError};
#[cfg(test)]
use crate::delivery::scripted::ScriptedTarget;
use crate::delivery::transport::{Transport, Unready};
use crate::plan::RunPlan;
use crate::search::service::SearchService;
use crate::target::service::Service;
use event_request::PathError;
use transport::http::{Endpoint, EndpointError, Header, TrustError, Version};
use transport::token::renewal::{Credentials, Renewing, TokenRenewal};
use transport::token::{Token, TokenError};

/// Why a target cannot be used.
#[derive(Debug, Error)]
pub enum TargetError {
    /// The target's address or a header is invalid.
    #[error(transparent)]
    Endpoint(EndpointError),
    /// The address of the search service is invalid.
    #[error(transparent)]
    Search(EndpointError),
    /// There are no trusted roots to check the target against.
    #[error(transparent)]
    Trust(TrustError),
    /// The path of the target and the names for its placeholders do not match.
    #[error(transparent)]
    Path(#[from] PathError),
    /// The token cannot be used.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The file cannot be written.
    #[error(transparent)]
    Lines(#[from] LinesError),
    /// The target cannot be used.
    #[error(transparent)]
    Unusable(Box<dyn Error + Send + Sync>),
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

/// The destination of events.
pub(crate) struct Target {
    pub(crate) transport: Arc<dyn Transport>,
    name: String,
    /// The search service; `None` for the built-in catalogue.
    pub(crate) search: Option<SearchService>,
    receiver: Option<RunningReceiver>,
    renewal: Option<Arc<TokenRenewal>>,
}

impl Target {
    /// Creates the target of the plan. Without a target, starts a receiver on a free loopback port.
    pub(crate) fn of(plan: &RunPlan) -> Result<Self, TargetError> {
        let mut services = Services::new(plan)?;
        let search = plan.search_url().transpose()?.map(|url| services.search(&url)).transpose()?;
        if let Some(address) = &plan.target
            && let Some(sink) = LineSink::open(address)?
        {
            let name = address.to_string();
            return Ok(Self { transport: Arc::new(sink), name, search, receiver: None, renewal: services.renewal() });
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
        Ok(Self { transport: Arc::new(HttpTransport(service)), name, search, receiver, renewal: services.renewal() })
    }

    /// A simulated target for tests.
    #[cfg(test)]
    pub(crate) fn scripted(script: Arc<ScriptedTarget>) -> Self {
        Self { transport: Arc::new(script), name: "scripted".to_owned(), search: None, receiver: None, renewal: None }
    }

    /// The display name of the target.
    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }

    /// The address of the target.
    pub(crate) fn address(&self) -> String {
        self.transport.address()
    }

    /// Renews the token until the returned value is dropped, if the token is renewable.
    pub(crate) fn renew_token(&self) -> Option<Renewing> {
        self.renewal.clone().map(TokenRenewal::start)
    }

    /// Opens a connection and closes it again, to the target and to the search service. For a file, waits until it is open.
    pub(crate) async fn reach(&self, limit: Duration) -> Result<(), Unready> {
        self.transport.reach(limit).await?;
        match &self.search {
            Some(search) => reach(&search.service.endpoint(), limit, "--search").await,
            None => Ok(()),
        }
    }

    /// Stops the receiver, if any, and returns its summary.
    pub(crate) fn stop(self) -> Option<event_receiver::Summary> {
        self.receiver.map(RunningReceiver::stop)
    }
}

/// Creates the services of a run, with the headers of their requests.
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

    /// Creates the service that receives events.
    fn target(&mut self, url: &Url) -> Result<Service, TargetError> {
        let mut headers = self.plan.headers.clone();
        if self.plan.gzip {
            headers.push("Content-Encoding: gzip".parse().expect("a valid header"));
        }
        if !headers.iter().any(|header| header.is("content-type")) {
            let content_type = format!("Content-Type: {}", self.plan.body_form().content_type());
            headers.push(content_type.parse().expect("a valid header"));
        }
        let version = if self.plan.streams.is_some() { Version::Http2 } else { Version::Http1 };
        Ok(self.service(url, headers, version)?)
    }

    /// Creates the service that responds to searches. Its requests omit the headers that describe event bodies.
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
