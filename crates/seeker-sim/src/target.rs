//! The target of a run: a service at a URL, or a receiver started in this process. Made sure of before any seeker starts.

pub(crate) mod address;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use event_receiver::{ReceiverConfig, ReceiverError, RunningReceiver};
use thiserror::Error;
use tokio::time::timeout;
use url::Url;

use crate::delivery::lines::LineSink;
#[cfg(test)]
use crate::delivery::scripted::ScriptedTarget;
use crate::event_form::PathError;
use crate::http::{Connection, Endpoint, EndpointError, Multiplexed, TrustError, Version};
use crate::one_line::one_line;
use crate::plan::RunPlan;
use crate::search::service::SearchService;
use crate::token::TokenError;
use address::TargetAddress;

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

/// How events get there.
#[derive(Clone)]
pub(crate) enum Way {
    /// Over HTTP.
    Service(Arc<Endpoint>),
    /// As lines.
    Lines(Arc<LineSink>),
    /// To a target that a test makes up.
    #[cfg(test)]
    Scripted(Arc<ScriptedTarget>),
}

/// Where events go.
pub(crate) struct Target {
    pub(crate) way: Way,
    name: String,
    /// What answers searches, if not the built-in catalogue.
    pub(crate) search: Option<SearchService>,
    receiver: Option<RunningReceiver>,
}

impl Target {
    /// The target of the plan; without one a receiver is started on a free loopback port.
    pub(crate) fn of(plan: &RunPlan) -> Result<Self, TargetError> {
        let mut headers = plan.headers.clone();
        if let Some(token) = &plan.token {
            headers.push(token.read()?.header());
        }
        // What is said of bodies below is said of those with events.
        let search_headers = headers.clone();
        if plan.gzip {
            headers.push("Content-Encoding: gzip".parse().expect("it is a header"));
        }
        let form = plan.body_form();
        if !headers.iter().any(|header| header.is("content-type")) {
            let content_type = format!("Content-Type: {}", form.content_type());
            headers.push(content_type.parse().expect("it is a header"));
        }
        let search = plan.search_url().transpose()?;
        let search = search.map(|url| SearchService::new(&url, &search_headers, &plan.trust)).transpose();
        let search = search.map_err(|error| match error {
            EndpointError::Trust(error) => TargetError::Trust(error),
            error => TargetError::Search(error),
        })?;
        if let Some(address) = &plan.target
            && let Some(sink) =
                LineSink::open(address).map_err(|source| TargetError::Lines { address: address.clone(), source })?
        {
            return Ok(Self { way: Way::Lines(Arc::new(sink)), name: address.to_string(), search, receiver: None });
        }
        let (url, receiver) = if let Some(url) = plan.service() {
            (plan.target_url(url)?, None)
        } else {
            let config = ReceiverConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).with_workers(NonZeroUsize::MIN);
            let config = if plan.streams.is_some() { config.with_http2() } else { config };
            let receiver = event_receiver::start(config)?;
            let url = Url::parse(&receiver.url()).expect("a receiver has a URL");
            (form.url(&url, &plan.names)?, Some(receiver))
        };
        let endpoint = match plan.streams {
            None => Endpoint::new(&url, &headers, &plan.trust)?,
            Some(_) => Endpoint::new_http2(&url, &headers, &plan.trust)?,
        };
        let name = match &receiver {
            Some(_) => format!("{} (a receiver in this process)", endpoint.url()),
            None => endpoint.url().to_owned(),
        };
        Ok(Self { way: Way::Service(Arc::new(endpoint)), name, search, receiver })
    }

    /// A target that a test makes up.
    #[cfg(test)]
    pub(crate) fn scripted(script: Arc<ScriptedTarget>) -> Self {
        Self { way: Way::Scripted(script), name: "scripted".to_owned(), search: None, receiver: None }
    }

    /// What to call the target.
    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }

    /// Its address.
    pub(crate) fn address(&self) -> &str {
        match &self.way {
            Way::Service(endpoint) => endpoint.url(),
            Way::Lines(_) => &self.name,
            #[cfg(test)]
            Way::Scripted(_) => &self.name,
        }
    }

    /// Opens a connection and closes it again, and so with the search. The error is a sentence.
    pub(crate) async fn reach(&self, limit: Duration) -> Result<(), String> {
        if let Way::Service(endpoint) = &self.way {
            reach(endpoint, limit).await?;
        }
        match &self.search {
            // The advice is the same, about another option.
            Some(search) => reach(&search.endpoint, limit).await.map_err(|told| told.replace("--target", "--search")),
            None => Ok(()),
        }
    }

    /// Ends what was started; what the receiver counted, if there was one.
    pub(crate) fn stop(self) -> Option<event_receiver::Summary> {
        self.receiver.map(RunningReceiver::stop)
    }
}

async fn reach(endpoint: &Endpoint, limit: Duration) -> Result<(), String> {
    let told = |why: String, advice| format!("{} cannot be reached: {why}; {advice}", endpoint.url());
    let opened = async {
        match endpoint.version() {
            Version::Http1 => Connection::open(endpoint).await.map(drop),
            Version::Http2 => Multiplexed::open(endpoint).await.map(drop),
        }
    };
    match timeout(limit, opened).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(told(format!("failed to {}", one_line(&error)), error.advice())),
        Err(_) => {
            let why = format!("no connection within {}", humantime::format_duration(limit));
            Err(told(why, "is the service running, and is --target right?"))
        }
    }
}
