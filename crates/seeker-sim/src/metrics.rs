//! The metrics of a run while it goes on: what there is ([`families`]), and the two ways on which it leaves the process, an endpoint that
//! Prometheus scrapes ([`listener`]) and pushes to an OpenTelemetry collector ([`pusher`]).
//!
//! Names, help texts, units and values are defined once, as [`Family`]; [`prometheus`] and [`otlp`] only say how one is written, so the two
//! cannot differ. Nothing here is on the way of an event: the recorder makes [`Metrics`] of its counts when it is asked for them.

mod buckets;
mod families;
mod run_info;

mod listener;
mod prometheus;

mod collector;
mod environment;
mod otlp;
mod pusher;

mod ways;

use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use thiserror::Error;
use url::Url;

use buckets::Buckets;

pub(crate) use collector::collector_url;
pub(crate) use families::{Ended, Observed};
pub(crate) use run_info::RunInfo;
pub(crate) use ways::Ways;

pub use collector::CollectorError;
pub use environment::PairsError;
pub use listener::ListenError;

/// Where the metrics of a run go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricsPlan {
    /// The address at which they can be scraped; port 0 for a free one.
    pub listen: Option<SocketAddr>,
    /// Whether a run before this one has told that address.
    pub is_told: bool,
    /// The collector that they are pushed to.
    pub push: Option<PushPlan>,
}

/// How metrics are pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushPlan {
    /// The collector; `None` for the one that the environment names, or the one on this machine.
    pub url: Option<Url>,
    /// How often, at least every 100 ms.
    pub every: Duration,
}

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

/// What stands before each name.
const NAMESPACE: &str = "seeker_sim";

/// All metrics at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Metrics {
    /// Since when is counted.
    began: SystemTime,
    at: SystemTime,
    families: Vec<Family>,
}

/// A metric with all its labels. Its name has no prefix, unit or other ending yet: those are matters of each form.
#[derive(Clone, Debug, PartialEq)]
struct Family {
    name: &'static str,
    help: &'static str,
    unit: Unit,
    points: Points,
}

/// What a value counts or measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
    /// So many of what is named.
    Number(&'static str),
    None,
}

/// The values of a family.
#[derive(Clone, Debug, PartialEq)]
enum Points {
    /// What never becomes less.
    Counter(Vec<Point<u64>>),
    Gauge(Vec<Point<f64>>),
    Histogram(Vec<Point<Buckets>>),
    /// Labels are all there is to say.
    Info(Vec<Label>),
}

#[derive(Clone, Debug, PartialEq)]
struct Point<V> {
    labels: Vec<Label>,
    value: V,
}

type Label = (&'static str, Cow<'static, str>);
