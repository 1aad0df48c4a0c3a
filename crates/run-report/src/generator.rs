//! The `generator` section of a report: the resources and the pauses of the generator.

use serde::{Deserialize, Serialize};

/// The resources that the generator used, over the whole run; null if the system does not report them. A merged report has the sums over
/// all generators, and the busiest thread of any generator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Generator {
    /// The name of the machine, with `--shard`; null without it, and in merged reports.
    #[serde(default)]
    pub host: Option<String>,
    /// The number of cores that the generator may use.
    pub cores: usize,
    /// The mean number of cores that the process used, including a receiver in the process.
    pub cores_used: Option<f64>,
    /// The share of a core that the busiest thread with seekers and connections used.
    pub busiest_thread: Option<f64>,
    /// The mean number of requests in flight while events were due; null if nothing was sent.
    pub in_flight_mean: Option<f64>,
    /// The pauses of the process of at least 5 ms in the measured time; null in reports of older versions.
    #[serde(default)]
    pub pauses: Option<Pauses>,
    /// The number of events that were not sent because this machine lacked a resource (a port, a file descriptor, memory) or an address for
    /// the target's name.
    #[serde(default)]
    pub local_errors: u64,
}

/// Pauses of the generator. A thread sleeps for 1 ms at a time; a pause is the delay of its wake-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pauses {
    /// The number of pauses.
    pub count: u64,
    /// The total duration of all pauses.
    pub total_ms: f64,
    /// The duration of the longest pause.
    pub longest_ms: f64,
    /// The start of the longest pause, in seconds since the start of the run.
    pub longest_from_s: Option<f64>,
}

impl Pauses {
    /// Combines the pauses of two generators.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let longest = if self.longest_ms >= other.longest_ms { self } else { other };
        Self { count: self.count + other.count, total_ms: self.total_ms + other.total_ms, ..longest }
    }
}
