//! Compares runs before a change with runs after it: which figures became better, which worse, and whether that is a regression.
//!
//! A figure is worse only if a statistical test says so: if it is worse by more than the tolerance, with the confidence asked for.
//! [`figures`] holds the figures and how each is judged, [`proportion`] and [`percentile`] the tests, [`blocks`] the bootstrap, [`holm`] the
//! correction for many figures, [`side`] the runs of one side taken together, [`settings`] what runs must have in common, [`output`] how a
//! comparison is written.
//!
//! Only runs that describe their targets are judged. Where one was interrupted or is not trustworthy, there is no verdict, and never one
//! that nothing got worse.

mod blocks;
pub mod confidence;
mod figures;
mod holm;
pub mod output;
mod percentile;
mod probability;
mod proportion;
pub mod settings;
mod side;
pub mod tolerance;

use client_event::EventType;
use serde::Serialize;
use thiserror::Error;

use crate::part::Part;
use crate::read::NamedReport;
use crate::{Outcome, Report};
use confidence::Confidence;
use settings::SettingDifference;
use side::Side;
use tolerance::Tolerance;

/// How runs are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CompareOptions {
    /// The smallest change that matters.
    pub tolerance: Tolerance,
    /// How sure the comparison has to be before it calls a change.
    pub confidence: Confidence,
    /// Whether runs with different settings are compared all the same.
    pub is_forced: bool,
}

/// Runs that cannot be compared.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum CompareError {
    /// One side has no runs.
    #[error("no report is named for one of the sides; name at least one before and one after")]
    Nothing,
    /// They did not do the same.
    #[error(
        "the runs have different settings: {}; compare runs with the same settings, or pass --force",
        .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    DifferentSettings(Vec<SettingDifference>),
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareVerdict {
    /// No figure got worse by more than the tolerance.
    NoRegression,
    /// A figure did.
    Regression,
    /// One of the runs does not tell of its target, so nothing was judged.
    NotComparable,
}

/// Runs before and after a change beside each other. As JSON its keys are stable.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunComparison {
    /// What it comes to.
    pub verdict: CompareVerdict,
    /// Why it is a regression, or no comparison, a sentence each.
    pub reasons: Vec<String>,
    /// What else differs between the runs, a sentence each.
    pub warnings: Vec<String>,
    /// The smallest change that matters.
    pub tolerance: Tolerance,
    /// The probability that a comparison of equal targets calls no figure worse.
    pub confidence: Confidence,
    /// The runs before.
    pub before: Vec<ComparedRun>,
    /// The runs after.
    pub after: Vec<ComparedRun>,
    /// The figures, those of all events first.
    pub figures: Vec<ComparedFigure>,
}

/// A run of either side.
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
    /// Before, of all runs together; null when nothing was measured.
    pub before: Option<f64>,
    /// Whether the percentile before is that of an event without an answer, and so longer than shown.
    pub before_is_lower_bound: bool,
    /// After.
    pub after: Option<f64>,
    /// The same as `before_is_lower_bound`, after.
    pub after_is_lower_bound: bool,
    /// After minus before.
    pub difference: Option<f64>,
    /// The same in per cent of before; null when that is 0.
    pub change_percent: Option<f64>,
    /// Where the true difference lies with this confidence, for this figure alone; null where it is not known.
    pub interval: Option<FigureInterval>,
    /// The probability of at least this change, beyond the tolerance, by chance, adjusted for the number of figures; null for figures that
    /// are not judged by a test.
    pub p_value: Option<f64>,
    /// The verdict on this figure.
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
    pub fn name(&self) -> String {
        self.event_type.map_or_else(|| self.figure.clone(), |event_type| format!("{event_type}.{}", self.figure))
    }
}

/// The bounds of a difference, in the unit of its figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FigureInterval {
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
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

/// The verdict on a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It got better by more than the tolerance.
    Better,
    /// No change beyond the tolerance is proven.
    Same,
    /// It got worse by more than the tolerance.
    Worse,
    /// It says nothing on its own, or has too few events.
    NotJudged,
}

/// Compares runs before a change with runs after it.
///
/// # Errors
///
/// [`CompareError`] if a side has no runs, or if runs have different settings and the comparison is not forced.
pub fn compare(before: &[NamedReport], after: &[NamedReport], options: &CompareOptions) -> Result<RunComparison, CompareError> {
    compare_sides(&Side::new(before), &Side::new(after), options)
}

fn compare_sides(before: &Side<'_>, after: &Side<'_>, options: &CompareOptions) -> Result<RunComparison, CompareError> {
    if before.0.is_empty() || after.0.is_empty() {
        return Err(CompareError::Nothing);
    }
    let runs: Vec<_> = before.0.iter().chain(&after.0).map(|run| run.named).collect();
    let obstacles: Vec<_> = runs.iter().copied().filter_map(obstacle).chain(lack_of_capacity(&runs)).collect();
    let differences = settings::differences(&runs);
    if !differences.is_empty() && !options.is_forced {
        return Err(CompareError::DifferentSettings(differences));
    }
    let is_same_load = differences.iter().all(|difference| difference.setting != settings::LOAD);
    let mut figures = figures::figures(before, after, options, is_same_load);
    let is_comparable = obstacles.is_empty();
    if !is_comparable {
        for figure in &mut figures {
            (figure.change, figure.p_value, figure.interval) = (Change::NotJudged, None, None);
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
    let compared = |side: &Side<'_>| side.0.iter().map(|run| ComparedRun::of(run.named)).collect();
    Ok(RunComparison {
        verdict,
        reasons,
        warnings: warnings(&runs, &differences),
        tolerance: options.tolerance,
        confidence: options.confidence,
        before: compared(before),
        after: compared(after),
        figures,
    })
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

/// Of searches for the capacity the capacities are compared, so all must have found one.
fn lack_of_capacity(runs: &[&NamedReport]) -> Option<String> {
    let search = runs.iter().find(|run| run.report.capacity.is_some())?;
    if let Some(run) = runs.iter().find(|run| run.report.capacity.is_none()) {
        return Some(format!("{} is of a search for the capacity, and {} of a run at a given rate", search.name, run.name));
    }
    let found = |run: &&&NamedReport| run.report.capacity.as_ref().is_some_and(|capacity| capacity.rate_per_s.is_some());
    let without = runs.iter().find(|run| !found(run))?;
    Some(format!("the search of {} found no rate that the target holds", without.name))
}

/// What else differs and may be the cause of a change, or makes the judgement weaker.
fn warnings(runs: &[&NamedReport], differences: &[SettingDifference]) -> Vec<String> {
    let mut warnings: Vec<_> =
        differences.iter().map(|difference| format!("{difference}, which may be the cause of a change")).collect();
    let generators = |report: &Report| report.parts.len().max(1);
    let (first, others) = runs.split_first().expect("each side has a run");
    if let Some(other) = others.iter().find(|other| generators(&other.report) != generators(&first.report)) {
        warnings.push(format!(
            "the number of generators differs: {} in {}, {} in {}, which may be the cause of a change",
            generators(&first.report),
            first.name,
            generators(&other.report),
            other.name
        ));
    }
    for NamedReport { name, report } in runs {
        if let Some(seconds) = report.aborted_after_s {
            warnings.push(format!(
                "the run of {name} was ended after {seconds} s, since a threshold was lost; its figures are of that time"
            ));
        }
        if report.histograms.is_none() && report.events.sent() > 0 {
            warnings.push(format!(
                "{name} has no histograms, since an older version wrote it: times are judged by the tolerance alone"
            ));
        }
    }
    let parts: Vec<_> = runs.iter().flat_map(|run| Part::of(run).into_iter().map(move |part| (*run, part))).collect();
    let repeated = parts.iter().enumerate().find_map(|(place, (run, part))| {
        let (other, _) = parts[place + 1..].iter().find(|(_, other)| other.is_same_run(part))?;
        Some((run, other))
    });
    if let Some((one, other)) = repeated {
        warnings.push(format!("{} and {} are of the same run, so they say nothing about a change", one.name, other.name));
    }
    warnings
}

#[cfg(test)]
mod tests;
