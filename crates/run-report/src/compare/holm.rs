//! The correction for many figures: with a hundred figures at 99 % confidence, one exceeds the limit by chance in most comparisons.

/// Adjusts p-values so that the probability of any false alarm among all figures stays below the level: S. Holm, "A Simple Sequentially
/// Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979). The bound holds for any dependence between figures.
pub(super) fn adjusted(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<_> = (0..p_values.len()).collect();
    order.sort_by(|one, other| p_values[*one].total_cmp(&p_values[*other]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut highest: f64 = 0.0;
    let factors = (1..=u32::try_from(p_values.len()).unwrap_or(u32::MAX)).rev().map(f64::from);
    for (place, factor) in order.into_iter().zip(factors) {
        highest = highest.max(p_values[place] * factor).min(1.0);
        adjusted[place] = highest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all p-values and levels, the figures below the level are the figures that Holm's steps reject. The steps start at the
        /// smallest p-value and reject while the p-value is at most the level divided by the number of remaining figures.
        #[test]
        fn the_steps_reject_the_same(p_values in prop::collection::vec(0.0_f64..0.2, 0..20), level in 0.001_f64..0.2) {
            let adjusted = adjusted(&p_values);
            let mut sorted = p_values.clone();
            sorted.sort_by(f64::total_cmp);
            let holds = |(step, p): &(usize, &f64)| **p * f64::from(u32::try_from(p_values.len() - step).unwrap()) <= level;
            let rejected = sorted.iter().enumerate().take_while(holds).count();
            prop_assert_eq!(adjusted.iter().filter(|p| **p <= level).count(), rejected);
            for (one, p) in p_values.iter().zip(&adjusted) {
                prop_assert!(p >= one && *p <= 1.0);
            }
        }
    }
}
