//! Exporters of metrics: an endpoint that Prometheus scrapes ([`listener`]), and pushes to an OpenTelemetry collector ([`pusher`]). No event waits for
//! them.

mod all;
mod collector;
mod environment;
mod listener;
mod pusher;

use thiserror::Error;

pub(crate) use all::Exporters;
pub(crate) use collector::collector_url;

pub use collector::CollectorError;
pub use environment::PairsError;
pub use listener::ListenError;

/// The metrics cannot go where they were to go.
#[derive(Debug, Error)]
pub enum MetricsError {
    /// They cannot be offered to be scraped.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// They cannot be pushed.
    #[error(transparent)]
    Collector(#[from] CollectorError),
}
