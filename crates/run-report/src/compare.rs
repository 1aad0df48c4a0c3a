//! Compares runs before a change with runs after it: finds the figures that became better or worse, and decides whether the change is a
//! regression.
//!
//! A figure is worse only if a statistical test shows, at the requested confidence, that it is worse by more than the tolerance. The
//! modules: [`figures`] defines and judges the figures. [`proportion`] and [`percentile`] hold the tests, [`blocks`] the bootstrap, and
//! [`holm`] the correction for many figures. [`side`] combines the runs of one side, [`settings`] lists the settings that runs must share,
//! and [`output`] writes a comparison.
//!
//! The comparison judges only runs that describe their targets. If a run was interrupted or is not trustworthy, there is no verdict; in
//! particular, the comparison never claims that nothing got worse.

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

/// Options of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CompareOptions {
    /// The smallest change that matters.
    pub tolerance: Tolerance,
    /// The confidence that a test needs before it reports a change.
    pub confidence: Confidence,
    /// Whether to compare runs with different settings anyway.
    pub is_forced: bool,
}

/// Why runs cannot be compared.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum CompareError {
    /// One side has no runs.
    #[error("one side has no report; name at least one report before and one report after the change")]
    Nothing,
    /// The runs have different settings.
    #[error(
        "the runs have different settings: {}; compare runs with the same settings, or pass --force",
        .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    DifferentSettings(Vec<SettingDifference>),
}

/// The verdict of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CompareVerdict {
    /// No figure got worse by more than the tolerance.
    NoRegression,
    /// At least one figure got worse by more than the tolerance.
    Regression,
    /// One of the runs does not describe its target, so nothing was judged.
    NotComparable,
}

/// Runs before and after a change, side by side. The JSON keys are stable.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunComparison {
    /// The verdict.
    pub verdict: CompareVerdict,
    /// Why the verdict is a regression or not comparable, one sentence per reason.
    pub reasons: Vec<String>,
    /// Other differences between the runs, one sentence each.
    pub warnings: Vec<String>,
    /// The smallest change that matters.
    pub tolerance: Tolerance,
    /// The probability that a comparison of equal targets reports no figure as worse.
    pub confidence: Confidence,
    /// The runs before the change.
    pub before: Vec<ComparedRun>,
    /// The runs after the change.
    pub after: Vec<ComparedRun>,
    /// The figures; the figures of all events come first.
    pub figures: Vec<ComparedFigure>,
}

/// A run of either side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComparedRun {
    /// The name of the report.
    pub report: String,
    /// The outcome of the run.
    pub outcome: Outcome,
    /// The target of the run.
    pub target: String,
    /// The seed of the random numbers.
    pub seed: u64,
    /// The stages of the load, in the syntax of `--stage`.
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
    /// The event type of the figure; null for all events.
    pub event_type: Option<EventType>,
    /// The name of the figure, as in thresholds.
    pub figure: String,
    /// The unit of the figure.
    pub unit: FigureUnit,
    /// The value before, over all runs of that side; null if nothing was measured.
    pub before: Option<f64>,
    /// Whether the value before falls on an event without an answer, so the true value is greater.
    pub before_is_lower_bound: bool,
    /// The value after, over all runs of that side; null if nothing was measured.
    pub after: Option<f64>,
    /// Whether the value after falls on an event without an answer, so the true value is greater.
    pub after_is_lower_bound: bool,
    /// After minus before.
    pub difference: Option<f64>,
    /// The difference in per cent of the value before; null if that value is 0.
    pub change_percent: Option<f64>,
    /// The confidence interval of the true difference, for this figure alone; null if it is unknown.
    pub interval: Option<FigureInterval>,
    /// The probability of at least this change beyond the tolerance by chance, adjusted for the number of figures; null for figures without
    /// a statistical test.
    pub p_value: Option<f64>,
    /// The verdict on this figure.
    pub change: Change,
}

impl ComparedFigure {
    /// Whether this figure was judged and the comparison has no verdict without it.
    fn is_decisive(&self) -> bool {
        self.event_type.is_none()
            && matches!(self.figure.as_str(), "latency.p50" | "capacity")
            && self.change != Change::NotJudged
    }

    /// The name of the figure, with its event type.
    pub fn name(&self) -> String {
        self.event_type.map_or_else(|| self.figure.clone(), |event_type| format!("{event_type}.{}", self.figure))
    }
}

/// The bounds of a difference, in the unit of the figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FigureInterval {
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// The unit of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureUnit {
    /// Milliseconds.
    Ms,
    /// A ratio from 0 to 1.
    Ratio,
    /// Events per second.
    PerS,
}

/// The verdict on a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Better by more than the tolerance.
    Better,
    /// No proven change beyond the tolerance.
    Same,
    /// Worse by more than the tolerance.
    Worse,
    /// Not judged: the figure has no meaning on its own, or too few events.
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
            (CompareVerdict::NotComparable, vec!["too few answered events to compare their times".to_owned()])
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

/// Returns the reason why a run cannot be compared, if any.
fn obstacle(NamedReport { name, report }: &NamedReport) -> Option<String> {
    let what = match report.outcome {
        Outcome::Passed | Outcome::ThresholdMissed => return None,
        Outcome::NotTrustworthy => "is not trustworthy",
        Outcome::TargetUnreachable => "did not reach the target",
        Outcome::Interrupted => "was interrupted",
    };
    let reasons = report.reasons.join("; ");
    let reasons = if reasons.is_empty() { reasons } else { format!(": {reasons}") };
    Some(format!("the run of {name} {what}, so its figures do not describe the target{reasons}"))
}

/// A comparison of capacity searches compares the capacities, so every search must have found one.
fn lack_of_capacity(runs: &[&NamedReport]) -> Option<String> {
    let search = runs.iter().find(|run| run.report.capacity.is_some())?;
    if let Some(run) = runs.iter().find(|run| run.report.capacity.is_none()) {
        return Some(format!("{} is a report of a capacity search, and {} of a run with a fixed load", search.name, run.name));
    }
    let found = |run: &&&NamedReport| run.report.capacity.as_ref().is_some_and(|capacity| capacity.rate_per_s.is_some());
    let without = runs.iter().find(|run| !found(run))?;
    Some(format!("the capacity search of {} found no rate that the target sustains", without.name))
}

/// Returns other differences that may explain a change or weaken the verdict.
fn warnings(runs: &[&NamedReport], differences: &[SettingDifference]) -> Vec<String> {
    let mut warnings: Vec<_> = differences.iter().map(|difference| format!("{difference}, which may cause a change")).collect();
    let generators = |report: &Report| report.parts.len().max(1);
    let (first, others) = runs.split_first().expect("each side has a run");
    if let Some(other) = others.iter().find(|other| generators(&other.report) != generators(&first.report)) {
        warnings.push(format!(
            "the number of generators differs: {} in {}, {} in {}, which may cause a change",
            generators(&first.report),
            first.name,
            generators(&other.report),
            other.name
        ));
    }
    for NamedReport { name, report } in runs {
        if let Some(seconds) = report.aborted_after_s {
            warnings.push(format!(
                "the run of {name} stopped after {seconds} s, because a threshold could no longer pass; its figures cover only that time"
            ));
        }
        if report.histograms.is_none() && report.events.sent() > 0 {
            warnings.push(format!(
                "{name} has no histograms, because an older version wrote it; only the tolerance judges its times"
            ));
        }
    }
    let parts: Vec<_> = runs.iter().flat_map(|run| Part::of(run).into_iter().map(move |part| (*run, part))).collect();
    let repeated = parts.iter().enumerate().find_map(|(place, (run, part))| {
        let (other, _) = parts[place + 1..].iter().find(|(_, other)| other.is_same_run(part))?;
        Some((run, other))
    });
    if let Some((one, other)) = repeated {
        warnings.push(format!("{} and {} contain the same run, so they cannot show a change", one.name, other.name));
    }
    warnings
}

#[cfg(test)]
mod tests;
