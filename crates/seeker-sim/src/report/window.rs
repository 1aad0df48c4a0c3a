//! What a window of the measured time looks like in the report.

use schemars::JsonSchema;
use serde::Serialize;

use crate::clock::Moment;
use crate::load::{Load, LoadKind};
use crate::report::millis;
use crate::windows::{Quantiles, Row};

/// What happened in a window. Each figure counts by its own moment, so what is sent in one may be answered in the next. Where a window
/// is longer than a second, percentiles are those of its worst second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Window {
    /// Where it begins, in seconds since the beginning of the run.
    pub from_s: f64,
    /// Where it ends.
    pub to_s: f64,
    /// Events due in it by the plan; with arrivals and with a number of seekers, those that were begun.
    pub planned: u64,
    /// Events that seekers began, by the time that they were intended for.
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
    /// From the intended time of sending to the answer, of events answered in it; null when there were none.
    pub latency_ms: Option<WindowPercentiles>,
    /// From sending to the answer, of events answered in it.
    pub service_time_ms: Option<WindowPercentiles>,
    /// From the intended time of sending to sending, of events that went out in it: 99 % are at most this.
    pub schedule_lag_p99_ms: Option<f64>,
    /// The most job seekers that were seen live in it.
    pub live_seekers: u64,
}

/// Percentiles of a time in a window, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WindowPercentiles {
    /// Half of the values are at most this.
    pub p50: f64,
    /// 90 % are.
    pub p90: f64,
    /// 99 % are.
    pub p99: f64,
    /// All are.
    pub max: f64,
}

impl From<Quantiles> for WindowPercentiles {
    fn from(Quantiles { p50, p90, p99, max }: Quantiles) -> Self {
        Self { p50: millis(p50), p90: millis(p90), p99: millis(p99), max: millis(max) }
    }
}

impl Window {
    /// The window between these moments, of which this was recorded.
    pub(crate) fn of(load: &Load, from: Moment, to: Moment, row: &Row) -> Self {
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
            acknowledged: row.fates.acknowledged,
            refused: row.fates.refused,
            failed: row.fates.failed,
            unknown: row.fates.unknown,
            latency_ms: row.latency.map(Into::into),
            service_time_ms: row.service_time.map(Into::into),
            schedule_lag_p99_ms: row.lag_p99.map(millis),
            live_seekers: row.live,
        }
    }
}
