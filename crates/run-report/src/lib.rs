//! The report of a load test: the measured figures, the verdict on the run, and the comparison with other runs.
//!
//! [`Report`] is the document, with stable JSON keys. [`verdict`](mod@verdict) judges a run, [`thresholds`] compares figures with their
//! bounds, [`mod@merge`] adds the reports of several generators, and [`mod@compare`] finds regressions. [`page`], [`csv`], [`junit`] and
//! [`summary`] are the other formats. This crate opens no connections.

pub mod capacity;
pub mod compare;
pub mod connections;
pub mod csv;
pub mod curve;
pub mod figures;
pub mod file;
pub mod form;
pub mod histograms;
pub mod junit;
pub mod live;
pub mod lost_events;
pub mod merge;
pub mod page;
pub mod part;
pub mod read;
pub mod schema;
pub mod searches;
pub mod summary;
pub mod thresholds;
pub mod verdict;
pub mod window;

#[cfg(any(test, feature = "proptest"))]
pub mod samples;

use std::collections::BTreeMap;
use std::fmt;

use client_event::EventType;
use event_request::EventForm;
use hdrhistogram::Histogram;
use jiff::Timestamp;
use load_plan::load::{LoadKind, Pacing};
use load_plan::threshold::{Percentile, Statistic};
use load_plan::units::optional_text;
use measure::error_example::ErrorExample;
use measure::latency::Latencies;
use measure::latency_blocks::LatencyBlocks;
use measure::sent_check::SentFindings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use capacity::Capacity;
pub use connections::Connections;
pub use curve::TimesAtPercentile;
use figures::thousandths;
pub use histograms::Histograms;
pub use part::Part;
pub use searches::Searches;
use thresholds::JudgedThreshold;
pub use window::{Window, WindowPercentiles};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The plan was kept and the target took the events.
    Passed,
    /// The target did not take enough of the events.
    ThresholdMissed,
    /// The generator was the limit, or stood still, so the figures do not describe the target.
    NotTrustworthy,
    /// There was no connection to the target before the start.
    TargetUnreachable,
    /// A signal ended the run before its time.
    Interrupted,
}

impl Outcome {
    /// The name in the report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::ThresholdMissed => "threshold_missed",
            Self::NotTrustworthy => "not_trustworthy",
            Self::TargetUnreachable => "target_unreachable",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether the figures of a run with this outcome describe the target under the planned load.
    pub const fn describes_target(self) -> bool {
        match self {
            Self::Passed | Self::ThresholdMissed => true,
            Self::NotTrustworthy | Self::TargetUnreachable | Self::Interrupted => false,
        }
    }
}

/// A run in figures. Times are in milliseconds, rates in events a second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// How the run ended.
    pub outcome: Outcome,
    /// Why it ended so, a sentence each; empty when it passed.
    pub reasons: Vec<String>,
    /// What the figures had to hold, the built-in threshold first where it held.
    pub thresholds: Vec<JudgedThreshold>,
    /// After how long the run was ended because a threshold was lost, in seconds.
    pub aborted_after_s: Option<f64>,
    /// When the first event could be due, in UTC; not in reports of older versions, nor where there was no target.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub started_at: Option<Timestamp>,
    /// Where events were sent.
    pub target: String,
    /// The form in which they were sent; not in reports of older versions.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub format: Option<EventForm>,
    /// What the random numbers were drawn from.
    pub seed: u64,
    /// Simulated seconds per second.
    pub speed: f64,
    /// How long events were due, warm-up included: as planned, or up to the interruption.
    pub duration_s: f64,
    /// What was wanted of the run, and how much of it there was.
    pub load: LoadFigures,
    /// The beginning that counts for no other figure, where there was one.
    pub warm_up: Option<WarmUp>,
    /// What the search for the capacity found, where one was made; the other figures are those of its last trial.
    pub capacity: Option<Capacity>,
    /// What became of the planned events.
    pub events: Events,
    /// The same by type, without those that no seeker was there to begin. Only types that occurred.
    pub by_type: BTreeMap<EventType, EventsOfType>,
    /// Planned and achieved rate.
    pub rate: RateFigures,
    /// Requests that carried events: fewer than events where they went in batches, more where they were sent again.
    pub requests: u64,
    /// The connections that carried them; not in reports of older versions, nor where no connection was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Connections")]
    pub connections: Option<Connections>,
    /// From the scheduled time to the answer, of all planned events. An event without an answer ranks above all answered ones.
    pub latency_ms: Percentiles,
    /// The same, of answered events alone.
    #[serde(default)]
    pub answered_latency_ms: Percentiles,
    /// From sending to the answer, of answered events.
    pub service_time_ms: Percentiles,
    /// From the scheduled time to sending, of sent events.
    pub schedule_lag_ms: Percentiles,
    /// Events that were sent again, with `--retries`. They are no part of the load.
    pub retries: Retries,
    /// Searches that the target's own search answered, where it did. They are no part of the load.
    pub searches: Option<Searches>,
    /// The three times at many percentiles, from all to the longest; empty when nothing was sent.
    pub times_by_percentile: Vec<TimesAtPercentile>,
    /// The times themselves, from which reports are merged; not in reports of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Histograms")]
    pub histograms: Option<Histograms>,
    /// The latencies cut into consecutive blocks of time, from which `report compare` tells how far percentiles can be trusted; not in reports
    /// of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "LatencyBlocks")]
    pub latency_blocks: Option<LatencyBlocks>,
    /// The job seekers.
    pub seekers: Seekers,
    /// The generator itself.
    pub generator: Generator,
    /// The measured time in windows of a second, and the time after it in which answers still came; of more than an hour in windows
    /// of two seconds, of more than two in windows of four, and so on.
    pub windows: Vec<Window>,
    /// What went wrong, and how often.
    pub errors: BTreeMap<String, u64>,
    /// Of what went wrong with events, the first one each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub error_examples: BTreeMap<String, ErrorExample>,
    /// What was found in the events that were sent, where they were checked.
    pub check_sent: Option<SentFindings>,
    /// What the receiver counted, where it ran in the same process.
    pub receiver: Option<receiver_summary::Summary>,
    /// The runs of which this report was merged; of a single run none. Their seeds, loads and times of beginning are theirs; above
    /// stand the seed of the first and the sum of the loads, without stages where they have no common course.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

impl Report {
    /// The report as text for people.
    pub fn summary(&self) -> impl fmt::Display {
        summary::Summary(self)
    }
}

/// What was wanted of a run, and how much of it there was: of events with a rate, of seekers who began with arrivals, of seekers
/// who were there, on average over the time, with a number of seekers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadFigures {
    /// What the load counts.
    pub kind: LoadKind,
    /// The stages, in the form of `--stage`.
    pub stages: Vec<String>,
    /// How events or seekers who begin were spread over time; null with a number of seekers, and in reports of older versions.
    #[serde(default)]
    pub pacing: Option<Pacing>,
    /// As planned.
    pub planned: f64,
    /// As it came; of events those whose sending began while events were due.
    pub achieved: f64,
    /// The one by the other; null when nothing was planned.
    pub achieved_ratio: Option<f64>,
}

/// The beginning of a run that counts for no figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarmUp {
    /// How long it was.
    pub duration_s: f64,
    /// What became of the events that were scheduled for it.
    pub events: Events,
}

/// Events by what became of them: planned = acknowledged + refused + failed + unknown + `not_sent`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Events {
    /// Due by the plan; with arrivals and with a number of seekers, those that seekers began.
    pub planned: u64,
    /// Answered with 2xx.
    pub acknowledged: u64,
    /// Answered otherwise, below 500.
    pub refused: u64,
    /// Answered with 5xx, or there was no connection to send it over or to get the answer from.
    pub failed: u64,
    /// Sent, and no answer in time.
    pub unknown: u64,
    /// Never sent.
    pub not_sent: u64,
}

impl Events {
    /// Whether every planned event is accounted for.
    pub fn add_up(&self) -> bool {
        self.planned == self.acknowledged + self.refused + self.failed + self.unknown + self.not_sent
    }

    /// Adds the counts of another run.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            planned: self.planned + other.planned,
            acknowledged: self.acknowledged + other.acknowledged,
            refused: self.refused + other.refused,
            failed: self.failed + other.failed,
            unknown: self.unknown + other.unknown,
            not_sent: self.not_sent + other.not_sent,
        }
    }

    /// The number of events whose sending began.
    pub fn sent(&self) -> u64 {
        self.acknowledged + self.refused + self.failed + self.unknown
    }
}

/// Events that were sent again. What became of them in the end is in [`Events`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Retries {
    /// How often any event was sent again.
    pub attempts: u64,
    /// How many events were.
    pub events_retried: u64,
    /// How many of them were acknowledged then.
    pub succeeded_after_retry: u64,
    /// What went wrong before, and how often.
    pub causes: BTreeMap<String, u64>,
}

/// Events of one type by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventsOfType {
    /// Answered with 2xx.
    pub acknowledged: u64,
    /// Answered otherwise, below 500.
    pub refused: u64,
    /// Answered with 5xx, or no connection.
    pub failed: u64,
    /// Sent, and no answer in time.
    pub unknown: u64,
    /// Begun by a seeker, but never sent.
    pub not_sent: u64,
    /// From the scheduled time to the answer, of all events that seekers began.
    pub latency_ms: Percentiles,
}

/// Rates in events a second, over the time for which events were due, without the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RateFigures {
    /// As planned.
    pub planned_per_s: f64,
    /// Events whose sending began before the end of that time.
    pub achieved_per_s: f64,
}

/// Statistics of a time, in milliseconds, to three significant digits; null when nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Percentiles {
    /// The least value; null in reports of older versions.
    #[serde(default)]
    pub min: Option<f64>,
    /// The arithmetic mean; null in reports of older versions.
    #[serde(default)]
    pub mean: Option<f64>,
    /// The standard deviation; null in reports of older versions.
    #[serde(default)]
    pub stddev: Option<f64>,
    /// Half of the values are at most this.
    pub p50: Option<f64>,
    /// 90 % are.
    pub p90: Option<f64>,
    /// 95 % are; null in reports of older versions.
    #[serde(default)]
    pub p95: Option<f64>,
    /// 99 % are.
    pub p99: Option<f64>,
    /// 99.9 % are.
    pub p99_9: Option<f64>,
    /// All are.
    pub max: Option<f64>,
    /// The percentage of events that were answered, if not all were: the true value of a percentile above it, of the mean and of the
    /// standard deviation is the one here or more. Null when all values are exact.
    #[serde(default)]
    pub lower_bound_above: Option<f64>,
}

impl Percentiles {
    /// Returns the percentiles of a histogram in microseconds.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        Self::of_latencies(&Latencies::new(histogram, None))
    }

    /// Returns the percentiles of latencies, including events without an answer.
    pub fn of_latencies(latencies: &Latencies<'_, u64>) -> Self {
        let of = |statistic: Statistic| latencies.statistic(statistic).map(|(millis, _)| millis);
        let at = |percentile| of(Statistic::Percentile(percentile));
        Self {
            min: of(Statistic::Min),
            mean: of(Statistic::Mean).map(thousandths),
            stddev: of(Statistic::StandardDeviation).map(thousandths),
            p50: at(Percentile::P50),
            p90: at(Percentile::P90),
            p95: at(Percentile::P95),
            p99: at(Percentile::P99),
            p99_9: at(Percentile::P99_9),
            max: of(Statistic::Max),
            lower_bound_above: latencies.answered_percent(),
        }
    }

    /// Returns a statistic and whether it is a lower bound; `None` if it was not measured or the report does not contain it.
    pub fn get(&self, statistic: Statistic) -> Option<(f64, bool)> {
        let value = match statistic {
            Statistic::Min => self.min,
            Statistic::Mean => self.mean,
            Statistic::StandardDeviation => self.stddev,
            Statistic::Percentile(Percentile::P50) => self.p50,
            Statistic::Percentile(Percentile::P90) => self.p90,
            Statistic::Percentile(Percentile::P95) => self.p95,
            Statistic::Percentile(Percentile::P99) => self.p99,
            Statistic::Percentile(Percentile::P99_9) => self.p99_9,
            Statistic::Percentile(_) => None,
            Statistic::Max => self.max,
        };
        value.map(|value| (value, self.is_lower_bound(statistic)))
    }

    /// Whether the true value of a statistic may be greater.
    pub fn is_lower_bound(&self, statistic: Statistic) -> bool {
        // A percentage with decimals is not exact.
        const ROUNDING: f64 = 1e-9;
        self.lower_bound_above.is_some_and(|above| statistic.part().is_none_or(|part| part * 100.0 > above + ROUNDING))
    }
}

/// What the generator was busy with, over the whole run; null where the system does not say. Where reports were merged, of all
/// generators together, and the busiest thread of any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Generator {
    /// The cores that it may use.
    pub cores: usize,
    /// The cores that the process used on average, a receiver in it included.
    pub cores_used: Option<f64>,
    /// The part of a core that the busiest thread with seekers and connections used.
    pub busiest_thread: Option<f64>,
    /// The requests that were on their way on average while events were due; null when nothing was sent.
    pub in_flight_mean: Option<f64>,
    /// The times in the measured time in which the process stood still for at least 5 ms; null in reports of older versions.
    #[serde(default)]
    pub pauses: Option<Pauses>,
    /// Events that were not sent for want of a local resource (a port, a file descriptor, memory) or of an address for the target's name.
    #[serde(default)]
    pub local_errors: u64,
}

/// Pauses of the generator: a thread that slept for a millisecond woke so much later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pauses {
    /// How many there were.
    pub count: u64,
    /// How long they were together.
    pub total_ms: f64,
    /// How long the longest was.
    pub longest_ms: f64,
    /// When the longest began, in seconds since the beginning of the run.
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

/// Job seekers of the whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seekers {
    /// Started.
    pub started: u64,
    /// Those whose journey ended during the run.
    pub finished: u64,
    /// Those who left before, because the load wanted fewer.
    pub left_early: u64,
    /// Those that ended with a panic, a bug of the generator; parties that seekers began included.
    #[serde(default)]
    pub panicked: u64,
    /// The most that were live at once; where reports were merged, the sum of that of each run.
    pub live_max: u64,
}
