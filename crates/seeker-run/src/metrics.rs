//! The live metrics of a run. Names, help texts, units and values are defined once, as [`Family`]. [`prometheus`] and [`otlp`] only encode
//! families, so the two cannot differ. The recorder creates [`Metrics`] from its counters when an exporter asks.

mod buckets;
mod description;
mod families;
pub(crate) mod otlp;
pub(crate) mod prometheus;
mod run_info;

use std::borrow::Cow;
use std::time::SystemTime;

use buckets::Buckets;

pub use description::MetricDescription;
pub(crate) use families::{FinalFigures, Observed};
pub(crate) use run_info::RunInfo;

/// The prefix of each name.
const NAMESPACE: &str = "seeker_sim";

/// All metrics at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Metrics {
    /// The version of the program.
    version: &'static str,
    /// The start of counting.
    began: SystemTime,
    at: SystemTime,
    families: Vec<Family>,
}

/// A metric with all its labels. Its name has no prefix, unit or suffix yet; these depend on the encoding.
#[derive(Clone, Debug, PartialEq)]
struct Family {
    name: &'static str,
    help: &'static str,
    unit: Unit,
    points: Points,
}

/// The unit of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
    /// A number of the named things.
    Number(&'static str),
    None,
}

/// The values of a family.
#[derive(Clone, Debug, PartialEq)]
enum Points {
    /// Values that never decrease.
    Counter(Vec<Point<u64>>),
    Gauge(Vec<Point<f64>>),
    Histogram(Vec<Point<Buckets>>),
    /// Labels without a value.
    Info(Vec<Label>),
}

#[derive(Clone, Debug, PartialEq)]
struct Point<V> {
    labels: Vec<Label>,
    value: V,
}

type Label = (&'static str, Cow<'static, str>);
