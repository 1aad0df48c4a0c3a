//! Detects, during a run, a threshold that is lost because it can no longer pass: its figure can only grow and has grown too
//! far, or a window has missed it. No later event can change that, so the run can stop.

use hdrhistogram::Histogram;
use load_plan::threshold::{Figure, Statistic, Threshold, TimeFigure};
use load_plan::units::millis;

use super::sliding::SlidingWindows;
use crate::counters::Counters;
use crate::latency::Bound;

/// Detects lost thresholds.
pub struct ThresholdWatch {
    thresholds: Vec<Threshold>,
}

impl ThresholdWatch {
    /// Watches the thresholds that can be lost before the end of a run.
    pub fn new(thresholds: &[Threshold]) -> Self {
        Self { thresholds: thresholds.iter().copied().filter(Threshold::can_be_lost).collect() }
    }

    /// Whether the counters so far or a closed window lost a threshold.
    pub fn is_any_lost(&self, counters: &Counters, sliding: &SlidingWindows) -> bool {
        sliding.has_miss() || self.thresholds.iter().any(|threshold| is_lost(threshold, counters))
    }
}

/// Whether a threshold on the whole run is lost.
fn is_lost(threshold: &Threshold, sum: &Counters) -> bool {
    if threshold.over.is_some() {
        return false;
    }
    let value = match threshold.figure {
        Figure::Count(counted) => {
            #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
            let exact = |count: u64| count as f64;
            Some(exact(threshold.event_type.map_or(sum.total(), |of| sum.outcomes[of.index()]).of(counted)))
        }
        Figure::Time(time, Statistic::Max) => {
            let latency = threshold.event_type.map_or(Some(&sum.latency), |of| sum.latency_by_type[of.index()].as_deref());
            match time {
                TimeFigure::Latency => {
                    latency.and_then(|latency| latency.latencies().at(1.0)).map(|Bound { micros, .. }| millis(micros))
                }
                TimeFigure::AnsweredLatency => latency.and_then(|latency| max(&latency.answered)),
                TimeFigure::ServiceTime => max(&sum.service_time),
                TimeFigure::ScheduleLag => max(&sum.schedule_lag),
            }
        }
        Figure::Time(..) | Figure::Ratio(_) | Figure::AchievedRatio | Figure::Rate => None,
    };
    value.is_some_and(|value| !threshold.holds(value) && threshold.comparison.is_lost_by_growth(value > threshold.amount.value()))
}

/// Returns the longest time, in milliseconds.
fn max(histogram: &Histogram<u64>) -> Option<f64> {
    (!histogram.is_empty()).then(|| millis(histogram.max()))
}

#[cfg(test)]
mod tests {
    use client_event::EventType;
    use proptest::prelude::*;

    use super::*;
    use crate::observations::{Observations, Settled};
    use load_plan::load::LoadSpec;
    use load_plan::strategies::any_threshold;
    use load_plan::{EventOutcome, Moment};

    proptest! {
        /// For all thresholds and all records: a lost threshold stays lost, and only thresholds that can be lost are lost.
        #[test]
        fn a_lost_threshold_stays_lost(
            threshold in any_threshold(),
            observations in prop::collection::vec((0_usize..16, 0_usize..4, 1_u64..1_000_000), 1..60),
        ) {
            let load = LoadSpec::default().check().unwrap();
            let watch = ThresholdWatch::new(&[threshold]);
            let (mut sum, mut was_lost) = (Counters::default(), false);
            for (event_type, outcome, micros) in observations {
                let outcome = [EventOutcome::Acknowledged, EventOutcome::Refused, EventOutcome::Failed, EventOutcome::Unknown][outcome];
                let (scheduled, event_type) = (Moment::default(), EventType::ALL[event_type]);
                let at = scheduled.plus(micros);
                let answered_request = (outcome != EventOutcome::Unknown).then_some(scheduled);
                let settled = vec![Settled { at, scheduled, event_type, outcome, answered_request }];
                sum.add(&Observations { settled, ..Observations::default() }, at);
                let is_now_lost = watch.is_any_lost(&sum, &SlidingWindows::new(&[], &load));
                prop_assert!(is_now_lost || !was_lost, "{} was lost, and is not", threshold);
                prop_assert!(!is_now_lost || threshold.can_be_lost());
                was_lost = is_now_lost;
            }
        }
    }

    #[test]
    fn which_thresholds_can_be_lost() {
        for (text, can) in [
            ("refused == 0", true),
            ("VIEW.failed < 5", true),
            ("unknown <= 5", true),
            ("latency.max < 1s", true),
            ("latency.p99 < 1s", false),
            ("refused != 0", false),
            ("acknowledged > 5", false),
            ("refused_ratio == 0", false),
            ("not_sent == 0", true),
            ("rate < 5", false),
            ("rate > 5 over 1s", true),
            ("latency.p99 < 1s over 5s", true),
        ] {
            assert_eq!(text.parse::<Threshold>().unwrap().can_be_lost(), can, "{text}");
        }
    }
}
