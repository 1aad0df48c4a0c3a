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
pub mod event_log;
pub mod events;
pub mod figures;
pub mod file;
pub mod form;
pub mod generator;
pub mod histograms;
pub mod junit;
pub mod live;
pub mod load_change;
pub mod lost_events;
pub mod merge;
pub mod merge_facts;
pub mod outcome;
pub mod page;
pub mod part;
pub mod percentiles;
pub mod read;
pub mod run_identity;
#[cfg(feature = "schema")]
pub mod schema;
pub mod searches;
pub mod summary;
pub mod target_clock;
pub mod thresholds;
pub mod verdict;
pub mod window;

#[cfg(any(test, feature = "proptest"))]
pub mod samples;

use std::collections::BTreeMap;
use std::fmt;

use client_event::EventType;
use event_request::EventForm;
use jiff::Timestamp;
use load_plan::load::{LoadKind, Pacing};
use load_plan::units::optional_text;
use measure::error_example::ErrorExample;
use measure::latency_blocks::LatencyBlocks;
use measure::sent_check::SentFindings;
use measure::thresholds::sliding::SecondSeries;
use serde::{Deserialize, Serialize};

use capacity::Capacity;
pub use connections::Connections;
pub use curve::TimesAtPercentile;
pub use events::{Events, EventsOfType, Retries};
pub use generator::{Generator, Pauses};
pub use histograms::Histograms;
pub use load_change::ChangeOfLoad;
pub use merge_facts::{MergeFacts, StartsApart};
pub use outcome::Outcome;
pub use part::Part;
pub use percentiles::Percentiles;
pub use run_identity::{RunIdentity, ShardPart};
pub use searches::Searches;
pub use target_clock::TargetClock;
use thresholds::JudgedThreshold;
pub use window::{Window, WindowPercentiles};

/// The report of a run. Times are in milliseconds, rates in events per second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// The outcome of the run.
    pub outcome: Outcome,
    /// The reasons for the outcome, one sentence each; empty if the run passed.
    pub reasons: Vec<String>,
    /// What the run did not measure, one sentence each; missing if the run measured everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_measured: Vec<String>,
    /// The thresholds and their results. The built-in threshold comes first, if it applied.
    pub thresholds: Vec<JudgedThreshold>,
    /// The time in seconds after which the run stopped because a threshold could no longer pass; null if the run was not stopped.
    pub aborted_after_s: Option<f64>,
    /// The time from which events could be due, in UTC. Missing in reports of older versions, and if the target was unreachable.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date-time")))]
    pub started_at: Option<Timestamp>,
    /// The identity of the run, which the parts of one run share. Null for a capacity search and for merged reports of different runs.
    #[serde(default)]
    pub run: Option<RunIdentity>,
    /// The part of the run that this generator had, with `--shard`; null without it. With a part, `seed` belongs to the whole run,
    /// and all other figures to the part.
    #[serde(default)]
    pub shard: Option<ShardPart>,
    /// The bounds of the target's clock minus the clock of the generator, measured before the start, with `--shard`, `--start-at` or
    /// `--clock-check`. Null without these options, without a `Date` in the answers, and if the answers contradict each other.
    #[serde(default)]
    pub target_clock: Option<TargetClock>,
    /// The target of the events.
    pub target: String,
    /// The message format of the events. Missing in reports of older versions.
    #[serde(default, with = "optional_text", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub format: Option<EventForm>,
    /// The seed of the random numbers.
    pub seed: u64,
    /// Simulated seconds per second.
    pub speed: f64,
    /// The time during which events were due, including warm-up: the planned duration, or the time until the run ended early.
    pub duration_s: f64,
    /// The planned and the achieved load.
    pub load: LoadFigures,
    /// The warm-up, which no other figure includes; null without a warm-up.
    pub warm_up: Option<WarmUp>,
    /// The result of the capacity search; null without a search. All other figures then describe the last trial.
    pub capacity: Option<Capacity>,
    /// The planned events, by outcome.
    pub events: Events,
    /// The events by type and outcome, without events that no seeker began. Only types that occurred.
    pub by_type: BTreeMap<EventType, EventsOfType>,
    /// The planned and the achieved rate.
    pub rate: RateFigures,
    /// The number of requests with events: fewer than events if events were batched, more if events were retried.
    pub requests: u64,
    /// The connections that carried the events. Missing in reports of older versions, and if no connection was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Connections"))]
    pub connections: Option<Connections>,
    /// The time from the scheduled time to the answer, over all planned events. An event without an answer ranks above all answered events.
    pub latency_ms: Percentiles,
    /// The time from the scheduled time to the answer, over answered events only.
    #[serde(default)]
    pub answered_latency_ms: Percentiles,
    /// The time from sending to the answer, over answered events.
    pub service_time_ms: Percentiles,
    /// The time from the scheduled time to sending, over sent events.
    pub schedule_lag_ms: Percentiles,
    /// The retries of events, with `--retries`. They are not part of the load.
    pub retries: Retries,
    /// The searches that the target's own search service answered, with `--search`; null without it. They are not part of the load.
    pub searches: Option<Searches>,
    /// Latency, service time and schedule lag at many percentiles; empty if nothing was sent.
    pub times_by_percentile: Vec<TimesAtPercentile>,
    /// The histograms of all times, which `report merge` adds. Missing in reports of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Histograms"))]
    pub histograms: Option<Histograms>,
    /// The latencies in consecutive blocks of time. `report compare` uses them to estimate how much percentiles vary. Missing in reports of
    /// older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "LatencyBlocks"))]
    pub latency_blocks: Option<LatencyBlocks>,
    /// The counts of each second, if a part of a run (`--shard`) has thresholds over a window: `report merge` judges these thresholds with the
    /// events of all parts. Missing without such a threshold, and if the counts would need more than 128 MiB.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub second_series: Vec<SecondSeries>,
    /// The job seekers.
    pub seekers: Seekers,
    /// The load generator.
    pub generator: Generator,
    /// The figures of each second of the measured time, and of the time after it until the last answer. A run of more than one hour has
    /// windows of 2 s, a run of more than two hours windows of 4 s, and so on.
    pub windows: Vec<Window>,
    /// The number of errors, by error.
    pub errors: BTreeMap<String, u64>,
    /// The first event with each error.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub error_examples: BTreeMap<String, ErrorExample>,
    /// The findings in the sent events, with `--check-sent`; null without it.
    pub check_sent: Option<SentFindings>,
    /// The counts of the built-in receiver; null if the events went to another target.
    pub receiver: Option<receiver_summary::Summary>,
    /// The runs that were merged into this report; missing for a single run. Each part has its own seed, load and start time. The merged
    /// report has the seed of the first run and the sum of the loads. It has no stages if the stages of the runs cannot be added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// How the merged runs fit together; missing for a single run, and in reports of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "MergeFacts"))]
    pub merge: Option<MergeFacts>,
}

impl Report {
    /// Returns the report as text for people.
    pub fn summary(&self) -> impl fmt::Display {
        summary::Summary(self)
    }
}

/// The planned and the achieved load. The unit depends on the kind: events for a rate, started seekers for arrivals, and the mean number
/// of live seekers for a number of seekers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadFigures {
    /// The kind of load.
    pub kind: LoadKind,
    /// The stages, in the syntax of `--stage`.
    pub stages: Vec<String>,
    /// The distribution of events or arrivals over time; null for a number of seekers, and in reports of older versions.
    #[serde(default)]
    pub pacing: Option<Pacing>,
    /// The changes of the load during the run, earliest first. Missing if the load did not change. All planned figures follow the changes;
    /// `stages` is the original plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeOfLoad>,
    /// The planned load.
    pub planned: f64,
    /// The achieved load. For a rate: the events whose sending began before the end of the load.
    pub achieved: f64,
    /// The achieved load divided by the planned load; null if nothing was planned.
    pub achieved_ratio: Option<f64>,
}

/// The warm-up of a run. No other figure includes it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WarmUp {
    /// The duration of the warm-up.
    pub duration_s: f64,
    /// The events that were scheduled during the warm-up, by outcome.
    pub events: Events,
}

/// Rates in events per second, over the time during which events were due, without the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RateFigures {
    /// The planned rate.
    pub planned_per_s: f64,
    /// The rate of events whose sending began before the end of that time.
    pub achieved_per_s: f64,
}

/// The job seekers of the whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Seekers {
    /// Seekers that were started.
    pub started: u64,
    /// Seekers whose journey ended during the run.
    pub finished: u64,
    /// Seekers that the load retired before their journey ended.
    pub left_early: u64,
    /// Seekers that panicked, which is a bug in the generator. Includes alerts and employers.
    #[serde(default)]
    pub panicked: u64,
    /// The highest number of seekers that were live at the same time. For a merged report: the sum over all runs.
    pub live_max: u64,
}
