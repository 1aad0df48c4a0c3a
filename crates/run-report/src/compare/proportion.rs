//! Tests whether the share of bad events rose by more than the tolerance: an exact test of two binomial proportions.
//!
//! The test is Fisher's, given the sum of both counts: R. A. Fisher, "The Logic of Inductive Inference", Journal of the Royal Statistical
//! Society 98 (1935). The tolerance is part of the null hypothesis: it is added to the side before as extra bad events. These events do not
//! vary on their own, so the test assumes more spread than there is and errs towards "no change".
//!
//! Bad events often come in bursts, which would make a test for independent events too confident. If the seconds of a run, or the runs of a
//! side, differ by more than chance, counts are divided by the design effect: J. N. K. Rao and A. J. Scott, "A Simple Method for the
//! Analysis of Clustered Binary Data", Biometrics 48 (1992).

use crate::compare::probability::{float, hypergeometric_tail, student_quantile};

/// The number of standard deviations beyond chance by which the groups of a run must differ before the test assumes a design effect.
/// Without this limit, half of all runs would lose power to an effect that does not exist.
const DEVIATIONS_MIN: f64 = 3.0;

/// The minimum number of groups. Groups are lengthened only while at least this many remain.
const GROUPS_MIN: usize = 8;

/// Bad events among all events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Proportion {
    /// The number of bad events.
    pub(super) part: u64,
    /// The number of all events.
    pub(super) whole: u64,
    /// How much more the share varies than the share of independent events; at least 1.
    pub(super) design_effect: f64,
}

impl Proportion {
    /// The share of bad events.
    fn share(self) -> f64 {
        float(self.part) / float(self.whole)
    }

    /// Returns (bad events, all events) of independent events with the same information. `round` rounds the bad events.
    fn independent(self, round: fn(f64) -> f64) -> (u64, u64) {
        if self.design_effect <= 1.0 {
            return (self.part, self.whole);
        }
        let whole = whole_number((float(self.whole) / self.design_effect).round());
        (whole_number(round(float(self.part) / self.design_effect)).min(whole), whole)
    }
}

/// The p-value of the hypothesis that the share of bad events rose by no more than the tolerance.
pub(super) fn p_worse(before: Proportion, after: Proportion, tolerance: f64) -> f64 {
    let (before_part, before_whole) = before.independent(f64::ceil);
    let (after_part, after_whole) = after.independent(f64::floor);
    if before_whole == 0 || after_whole == 0 {
        return 1.0;
    }
    // Rounding must not turn 1.0000000001 tolerated events into two.
    let tolerated = |whole: u64| whole_number((float(whole) * tolerance - 1e-6).ceil());
    let is_rare = 2 * (before_part + after_part) <= before_whole + after_whole;
    // The tolerated events are credited to the side whose spread the test then overestimates. The spread is greatest near one half.
    let (before_part, after_part) = if is_rare {
        ((before_part + tolerated(before_whole)).min(before_whole), after_part)
    } else {
        (before_part, after_part.saturating_sub(tolerated(after_whole)))
    };
    hypergeometric_tail(after_part, after_whole, before_whole, before_part + after_part)
}

/// Returns the confidence interval of the rise of the share: R. G. Newcombe, "Interval Estimation for the Difference between Independent
/// Proportions", Statistics in Medicine 17 (1998), method 10.
pub(super) fn interval(before: Proportion, after: Proportion, confidence: f64) -> (f64, f64) {
    let z = student_quantile((1.0 - confidence) / 2.0, f64::INFINITY);
    let difference = after.share() - before.share();
    let distance = |one: f64, other: f64| one.hypot(other);
    let ((before_low, before_high), (after_low, after_high)) = (wilson(before, z), wilson(after, z));
    let low = difference - distance(after.share() - after_low, before_high - before.share());
    let high = difference + distance(after_high - after.share(), before.share() - before_low);
    (low, high)
}

/// The score interval of one proportion: E. B. Wilson, "Probable Inference", Journal of the American Statistical Association 22 (1927).
fn wilson(proportion: Proportion, z: f64) -> (f64, f64) {
    let events = float(proportion.whole) / proportion.design_effect.max(1.0);
    let (share, square) = (proportion.share(), z * z);
    let middle = (share + square / (2.0 * events)) / (1.0 + square / events);
    let half = z / (1.0 + square / events) * (share * (1.0 - share) / events + square / (4.0 * events * events)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// How much more the share of bad events varies between groups of events than by chance; 1 if chance explains the variation. Groups follow
/// each other in time. Longer groups are tried as well, because bursts can be longer than a group. Each group is (bad events, all events).
pub(super) fn design_effect(groups: &[(u64, u64)]) -> f64 {
    let mut effect = dispersion(groups);
    let mut longer = groups.to_vec();
    while longer.len() >= 2 * GROUPS_MIN {
        longer = longer.chunks(2).map(|pair| pair.iter().fold((0, 0), |sum, group| (sum.0 + group.0, sum.1 + group.1))).collect();
        effect = effect.max(dispersion(&longer));
    }
    effect
}

/// Pearson's statistic divided by its degrees of freedom; 1 if chance explains it.
fn dispersion(groups: &[(u64, u64)]) -> f64 {
    let groups: Vec<_> =
        groups.iter().filter(|(_, whole)| *whole > 0).map(|(part, whole)| (float(*part), float(*whole))).collect();
    let (part, whole) = groups.iter().fold((0.0, 0.0), |sum, group| (sum.0 + group.0, sum.1 + group.1));
    let spread = part / whole * (1.0 - part / whole);
    if groups.len() < 2 || spread <= 0.0 {
        return 1.0;
    }
    let square = |(of_group, events): &(f64, f64)| (of_group - events * part / whole).powi(2) / (events * spread);
    let statistic: f64 = groups.iter().map(square).sum();
    // The variance of each square. The second term accounts for groups with few bad events.
    let variance: f64 = groups.iter().map(|(_, events)| 2.0 + 1.0 / (events * spread)).sum();
    let freedom = groups.iter().skip(1).fold(0.0, |sum, _| sum + 1.0);
    // The statistic is approximately a multiple of a chi-squared variable, whose cube root is approximately normal: E. B. Wilson and M. M.
    // Hilferty, "The Distribution of Chi-Square", Proceedings of the National Academy of Sciences 17 (1931).
    let cube_variance = variance / (9.0 * freedom * freedom);
    let deviations = ((statistic / freedom).cbrt() - 1.0 + cube_variance) / cube_variance.sqrt();
    if deviations > DEVIATIONS_MIN { (statistic / freedom).max(1.0) } else { 1.0 }
}

fn whole_number(number: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of events, at least 0 and below 2^53")]
    let number = number.max(0.0) as u64;
    number
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    fn of(part: u64, whole: u64) -> Proportion {
        Proportion { part, whole, design_effect: 1.0 }
    }

    /// The probability of each number of bad events.
    fn binomial(whole: u64, share: f64) -> Vec<f64> {
        let mut row = vec![1.0];
        for _ in 0..whole {
            let mut next = vec![0.0; row.len() + 1];
            for (part, probability) in row.iter().enumerate() {
                next[part] += probability * (1.0 - share);
                next[part + 1] += probability * share;
            }
            row = next;
        }
        row
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(4), ..ProptestConfig::default() })]

        /// For all sizes, shares and tolerances, the test reports a rise by exactly the tolerance as worse no more often than the p-value
        /// states.
        #[test]
        fn false_alarms_are_as_rare_as_claimed(
            (one, other) in (20_u64..120, 20_u64..120), share in 0.0_f64..0.4, tolerance in 0.0_f64..0.1, level in 0.001_f64..0.1,
        ) {
            let (before, after) = (binomial(one, share), binomial(other, share + tolerance));
            let mut alarms = 0.0;
            for (before_part, before_probability) in before.iter().enumerate() {
                for (after_part, after_probability) in after.iter().enumerate() {
                    let probability = before_probability * after_probability;
                    if probability > 1e-9 && p_worse(of(before_part as u64, one), of(after_part as u64, other), tolerance) <= level {
                        alarms += probability;
                    }
                }
            }
            prop_assert!(alarms <= level * (1.0 + 1e-6), "{} of {}", alarms, level);
        }

        /// For all counts, more bad events after are no less significant, and a rise and a fall are not both significant.
        #[test]
        fn more_is_worse((one, other) in (1_u64..5_000, 1_u64..5_000), shares in (0.0_f64..=1.0, 0.0_f64..1.0), tolerance in 0.0_f64..0.01) {
            let (part, other_part) = (whole_number(float(one) * shares.0), whole_number(float(other) * shares.1));
            let p = |part_after| p_worse(of(part, one), of(part_after, other), tolerance);
            prop_assert!(p(other_part + 1) <= p(other_part) + 1e-9);
            let reversed = p_worse(of(other_part, other), of(part, one), tolerance);
            prop_assert!(p(other_part) > 0.4 || reversed > 0.4, "{} {}", p(other_part), reversed);
            let (low, high) = interval(of(part, one), of(other_part, other), 0.99);
            let difference = of(other_part, other).share() - of(part, one).share();
            prop_assert!((-1.0..=difference + 1e-12).contains(&low) && (difference - 1e-12..=1.0 + 1e-12).contains(&high), "{} {}", low, high);
        }
    }

    /// Independent events have no design effect. Events in bursts of ten have one of about ten, for any group length.
    #[test]
    fn bursts_are_noticed() {
        let mut random = StdRng::seed_from_u64(1);
        let mut noticed = 0;
        for _ in 0..200 {
            let mut drawn = |bursts: u64| {
                let draw = |_| ((0..1000 / bursts).filter(|_| random.random_bool(0.01)).count() as u64 * bursts, 1000);
                (0..60).map(draw).collect::<Vec<_>>()
            };
            noticed += u32::from(design_effect(&drawn(1)) > 1.0);
            let effect = design_effect(&drawn(10));
            assert!((4.0..30.0).contains(&effect), "{effect}");
        }
        assert!(noticed <= 4, "{noticed} of 200 without bursts");
    }

    /// Known cases: a rise of errors from 1 % to 2 % is significant with 10,000 events, but not with 1,000, and not with 10,000 in bursts.
    #[test]
    fn known_cases() {
        let tolerance = 0.001;
        assert!(p_worse(of(100, 10_000), of(200, 10_000), tolerance) < 1e-6);
        assert!(p_worse(of(10, 1_000), of(20, 1_000), tolerance) > 0.01);
        let in_bursts = |proportion| Proportion { design_effect: 10.0, ..proportion };
        assert!(p_worse(in_bursts(of(100, 10_000)), in_bursts(of(200, 10_000)), tolerance) > 0.01);
        assert!(p_worse(of(0, 1_000), of(10, 1_000), tolerance) < 0.01);
        assert!(p_worse(of(0, 1_000), of(3, 1_000), tolerance) > 0.1);
        assert!(p_worse(of(0, 0), of(3, 1_000), tolerance) >= 1.0);
        // Far more events on one side than on the other.
        assert!(p_worse(of(100, 10_000), of(200_000, 10_000_000), tolerance) < 1e-6);
    }
}
