//! The target of a run: what `--target` names, or a receiver that is started in this process. The run connects to the target before any seeker
//! starts.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use event_receiver::{ReceiverConfig, ReceiverError, RunningReceiver};
use transport::token::renewal::{RenewalTask, TokenRenewal};
use url::Url;

use crate::delivery::http::reach;
#[cfg(test)]
use crate::delivery::scripted::ScriptedTarget;
use crate::delivery::targets::TargetAddress;
use crate::delivery::transport::{NotReady, Transport};
use crate::plan::RunPlan;
use crate::run::clock_check::ClockCheck;
use crate::search::service::SearchService;
use crate::target::services::{Services, TargetError};

/// The destination of events.
pub(crate) struct Target {
    pub(crate) transport: Arc<dyn Transport>,
    name: String,
    /// The search service; `None` for the built-in catalogue.
    pub(crate) search: Option<SearchService>,
    /// The server whose `Date` is compared with the clock.
    clock_check: Option<ClockCheck>,
    receiver: Option<RunningReceiver>,
    renewal: Option<Arc<TokenRenewal>>,
}

impl Target {
    /// Creates the target of the plan. Without a target, starts a receiver on a free loopback port.
    pub(crate) fn of(plan: &RunPlan) -> Result<Self, TargetError> {
        let mut services = Services::new(&plan.delivery)?;
        let search = match plan.search_url().transpose()? {
            Some(url) => Some(SearchService::new(&url, services.search(&url)?)),
            None => None,
        };
        let clock_check = clock_check(plan, &mut services)?;
        let receiver = if plan.target.is_none() { Some(start_receiver(plan.delivery.streams.is_some())?) } else { None };
        let of_receiver = receiver.as_ref().map(|receiver| Url::parse(&receiver.url()).expect("a receiver has a URL"));
        let address = plan.target.clone().or(of_receiver.map(TargetAddress::http)).expect("a target or a receiver");
        let transport = address.open(&mut services)?;
        let name = match &receiver {
            Some(_) => format!("{} (a receiver in this process)", transport.address()),
            None => match plan.target_url().and_then(|url| plan.delivery.proxies.for_url(url).ok()?) {
                Some((proxy, _)) => format!("{} through the proxy {proxy}", transport.address()),
                None => transport.address(),
            },
        };
        Ok(Self { transport, name, search, clock_check, receiver, renewal: services.renewal() })
    }

    /// A simulated target for tests.
    #[cfg(test)]
    pub(crate) fn scripted(script: Arc<ScriptedTarget>) -> Self {
        Self {
            transport: Arc::new(script),
            name: "scripted".to_owned(),
            search: None,
            clock_check: None,
            receiver: None,
            renewal: None,
        }
    }

    /// The server whose `Date` is compared with the clock before the start, if there is one.
    pub(super) fn clock_check(&self) -> Option<&ClockCheck> {
        self.clock_check.as_ref()
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
    pub(crate) fn renew_token(&self) -> Option<RenewalTask> {
        self.renewal.clone().map(TokenRenewal::start)
    }

    /// Opens a connection and closes it again, to the target and to the search service. For a file, waits until it is open.
    pub(crate) async fn reach(&self, limit: Duration) -> Result<(), NotReady> {
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

/// The server to compare clocks with. A run that is not shared needs none, and neither does a receiver in this process. A proxy may answer
/// in place of the target.
fn clock_check(plan: &RunPlan, services: &mut Services<'_>) -> Result<Option<ClockCheck>, TargetError> {
    let of_target = || plan.target_url().map(|url| plan.delivery.target_url(url)).transpose();
    let url = match &plan.clock_check {
        _ if plan.shard.is_none() && plan.start_at.is_none() => None,
        Some(url) => Some(url.clone()),
        None => of_target()?.filter(|url| matches!(plan.delivery.proxies.for_url(url), Ok(None))),
    };
    url.map(|url| Ok(ClockCheck::new(&url, services.bytes(&url)?.endpoint()))).transpose()
}

/// Starts a receiver on a free loopback port.
fn start_receiver(speaks_http2: bool) -> Result<RunningReceiver, ReceiverError> {
    let config = ReceiverConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).with_workers(NonZeroUsize::MIN);
    event_receiver::start(if speaks_http2 { config.with_http2() } else { config })
}
