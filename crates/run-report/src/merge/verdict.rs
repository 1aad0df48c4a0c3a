//! Judges a merged report. If one run ended early or is not trustworthy, the same applies to the merged report.
//!
//! Thresholds that all runs had are judged on the merged figures: three runs that each miss `rate > 1000/s` may together meet it, and three
//! runs with two refusals each miss `refused < 5`. A threshold that cannot be judged again is missed if one run missed it. See
//! [`over_window`] for thresholds over a window. If a run did not send its plan, no figure describes the intended load.

use load_plan::threshold::{Figure, Threshold};
use measure::thresholds::sliding::WorstWindows;

use crate::read::NamedReport;
use crate::thresholds::JudgedThreshold;
use crate::verdict::ACHIEVED_RATIO_MIN;
use crate::{Outcome, Report};

/// Sets thresholds, outcome and reasons. Returns a sentence for each threshold that could not be judged. A merged report with a missing
/// part is not trustworthy.
pub(super) fn judge(merged: &mut Report, reports: &[NamedReport], parts: Option<usize>) -> Vec<String> {
    let (common, left_out) = thresholds(reports);
    let judge = |threshold: Threshold| match threshold.over {
        Some(_) => over_window(threshold, reports),
        None => JudgedThreshold::of(threshold, merged, &WorstWindows::default()),
    };
    let judged: Vec<_> = common.into_iter().map(judge).collect();
    let missed_alone = missed_alone(reports, &left_out);
    (merged.outcome, merged.reasons) = verdict(reports, &judged, missed_alone);
    if let Some(expected) = parts.filter(|expected| *expected != merged.parts.len()) {
        let found = merged.parts.len();
        merged.reasons.insert(0, format!("{found} reports of {expected} generators; merge one report of each generator"));
        if merged.outcome.describes_target() {
            merged.outcome = Outcome::NotTrustworthy;
        }
    }
    let ended_early = merged.aborted_after_s.is_some();
    merged.thresholds = judged.into_iter().map(|judged| judged.in_run(merged.outcome, ended_early)).collect();
    let lack = |threshold: &Threshold| {
        let without = reports.iter().find(|named| !has(&named.report, threshold)).map_or("one", |named| named.name.as_str());
        format!("'{threshold}' was not judged, because {without} does not contain this threshold")
    };
    left_out.iter().map(lack).collect()
}

/// Judges a threshold over a window. The windows of all events together are unknown, so the worst run is judged instead: no quantile and
/// no ratio of all events is worse. Counts are added as if all runs had been worst at the same time.
fn over_window(threshold: Threshold, reports: &[NamedReport]) -> JudgedThreshold {
    let all = reports.iter().flat_map(|named| &named.report.thresholds).filter(|judged| judged.threshold == threshold);
    let is_worse = |one: &JudgedThreshold, other: &JudgedThreshold| match (one.value, other.value) {
        (Some(_), Some(_)) if one.is_lower_bound != other.is_lower_bound => other.is_lower_bound,
        (Some(one), Some(other)) => threshold.is_worse(other, one),
        (one, other) => one.is_none() && other.is_some(),
    };
    let worst = all.clone().copied().reduce(|one, other| if is_worse(&one, &other) { other } else { one });
    let nothing = JudgedThreshold { threshold, value: None, is_lower_bound: false, passed: None, worst_from_s: None };
    let judged = match threshold.figure {
        Figure::Count(_) | Figure::Rate => {
            let sum = all.filter_map(|judged| judged.value).reduce(|one, other| one + other);
            JudgedThreshold { value: sum, ..nothing }
        }
        Figure::Time(..) | Figure::Ratio(_) | Figure::AchievedRatio => worst.unwrap_or(nothing),
    };
    JudgedThreshold { passed: judged.value.map(|value| !judged.is_lower_bound && threshold.holds(value)), ..judged }
}

/// Returns the thresholds that all runs had, and the thresholds that only some runs had.
fn thresholds(reports: &[NamedReport]) -> (Vec<Threshold>, Vec<Threshold>) {
    let mut all: Vec<Threshold> = Vec::new();
    for judged in reports.iter().flat_map(|named| &named.report.thresholds) {
        if !all.contains(&judged.threshold) {
            all.push(judged.threshold);
        }
    }
    all.into_iter().partition(|threshold| reports.iter().all(|named| has(&named.report, threshold)))
}

fn has(report: &Report, threshold: &Threshold) -> bool {
    report.thresholds.iter().any(|judged| judged.threshold == *threshold)
}

/// Returns the thresholds that single runs missed and that cannot be judged again.
fn missed_alone(reports: &[NamedReport], left_out: &[Threshold]) -> Vec<String> {
    let of_report = |named: &NamedReport| {
        let judged = named.report.thresholds.iter().filter(|judged| left_out.contains(&judged.threshold));
        let missed: Vec<_> =
            judged.filter_map(JudgedThreshold::reason).map(|reason| format!("{}: {reason}", named.name)).collect();
        missed
    };
    reports.iter().flat_map(of_report).collect()
}

fn verdict(reports: &[NamedReport], thresholds: &[JudgedThreshold], missed_alone: Vec<String>) -> (Outcome, Vec<String>) {
    for outcome in [Outcome::Interrupted, Outcome::TargetUnreachable, Outcome::NotTrustworthy] {
        if reports.iter().any(|named| named.report.outcome == outcome) {
            return (outcome, reasons_for_distrust(reports));
        }
    }
    let mut missed: Vec<_> = thresholds.iter().filter_map(JudgedThreshold::reason).chain(missed_alone).collect();
    for NamedReport { name, report } in reports {
        if let Some(after) = report.aborted_after_s {
            missed.push(format!("{name}: the run stopped after {after} s, because a threshold could no longer pass"));
        }
    }
    let too_few: Vec<_> = reports.iter().filter_map(lack_of_load).collect();
    let outcome = if missed.is_empty() { Outcome::NotTrustworthy } else { Outcome::ThresholdMissed };
    if !missed.is_empty() || !too_few.is_empty() {
        missed.extend(too_few);
        return (outcome, missed);
    }
    let lacks: Vec<_> = thresholds.iter().filter_map(JudgedThreshold::lack).collect();
    if lacks.is_empty() { (Outcome::Passed, Vec::new()) } else { (Outcome::ThresholdMissed, lacks) }
}

/// Returns why some runs do not describe the target, with the names of their reports.
fn reasons_for_distrust(reports: &[NamedReport]) -> Vec<String> {
    let distrusted = reports.iter().filter(|named| !named.report.outcome.describes_target());
    distrusted.flat_map(|named| named.report.reasons.iter().map(|reason| format!("{}: {reason}", named.name))).collect()
}

/// Returns the reason if a run did not send its planned load. Such a run may also have missed a threshold that the merged report meets.
fn lack_of_load(named: &NamedReport) -> Option<String> {
    let rate = named.report.rate;
    let achieved = rate.achieved_per_s / rate.planned_per_s;
    (achieved < ACHIEVED_RATIO_MIN).then(|| {
        format!(
            "{}: {:.1} % of the planned rate was achieved; lower the load or --speed, or raise --connections",
            named.name,
            achieved * 100.0
        )
    })
}
