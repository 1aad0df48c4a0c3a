//! The times from a view to the next action on the same posting, as a histogram. A bucket holds all times with the same leading bits, so
//! memory does not grow with the number of times. A time is exact below two seconds, and exact to a thousandth above.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::sample::{Sample, quantile_position};

/// The number of leading bits of a time that select its bucket.
const LEADING_BITS: u32 = 11;

/// A histogram of times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<u32, u64>", into = "BTreeMap<u32, u64>")]
pub(crate) struct DwellTimes {
    /// Counts by milliseconds.
    counts: BTreeMap<u32, u64>,
    cases: u64,
}

impl DwellTimes {
    pub(crate) fn add(&mut self, millis: i64) {
        let millis = u32::try_from(millis.max(0)).unwrap_or(u32::MAX);
        let dropped = (u32::BITS - millis.leading_zeros()).saturating_sub(LEADING_BITS);
        // The middle of all times with these leading bits.
        let rounded = millis >> dropped << dropped | (1_u32 << dropped) >> 1;
        *self.counts.entry(rounded).or_default() += 1;
        self.cases += 1;
    }

    /// Adds all times of another histogram.
    pub(crate) fn add_all(&mut self, other: &Self) {
        for (millis, count) in &other.counts {
            *self.counts.entry(*millis).or_default() += count;
        }
        self.cases += other.cases;
    }

    /// The number of times; `None` if it is too large for a number.
    pub(crate) fn checked_cases(&self) -> Option<u64> {
        self.counts.values().try_fold(0_u64, |sum, count| sum.checked_add(*count))
    }
}

impl From<BTreeMap<u32, u64>> for DwellTimes {
    fn from(counts: BTreeMap<u32, u64>) -> Self {
        let cases = counts.values().fold(0, |sum: u64, count| sum.saturating_add(*count));
        Self { counts, cases }
    }
}

impl From<DwellTimes> for BTreeMap<u32, u64> {
    fn from(times: DwellTimes) -> Self {
        times.counts
    }
}

/// A sample in seconds.
impl Sample for DwellTimes {
    fn cases(&self) -> u64 {
        self.cases
    }

    fn quantile(&self, share: f64) -> f64 {
        let mut left = quantile_position(self.cases, share);
        let mut last = 0;
        for (millis, count) in &self.counts {
            last = *millis;
            let Some(more) = left.checked_sub(*count) else { break };
            left = more;
        }
        f64::from(last) / 1000.0
    }

    fn count_while(&self, matches: impl Fn(f64) -> bool) -> u64 {
        self.counts.iter().take_while(|(millis, _)| matches(f64::from(**millis) / 1000.0)).map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all times, quantiles equal those of the sorted list to a thousandth. Counts equal those of the list where no time lies
        /// within a thousandth of the limit.
        #[test]
        fn agree_with_a_list(mut times in prop::collection::vec(prop_oneof![0..5_000_i64, 0..1_000_000_000_i64], 1..300), share in 0.0..=1.0) {
            let mut dwells = DwellTimes::default();
            for millis in &times {
                dwells.add(*millis);
            }
            times.sort_unstable();
            let seconds: Vec<_> = times.iter().map(|millis| f64::from(u32::try_from(*millis).unwrap()) / 1000.0).collect();
            let (found, exact) = (dwells.quantile(share), seconds[..].quantile(share));
            prop_assert!((found - exact).abs() <= exact / 1000.0, "{found} for {exact}");
            prop_assert_eq!(dwells.cases(), seconds.cases());
            let limit = exact * 1.01 + 0.01;
            if seconds.iter().all(|time| (time - limit).abs() > limit / 900.0) {
                prop_assert_eq!(dwells.count_while(|time| time < limit), seconds[..].count_while(|time| time < limit));
            }
        }
    }

    #[test]
    fn many_times_take_no_more_memory_than_few() {
        let mut dwells = DwellTimes::default();
        for millis in 0..3_000_000 {
            dwells.add(millis * 1_431);
        }
        assert_eq!(dwells.cases(), 3_000_000);
        assert!(dwells.counts.len() <= 25_000, "{}", dwells.counts.len());
        dwells.add(i64::MAX);
        dwells.add(i64::MIN);
        assert_eq!((dwells.quantile(0.0), dwells.cases()), (0.0, 3_000_002));
    }
}
