//! Chooses the next rate as a function of all earlier trials.
//!
//! A single trial proves little, because a pause of the machine can spoil it. So several trials decide on a rate, see [`Decision`]. The
//! search doubles the rate until it is too high, and bisects the range down to [`RATIO_MAX`]. Then it tries the upper end of the range once
//! more, and holds the lower end for longer.

use load_plan::load::PER_SECOND_MAX;
use run_report::capacity::CapacityBounds;

/// The maximum ratio of the upper to the lower end of the range. Own choice: together with the slight overload that a short trial cannot
/// detect, results stay within 5 % of the limit and of each other.
pub(crate) const RATIO_MAX: f64 = 1.025;

/// The number of missed trials that make a rate too high.
const MISSES_MIN: usize = 2;

/// The number of missed steps that confirm the upper end of the final range.
const MISSES_TO_CONFIRM: usize = 3;

/// The number of untrusted trials of a rate that show that the generator is the limit.
const UNTRUSTED_MAX: usize = 3;

/// The maximum number of rates that first seem too high and are then overturned. Beyond that, the last repetition of the upper end is
/// skipped, so that a search against a target without a limit still ends.
const OVERTURNED_MAX: usize = 3;

/// The maximum number of rates that may miss the final hold; after each, the search continues at lower rates. With steps of 2.5 % that is
/// about a fifth of the rate.
const HOLDS_MAX: usize = 8;

/// The result of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The target met the thresholds.
    Held,
    /// The target missed a threshold.
    Missed,
    /// The generator was the limit, so the trial says nothing about the target.
    Untrusted,
}

/// A trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TrialResult {
    /// Events per second.
    pub(crate) rate: f64,
    /// Whether the trial was a final hold.
    pub(crate) is_hold: bool,
    pub(crate) verdict: Verdict,
}

/// The next action.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Next {
    /// A step at this rate.
    Step(f64),
    /// A longer hold at this rate.
    Hold(f64),
    /// The search ends. [`found`] has the result.
    End,
}

/// The start and the lower bound of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    /// The first rate.
    pub(crate) start: f64,
    /// The minimum rate to try, except for the first rate.
    pub(crate) lowest: f64,
}

/// The combined result of the trials of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    /// One more trial is needed.
    Undecided,
    /// The first trial held, or the majority of several did.
    Held,
    /// At least two trials missed, and the majority of all.
    TooHigh,
    /// Untrusted trials prevented a decision.
    GeneratorLimit,
}

/// The number of trials of a rate, by verdict.
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

    /// Whether more trials of a rate that is too high would show nothing new.
    fn is_too_high_confirmed(&self) -> bool {
        let is_settled = self.steps.missed >= MISSES_TO_CONFIRM || self.steps.untrusted >= UNTRUSTED_MAX;
        is_settled || self.holds.decision() == Decision::TooHigh
    }

    /// Whether the rate first seemed too high and is not.
    fn is_overturned(&self) -> bool {
        self.steps.missed >= MISSES_MIN && self.is_held()
    }
}

/// All rates that were tried.
struct TriedRates(Vec<TriedRate>);

impl TriedRates {
    fn of(tried: &[TrialResult]) -> Self {
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

    /// The highest rate that was held, below all rates that were not.
    fn held(&self) -> Option<&TriedRate> {
        let limit = self.lowest(|rate| rate.is_too_high() || rate.is_generator_limit() && !rate.is_held());
        let is_below = |rate: &&TriedRate| limit.is_none_or(|limit| rate.rate < limit.rate);
        self.0.iter().filter(|rate| rate.is_held()).filter(is_below).max_by(|a, b| a.rate.total_cmp(&b.rate))
    }

    /// The lowest rate at which the generator was the limit; `None` if a lower rate was too high for the target.
    fn generator_limit(&self) -> Option<f64> {
        let too_high = self.lowest(TriedRate::is_too_high);
        let limit = self.lowest(TriedRate::is_generator_limit).map(|limit| limit.rate);
        limit.filter(|limit| too_high.is_none_or(|too_high| *limit < too_high.rate))
    }

    fn count(&self, is: impl Fn(&TriedRate) -> bool) -> usize {
        self.0.iter().filter(|rate| is(rate)).count()
    }
}

/// The combined result of these trials.
pub(crate) fn found(tried: &[TrialResult]) -> CapacityBounds {
    let rates = TriedRates::of(tried);
    let held = rates.held();
    CapacityBounds {
        held: held.map(|held| held.rate),
        is_confirmed: held.is_some_and(|held| held.holds.decision() == Decision::Held),
        too_high: rates.lowest(TriedRate::is_too_high).map(|rate| rate.rate),
        generator_limit: rates.generator_limit(),
    }
}

/// The next action after these trials.
pub(crate) fn next(bounds: Bounds, tried: &[TrialResult]) -> Next {
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

/// Rounds to three significant digits.
fn three_digits(rate: f64) -> f64 {
    // The detour over decimal text gives exactly the number that is shown.
    format!("{rate:.2e}").parse().unwrap_or(rate)
}

#[cfg(test)]
mod tests;
