//! Tests of searches with simulated verdicts for every kind of target.

use std::cell::RefCell;
use std::collections::HashMap;

use proptest::prelude::*;

use super::Verdict::{Held, Missed, Untrusted};
use super::*;

/// Runs all trials of a search. `verdict` gets the rate, whether the trial is a hold, and the number of earlier trials of this kind at this
/// rate.
fn searched(start: f64, mut verdict: impl FnMut(f64, bool, usize) -> Verdict) -> Vec<TrialResult> {
    let mut tried: Vec<TrialResult> = Vec::new();
    for _ in 0..600 {
        let (rate, is_hold) = match next(Bounds { start, lowest: start / 1000.0 }, &tried) {
            Next::Step(rate) => (rate, false),
            Next::Hold(rate) => (rate, true),
            Next::End => return tried,
        };
        let before = tried.iter().filter(|one| one.rate.to_bits() == rate.to_bits() && one.is_hold == is_hold).count();
        tried.push(TrialResult { rate, is_hold, verdict: verdict(rate, is_hold, before) });
    }
    panic!("the search does not end: {tried:?}");
}

/// A target that holds up to this rate.
fn limited_to(capacity: f64) -> impl Fn(f64) -> Verdict {
    move |rate| if rate <= capacity { Held } else { Missed }
}

fn doublings(factor: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
    let doublings = factor.log2().abs().ceil() as usize;
    doublings
}

fn assert_found(found: CapacityBounds, capacity: f64) {
    let held = found.held.unwrap();
    assert!(found.is_confirmed && held <= capacity, "{found:?}");
    match found.too_high {
        Some(too_high) => assert!(too_high > capacity && too_high / held <= RATIO_MAX, "{found:?}"),
        None => assert!(held >= PER_SECOND_MAX, "{found:?}"),
    }
    assert_eq!(found.generator_limit, None);
}

proptest! {
    /// For all starts and all capacities above a thousandth of the start, the search finds a range narrower than 2.5 % that contains the
    /// capacity. The number of trials is about the number of doublings between start and capacity.
    #[test]
    fn the_capacity_is_found(start in 0.1_f64..10_000.0, factor in 0.002_f64..1000.0) {
        let capacity = start * factor;
        let target = limited_to(capacity);
        let tried = searched(start, |rate, _, _| target(rate));
        assert_found(found(&tried), capacity);
        prop_assert!(tried.last().unwrap().is_hold);
        // Going down costs two trials per rate, and so does about every second bisection.
        prop_assert!(tried.len() <= 2 * doublings(factor) + 18, "{tried:?}");
    }

    /// For all capacities, one chance miss and two untrusted trials per rate, in steps and holds alike, do not change the range that is
    /// found.
    #[test]
    fn one_chance_miss_for_each_rate_changes_nothing(
        start in 0.1_f64..10_000.0,
        factor in 0.002_f64..1000.0,
        chances in prop::collection::vec((0_usize..4, prop::collection::vec(0_usize..5, 0..=2)), 1..40),
    ) {
        let capacity = start * factor;
        let target = limited_to(capacity);
        let chance_of = RefCell::new(HashMap::new());
        let tried = searched(start, |rate, is_hold, before| {
            let mut chance_of = chance_of.borrow_mut();
            let number = chance_of.len();
            let (missed_at, untrusted_at) = chance_of.entry((rate.to_bits(), is_hold)).or_insert_with(|| &chances[number % chances.len()]);
            if untrusted_at.contains(&before) {
                Untrusted
            } else if *missed_at == before {
                Missed
            } else {
                target(rate)
            }
        });
        assert_found(found(&tried), capacity);
        prop_assert_eq!(found(&tried), found(&searched(start, |rate, _, _| target(rate))));
    }

    /// For all capacities and all rates, a disturbance that spoils two trials in a row does not hide the capacity: when the range is
    /// narrow, its upper end is tried again.
    #[test]
    fn two_chance_misses_in_a_row_change_nothing(start in 1.0_f64..1000.0, factor in 0.002_f64..1000.0, from in 0_usize..30) {
        let capacity = start * factor;
        let target = limited_to(capacity);
        let mut trials = 0;
        let tried = searched(start, |rate, is_hold, _| {
            trials += 1;
            if !is_hold && (from..from + 2).contains(&trials) { Missed } else { target(rate) }
        });
        assert_found(found(&tried), capacity);
    }

    /// For all miss probabilities up to 5 %, at least 95 of 100 searches find the capacity within 5 %.
    #[test]
    fn rare_random_misses_are_confirmed_away(start in 1.0_f64..1000.0, factor in 0.1_f64..100.0, chance in 0.0_f64..0.05, seed in any::<u64>()) {
        let capacity = start * factor;
        let target = limited_to(capacity);
        let mut state = seed;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f64::from(u32::try_from(state >> 32).unwrap()) / f64::from(u32::MAX)
        };
        let mut close = 0;
        for _ in 0..100 {
            let tried = searched(start, |rate, _, _| if uniform() < chance { Missed } else { target(rate) });
            close += usize::from(found(&tried).held.is_some_and(|held| held <= capacity && held >= capacity * 0.95));
        }
        prop_assert!(close >= 95, "{close} of 100");
    }

    /// For all targets, however inconsistent: the search ends, all rates are possible, and a confirmed rate was held more often than
    /// missed.
    #[test]
    fn the_search_ends_for_any_target(
        start in prop_oneof![0.1_f64..10_000.0, Just(PER_SECOND_MAX), Just(0.000_1)],
        moods in prop::collection::vec(prop::sample::select(vec![Held, Missed, Untrusted]), 1..40),
    ) {
        let mut turn = 0;
        let tried = searched(start, |_, _, _| {
            turn += 1;
            moods[turn % moods.len()]
        });
        prop_assert!(tried.iter().all(|one| one.rate > 0.0 && one.rate <= PER_SECOND_MAX));
        let found = found(&tried);
        if found.is_confirmed {
            let held = found.held.unwrap();
            let count = |verdict| tried.iter().filter(|one| one.is_hold && one.rate.to_bits() == held.to_bits() && one.verdict == verdict).count();
            prop_assert!(count(Held) > count(Missed), "{tried:?}");
            prop_assert!(found.too_high.is_none_or(|too_high| too_high > held), "{found:?}");
        }
    }

    /// For all rates from which the generator is the limit, below the target's limit: the search ends there, holds the highest rate below,
    /// and reports no rate as too high for the target.
    #[test]
    fn the_limit_of_the_generator_is_not_the_targets(start in 0.1_f64..1000.0, factor in 0.1_f64..1000.0) {
        let limit = start * factor;
        let tried = searched(start, |rate, _, _| if rate < limit { Held } else { Untrusted });
        let found = found(&tried);
        let expected = (factor > 1.0).then(|| (limit / start).log2().ceil() - 1.0).map(|doublings| start * doublings.exp2());
        prop_assert_eq!((found.too_high, found.held.is_some()), (None, expected.is_some()), "{:?}", tried);
        prop_assert!(found.generator_limit.unwrap() >= limit);
        if let Some(expected) = expected {
            prop_assert!(found.is_confirmed && (found.held.unwrap() / expected - 1.0).abs() < 1e-9, "{found:?} {expected}");
        }
    }
}

/// A rate is too high after two missed trials of three.
#[test]
fn a_rate_is_decided_by_two_of_three() {
    for (verdicts, expected) in [
        (vec![], Decision::Undecided),
        (vec![Held], Decision::Held),
        (vec![Missed], Decision::Undecided),
        (vec![Missed, Missed], Decision::TooHigh),
        (vec![Missed, Held], Decision::Undecided),
        (vec![Missed, Held, Missed], Decision::TooHigh),
        (vec![Missed, Held, Held], Decision::Held),
        (vec![Untrusted], Decision::Undecided),
        (vec![Untrusted, Held], Decision::Held),
        (vec![Untrusted, Missed], Decision::Undecided),
        (vec![Untrusted, Missed, Missed], Decision::TooHigh),
        (vec![Untrusted, Missed, Held], Decision::Undecided),
        (vec![Untrusted, Untrusted, Missed, Held, Held], Decision::Held),
        (vec![Untrusted, Untrusted, Untrusted], Decision::GeneratorLimit),
        (vec![Untrusted, Missed, Untrusted, Untrusted], Decision::GeneratorLimit),
        (vec![Missed, Missed, Held, Held], Decision::Undecided),
        (vec![Missed, Missed, Held, Held, Held], Decision::Held),
    ] {
        let mut counts = Counts::default();
        for verdict in &verdicts {
            counts.add(*verdict);
        }
        assert_eq!(counts.decision(), expected, "{verdicts:?}");
    }
}

/// One stall in one trial does not change the result.
#[test]
fn one_stall_does_not_change_the_result() {
    for stalled in 1..20 {
        let mut trials = 0;
        let tried = searched(100.0, |rate, _, _| {
            trials += 1;
            if trials == stalled || rate > 12_800.0 { Missed } else { Held }
        });
        assert_eq!(found(&tried).held, Some(12_800.0), "stall in trial {stalled}: {tried:?}");
    }
}

/// A target that holds a rate for a step but not for longer.
#[test]
fn a_hold_that_is_missed_leads_to_a_lower_rate() {
    let tried = searched(100.0, |rate, is_hold, _| limited_to(if is_hold { 900.0 } else { 1000.0 })(rate));
    let found = found(&tried);
    assert!(found.is_confirmed && (800.0..=900.0).contains(&found.held.unwrap()), "{tried:?}");
    assert!(found.too_high.unwrap() <= 1000.0, "{found:?}");
}

#[test]
fn no_rate_holds() {
    let tried = searched(100.0, |_, _, _| Missed);
    assert_eq!(found(&tried), CapacityBounds { too_high: Some(100.0 / 512.0), ..CapacityBounds::default() });
    assert_eq!((tried.len(), tried[2].rate, tried.iter().any(|one| one.is_hold)), (21, 50.0, false));
}
