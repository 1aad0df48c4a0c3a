//! A window of the measured time in the report.

use load_plan::Moment;
use load_plan::load::{Load, LoadKind};
use load_plan::units::millis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use measure::windows::{Quantiles, WindowCounts};

/// What happened in a window. Latency belongs to the window for which events were scheduled; every other figure counts by its own moment,
/// so what is sent in one may be answered in the next. Where a window is longer than a second, percentiles are those of its worst second;
/// where reports were merged, of the worst run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// Where it begins, in seconds since the beginning of the run.
    pub from_s: f64,
    /// Where it ends.
    pub to_s: f64,
    /// Events due in it by the plan; with arrivals and with a number of seekers, those that were begun.
    pub planned: u64,
    /// Events that seekers began, by their scheduled time.
    pub begun: u64,
    /// Events whose sending began in it.
    pub sent: u64,
    /// Events that were answered with 2xx in it.
    pub acknowledged: u64,
    /// Events that were answered otherwise, below 500, in it.
    pub refused: u64,
    /// Events that were answered with 5xx, or whose connection failed, in it.
    pub failed: u64,
    /// Events whose time for an answer ended in it.
    pub unknown: u64,
    /// Events that were given up in it without being sent.
    #[serde(default)]
    pub not_sent: u64,
    /// From the scheduled time to the answer, of events that were scheduled for it; null when there were none.
    pub latency_ms: Option<WindowPercentiles>,
    /// From sending to the answer, of events answered in it.
    pub service_time_ms: Option<WindowPercentiles>,
    /// From the scheduled time to sending, of events that went out in it: 99 % are at most this.
    pub schedule_lag_p99_ms: Option<f64>,
    /// The part of that lag that is the generator's own: from the scheduled time to the moment when the event was released to be sent.
    #[serde(default)]
    pub generator_lag_p99_ms: Option<f64>,
    /// For how long the generator stood still in it.
    #[serde(default)]
    pub generator_pause_ms: f64,
    /// The most job seekers that were seen live in it; where reports were merged, the sum of that of each run.
    pub live_seekers: u64,
}

/// Percentiles of a time in a window, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WindowPercentiles {
    /// Half of the values are at most this.
    pub p50: f64,
    /// 90 % are.
    pub p90: f64,
    /// 99 % are.
    pub p99: f64,
    /// All are.
    pub max: f64,
    /// The percentage of events that were answered, if not all were: percentiles above it are lower bounds.
    #[serde(default)]
    pub lower_bound_above: Option<f64>,
}

impl WindowPercentiles {
    /// Returns the greater of each percentile.
    fn worse(self, other: Self) -> Self {
        Self {
            p50: self.p50.max(other.p50),
            p90: self.p90.max(other.p90),
            p99: self.p99.max(other.p99),
            max: self.max.max(other.max),
            lower_bound_above: least(self.lower_bound_above, other.lower_bound_above),
        }
    }

    /// Whether the true value of this percentile may be greater.
    pub fn is_lower_bound(&self, percentile: f64) -> bool {
        self.lower_bound_above.is_some_and(|above| percentile > above)
    }
}

/// The lesser of both values, or the only value.
fn least(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::min)
}

/// The greater of both values, or the only value.
fn greatest(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}

impl From<Quantiles> for WindowPercentiles {
    fn from(Quantiles { p50, p90, p99, max, lower_bound_above }: Quantiles) -> Self {
        Self { p50: millis(p50), p90: millis(p90), p99: millis(p99), max: millis(max), lower_bound_above }
    }
}

impl Window {
    /// Whether the window covers several seconds.
    pub fn is_merged(&self) -> bool {
        self.to_s - self.from_s > 1.5
    }

    /// Merges this window with the window that follows it.
    #[must_use]
    pub fn with_next(self, next: Self) -> Self {
        let live_seekers = self.live_seekers.max(next.live_seekers);
        Self { live_seekers, ..self.and(next) }
    }

    /// Merges this window with a window of another run at the same time. The seekers are added, as if both had reached the maximum at once.
    #[must_use]
    pub fn with_another(self, other: Self) -> Self {
        let live_seekers = self.live_seekers + other.live_seekers;
        Self { live_seekers, ..self.and(other) }
    }

    /// Adds everything but the seekers, and keeps the worse percentiles.
    fn and(self, other: Self) -> Self {
        let either = |one: Option<WindowPercentiles>, other: Option<WindowPercentiles>| match (one, other) {
            (Some(one), Some(other)) => Some(one.worse(other)),
            (one, other) => one.or(other),
        };
        Self {
            from_s: self.from_s.min(other.from_s),
            to_s: self.to_s.max(other.to_s),
            planned: self.planned + other.planned,
            begun: self.begun + other.begun,
            sent: self.sent + other.sent,
            acknowledged: self.acknowledged + other.acknowledged,
            refused: self.refused + other.refused,
            failed: self.failed + other.failed,
            unknown: self.unknown + other.unknown,
            not_sent: self.not_sent + other.not_sent,
            latency_ms: either(self.latency_ms, other.latency_ms),
            service_time_ms: either(self.service_time_ms, other.service_time_ms),
            schedule_lag_p99_ms: greatest(self.schedule_lag_p99_ms, other.schedule_lag_p99_ms),
            generator_lag_p99_ms: greatest(self.generator_lag_p99_ms, other.generator_lag_p99_ms),
            generator_pause_ms: self.generator_pause_ms + other.generator_pause_ms,
            live_seekers: self.live_seekers,
        }
    }

    /// The width in seconds.
    pub fn seconds(&self) -> f64 {
        self.to_s - self.from_s
    }

    /// Creates the window between these moments from the recorded counts.
    pub fn of(load: &Load, from: Moment, to: Moment, row: &WindowCounts) -> Self {
        let seconds = |moment: Moment| moment.since(Moment::default()).as_secs_f64();
        let planned = match load.kind() {
            LoadKind::Rate => load.planned_by(to).saturating_sub(load.planned_by(from)),
            LoadKind::Arrivals | LoadKind::Seekers => row.begun,
        };
        Self {
            from_s: seconds(from),
            to_s: seconds(to),
            planned,
            begun: row.begun,
            sent: row.sent,
            acknowledged: row.outcomes.acknowledged,
            refused: row.outcomes.refused,
            failed: row.outcomes.failed,
            unknown: row.outcomes.unknown,
            not_sent: row.outcomes.not_sent,
            latency_ms: row.latency.map(Into::into),
            service_time_ms: row.service_time.map(Into::into),
            schedule_lag_p99_ms: row.lag_p99.map(millis),
            generator_lag_p99_ms: row.generator_lag_p99.map(millis),
            generator_pause_ms: millis(row.paused),
            live_seekers: row.live,
        }
    }
}
