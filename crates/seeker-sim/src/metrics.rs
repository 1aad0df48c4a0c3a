//! The metrics of a run while it goes on. Names, help texts, units and values are defined once, as [`Family`]; [`prometheus`] and [`otlp`] only
//! say how a family is written, so the two cannot differ. The recorder makes [`Metrics`] of its counters when an exporter asks.

mod buckets;
mod families;
pub(crate) mod otlp;
pub(crate) mod prometheus;
mod run_info;

use std::borrow::Cow;
use std::time::SystemTime;

use buckets::Buckets;

pub(crate) use families::{Ended, Observed};
pub(crate) use run_info::RunInfo;

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
