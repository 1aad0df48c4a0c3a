//! Which rate is tried next, as a function of all that was tried before.

use crate::load::PER_SECOND_MAX;

/// How far the lowest rate that is too much may lie above the highest that is not. Own choice: a repeated run differs by as much.
const RATIO_MAX: f64 = 1.05;

/// How often the last hold may be missed; each time a lower rate is looked for.
const HOLDS_MAX: usize = 4;

/// What came of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The target held the thresholds.
    Held,
    /// It did not.
    Missed,
    /// The generator was the limit.
    Untold,
}

/// A trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tried {
    /// Events a second.
    pub(crate) rate: f64,
    /// Whether it was a last hold.
    pub(crate) is_hold: bool,
    pub(crate) verdict: Verdict,
}

/// What is next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Next {
    /// A step at that rate.
    Step(f64),
    /// A longer hold at that rate.
    Hold(f64),
    /// Nothing: the last hold was held, or there is no rate that holds.
    End,
}

/// Where a search begins, and how far down it looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    /// The first rate.
    pub(crate) start: f64,
    /// Lower rates are not tried, but for the first.
    pub(crate) lowest: f64,
}

/// What is next after these trials.
pub(crate) fn next(Bounds { start, lowest }: Bounds, tried: &[Tried]) -> Next {
    let is_held = |one: &&Tried| one.verdict == Verdict::Held;
    if tried.iter().filter(is_held).any(|one| one.is_hold) {
        return Next::End;
    }
    let too_high = tried.iter().filter(|one| !is_held(one)).map(|one| one.rate).min_by(f64::total_cmp);
    let below = |rate: f64| too_high.is_none_or(|too_high| rate < too_high);
    let held = tried.iter().filter(is_held).map(|one| one.rate).filter(|rate| below(*rate)).max_by(f64::total_cmp);
    let has_missed_enough = tried.iter().filter(|one| one.is_hold).count() >= HOLDS_MAX;
    match (held, too_high) {
        _ if has_missed_enough => Next::End,
        (None, None) => Next::Step(start),
        (Some(held), None) if held < PER_SECOND_MAX => Next::Step((held * 2.0).min(PER_SECOND_MAX)),
        (None, Some(too_high)) if too_high / 2.0 >= lowest => Next::Step(too_high / 2.0),
        (None, Some(_)) => Next::End,
        (Some(held), Some(too_high)) if too_high / held > RATIO_MAX => Next::Step(three_digits((held * too_high).sqrt())),
        (Some(held), _) => Next::Hold(held),
    }
}

/// Rounded to three significant digits.
fn three_digits(rate: f64) -> f64 {
    // By way of decimals, so that it is the number that is shown.
    format!("{rate:.2e}").parse().unwrap_or(rate)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All trials until the end, against a target that does with a rate what `verdict` says.
    fn searched(start: f64, verdict: impl Fn(f64, bool) -> Verdict) -> Vec<Tried> {
        let mut tried = Vec::new();
        for _ in 0..200 {
            let (rate, is_hold) = match next(Bounds { start, lowest: start / 1000.0 }, &tried) {
                Next::Step(rate) => (rate, false),
                Next::Hold(rate) => (rate, true),
                Next::End => return tried,
            };
            tried.push(Tried { rate, is_hold, verdict: verdict(rate, is_hold) });
        }
        panic!("the search does not end: {tried:?}");
    }

    proptest! {
        /// For all starts and all capacities above its thousandth part, what is found lies below the capacity by less than 5 %, in about
        /// as many trials as there are doublings between them.
        #[test]
        fn the_capacity_is_found(start in 0.1_f64..10_000.0, factor in 0.002_f64..1000.0) {
            let capacity = start * factor;
            let tried = searched(start, |rate, _| if rate <= capacity { Verdict::Held } else { Verdict::Missed });
            let last = tried[tried.len() - 1];
            prop_assert!(last.is_hold && last.verdict == Verdict::Held, "{:?}", tried);
            prop_assert!(last.rate <= capacity && (capacity < last.rate * RATIO_MAX || last.rate >= PER_SECOND_MAX), "{:?}", tried);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let doublings = factor.log2().abs().ceil() as usize;
            prop_assert!(tried.len() <= doublings + 9, "{:?}", tried);
        }

        /// For all targets, however they change their minds: the search ends, all rates are possible, none is stepped to twice, and a rate
        /// is held at the end only if nothing lower was missed.
        #[test]
        fn a_moody_target_is_left_in_the_end(
            start in prop_oneof![0.1_f64..10_000.0, Just(PER_SECOND_MAX), Just(0.000_1)],
            moods in prop::collection::vec(prop::sample::select(vec![Verdict::Held, Verdict::Missed, Verdict::Untold]), 1..40),
        ) {
            let turn = std::cell::Cell::new(0);
            let tried = searched(start, |_, _| {
                turn.set(turn.get() + 1);
                moods[turn.get() % moods.len()]
            });
            prop_assert!(tried.iter().all(|one| one.rate > 0.0 && one.rate <= PER_SECOND_MAX));
            let steps: Vec<_> = tried.iter().filter(|one| !one.is_hold).map(|one| one.rate.to_bits()).collect();
            prop_assert!(steps.iter().enumerate().all(|(position, rate)| !steps[..position].contains(rate)), "{:?}", tried);
            let last = tried[tried.len() - 1];
            if last.is_hold && last.verdict == Verdict::Held {
                prop_assert!(tried.iter().all(|one| one.verdict == Verdict::Held || one.rate > last.rate), "{:?}", tried);
            }
        }
    }

    /// A target that holds for a step what it does not hold for longer.
    #[test]
    fn a_hold_that_is_missed_leads_to_a_lower_rate() {
        let tried = searched(
            100.0,
            |rate, is_hold| {
                if rate <= if is_hold { 900.0 } else { 1000.0 } { Verdict::Held } else { Verdict::Missed }
            },
        );
        let last = tried[tried.len() - 1];
        assert!(last.is_hold && last.verdict == Verdict::Held && (750.0..=900.0).contains(&last.rate), "{tried:?}");
    }

    #[test]
    fn no_rate_holds() {
        let tried = searched(100.0, |_, _| Verdict::Missed);
        assert_eq!((tried.len(), tried[1].rate, tried.iter().any(|one| one.is_hold)), (10, 50.0, false));
    }
}
