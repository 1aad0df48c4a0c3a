//! Finds the highest rate at which a target still meets the thresholds, by short runs (trials), one after the other, each at its own rate.
//! [`search`] chooses the next rate, without I/O. This module runs the trials. A request to end stops the search at any time, during a
//! trial or between two.

pub(crate) mod search;

use load_plan::load::{LoadSpec, Rate};
use run_report::capacity::{Capacity, Trial};
use run_report::live::{LiveFiles, LiveWindows};
use run_report::{Outcome, Report};

use crate::live::StatusDisplay;
use crate::plan::RunPlan;
use crate::plan::metrics::MetricsPlan;
use crate::process::signals::Signals;
use crate::run::capacity::search::{Bounds, Next, TrialResult, Verdict, found, next};
use crate::run::{RunError, run};

/// A step with fewer events shows nothing.
const EVENTS_MIN: f64 = 10.0;

/// The length of the final hold, in steps.
const HOLD_STEPS: u32 = 3;

/// Searches for the highest rate that meets the thresholds of the plan. The search starts at the plan's rate; a step is as long as its
/// load. Blocks until the search has ended, and passes each trial to `report_trial`. Returns the report of the last trial, with the
/// result of the search. The windows file describes the last trial too.
///
/// Each trial has its own seed, so that no event id repeats.
///
/// # Errors
///
/// [`RunError`] if the plan is invalid or the machine fails. A target that cannot be reached and a request to end are outcomes in the
/// report.
pub fn find_capacity(
    plan: &RunPlan,
    live_windows: &[LiveWindows],
    signals: &Signals,
    mut report_trial: impl FnMut(&Trial),
) -> Result<Report, RunError> {
    let load = plan.validate()?;
    let measured = load.duration().saturating_sub(load.warm_up());
    let bounds = Bounds { start: load.peak(), lowest: EVENTS_MIN / measured.as_secs_f64() };
    let mut trials: Vec<Trial> = Vec::new();
    let mut tried: Vec<TrialResult> = Vec::new();
    let ended = |report: Report, tried: &[TrialResult], trials| {
        // The trials have different loads.
        Capacity::new(found(tried), trials).enter(Report { run: None, ..report })
    };
    loop {
        let (rate, is_hold) = match next(bounds, &tried) {
            Next::Step(rate) => (rate, false),
            Next::Hold(rate) => (rate, true),
            Next::End => unreachable!("a search ends only after a trial, and begins with a step"),
        };
        let trial_plan = plan_of_trial(plan, rate, is_hold, trials.len() as u64);
        let report = run(&trial_plan, LiveFiles { windows: live_windows.to_vec(), events: None }, signals)?;
        let trial = Trial::of(rate, is_hold, &report);
        report_trial(&trial);
        trials.push(trial);
        let verdict = match report.outcome {
            Outcome::Passed => Verdict::Held,
            Outcome::ThresholdMissed => Verdict::Missed,
            Outcome::NotTrustworthy => Verdict::Untrusted,
            Outcome::TargetUnreachable | Outcome::Interrupted => return Ok(ended(report, &tried, trials)),
        };
        tried.push(TrialResult { rate, is_hold, verdict });
        if next(bounds, &tried) == Next::End {
            return Ok(ended(report, &tried, trials));
        }
        if signals.is_end_requested() {
            return Ok(ended(interrupted(report), &tried, trials));
        }
    }
}

/// The plan of a run at one rate; `number` counts the trials from 0.
fn plan_of_trial(plan: &RunPlan, rate: f64, is_hold: bool, number: u64) -> RunPlan {
    let duration = plan.load.duration.map(|duration| if is_hold { duration * HOLD_STEPS } else { duration });
    let rate = Rate::per_second(rate).expect("the search tries only valid rates");
    RunPlan {
        load: LoadSpec { rate: Some(rate), duration, ..plan.load.clone() },
        seed: (plan.seed + number) % RunPlan::SEED_END,
        // A full screen for each trial would hide the lines that report the trials.
        status_display: if plan.status_display == StatusDisplay::Screen { StatusDisplay::Lines } else { plan.status_display },
        find_capacity: false,
        start_at: plan.start_at.filter(|_| number == 0),
        metrics: MetricsPlan { is_address_printed: number > 0, ..plan.metrics.clone() },
        ..plan.clone()
    }
}

/// Returns the report of a finished trial after which the search was interrupted.
fn interrupted(report: Report) -> Report {
    let outcome = Outcome::Interrupted;
    let thresholds = report.thresholds.iter().map(|judged| judged.in_run(outcome, false)).collect();
    let reasons = vec!["the search was interrupted before it finished; the figures are those of its last trial".to_owned()];
    Report { outcome, reasons, thresholds, ..report }
}

#[cfg(test)]
mod tests {
    use super::*;
    use run_report::samples::empty_report;

    use super::search::Verdict::{Held, Missed, Untrusted};

    /// A search with these steps, and an optional final hold at the last of these rates. The report describes its last trial.
    fn searched(steps: &[(f64, Verdict)], hold: Option<(f64, Verdict)>) -> (Vec<TrialResult>, Vec<Trial>, Report) {
        let steps = steps.iter().map(|(rate, verdict)| TrialResult { rate: *rate, is_hold: false, verdict: *verdict });
        let hold = hold.map(|(rate, verdict)| TrialResult { rate, is_hold: true, verdict });
        let tried: Vec<_> = steps.chain(hold).collect();
        let report = |one: &TrialResult| {
            let (outcome, reasons) = match one.verdict {
                Held => (Outcome::Passed, vec![]),
                Missed => (Outcome::ThresholdMissed, vec![format!("{}/s was slow", one.rate)]),
                Untrusted => (Outcome::NotTrustworthy, vec![format!("{}/s was late", one.rate)]),
            };
            Report { outcome, reasons, ..empty_report() }
        };
        let trials = tried.iter().map(|one| Trial::of(one.rate, one.is_hold, &report(one))).collect();
        let last = report(tried.last().unwrap());
        (tried, trials, last)
    }

    /// The outcome, the first reason and the capacity sentence of the report, for each way in which a search ends.
    #[test]
    fn the_report_says_how_the_search_ended() {
        let narrow = [(100.0, Held), (102.0, Missed), (102.0, Held), (102.0, Missed), (102.0, Missed)];
        let limited = [(100.0, Held), (200.0, Untrusted), (200.0, Untrusted), (200.0, Untrusted)];
        for (steps, hold, outcome, reason, sentence) in [
            (&narrow[..], Some((100.0, Held)), Outcome::Passed, "", "100/s; 102/s is too high: 102/s was slow"),
            (&narrow[..1], Some((100.0, Held)), Outcome::Passed, "", "at least 100/s"),
            (
                &limited[..],
                Some((100.0, Held)),
                Outcome::NotTrustworthy,
                "the target sustains 100/s or more: the generator was the limit at 200/s: 200/s was late",
                "100/s; the generator was the limit at 200/s",
            ),
            (
                &limited[1..],
                None,
                Outcome::NotTrustworthy,
                "the generator was the limit at 200/s: 200/s was late",
                "not found; the generator was the limit at 200/s",
            ),
            (
                &narrow[3..],
                None,
                Outcome::ThresholdMissed,
                "no rate was confirmed; the lowest tried rate is 102/s",
                "not found; 102/s is too high: 102/s was slow",
            ),
        ] {
            let (tried, trials, last) = searched(steps, hold);
            let report = Capacity::new(found(&tried), trials).enter(last);
            let first = report.reasons.first().cloned().unwrap_or_default();
            let told = report.capacity.unwrap().sentence();
            assert_eq!((report.outcome, first.as_str(), told.as_str()), (outcome, reason, sentence), "{steps:?}");
        }
    }

    /// A passed trial does not make an interrupted search pass.
    #[test]
    fn a_search_that_is_asked_to_end_between_trials_is_interrupted() {
        let (tried, trials, last) = searched(&[(100.0, Held), (200.0, Missed), (200.0, Missed), (141.0, Held)], None);
        let report = Capacity::new(found(&tried), trials).enter(interrupted(last));
        assert_eq!((report.outcome, report.reasons.len()), (Outcome::Interrupted, 1));
        let capacity = report.capacity.unwrap();
        assert_eq!((capacity.rate_per_s, capacity.unconfirmed_rate_per_s), (None, Some(141.0)));
        assert_eq!((capacity.too_high_per_s, capacity.trials.len()), (Some(200.0), 4));
        assert!(capacity.sentence().starts_with("141/s passed, not confirmed"), "{}", capacity.sentence());
    }
}
