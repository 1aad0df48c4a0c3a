//! The highest rate at which a target still holds the thresholds: runs of some seconds, one after the other, each at a rate of its own. The
//! rate is doubled until the thresholds no longer hold, then what lies between is halved; at the end the highest rate that held must
//! hold for longer. Which rate is next is decided by [`search`], without I/O.

pub(crate) mod search;

use crate::capacity::search::{Bounds, Next, Tried, Verdict, next};
use crate::load::LoadSpec;
use crate::load::Rate;
use crate::metrics::MetricsPlan;
use crate::plan::RunPlan;
use crate::progress::Showing;
use crate::report::capacity::{Capacity, Trial};
use crate::report::live::LiveWindows;
use crate::report::{Outcome, Report};
use crate::run::{RunError, run};

/// A step of fewer events tells nothing.
const EVENTS_MIN: f64 = 10.0;

/// How many times as long as a step the last hold is.
const HOLD_STEPS: u32 = 3;

/// Searches for the highest rate that holds the thresholds of the plan, from its rate on, in steps as long as its load. Blocks until that
/// has ended; each trial is told. The report is that of the last hold, with all trials. The file of windows is that of the last trial.
///
/// Each trial has its own seed, so that no event id comes twice.
///
/// # Errors
///
/// [`RunError`] when the plan is unsound or the machine fails. A target that cannot be reached and an interruption are outcomes of
/// the report.
pub fn find_capacity(plan: &RunPlan, live_windows: &[LiveWindows], mut tell: impl FnMut(&Trial)) -> Result<Report, RunError> {
    let load = plan.validate()?;
    let measured = load.duration().saturating_sub(load.warm_up());
    let bounds = Bounds { start: load.peak(), lowest: EVENTS_MIN / measured.as_secs_f64() };
    let mut search = Trials { plan, live_windows, done: Vec::new(), tell: &mut tell };
    let mut tried: Vec<Tried> = Vec::new();
    loop {
        let (rate, is_hold) = match next(bounds, &tried) {
            Next::Step(rate) => (rate, false),
            Next::Hold(rate) => (rate, true),
            Next::End => unreachable!("the end is looked for after each trial, and the first is a step"),
        };
        let mut report = search.run(rate, is_hold)?;
        if report.outcome == Outcome::NotTrustworthy {
            // A machine may be busy with something else for a moment.
            report = search.run(rate, is_hold)?;
        }
        let verdict = match report.outcome {
            Outcome::Passed => Verdict::Held,
            Outcome::ThresholdMissed => Verdict::Missed,
            Outcome::NotTrustworthy => Verdict::Untold,
            Outcome::TargetUnreachable | Outcome::Interrupted => {
                return Ok(Capacity::ended_early(search.done).enter(report));
            }
        };
        tried.push(Tried { rate, is_hold, verdict });
        if next(bounds, &tried) == Next::End {
            return Ok(Capacity::of(search.done).enter(report));
        }
    }
}

/// Runs one trial after the other.
struct Trials<'a> {
    plan: &'a RunPlan,
    live_windows: &'a [LiveWindows],
    done: Vec<Trial>,
    tell: &'a mut dyn FnMut(&Trial),
}

impl Trials<'_> {
    fn run(&mut self, rate: f64, is_hold: bool) -> Result<Report, RunError> {
        let duration = self.plan.load.duration.map(|duration| if is_hold { duration * HOLD_STEPS } else { duration });
        let rate = Rate::per_second(rate).expect("the search keeps to the range of rates");
        let number = self.done.len() as u64;
        let plan = RunPlan {
            load: LoadSpec { rate: Some(rate), duration, ..self.plan.load.clone() },
            seed: (self.plan.seed + number) % RunPlan::SEED_END,
            // A screen that comes and goes with each trial would hide what is told of the trials.
            showing: if self.plan.showing == Showing::Screen { Showing::Lines } else { self.plan.showing },
            find_capacity: false,
            metrics: MetricsPlan { is_told: number > 0, ..self.plan.metrics.clone() },
            ..self.plan.clone()
        };
        let report = run(&plan, self.live_windows.to_vec())?;
        let trial = Trial::of(rate.as_per_second(), is_hold, &report);
        (self.tell)(&trial);
        self.done.push(trial);
        Ok(report)
    }
}
