//! Cumulative distributions: the share of the cases up to a value, or from a value on.

use serde::Serialize;

use crate::sample::{Sample, is_large_enough, ratio};

/// The shares with a quantile.
const QUANTILES: [f64; 8] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/// Ten values a decade, about equally far apart on a logarithmic scale: the preferred numbers R10 (ISO 3).
const PREFERRED: [f64; 10] = [1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0];

/// A value and its share of the cases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// The value.
    pub value: f64,
    /// The share, from 0 to 1.
    pub share: f64,
}

/// A distribution with the shares of cases that reach a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CasesAtLeast {
    /// The number of cases.
    pub cases: u64,
    /// The quantiles: for each share, the value below which this share of the cases lies. Empty with too few cases.
    pub quantiles: Vec<Share>,
    /// The share of the cases with at least each value; empty with too few cases.
    pub at_least: Vec<Share>,
}

/// A distribution with the shares of cases that do not exceed a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CasesWithin {
    /// The number of cases.
    pub cases: u64,
    /// The quantiles: for each share, the value below which this share of the cases lies. Empty with too few cases.
    pub quantiles: Vec<Share>,
    /// The share of the cases with at most each value; empty with too few cases.
    pub within: Vec<Share>,
}

impl CasesAtLeast {
    pub(crate) fn new(sample: &(impl Sample + ?Sized), values: &[f64]) -> Self {
        let cases = sample.cases();
        let at_least = |value: f64| 1.0 - ratio(sample.count_while(|case| case < value), cases);
        Self { cases, quantiles: quantiles(sample), at_least: shares(cases, values, at_least) }
    }
}

impl CasesWithin {
    pub(crate) fn new(sample: &(impl Sample + ?Sized), values: &[f64]) -> Self {
        let cases = sample.cases();
        let within = |value: f64| ratio(sample.count_while(|case| case <= value), cases);
        Self { cases, quantiles: quantiles(sample), within: shares(cases, values, within) }
    }
}

fn quantiles(sample: &(impl Sample + ?Sized)) -> Vec<Share> {
    if !is_large_enough(sample.cases()) {
        return Vec::new();
    }
    QUANTILES.iter().map(|share| Share { value: sample.quantile(*share), share: *share }).collect()
}

fn shares(cases: u64, values: &[f64], share_of: impl Fn(f64) -> f64) -> Vec<Share> {
    if !is_large_enough(cases) {
        return Vec::new();
    }
    values.iter().map(|value| Share { value: *value, share: share_of(*value) }).collect()
}

/// The preferred numbers from 1 up to the highest value, which is the last.
pub(crate) fn preferred_numbers(highest: f64) -> Vec<f64> {
    let decades = (0..).map(|exponent| 10_f64.powi(exponent));
    let numbers = decades.flat_map(|decade| PREFERRED.map(|number| number * decade));
    numbers.take_while(|number| *number < highest).chain([highest]).collect()
}

/// The preferred numbers rounded to whole numbers, each once.
pub(crate) fn whole_preferred_numbers(highest: f64) -> Vec<f64> {
    let mut numbers: Vec<_> = preferred_numbers(highest).into_iter().map(f64::round).collect();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[expect(clippy::cast_precision_loss, reason = "few cases")]
    fn share(cases: &[u32], matches: impl Fn(u32) -> bool) -> f64 {
        cases.iter().filter(|case| matches(**case)).count() as f64 / cases.len() as f64
    }

    proptest! {
        /// For all cases, shares are between 0 and 1, are monotonic, and equal the shares from counting.
        #[test]
        fn shares_are_counted(mut cases in prop::collection::vec(1_u32..5_000, 100..400), value in 1_u32..5_000) {
            cases.sort_unstable();
            let sorted: Vec<_> = cases.iter().copied().map(f64::from).collect();
            let values = whole_preferred_numbers(*sorted.last().unwrap());
            prop_assert!(values.is_sorted_by(|a, b| a < b), "{values:?}");
            let at_least = CasesAtLeast::new(&sorted[..], &values).at_least;
            prop_assert!(at_least.is_sorted_by(|a, b| a.share >= b.share));
            prop_assert!((at_least[0].value - 1.0).abs() < 1e-9 && (at_least[0].share - 1.0).abs() < 1e-9, "one event is the least");
            prop_assert!(at_least.last().unwrap().share > 0.0);
            let within = CasesWithin::new(&sorted[..], &[f64::from(value)]);
            prop_assert!((within.within[0].share - share(&cases, |case| case <= value)).abs() < 1e-9);
            let reached = CasesAtLeast::new(&sorted[..], &[f64::from(value)]);
            prop_assert!((reached.at_least[0].share - share(&cases, |case| case >= value)).abs() < 1e-9);
            prop_assert!(within.quantiles.is_sorted_by(|a, b| a.value <= b.value));
        }

        /// For all samples that are too small, the distribution holds their size and nothing else.
        #[test]
        fn few_cases_are_only_counted(cases in prop::collection::vec(1.0..50.0, 0..100)) {
            let count = cases.len() as u64;
            let nothing = CasesWithin { cases: count, quantiles: Vec::new(), within: Vec::new() };
            prop_assert_eq!(CasesWithin::new(&cases[..], &[1.0]), nothing);
        }
    }
}
