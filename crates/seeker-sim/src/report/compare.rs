//! Compares the report of a run with that of a run before: what became better, what worse, and whether by so much that it is a
//! regression. Which figures there are and how each is judged is in [`figures`], by how much they may change in [`tolerance`], how the
//! whole is written in [`output`].
//!
//! Only runs that tell of their targets are judged: where one was interrupted, or is not trustworthy, there is no verdict, and never one
//! that nothing got worse. Runs with different loads are judged, with a warning.

mod figures;
pub(crate) mod output;
pub(crate) mod tolerance;

use client_event::EventType;
use serde::Serialize;

use crate::exit::ExitCode;
use crate::report::read::NamedReport;
use crate::report::{Outcome, Report};
use tolerance::Tolerance;

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareVerdict {
    /// Nothing got worse by more than is tolerated.
    NoRegression,
    /// Something did.
    Regression,
    /// One of the runs does not tell of its target, so nothing was judged.
    NotComparable,
}

impl From<CompareVerdict> for ExitCode {
    fn from(verdict: CompareVerdict) -> Self {
        match verdict {
            CompareVerdict::NoRegression => Self::Success,
            CompareVerdict::Regression => Self::ThresholdMissed,
            CompareVerdict::NotComparable => Self::NotTrustworthy,
        }
    }
}

/// Two runs beside each other. As JSON its keys are stable.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunComparison {
    /// What it comes to.
    pub verdict: CompareVerdict,
    /// Why it is a regression, or no comparison, a sentence each.
    pub reasons: Vec<String>,
    /// What else differs between the runs, a sentence each.
    pub warnings: Vec<String>,
    /// By how much figures may get worse.
    pub tolerance: Tolerance,
    /// The run before.
    pub before: ComparedRun,
    /// The run after.
    pub after: ComparedRun,
    /// The figures, those of the whole run first.
    pub figures: Vec<ComparedFigure>,
}

/// One of the two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedRun {
    /// The name of its report.
    pub report: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Where events were sent.
    pub target: String,
    /// What its random numbers were drawn from.
    pub seed: u64,
    /// The stages of its load, in the form of `--stage`.
    pub stages: Vec<String>,
}

impl ComparedRun {
    fn of(named: &NamedReport) -> Self {
        let NamedReport { name, report } = named;
        Self {
            report: name.clone(),
            outcome: report.outcome,
            target: report.target.clone(),
            seed: report.seed,
            stages: report.load.stages.clone(),
        }
    }
}

/// A figure before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedFigure {
    /// The events that it is of; null for all.
    pub event_type: Option<EventType>,
    /// Its name, as in thresholds.
    pub figure: String,
    /// What it is measured in.
    pub unit: FigureUnit,
    /// Before; null when nothing was measured.
    pub before: Option<f64>,
    /// After.
    pub after: Option<f64>,
    /// After without before.
    pub difference: Option<f64>,
    /// The same in per cent of before; null when that is 0.
    pub change_percent: Option<f64>,
    /// What to think of it.
    pub change: Change,
}

impl ComparedFigure {
    /// Whether it was judged, and is one without which there is nothing to be said.
    fn is_decisive(&self) -> bool {
        self.event_type.is_none()
            && matches!(self.figure.as_str(), "latency.p50" | "capacity")
            && self.change != Change::NotJudged
    }

    /// Its name, with the type that it is of.
    pub(crate) fn name(&self) -> String {
        self.event_type.map_or_else(|| self.figure.clone(), |event_type| format!("{event_type}.{}", self.figure))
    }
}

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureUnit {
    /// Milliseconds.
    Ms,
    /// Parts of one.
    Ratio,
    /// Events a second.
    PerS,
}

/// What to think of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It got better by more than is tolerated the other way.
    Better,
    /// It stayed within the tolerance.
    Same,
    /// It got worse by more than is tolerated.
    Worse,
    /// It says nothing on its own, or was measured too seldom.
    NotJudged,
}

/// Holds the run after against the run before.
pub fn compare(before: &NamedReport, after: &NamedReport, tolerance: Tolerance) -> RunComparison {
    let obstacles: Vec<_> = [before, after].into_iter().filter_map(obstacle).chain(lack_of_capacity(before, after)).collect();
    let is_comparable = obstacles.is_empty();
    let mut figures = figures::figures(&before.report, &after.report, tolerance);
    if !is_comparable {
        for figure in &mut figures {
            figure.change = Change::NotJudged;
        }
    }
    let worse: Vec<_> = figures.iter().filter(|figure| figure.change == Change::Worse).map(output::sentence).collect();
    let (verdict, reasons) = match (is_comparable, worse.is_empty()) {
        (false, _) => (CompareVerdict::NotComparable, obstacles),
        (true, false) => (CompareVerdict::Regression, worse),
        (true, true) if !figures.iter().any(ComparedFigure::is_decisive) => {
            (CompareVerdict::NotComparable, vec!["too few events were answered for their times to be compared".to_owned()])
        }
        (true, true) => (CompareVerdict::NoRegression, worse),
    };
    RunComparison {
        verdict,
        reasons,
        warnings: warnings(before, after),
        tolerance,
        before: ComparedRun::of(before),
        after: ComparedRun::of(after),
        figures,
    }
}

/// Why a run cannot be compared, if it cannot.
fn obstacle(NamedReport { name, report }: &NamedReport) -> Option<String> {
    let what = match report.outcome {
        Outcome::Passed | Outcome::ThresholdMissed => return None,
        Outcome::NotTrustworthy => "is not trustworthy",
        Outcome::TargetUnreachable => "did not reach its target",
        Outcome::Interrupted => "was interrupted",
    };
    let reasons = report.reasons.join("; ");
    let reasons = if reasons.is_empty() { reasons } else { format!(": {reasons}") };
    Some(format!("the run of {name} {what}, so its figures are not those of the target{reasons}"))
}

/// Of searches for the capacity the capacities are compared, so both must have found one.
fn lack_of_capacity(before: &NamedReport, after: &NamedReport) -> Option<String> {
    match (&before.report.capacity, &after.report.capacity) {
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => {
            let (search, run) = if before.report.capacity.is_some() { (before, after) } else { (after, before) };
            Some(format!("{} is of a search for the capacity, and {} of a run at a given rate", search.name, run.name))
        }
        (Some(_), Some(_)) => {
            let found =
                |named: &&NamedReport| named.report.capacity.as_ref().is_some_and(|capacity| capacity.rate_per_s.is_some());
            let without = [before, after].into_iter().find(|named| !found(named))?;
            Some(format!("the search of {} found no rate that the target holds", without.name))
        }
    }
}

/// What else differs, and may be the cause of what changed.
fn warnings(before: &NamedReport, after: &NamedReport) -> Vec<String> {
    let (one, other) = (&before.report, &after.report);
    let mut warnings = Vec::new();
    let is_search = one.capacity.is_some() && other.capacity.is_some();
    let courses = (shown_load(one), shown_load(other));
    if !is_search && !same_load(one, other) {
        warnings.push(format!("the loads differ, which may be the cause: {} before, {} after", courses.0, courses.1));
    }
    let warm_up = |report: &Report| report.warm_up.map_or(0.0, |warm_up| warm_up.duration_s).to_string() + " s";
    let formats = one.format.zip(other.format).map(|(one, other)| (one.to_string(), other.to_string())).unwrap_or_default();
    let generators = |report: &Report| report.parts.len().max(1).to_string();
    for (what, (of_one, of_other)) in [
        ("speed", (one.speed.to_string(), other.speed.to_string())),
        ("message format", formats),
        ("warm-up", (warm_up(one), warm_up(other))),
        ("number of generators", (generators(one), generators(other))),
    ] {
        if of_one != of_other {
            warnings.push(format!("the {what} differs, which may be the cause: {of_one} before, {of_other} after"));
        }
    }
    for NamedReport { name, report } in [before, after] {
        if let Some(seconds) = report.aborted_after_s {
            warnings.push(format!(
                "the run of {name} was ended after {seconds} s, since a threshold was lost; its figures are of that time"
            ));
        }
    }
    if one == other {
        warnings.push("both reports are of the same run".to_owned());
    }
    warnings
}

/// Whether the same was wanted of both runs.
fn same_load(one: &Report, other: &Report) -> bool {
    (one.load.kind, &one.load.stages) == (other.load.kind, &other.load.stages)
}

fn shown_load(report: &Report) -> String {
    if report.load.stages.is_empty() { "several courses".to_owned() } else { report.load.stages.join(", ") }
}

#[cfg(test)]
mod tests;
