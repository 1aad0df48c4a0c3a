//! Exporters of metrics: an endpoint that Prometheus scrapes ([`listener`]), and pushes to an OpenTelemetry collector ([`pusher`]). They
//! delay no event. On request, the endpoint also changes the load ([`load_api`]).

mod all;
mod answer;
mod collector;
mod environment;
mod listener;
mod load_api;
mod pusher;

use thiserror::Error;

pub(crate) use all::Exporters;

pub use collector::{CollectorError, collector_url};
pub use environment::PairsError;
pub use listener::ListenError;

/// Why metrics cannot be exported.
#[derive(Debug, Error)]
pub enum MetricsError {
    /// The endpoint cannot listen.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Metrics cannot be pushed.
    #[error(transparent)]
    Collector(#[from] CollectorError),
}
