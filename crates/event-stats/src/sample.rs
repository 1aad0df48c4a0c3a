//! Samples: values in ascending order, with the quantiles and counts that the statistics need.

/// The number of cases that a rate or a quantile needs.
const CASES_MIN: u64 = 100;

/// Whether a sample of this size is large enough for a rate or a quantile.
pub(crate) const fn is_large_enough(cases: u64) -> bool {
    cases >= CASES_MIN
}

/// A sample of cases, each with a value.
pub(crate) trait Sample {
    /// The number of cases.
    fn cases(&self) -> u64;

    /// The quantile: this share of the cases has a smaller value. The sample must not be empty.
    fn quantile(&self, share: f64) -> f64;

    /// The number of cases before the first one that does not match, in ascending order.
    fn count_while(&self, matches: impl Fn(f64) -> bool) -> u64;
}

/// A sample in ascending order.
impl Sample for [f64] {
    fn cases(&self) -> u64 {
        self.len() as u64
    }

    fn quantile(&self, share: f64) -> f64 {
        self[usize::try_from(quantile_position(self.cases(), share)).expect("a position in memory")]
    }

    fn count_while(&self, matches: impl Fn(f64) -> bool) -> u64 {
        self.partition_point(|value| matches(*value)) as u64
    }
}

/// The index of the quantile: this share of the other cases comes before it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a position")]
pub(crate) fn quantile_position(cases: u64, share: f64) -> u64 {
    ((cases - 1) as f64 * share).round() as u64
}

/// The values in ascending order.
pub(crate) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// A count as a share of another count.
#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
pub(crate) fn ratio(count: u64, of: u64) -> f64 {
    count as f64 / of as f64
}
