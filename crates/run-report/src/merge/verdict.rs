//! Judges a merged report. If one run ended early or is not trustworthy, the same applies to the merged report.
//!
//! Thresholds that all runs had are judged on the merged figures: three runs that each miss `rate > 1000/s` may together meet it, and three
//! runs with two refusals each miss `refused < 5`. A threshold that cannot be judged again is missed if one run missed it, and so is the
//! whole if one run failed for any other reason, such as a target that stopped answering. See [`over_window`] for thresholds over a window.
//! If a run did not send its plan, no figure describes the intended load.

use std::collections::BTreeMap;

use load_plan::threshold::{Figure, Threshold};
use measure::thresholds::sliding::{SeriesCounts, SeriesSum, WorstWindows};

use crate::part::label;
use crate::read::NamedReport;
use crate::thresholds::JudgedThreshold;
use crate::verdict::ACHIEVED_RATIO_MIN;
use crate::{Outcome, Report};

/// Sets thresholds, outcome and reasons. Returns a sentence for each threshold that needs an explanation. If the reports are `incomplete` for
/// any reason, the merged report is not trustworthy.
pub(super) fn judge(
    merged: &mut Report,
    reports: &[NamedReport],
    series: &BTreeMap<SeriesCounts, SeriesSum>,
    incomplete: Vec<String>,
) -> Vec<String> {
    let (common, left_out) = thresholds(reports);
    let mut notes = Vec::new();
    let mut judge = |threshold: Threshold| match (threshold.over, of_all_events(threshold, reports, series)) {
        (None, _) => JudgedThreshold::of(threshold, merged, &WorstWindows::default()),
        (Some(_), Some(judged)) => judged,
        (Some(_), None) => {
            notes.extend(without_series(threshold, reports));
            over_window(threshold, reports)
        }
    };
    let judged: Vec<_> = common.iter().map(|threshold| judge(*threshold)).collect();
    (merged.outcome, merged.reasons) = verdict(reports, &judged, &common);
    if !incomplete.is_empty() {
        merged.reasons.splice(0..0, incomplete);
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
    notes.extend(left_out.iter().map(lack));
    notes.extend(missed_by_a_part(merged, reports));
    notes
}

/// Judges a threshold over a window with the events of all parts; `None` if a report does not have the counts of each second.
fn of_all_events(
    threshold: Threshold,
    reports: &[NamedReport],
    series: &BTreeMap<SeriesCounts, SeriesSum>,
) -> Option<JudgedThreshold> {
    threshold.over?;
    let sum = series.get(&SeriesCounts::of(&threshold)).filter(|sum| sum.generators() == reports.len())?;
    let worst = sum.worst(&threshold);
    Some(JudgedThreshold {
        threshold,
        value: worst.map(|worst| worst.value),
        is_lower_bound: worst.is_some_and(|worst| worst.is_lower_bound),
        passed: worst.map(|worst| worst.holds(&threshold)),
        worst_from_s: worst.map(|worst| worst.from),
    })
}

/// Judges a threshold over a window from the worst run. The windows of all events together are unknown: no quantile and no ratio of all
/// events is worse. Counts are added as if all runs had been worst at the same time.
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

/// Explains why the parts of a run could not be judged together.
fn without_series(threshold: Threshold, reports: &[NamedReport]) -> Option<String> {
    let is_of_run = reports.iter().any(|named| named.report.shard.is_some());
    let counts = SeriesCounts::of(&threshold);
    is_of_run.then(|| format!("'{threshold}' was judged by the worst part, because a report has no `second_series` of {counts}"))
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

fn verdict(reports: &[NamedReport], thresholds: &[JudgedThreshold], common: &[Threshold]) -> (Outcome, Vec<String>) {
    for outcome in [Outcome::Interrupted, Outcome::TargetUnreachable, Outcome::NotTrustworthy] {
        if reports.iter().any(|named| named.report.outcome == outcome) {
            return (outcome, reasons_for_distrust(reports));
        }
    }
    let mut missed: Vec<_> = thresholds.iter().filter_map(JudgedThreshold::reason).collect();
    let mut too_few = Vec::new();
    for named in reports {
        let alone = failed_alone(named, common);
        // A part that failed has said what it did not send.
        too_few.extend(lack_of_load(named).filter(|_| alone.is_empty()));
        missed.extend(alone);
    }
    let outcome = if missed.is_empty() { Outcome::NotTrustworthy } else { Outcome::ThresholdMissed };
    if !missed.is_empty() || !too_few.is_empty() {
        missed.extend(too_few);
        return (outcome, missed);
    }
    let lacks: Vec<_> = thresholds.iter().filter_map(JudgedThreshold::lack).collect();
    if lacks.is_empty() { (Outcome::Passed, Vec::new()) } else { (Outcome::ThresholdMissed, lacks) }
}

/// Returns why a run failed, without the thresholds that the whole is judged by again. What stays taints the whole: the target stopped
/// answering, the run was aborted, too little was sent, or only this run had the threshold.
fn failed_alone(NamedReport { name, report }: &NamedReport, common: &[Threshold]) -> Vec<String> {
    if report.outcome != Outcome::ThresholdMissed {
        return Vec::new();
    }
    let judged_again = report.thresholds.iter().filter(|judged| common.contains(&judged.threshold));
    let judged_again: Vec<_> = judged_again.flat_map(|judged| judged.reason().into_iter().chain(judged.lack())).collect();
    let alone = report.reasons.iter().filter(|reason| !judged_again.contains(reason));
    let label = label(name, report.shard);
    let mut reasons: Vec<_> = alone.map(|reason| format!("{label}: {reason}")).collect();
    if let Some(after) = report.aborted_after_s
        && reasons.is_empty()
    {
        reasons.push(format!("{label}: the run stopped after {after} s, because a threshold could no longer pass"));
    }
    reasons
}

/// Names the thresholds on times and ratios that a run missed alone, and that all runs together meet. Counts and rates of a part say nothing
/// about the whole.
fn missed_by_a_part(merged: &Report, reports: &[NamedReport]) -> Vec<String> {
    let is_met = |threshold: &Threshold| {
        let judged = merged.thresholds.iter().find(|judged| judged.threshold == *threshold);
        judged.is_some_and(|judged| judged.passed == Some(true))
    };
    let is_of_part = |figure| matches!(figure, Figure::Time(..) | Figure::Ratio(_));
    let of_report = |named: &NamedReport| {
        let missed =
            named.report.thresholds.iter().filter(|judged| is_of_part(judged.threshold.figure) && is_met(&judged.threshold));
        let label = label(&named.name, named.report.shard);
        let told: Vec<_> = missed
            .filter_map(|judged| {
                Some(format!("{label} alone missed a threshold that all runs together meet: {}", judged.reason()?))
            })
            .collect();
        told
    };
    reports.iter().flat_map(of_report).collect()
}

/// Returns why some runs do not describe the target, with the names of their reports.
fn reasons_for_distrust(reports: &[NamedReport]) -> Vec<String> {
    let distrusted = reports.iter().filter(|named| !named.report.outcome.describes_target());
    let told = distrusted.flat_map(|NamedReport { name, report }| {
        let label = label(name, report.shard);
        let reasons = report.reasons.iter();
        let all: Vec<_> = reasons.map(|reason| format!("{label}: {reason}")).collect();
        // Each such part is named.
        if all.is_empty() { vec![format!("{label}: {}", report.outcome.name().replace('_', " "))] } else { all }
    });
    told.collect()
}

/// Returns the reason if a run did not send its planned load. Such a run may also have missed a threshold that the merged report meets.
fn lack_of_load(named: &NamedReport) -> Option<String> {
    let rate = named.report.rate;
    let achieved = rate.achieved_per_s / rate.planned_per_s;
    (achieved < ACHIEVED_RATIO_MIN).then(|| {
        format!(
            "{}: {:.1} % of the planned rate was achieved; lower the load or --speed, or raise --connections",
            label(&named.name, named.report.shard),
            achieved * 100.0
        )
    })
}
