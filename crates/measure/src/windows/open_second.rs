//! A second whose events are not all settled: its histograms, and the row that they become.

use hdrhistogram::Histogram;

use crate::latency::Latencies;
use crate::time_histogram::{TIME_MICROS_MAX, growing_histogram};
use crate::windows::counts::{Quantiles, WindowCounts, either};

/// Times of one second, allocated for the first one. 32-bit counters are large enough for one second.
#[derive(Default)]
pub(super) struct Times(pub(super) Option<Box<Histogram<u32>>>);

impl Times {
    pub(super) fn record_many(&mut self, micros: u64, count: u64) {
        let histogram = self.0.get_or_insert_with(|| Box::new(growing_histogram()));
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        histogram.record_n(micros.min(TIME_MICROS_MAX), count).expect("a histogram that grows accepts any value");
    }

    pub(super) fn record(&mut self, micros: u64) {
        self.record_many(micros, 1);
    }

    pub(super) fn quantile(&self, quantile: f64) -> Option<u64> {
        self.0.as_ref().map(|histogram| histogram.value_at_quantile(quantile))
    }

    pub(super) fn quantiles(&self) -> Option<Quantiles> {
        self.0.as_deref().and_then(|histogram| Quantiles::of(&Latencies::new(histogram, None)))
    }
}

/// An open second.
#[derive(Default)]
pub(super) struct OpenSecond {
    pub(super) row: WindowCounts,
    /// Number of events scheduled in this second whose outcome is known.
    pub(super) settled: u64,
    pub(super) answered: Times,
    pub(super) unanswered: Times,
    pub(super) service_time: Times,
    pub(super) lag: Times,
    pub(super) generator_lag: Times,
}

impl OpenSecond {
    pub(super) fn new() -> Self {
        Self { row: WindowCounts { seconds: 1, ..WindowCounts::default() }, ..Self::default() }
    }

    pub(super) fn row_so_far(&self, nothing: &Histogram<u32>) -> WindowCounts {
        let latencies = Latencies::new(self.answered.0.as_deref().unwrap_or(nothing), self.unanswered.0.as_deref());
        WindowCounts { latency: Quantiles::of(&latencies), ..self.row_of_own_time() }
    }

    /// Returns the row without the latency: the figures that count by the second in which they happened.
    pub(super) fn row_of_own_time(&self) -> WindowCounts {
        WindowCounts {
            service_time: either(self.row.service_time, self.service_time.quantiles()),
            lag_p99: self.row.lag_p99.max(self.lag.quantile(0.99)),
            generator_lag_p99: self.row.generator_lag_p99.max(self.generator_lag.quantile(0.99)),
            ..self.row
        }
    }

    /// Replaces the histograms of this second's own time by numbers, once all its observations have arrived.
    pub(super) fn pack(&mut self) {
        self.row = self.row_of_own_time();
        for times in [&mut self.service_time, &mut self.lag, &mut self.generator_lag] {
            *times = Times::default();
        }
    }

    /// Returns the number of unsettled events of this second, if `planned` events were planned.
    pub(super) fn unsettled(&self, planned: u64) -> u64 {
        self.row.begun.max(planned).saturating_sub(self.settled)
    }

    /// Whether all events are settled, if `planned` events were planned. The number of begun events may be slightly smaller
    /// than `planned`, because seekers can be briefly ahead of the plan and begin a few events in another second.
    pub(super) fn is_settled(&self, planned: u64) -> bool {
        const AHEAD_EVENTS: u64 = 16;
        self.settled >= self.row.begun && self.row.begun + planned / 50 + AHEAD_EVENTS >= planned
    }
}
