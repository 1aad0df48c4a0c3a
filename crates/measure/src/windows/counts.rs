//! The numbers of one window, and their sum over several windows.

use crate::latency::{Bound, Latencies};
use crate::outcome_counts::OutcomeCounts;

/// The counts of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WindowCounts {
    /// Length of the window, in seconds.
    pub seconds: u64,
    /// Events that seekers began, by their scheduled time.
    pub begun: u64,
    /// Events whose sending began.
    pub sent: u64,
    /// Events by outcome, in the window in which the outcome was known.
    pub outcomes: OutcomeCounts,
    /// Latency of events scheduled in the window.
    pub latency: Option<Quantiles>,
    /// Service time of events answered in the window.
    pub service_time: Option<Quantiles>,
    /// The 99 % quantile of sent - scheduled, in microseconds.
    pub lag_p99: Option<u64>,
    /// The 99 % quantile of released - scheduled, in microseconds: the generator's own part of the lag.
    pub generator_lag_p99: Option<u64>,
    /// Time that the generator was paused in the window, in microseconds.
    pub paused: u64,
    /// Total length of the pauses that may have delayed events of the window, in microseconds. For merged seconds, that of
    /// the worst second.
    pub paused_near: u64,
    /// The highest number of live seekers seen in the window.
    pub live: u64,
}

/// Quantiles of a time in microseconds. For merged seconds, each quantile is that of the worst second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    /// Half of the values are at most this value.
    pub p50: u64,
    /// 90 % of the values are at most this value.
    pub p90: u64,
    /// 99 % of the values are at most this value.
    pub p99: u64,
    /// The largest value.
    pub max: u64,
    /// The percentile above which quantiles are lower bounds, if any are.
    pub lower_bound_above: Option<f64>,
}

impl Quantiles {
    /// Computes the quantiles of latencies; `None` without events.
    pub fn of<C: hdrhistogram::Counter>(latencies: &Latencies<'_, C>) -> Option<Self> {
        let at = |part| latencies.at(part).map(|Bound { micros, .. }| micros);
        Some(Self {
            p50: at(0.5)?,
            p90: at(0.9)?,
            p99: at(0.99)?,
            max: at(1.0)?,
            lower_bound_above: latencies.answered_percent(),
        })
    }

    pub(super) fn worse(self, other: Self) -> Self {
        Self {
            p50: self.p50.max(other.p50),
            p90: self.p90.max(other.p90),
            p99: self.p99.max(other.p99),
            max: self.max.max(other.max),
            lower_bound_above: match (self.lower_bound_above, other.lower_bound_above) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        }
    }
}

impl WindowCounts {
    /// Returns the sum of the counts and the worst of the times.
    pub fn sum<'a>(rows: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for row in rows {
            sum.merge(row);
        }
        sum
    }

    /// Whether the window has no events.
    pub fn is_empty(&self) -> bool {
        self.begun == 0 && self.sent == 0 && self.outcomes.planned() == 0 && self.latency.is_none()
    }

    /// Adds the row of the following time.
    pub(super) fn merge(&mut self, next: &Self) {
        self.seconds += next.seconds;
        self.begun += next.begun;
        self.sent += next.sent;
        self.outcomes.add(next.outcomes);
        self.latency = either(self.latency, next.latency);
        self.service_time = either(self.service_time, next.service_time);
        self.lag_p99 = self.lag_p99.max(next.lag_p99);
        self.generator_lag_p99 = self.generator_lag_p99.max(next.generator_lag_p99);
        self.paused += next.paused;
        self.paused_near = self.paused_near.max(next.paused_near);
        self.live = self.live.max(next.live);
    }
}

/// Returns the worse of both, or the only one.
pub(super) fn either(one: Option<Quantiles>, other: Option<Quantiles>) -> Option<Quantiles> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.worse(other)),
        (one, other) => one.or(other),
    }
}
