//! A window of the measured time in the report.

use load_plan::Moment;
use load_plan::load::{Load, LoadKind};
use load_plan::units::millis;
use serde::{Deserialize, Serialize};

use measure::windows::{Quantiles, WindowCounts};

/// The figures of a window. Latency counts in the window for which the event was scheduled. Every other figure counts in the window in which
/// it happened: an event can be sent in one window and answered in the next. A window longer than 1 s has the percentiles of its worst
/// second, and a window of a merged report has the percentiles of the worst run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Window {
    /// The start of the window, in seconds since the start of the run.
    pub from_s: f64,
    /// The end of the window, in seconds since the start of the run.
    pub to_s: f64,
    /// Events that the load plans. For arrivals and for a number of seekers: events that seekers began.
    pub planned: u64,
    /// Events that seekers began, by their scheduled time.
    pub begun: u64,
    /// Events whose sending began.
    pub sent: u64,
    /// Events that were answered with 2xx.
    pub acknowledged: u64,
    /// Events that were answered with another status below 500.
    pub refused: u64,
    /// Events that were answered with 5xx, or whose connection failed.
    pub failed: u64,
    /// Events whose timeout ended without an answer, or whose answer was not understood.
    pub unknown: u64,
    /// Events that were given up without being sent.
    #[serde(default)]
    pub not_sent: u64,
    /// The time from the scheduled time to the answer, over events that were scheduled in the window; null without such events.
    pub latency_ms: Option<WindowPercentiles>,
    /// The time from sending to the answer, over events that were answered in the window; null without such events.
    pub service_time_ms: Option<WindowPercentiles>,
    /// The 99th percentile of the time from the scheduled time to sending, over events that were sent in the window.
    pub schedule_lag_p99_ms: Option<f64>,
    /// The part of the schedule lag that the generator caused: the 99th percentile of the time from the scheduled time to the release of
    /// the event for sending.
    #[serde(default)]
    pub generator_lag_p99_ms: Option<f64>,
    /// The total duration of the generator's pauses in the window.
    #[serde(default)]
    pub generator_pause_ms: f64,
    /// The highest number of live job seekers. For a merged report: the sum over all runs.
    pub live_seekers: u64,
}

/// Percentiles of a time in a window, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WindowPercentiles {
    /// Half of the values are at most this value.
    pub p50: f64,
    /// 90 % of the values are at most this value.
    pub p90: f64,
    /// 99 % of the values are at most this value.
    pub p99: f64,
    /// The largest value.
    pub max: f64,
    /// The percentage of answered events, if some events had no answer. Percentiles above it are then lower bounds. Null if all values are
    /// exact.
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

    /// Merges this window with a window of another run at the same time. The seekers are added, as if both had reached the maximum at the
    /// same time.
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
