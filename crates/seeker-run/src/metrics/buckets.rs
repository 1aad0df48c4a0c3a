//! A distribution of times for exporters: counts between bounds. It is computed on demand from a histogram with a thousand times as many
//! cells, independently of the measurement.

use hdrhistogram::Histogram;

/// The upper bounds in microseconds, from 50 us to a minute: about three in each power of ten.
const BOUNDS_MICROS: [u64; 20] = [
    50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000,
    10_000_000, 20_000_000, 30_000_000, 60_000_000,
];

const MICROS_PER_SECOND: f64 = 1e6;

/// The counts of times between bounds, and their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Buckets {
    /// Counts of times above the previous bound and up to the bound at the same index; the last count is above all bounds.
    counts: [u64; BOUNDS_MICROS.len() + 1],
    sum_s: f64,
}

impl Buckets {
    /// Computes the buckets of a histogram in microseconds. The times of one cell differ by at most a thousandth and count as the
    /// smallest of them. So no time counts above a bound that it does not exceed, and the sum is exact to a thousandth.
    pub(super) fn of(histogram: &Histogram<u64>) -> Self {
        let mut buckets = Self::default();
        for cell in histogram.iter_recorded() {
            let (micros, count) = (cell.value_iterated_to(), cell.count_since_last_iteration());
            let least = histogram.lowest_equivalent(micros);
            buckets.counts[BOUNDS_MICROS.partition_point(|bound| *bound < least)] += count;
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            let sum_micros = histogram.median_equivalent(micros) as f64 * count as f64;
            buckets.sum_s += sum_micros / MICROS_PER_SECOND;
        }
        buckets
    }

    /// The upper bounds in seconds, without the last one, which is infinite.
    pub(super) fn bounds_s() -> impl Iterator<Item = f64> {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        BOUNDS_MICROS.into_iter().map(|micros| micros as f64 / MICROS_PER_SECOND)
    }

    /// The number of times in each bucket; one more bucket than bounds.
    pub(super) fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The number of times.
    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The sum of all times, in seconds.
    pub(super) fn sum_s(&self) -> f64 {
        self.sum_s
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use measure::time_histogram::time_histogram;

    /// Times up to an hour, the longest time that the histogram resolves.
    fn micros() -> impl Strategy<Value = u64> {
        prop_oneof![0_u64..3_000, 0_u64..1_000_000, 0_u64..3_600_000_000]
    }

    fn up_to(buckets: &Buckets, bound: usize) -> u64 {
        buckets.counts[..=bound].iter().sum()
    }

    #[test]
    fn a_time_equal_to_a_bound_keeps_it() {
        let mut histogram = time_histogram();
        for bound in BOUNDS_MICROS {
            histogram.record(bound).unwrap();
        }
        let buckets = Buckets::of(&histogram);
        assert_eq!(buckets.counts[..BOUNDS_MICROS.len()], [1; BOUNDS_MICROS.len()]);
        assert_eq!((buckets.counts[BOUNDS_MICROS.len()], buckets.count()), (0, 20));
        assert!(BOUNDS_MICROS.is_sorted());
    }

    proptest! {
        /// For all times, each counts once. A time that keeps a bound counts up to the bound; a time that exceeds it by more than a
        /// thousandth does not. The sum is exact to a thousandth.
        #[test]
        fn buckets_contain_the_measured_times(times in prop::collection::vec(micros(), 0..300)) {
            let mut histogram = time_histogram();
            for micros in &times {
                histogram.saturating_record(*micros);
            }
            let buckets = Buckets::of(&histogram);
            prop_assert_eq!(buckets.count(), times.len() as u64);
            for (position, bound) in BOUNDS_MICROS.into_iter().enumerate() {
                let within = |limit: u64| times.iter().filter(|micros| **micros <= limit).count() as u64;
                let counted = up_to(&buckets, position);
                prop_assert!((within(bound)..=within(bound + bound / 1_000)).contains(&counted), "{} {:?}", bound, buckets);
            }
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            let sum_s = times.iter().map(|micros| *micros as f64 / 1e6).sum::<f64>();
            prop_assert!((buckets.sum_s() - sum_s).abs() <= sum_s / 1_000.0 + 1e-6, "{} {}", buckets.sum_s(), sum_s);
        }

        /// For all added times, no bucket and no sum decreases: scraped values are counters.
        #[test]
        fn buckets_only_grow(first in prop::collection::vec(micros(), 0..100), then in prop::collection::vec(micros(), 0..100)) {
            let mut histogram = time_histogram();
            for micros in first {
                histogram.saturating_record(micros);
            }
            let before = Buckets::of(&histogram);
            for micros in then {
                histogram.saturating_record(micros);
            }
            let after = Buckets::of(&histogram);
            prop_assert!(before.counts.iter().zip(after.counts).all(|(before, after)| *before <= after));
            prop_assert!(before.sum_s <= after.sum_s);
        }
    }
}
