//! Tests which changes count as worse, for any runs.

mod simulated;

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::capacity::Capacity;
use crate::samples::{any_report, any_sample, named, report_of};
use crate::{ChangeOfLoad, Events, Percentiles, RateFigures, WarmUp};

fn compared_with(before: &Report, after: &Report, options: &CompareOptions) -> Result<RunComparison, CompareError> {
    compare(&[named("before.json", before.clone())], &[named("after.json", after.clone())], options)
}

fn compared(before: &Report, after: &Report) -> RunComparison {
    compared_with(before, after, &CompareOptions { is_forced: true, ..CompareOptions::default() }).unwrap()
}

fn change_of<'c>(comparison: &'c RunComparison, name: &str) -> &'c ComparedFigure {
    comparison.figures.iter().find(|figure| figure.name() == name).unwrap_or_else(|| panic!("no {name}"))
}

proptest! {
    // A report holds histograms with tens of thousands of buckets.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(8), ..ProptestConfig::default() })]

    /// For all two runs: there is a verdict only if both describe their targets; worse in one direction is better in the other; a run
    /// compared with itself is no regression.
    #[test]
    fn verdicts_agree_with_figures(one in any_report(), other in any_report()) {
        let (forth, back) = (compared(&one, &other), compared(&other, &one));
        let is_comparable = one.outcome.describes_target() && other.outcome.describes_target();
        prop_assert!(is_comparable || forth.verdict == CompareVerdict::NotComparable);
        let worse = |comparison: &RunComparison| comparison.figures.iter().any(|figure| figure.change == Change::Worse);
        prop_assert_eq!(forth.verdict == CompareVerdict::Regression, worse(&forth));
        prop_assert_eq!(forth.reasons.is_empty(), forth.verdict == CompareVerdict::NoRegression);
        for (figure, reversed) in forth.figures.iter().zip(&back.figures) {
            prop_assert_eq!(&figure.figure, &reversed.figure);
            prop_assert_eq!(figure.change == Change::Worse, reversed.change == Change::Better, "{:?} {:?}", figure, reversed);
            prop_assert_eq!(figure.p_value, reversed.p_value);
            prop_assert!(figure.p_value.is_none_or(|p| (0.0..=1.0).contains(&p)));
            prop_assert!(figure.interval.is_none_or(|interval| interval.low <= interval.high));
        }
        let itself = compared(&one, &one);
        prop_assert!(itself.verdict != CompareVerdict::Regression);
        prop_assert_eq!(itself.verdict == CompareVerdict::NoRegression, one.outcome.describes_target() && one.events.planned >= 20);
        prop_assert!(itself.figures.iter().all(|figure| matches!(figure.change, Change::Same | Change::NotJudged)));
    }

    /// For all reports without histograms and changes of a percentile: the percentile is worse exactly if it exceeds both the tolerance in
    /// per cent and the tolerance in time.
    #[test]
    fn older_reports_are_judged_by_the_tolerance(before in 0.1_f64..200.0, change in -50.0_f64..50.0, answered in prop::sample::select(vec![999_usize, 1000])) {
        let of = |p99| {
            let mut report = report_of(&[], 1);
            report.events = Events { planned: answered as u64, acknowledged: answered as u64, ..Events::default() };
            report.latency_ms = Percentiles { p99: Some(p99), ..Percentiles::default() };
            report.histograms = None;
            report
        };
        let after = (before + change).max(0.0);
        let comparison = compared(&of(before), &of(after));
        let expected = match (before, after) {
            _ if answered < 1000 => Change::NotJudged,
            _ if after - before > 1.0 && after > before * 1.1 => Change::Worse,
            _ if before - after > 1.0 && before > after * 1.1 => Change::Better,
            _ => Change::Same,
        };
        prop_assert_eq!(change_of(&comparison, "latency.p99").change, expected);
        prop_assert!(comparison.warnings[0].starts_with("before.json has no histograms"), "{:?}", comparison.warnings);
    }

    /// For all runs, several runs of a side are compared by their sums.
    #[test]
    fn sides_are_sums(samples in prop::collection::vec(any_sample(), 0..60), cut in any::<prop::sample::Index>()) {
        let (one, other) = samples.split_at(cut.index(samples.len() + 1));
        let whole = [named("whole.json", report_of(&samples, 1))];
        let parts = [named("one.json", report_of(one, 2)), named("other.json", report_of(other, 3))];
        let comparison = compare(&whole, &parts, &CompareOptions::default()).unwrap();
        prop_assert_eq!(comparison.after.len(), 2);
        for figure in comparison.figures.iter().filter(|figure| figure.unit != FigureUnit::PerS) {
            prop_assert!(figure.before == figure.after, "{:?}", figure);
        }
    }
}

/// A run of 1,000 events, with this many refused and failed events.
fn of_thousand(refused: u64, failed: u64) -> Report {
    let mut report = report_of(&[], 1);
    report.events = Events { planned: 1000, acknowledged: 1000 - refused - failed, refused, failed, ..Events::default() };
    report
}

#[test]
fn ratios_are_judged_by_an_exact_test() {
    for (refused, change) in [(0, Change::Same), (8, Change::Same), (14, Change::Worse), (500, Change::Worse)] {
        let forth = compared(&of_thousand(0, 0), &of_thousand(refused, 0));
        assert_eq!(change_of(&forth, "refused_ratio").change, change, "{refused}");
        assert_eq!(change_of(&forth, "acknowledged_ratio").change, change, "{refused}");
        assert_eq!(change_of(&forth, "failed_ratio").change, Change::Same);
        let back = compared(&of_thousand(refused, 0), &of_thousand(0, 0));
        let better = if change == Change::Worse { Change::Better } else { Change::Same };
        assert_eq!(change_of(&back, "refused_ratio").change, better, "{refused}");
    }
    let comparison = compared(&of_thousand(0, 0), &of_thousand(0, 15));
    let reasons = [
        "acknowledged_ratio went from 100.000 % to 98.500 % (-1.500 points, p = 0.0002)",
        "failed_ratio went from 0.000 % to 1.500 % (+1.500 points, p = 0.0002)",
    ];
    assert_eq!(comparison.reasons, reasons);
}

/// A smaller confidence and a smaller tolerance find smaller changes.
#[test]
fn confidence_and_tolerance_set_the_bar() {
    let change = |confidence: &str, ratio: &str| {
        let tolerance = Tolerance::new(tolerance::Percent::OF_BEFORE, Duration::ZERO, ratio.parse().unwrap());
        let options = CompareOptions { tolerance, confidence: confidence.parse().unwrap(), is_forced: false };
        let comparison = compared_with(&of_thousand(0, 0), &of_thousand(10, 0), &options).unwrap();
        change_of(&comparison, "refused_ratio").change
    };
    for (confidence, ratio, expected) in [
        ("95%", "0.1%", Change::Worse),
        ("99.9%", "0.1%", Change::Same),
        ("99%", "0%", Change::Worse),
        ("99%", "1%", Change::Same),
    ] {
        assert_eq!(change(confidence, ratio), expected, "{confidence} {ratio}");
    }
}

#[test]
fn runs_that_do_not_describe_the_target_are_not_judged() {
    for (outcome, expected) in [
        (Outcome::NotTrustworthy, "the run of after.json is not trustworthy, so its figures do not describe the target: late"),
        (Outcome::Interrupted, "the run of after.json was interrupted, so"),
        (Outcome::TargetUnreachable, "the run of after.json did not reach the target, so"),
    ] {
        let mut after = of_thousand(900, 0);
        (after.outcome, after.reasons) = (outcome, vec!["late".to_owned()]);
        let comparison = compared(&of_thousand(0, 0), &after);
        assert_eq!(comparison.verdict, CompareVerdict::NotComparable);
        assert!(comparison.reasons[0].starts_with(expected), "{:?}", comparison.reasons);
    }
}

/// A change of the load.
fn half_at_3_s() -> ChangeOfLoad {
    ChangeOfLoad {
        at_s: 3.0,
        by: load_plan::load::ChangeSource::Screen,
        factor: Some(0.5),
        rate: None,
        arrivals: None,
        seekers: None,
        planned_before: 100.0,
        planned_after: 50.0,
    }
}

/// Each setting that differs is named with both values: as an error, or with `--force` as a warning.
#[test]
fn different_settings_are_refused() {
    let rate = RateFigures { planned_per_s: 100.0, achieved_per_s: 100.0 };
    let before = Report { format: Some("v3".parse().unwrap()), rate, ..of_thousand(0, 0) };
    let changed = |change: fn(&mut Report)| {
        let mut after = before.clone();
        change(&mut after);
        Box::new(after)
    };
    for (after, expected) in [
        (
            changed(|report| report.load.stages = vec!["10s:5/s".to_owned()]),
            "the load differs: 30s:100/s (rate) in before.json, 10s:5/s (rate) in after.json",
        ),
        (
            changed(|report| report.load.changes = vec![half_at_3_s()]),
            "the load differs: 30s:100/s (rate) in before.json, 30s:100/s, then at 3.0 s: 100 -> 50/s (plan x 0.5, by key) (rate) in \
             after.json",
        ),
        (
            changed(|report| report.target = "http://127.0.0.1:9/".to_owned()),
            "the target differs: http://127.0.0.1:8080/clientEvents in before.json, http://127.0.0.1:9/ in after.json",
        ),
        (
            changed(|report| report.format = Some("v4".parse().unwrap())),
            "the message format differs: v3 in before.json, v4 in after.json",
        ),
        (changed(|report| report.speed = 1.0), "the speed differs: 60 in before.json, 1 in after.json"),
        (
            changed(|report| report.warm_up = Some(WarmUp { duration_s: 2.5, events: Events::default() })),
            "the warm-up differs: 0 s in before.json, 2.5 s in after.json",
        ),
    ] {
        let refused = compared_with(&before, &after, &CompareOptions::default()).unwrap_err().to_string();
        let advice = "compare runs with the same settings, or pass --force";
        assert_eq!(refused, format!("the runs have different settings: {expected}; {advice}"));
        let forced = compared(&before, &after);
        assert_eq!(forced.warnings[0], format!("{expected}, which may cause a change"));
        let is_other_load = expected.starts_with("the load");
        assert_eq!(change_of(&forced, "rate").change == Change::NotJudged, is_other_load, "{expected}");
    }
    // Runs of the same side must share their settings too.
    let runs = [before.clone(), *changed(|report| report.speed = 1.0)].map(|report| named("run.json", report));
    assert!(compare(&runs, &[named("after.json", before.clone())], &CompareOptions::default()).is_err());
    assert_eq!(compare(&runs, &[], &CompareOptions::default()), Err(CompareError::Nothing));
}

#[test]
fn doubts_are_warned_of() {
    let before = of_thousand(0, 0);
    let same = "before.json and after.json contain the same run, so they cannot show a change";
    assert_eq!(compared(&before, &before).warnings, [same]);
    let after = Report { aborted_after_s: Some(3.0), seed: 2, ..before.clone() };
    assert_eq!(
        compared(&before, &after).warnings,
        [
            "the run of after.json stopped after 3 s, because a threshold could no longer pass; its figures cover only that time",
            same
        ][..1]
    );
}

#[test]
fn searches_are_compared_by_their_capacity() {
    let search = |rate_per_s| {
        let mut report = of_thousand(0, 0);
        report.capacity = Some(Capacity { rate_per_s, ..Capacity::default() });
        report
    };
    let verdict = |before, after| compared(&before, &after).verdict;
    assert_eq!(verdict(search(Some(1000.0)), search(Some(950.0))), CompareVerdict::NoRegression);
    assert_eq!(verdict(search(Some(1000.0)), search(Some(800.0))), CompareVerdict::Regression);
    assert_eq!(verdict(search(Some(1000.0)), search(None)), CompareVerdict::NotComparable);
    assert_eq!(verdict(search(Some(1000.0)), of_thousand(0, 0)), CompareVerdict::NotComparable);
}

/// The comparison finds an event type that is now refused, even if the type is a small part of all events.
#[test]
fn types_are_judged_by_themselves() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let one = any_sample().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let comparison = compared(&report_of(&[one.acknowledged(); 20], 1), &report_of(&[one.refused(); 20], 2));
    let worse: Vec<_> = comparison.figures.iter().filter(|figure| figure.change == Change::Worse).collect();
    assert!(worse.iter().any(|figure| figure.event_type.is_some() && figure.figure == "refused_ratio"), "{worse:?}");
}
