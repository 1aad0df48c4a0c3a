//! The current figures of the thresholds, for the screen. Events in flight do not count yet. The verdict comes at the end of
//! the run.

use load_plan::threshold::{Figure, Threshold, TimeFigure};

use crate::counters::Counters;
use crate::latency::Latencies;
use crate::thresholds::sliding::SlidingWindows;
use crate::time_histogram::time_histogram;
use crate::windows::WindowCounts;

/// A threshold and the current value of its figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurrentFigure {
    /// The threshold.
    pub threshold: Threshold,
    /// The value in the figure's own unit, and whether it is a lower bound; `None` while nothing is measured.
    pub value: Option<(f64, bool)>,
}

impl CurrentFigure {
    /// Computes the value from the counts so far, over `seconds` of measured time.
    pub fn of(threshold: Threshold, counters: &Counters, sliding: &SlidingWindows, sum: &WindowCounts, seconds: f64) -> Self {
        let value = match threshold.over {
            Some(_) => sliding.worst_so_far(&threshold).map(|worst| (worst.value, worst.is_lower_bound)),
            None => value(&threshold, counters, sum, seconds),
        };
        Self { threshold, value }
    }

    /// Whether the threshold holds; `None` while nothing is measured.
    pub fn holds(&self) -> Option<bool> {
        self.value.map(|(value, is_lower_bound)| !is_lower_bound && self.threshold.holds(value))
    }
}

fn value(threshold: &Threshold, counters: &Counters, sum: &WindowCounts, seconds: f64) -> Option<(f64, bool)> {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
    let exact = |count: u64| count as f64;
    let outcomes = threshold.event_type.map_or_else(|| counters.total(), |of| counters.outcomes[of.index()]);
    match threshold.figure {
        Figure::Time(time, statistic) => {
            let nothing = time_histogram();
            let latency =
                threshold.event_type.map_or(Some(&counters.latency), |of| counters.latency_by_type[of.index()].as_deref());
            let answered = latency.map_or(&nothing, |latency| &latency.answered);
            match time {
                TimeFigure::Latency => latency.and_then(|latency| latency.latencies().statistic(statistic)),
                TimeFigure::AnsweredLatency => Latencies::new(answered, None).statistic(statistic),
                TimeFigure::ServiceTime => Latencies::new(&counters.service_time, None).statistic(statistic),
                TimeFigure::ScheduleLag => Latencies::new(&counters.schedule_lag, None).statistic(statistic),
            }
        }
        Figure::Count(counted) => Some((exact(outcomes.of(counted)), false)),
        Figure::Ratio(counted) => {
            (outcomes.planned() > 0).then(|| (exact(outcomes.of(counted)) / exact(outcomes.planned()), false))
        }
        Figure::Rate => (seconds >= 1.0).then(|| (exact(sum.sent) / seconds, false)),
        Figure::AchievedRatio => None,
    }
}

#[cfg(test)]
mod tests {
    use client_event::EventType;

    use super::*;
    use crate::observations::{Observations, Settled};
    use load_plan::load::LoadSpec;
    use load_plan::{EventOutcome, Moment};

    #[test]
    fn values_cover_settled_events() {
        let settled = |outcome, micros: u64, is_answered: bool| Settled {
            at: Moment::from_micros(micros),
            scheduled: Moment::default(),
            event_type: EventType::View,
            outcome,
            answered_request: is_answered.then_some(Moment::default()),
        };
        let events = vec![settled(EventOutcome::Acknowledged, 2_000, true), settled(EventOutcome::Unknown, 3_000_000, false)];
        let mut counters = Counters::default();
        counters.add(&Observations { settled: events, ..Observations::default() }, Moment::default());
        let sliding = SlidingWindows::new(&[], &LoadSpec::default().check().unwrap());
        let row = WindowCounts { sent: 30, ..WindowCounts::default() };
        for (text, value, holds) in [
            ("acknowledged_ratio >= 99%", Some((0.5, false)), Some(false)),
            ("unknown <= 1", Some((1.0, false)), Some(true)),
            ("latency.p50 < 5ms", Some((2.0, false)), Some(true)),
            ("answered_latency.max < 5ms", Some((2.0, false)), Some(true)),
            ("rate > 10/s", Some((15.0, false)), Some(true)),
            ("HIRED.latency.p99 < 5ms", None, None),
            ("latency.p99 < 5ms over 1s", None, None),
            ("achieved_ratio > 0.9", None, None),
        ] {
            let so_far = CurrentFigure::of(text.parse().unwrap(), &counters, &sliding, &row, 2.0);
            assert_eq!((so_far.value, so_far.holds()), (value, holds), "{text}");
        }
        let p99 = CurrentFigure::of("latency.p99 < 10s".parse().unwrap(), &counters, &sliding, &row, 2.0);
        assert_eq!((p99.value.map(|(_, is_lower_bound)| is_lower_bound), p99.holds()), (Some(true), Some(false)));
    }
}
