//! Latency as a distribution over all planned events. The latency of an answered event is the time from its schedule to the
//! answer. An event without an answer (unknown, failed without an answer, not sent) is right-censored: its latency is at
//! least the time from its schedule to the moment when it was given up.
//!
//! An event without an answer ranks above every answered event, whenever it was given up. A percentile is exact if it falls
//! among the answered events. Above them it is a lower bound: at least the longest answered latency, and at least the time
//! after which that many of the other events were given up. An event without an answer can raise a figure, but never improve
//! it.

use hdrhistogram::{Counter, Histogram};
use load_plan::threshold::Statistic;
use load_plan::units::millis;

/// A latency, or a lower bound of it, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// The latency, in microseconds.
    pub micros: u64,
    /// Whether `micros` is a lower bound.
    pub is_lower: bool,
}

/// The latencies of answered and unanswered events.
#[derive(Debug)]
pub struct Latencies<'a, C: Counter> {
    /// From the scheduled time to the answer, in microseconds.
    pub answered: &'a Histogram<C>,
    /// From the scheduled time to giving up, in microseconds; `None` when every event was answered.
    pub unanswered: Option<&'a Histogram<C>>,
}

impl<'a, C: Counter> Latencies<'a, C> {
    /// Combines both histograms. An empty second histogram is the same as `None`.
    pub fn new(answered: &'a Histogram<C>, unanswered: Option<&'a Histogram<C>>) -> Self {
        Self { answered, unanswered: unanswered.filter(|unanswered| !unanswered.is_empty()) }
    }

    /// Returns the number of events without an answer.
    pub fn unanswered_len(&self) -> u64 {
        self.unanswered.map_or(0, Histogram::len)
    }

    /// Returns the number of events.
    pub fn len(&self) -> u64 {
        self.answered.len() + self.unanswered_len()
    }

    /// Whether there are no events.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the smallest latency that is not exceeded by the share `part` (0 to 1) of all events; `None` without events.
    pub fn at(&self, part: f64) -> Option<Bound> {
        let rank = rank(part, self.len())?;
        let answered = self.answered.len();
        if rank <= answered {
            return Some(Bound { micros: value_at_rank(self.answered, rank), is_lower: false });
        }
        let given_up =
            self.unanswered.map_or(0, |unanswered| unanswered.lowest_equivalent(value_at_rank(unanswered, rank - answered)));
        let longest = if answered == 0 { 0 } else { self.answered.max() };
        Some(Bound { micros: given_up.max(longest), is_lower: true })
    }

    /// Returns the share of answered events, in per cent, if some events had no answer. Percentiles above it are lower
    /// bounds.
    pub fn answered_percent(&self) -> Option<f64> {
        let (answered, all) = (precise(self.answered.len()), precise(self.len()));
        (self.unanswered_len() > 0).then(|| answered / all * 100.0)
    }

    /// Returns the mean, in microseconds. It is a lower bound unless all events were answered.
    pub fn mean(&self) -> Option<f64> {
        if self.is_empty() {
            return None;
        }
        let sum = |histogram: &Histogram<C>| if histogram.is_empty() { 0.0 } else { histogram.mean() * precise(histogram.len()) };
        Some((sum(self.answered) + self.unanswered.map_or(0.0, sum)) / precise(self.len()))
    }

    /// Returns the standard deviation, in microseconds. For events without an answer, it uses the time at which they were
    /// given up.
    pub fn standard_deviation(&self) -> Option<f64> {
        let mean = self.mean()?;
        // The sum of squares about another mean is the sum about the histogram's own mean plus the squared distance of the
        // means.
        let about = |histogram: &Histogram<C>| {
            if histogram.is_empty() {
                return 0.0;
            }
            (histogram.stdev().powi(2) + (histogram.mean() - mean).powi(2)) * precise(histogram.len())
        };
        Some(((about(self.answered) + self.unanswered.map_or(0.0, about)) / precise(self.len())).sqrt())
    }

    /// Returns the statistic of the latencies, in milliseconds, and whether it is a lower bound; `None` without events.
    pub fn statistic(&self, statistic: Statistic) -> Option<(f64, bool)> {
        let bound = |bound: Option<Bound>| bound.map(|Bound { micros, is_lower }| (millis(micros), is_lower));
        let is_lower = self.answered_percent().is_some();
        match statistic {
            Statistic::Min => bound(self.min()),
            Statistic::Mean => self.mean().map(|mean| (mean / 1000.0, is_lower)),
            Statistic::StandardDeviation => self.standard_deviation().map(|deviation| (deviation / 1000.0, is_lower)),
            Statistic::Percentile(percentile) => bound(self.at(percentile.part())),
            Statistic::Max => bound(self.at(1.0)),
        }
    }

    /// Returns the shortest latency, in microseconds.
    pub fn min(&self) -> Option<Bound> {
        if self.answered.is_empty() { self.at(0.0) } else { Some(Bound { micros: self.answered.min(), is_lower: false }) }
    }
}

/// Returns the rank (from 1) of the smallest of `count` values that is not exceeded by the share `part` of them.
pub fn rank(part: f64, count: u64) -> Option<u64> {
    // A share that binary fractions cannot represent must not round up to the next rank: 99.9 % of 1,000 is 999.
    const ROUNDING: f64 = 1e-9;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, and never negative")]
    let rank = (precise(count) * part * (1.0 - ROUNDING)).ceil() as u64;
    (count > 0).then(|| rank.clamp(1, count))
}

/// Returns the value with that rank, from 1.
fn value_at_rank<C: Counter>(histogram: &Histogram<C>, rank: u64) -> u64 {
    // Half a rank less prevents rounding to the next rank.
    histogram.value_at_quantile((precise(rank) - 0.5) / precise(histogram.len()))
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
fn precise(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time_histogram::time_histogram;

    fn histogram(micros: &[u64]) -> Histogram<u64> {
        let mut histogram = time_histogram();
        for micros in micros {
            histogram.saturating_record(*micros);
        }
        histogram
    }

    /// Compares to three significant digits.
    fn is_close(one: u64, other: u64) -> bool {
        one.abs_diff(other) <= one.max(other) / 1000 + 1
    }

    proptest! {
        /// For all answered and unanswered events and all shares: the percentile is that of the sorted list in which
        /// unanswered events come last. It is a lower bound exactly if it falls among the unanswered events. It rises with
        /// the share, and is never below the percentile of the answered events alone.
        #[test]
        fn unanswered_events_never_improve_a_percentile(
            mut answered in prop::collection::vec(1_u64..5_000_000, 0..60),
            mut given_up in prop::collection::vec(0_u64..20_000_000, 0..20),
            parts in prop::collection::vec(0.0_f64..=1.0, 1..8),
        ) {
            answered.sort_unstable();
            given_up.sort_unstable();
            let (of_answered, of_given_up) = (histogram(&answered), histogram(&given_up));
            let latencies = Latencies::new(&of_answered, Some(&of_given_up));
            let count = answered.len() + given_up.len();
            prop_assert_eq!(latencies.len(), count as u64);
            let mut sorted = parts.clone();
            sorted.sort_by(f64::total_cmp);
            let mut before = 0;
            for part in sorted {
                let Some(found) = latencies.at(part) else {
                    prop_assert_eq!(count, 0);
                    continue;
                };
                let rank = usize::try_from(rank(part, count as u64).unwrap()).unwrap();
                if rank <= answered.len() {
                    prop_assert!(!found.is_lower && is_close(found.micros, answered[rank - 1]), "{:?}", found);
                } else {
                    let expected = given_up[rank - 1 - answered.len()].max(answered.last().copied().unwrap_or(0));
                    prop_assert!(found.is_lower && is_close(found.micros, expected), "{:?} {}", found, expected);
                }
                prop_assert!(found.micros >= before);
                before = found.micros;
                if let Some(alone) = Latencies::new(&of_answered, None).at(part) {
                    prop_assert!(found.micros >= alone.micros);
                }
            }
            prop_assert_eq!(latencies.answered_percent().is_some(), !given_up.is_empty());
        }

        /// For all events, the mean and the standard deviation equal those of the list.
        #[test]
        fn moments_are_those_of_all(
            answered in prop::collection::vec(1_u64..5_000_000, 0..40),
            given_up in prop::collection::vec(1_u64..20_000_000, 0..20),
        ) {
            let (of_answered, of_given_up) = (histogram(&answered), histogram(&given_up));
            let latencies = Latencies::new(&of_answered, Some(&of_given_up));
            let all: Vec<_> = answered.iter().chain(&given_up).map(|micros| precise(*micros)).collect();
            let count = precise(all.len() as u64);
            if all.is_empty() {
                prop_assert_eq!((latencies.mean(), latencies.standard_deviation()), (None, None));
            } else {
                let mean = all.iter().sum::<f64>() / count;
                let deviation = (all.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
                prop_assert!((latencies.mean().unwrap() - mean).abs() <= mean / 500.0 + 1.0);
                prop_assert!((latencies.standard_deviation().unwrap() - deviation).abs() <= mean / 100.0 + 2.0);
            }
        }
    }

    #[test]
    fn ranks_are_exact() {
        for (part, count, expected) in
            [(0.999, 1_000, 999), (0.5, 2, 1), (0.0, 5, 1), (1.0, 5, 5), (0.99, 100, 99), (0.9, 10, 9), (0.992, 1_000, 992)]
        {
            assert_eq!(rank(part, count), Some(expected), "{part} of {count}");
        }
        assert_eq!(rank(0.5, 0), None);
    }

    /// 0.8 % of the events are given up after 2 s: the 99.9 % quantile is at least 2 s.
    #[test]
    fn a_percentile_among_unanswered_events_is_a_lower_bound() {
        let answered = histogram(&[5_000; 992]);
        let given_up = histogram(&[2_000_000; 8]);
        let latencies = Latencies::new(&answered, Some(&given_up));
        assert_eq!(latencies.at(0.99).map(|bound| bound.is_lower), Some(false));
        let p99_9 = latencies.at(0.999).unwrap();
        assert!(p99_9.is_lower && is_close(p99_9.micros, 2_000_000) && p99_9.micros <= 2_000_000);
        assert_eq!(latencies.answered_percent(), Some(99.2));
    }
}
