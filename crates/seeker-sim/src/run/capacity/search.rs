//! Which rate is tried next, as a function of all trials so far.
//!
//! A single trial proves little: a pause of the machine can spoil it. So a rate is judged by several trials, see [`Decision`]. The search
//! doubles the rate until one is too high, bisects the range down to [`RATIO_MAX`], tries the upper end of the range once more, and holds the
//! lower end for longer.

use load_plan::load::PER_SECOND_MAX;
use run_report::capacity::Found;

/// The upper end of the range divided by its lower end, at most. Own choice: together with what a short trial cannot see of a slight
/// overload, results stay within 5 % of the limit and of each other.
pub(crate) const RATIO_MAX: f64 = 1.025;

/// How many trials must miss for a rate to be too high.
const MISSES_MIN: usize = 2;

/// How many steps must miss for the upper end of the final range to be confirmed.
const MISSES_TO_CONFIRM: usize = 3;

/// How many untrusted trials of a rate show that the generator is the limit there.
const UNTRUSTED_MAX: usize = 3;

/// How many rates may turn out not to be too high after all. More than that, and the last repetition of the upper end is left out, so that a
/// search against a target without a limit of its own still ends.
const OVERTURNED_MAX: usize = 3;

/// How many rates may miss the final hold; after each the search goes on below. With steps of 2.5 % that is about a fifth of the rate.
const HOLDS_MAX: usize = 8;

/// The result of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The target held the thresholds.
    Held,
    /// The target missed a threshold.
    Missed,
    /// The generator was the limit, so the trial says nothing about the target.
    Untrusted,
}

/// A trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tried {
    /// Events a second.
    pub(crate) rate: f64,
    /// Whether it was a final hold.
    pub(crate) is_hold: bool,
    pub(crate) verdict: Verdict,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Next {
    /// A step at that rate.
    Step(f64),
    /// A longer hold at that rate.
    Hold(f64),
    /// Nothing. [`found`] has the result.
    End,
}

/// Where a search begins, and how far down it looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    /// The first rate.
    pub(crate) start: f64,
    /// Lower rates are not tried, except for the first.
    pub(crate) lowest: f64,
}

/// What the trials of a rate say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    /// One more trial is needed.
    Undecided,
    /// The first trial held, or most of several.
    Held,
    /// At least two trials missed, and most of all.
    TooHigh,
    /// No decision could be made because trials were not trusted.
    GeneratorLimit,
}

/// How many trials of a rate ended how.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    held: usize,
    missed: usize,
    untrusted: usize,
}

impl Counts {
    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Held => self.held += 1,
            Verdict::Missed => self.missed += 1,
            Verdict::Untrusted => self.untrusted += 1,
        }
    }

    fn decision(self) -> Decision {
        let Self { held, missed, untrusted } = self;
        if missed >= MISSES_MIN && missed > held {
            Decision::TooHigh
        } else if held > missed && (missed == 0 || held >= MISSES_MIN) {
            Decision::Held
        } else if untrusted >= UNTRUSTED_MAX {
            Decision::GeneratorLimit
        } else {
            Decision::Undecided
        }
    }
}

/// The trials of a rate.
#[derive(Clone, Copy, Debug)]
struct TriedRate {
    rate: f64,
    steps: Counts,
    holds: Counts,
}

impl TriedRate {
    fn is_held(&self) -> bool {
        self.steps.decision() == Decision::Held
    }

    fn is_too_high(&self) -> bool {
        self.steps.decision() == Decision::TooHigh || self.holds.decision() == Decision::TooHigh
    }

    fn is_generator_limit(&self) -> bool {
        [self.steps, self.holds].iter().any(|counts| counts.decision() == Decision::GeneratorLimit)
    }

    /// Whether nothing more is to be learnt about a rate that is too high.
    fn is_too_high_confirmed(&self) -> bool {
        let is_settled = self.steps.missed >= MISSES_TO_CONFIRM || self.steps.untrusted >= UNTRUSTED_MAX;
        is_settled || self.holds.decision() == Decision::TooHigh
    }

    /// Whether it was too high at first, and is not.
    fn is_overturned(&self) -> bool {
        self.steps.missed >= MISSES_MIN && self.is_held()
    }
}

/// All rates that were tried.
struct TriedRates(Vec<TriedRate>);

impl TriedRates {
    fn of(tried: &[Tried]) -> Self {
        let mut rates: Vec<TriedRate> = Vec::new();
        for one in tried {
            let place = rates.iter().position(|known| known.rate.to_bits() == one.rate.to_bits()).unwrap_or_else(|| {
                rates.push(TriedRate { rate: one.rate, steps: Counts::default(), holds: Counts::default() });
                rates.len() - 1
            });
            let rate = &mut rates[place];
            if one.is_hold { rate.holds.add(one.verdict) } else { rate.steps.add(one.verdict) }
        }
        Self(rates)
    }

    fn lowest(&self, is: impl Fn(&TriedRate) -> bool) -> Option<&TriedRate> {
        self.0.iter().filter(|rate| is(rate)).min_by(|a, b| a.rate.total_cmp(&b.rate))
    }

    /// The highest rate that was held, below all that were not.
    fn held(&self) -> Option<&TriedRate> {
        let limit = self.lowest(|rate| rate.is_too_high() || rate.is_generator_limit() && !rate.is_held());
        let is_below = |rate: &&TriedRate| limit.is_none_or(|limit| rate.rate < limit.rate);
        self.0.iter().filter(|rate| rate.is_held()).filter(is_below).max_by(|a, b| a.rate.total_cmp(&b.rate))
    }

    /// The lowest rate at which the generator was the limit; none if a lower rate was too high for the target.
    fn generator_limit(&self) -> Option<f64> {
        let too_high = self.lowest(TriedRate::is_too_high);
        let limit = self.lowest(TriedRate::is_generator_limit).map(|limit| limit.rate);
        limit.filter(|limit| too_high.is_none_or(|too_high| *limit < too_high.rate))
    }

    fn count(&self, is: impl Fn(&TriedRate) -> bool) -> usize {
        self.0.iter().filter(|rate| is(rate)).count()
    }
}

/// What these trials say together.
pub(crate) fn found(tried: &[Tried]) -> Found {
    let rates = TriedRates::of(tried);
    let held = rates.held();
    Found {
        held: held.map(|held| held.rate),
        is_confirmed: held.is_some_and(|held| held.holds.decision() == Decision::Held),
        too_high: rates.lowest(TriedRate::is_too_high).map(|rate| rate.rate),
        generator_limit: rates.generator_limit(),
    }
}

/// What to do after these trials.
pub(crate) fn next(bounds: Bounds, tried: &[Tried]) -> Next {
    let rates = TriedRates::of(tried);
    let Some(last) = tried.last() else { return Next::Step(bounds.start) };
    let trials_of_last = rates.0.iter().find(|rate| rate.rate.to_bits() == last.rate.to_bits());
    let is_undecided = |counts: Counts| counts.decision() == Decision::Undecided;
    match trials_of_last {
        Some(rate) if last.is_hold && is_undecided(rate.holds) => return Next::Hold(rate.rate),
        Some(rate) if !last.is_hold && is_undecided(rate.steps) => return Next::Step(rate.rate),
        _ => {}
    }
    let held = rates.held();
    let has_ended = held.is_some_and(|held| held.holds.decision() == Decision::Held)
        || rates.count(|rate| rate.holds.decision() == Decision::GeneratorLimit) > 0
        || rates.count(|rate| rate.holds.decision() == Decision::TooHigh) >= HOLDS_MAX;
    if has_ended {
        return Next::End;
    }
    let too_high = rates.lowest(TriedRate::is_too_high);
    if rates.generator_limit().is_some() {
        return held.map_or(Next::End, |held| Next::Hold(held.rate));
    }
    let needs_confirmation =
        |rate: &TriedRate| !rate.is_too_high_confirmed() && rates.count(TriedRate::is_overturned) < OVERTURNED_MAX;
    match (held.map(|held| held.rate), too_high) {
        (Some(held), None) if held < PER_SECOND_MAX => Next::Step((held * 2.0).min(PER_SECOND_MAX)),
        (None, Some(too_high)) if too_high.rate / 2.0 >= bounds.lowest => Next::Step(too_high.rate / 2.0),
        (Some(held), Some(too_high)) if too_high.rate / held > RATIO_MAX => {
            Next::Step(three_digits((held * too_high.rate).sqrt()))
        }
        (_, Some(too_high)) if needs_confirmation(too_high) => Next::Step(too_high.rate),
        (Some(held), _) => Next::Hold(held),
        (None, _) => Next::End,
    }
}

/// Rounded to three significant digits.
fn three_digits(rate: f64) -> f64 {
    // By way of decimals, so that it is the number that is shown.
    format!("{rate:.2e}").parse().unwrap_or(rate)
}

#[cfg(test)]
mod tests;
