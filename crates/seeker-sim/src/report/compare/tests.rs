//! What counts as worse, for any two runs.

use proptest::prelude::*;

use super::*;
use crate::report::capacity::Capacity;
use crate::report::samples::{any_report, any_sample, named, report_of};
use crate::report::{Events, Percentiles};

fn compared(before: &Report, after: &Report) -> RunComparison {
    compare(&named("before.json", before.clone()), &named("after.json", after.clone()), Tolerance::default())
}

fn change_of<'c>(comparison: &'c RunComparison, name: &str) -> &'c ComparedFigure {
    comparison.figures.iter().find(|figure| figure.name() == name).unwrap_or_else(|| panic!("no {name}"))
}

proptest! {
    // A report holds histograms of tens of thousands of buckets.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(8), ..ProptestConfig::default() })]

    /// For all two runs: there is a verdict only where both tell of their targets; what is worse one way is better the other; and a run
    /// beside itself is no regression.
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
            prop_assert!(!(figure.change == Change::Worse && reversed.change == Change::Worse), "{:?} {:?}", figure, reversed);
        }
        let itself = compared(&one, &one);
        prop_assert!(itself.verdict != CompareVerdict::Regression);
        let answered = one.histograms.as_ref().map_or(0, |histograms| histograms.latency.as_ref().len());
        prop_assert_eq!(itself.verdict == CompareVerdict::NoRegression, one.outcome.describes_target() && answered >= 20);
        prop_assert!(itself.figures.iter().all(|figure| matches!(figure.change, Change::Same | Change::NotJudged)));
    }

    /// For all runs and changes of a percentile: it is worse exactly when it is both, more than the tolerance in per cent and in time.
    #[test]
    fn times_are_judged_by_both(before in 0.1_f64..200.0, change in -50.0_f64..50.0, answered in prop::sample::select(vec![999_usize, 1000])) {
        let of = |p99| {
            let mut report = report_of(&[], 1);
            report.events = Events { planned: answered as u64, acknowledged: answered as u64, ..Events::default() };
            report.latency_ms = Percentiles { p99: Some(p99), ..Percentiles::default() };
            report.histograms = None;
            report
        };
        let after = (before + change).max(0.0);
        let comparison = compared(&of(before), &of(after));
        let expected = match after - before {
            _ if answered < 1000 => Change::NotJudged,
            worse if worse > 1.0 && worse > before * 0.1 => Change::Worse,
            better if better < -1.0 && better < before * -0.1 => Change::Better,
            _ => Change::Same,
        };
        prop_assert_eq!(change_of(&comparison, "latency.p99").change, expected);
    }
}

/// A run of a thousand events of which so many were refused and failed.
fn of_thousand(refused: u64, failed: u64) -> Report {
    let mut report = report_of(&[], 1);
    report.events = Events { planned: 1000, acknowledged: 1000 - refused - failed, refused, failed, ..Events::default() };
    report
}

#[test]
fn ratios_are_judged_in_points_and_events() {
    for (refused, change) in [(0, Change::Same), (2, Change::Same), (3, Change::Worse), (500, Change::Worse)] {
        let forth = compared(&of_thousand(0, 0), &of_thousand(refused, 0));
        assert_eq!(change_of(&forth, "refused_ratio").change, change, "{refused}");
        assert_eq!(change_of(&forth, "acknowledged_ratio").change, change, "{refused}");
        assert_eq!(change_of(&forth, "failed_ratio").change, Change::Same);
        let back = compared(&of_thousand(refused, 0), &of_thousand(0, 0));
        let better = if change == Change::Worse { Change::Better } else { Change::Same };
        assert_eq!(change_of(&back, "refused_ratio").change, better, "{refused}");
    }
    let comparison = compared(&of_thousand(0, 0), &of_thousand(0, 5));
    let reasons = [
        "acknowledged_ratio went from 100.000 % to 99.500 % (-0.500 points)",
        "failed_ratio went from 0.000 % to 0.500 % (+0.500 points)",
    ];
    assert_eq!(comparison.reasons, reasons);
}

#[test]
fn runs_that_do_not_tell_of_the_target_are_not_judged() {
    for (outcome, expected) in [
        (Outcome::NotTrustworthy, "the run of after.json is not trustworthy, so its figures are not those of the target: late"),
        (Outcome::Interrupted, "the run of after.json was interrupted, so"),
        (Outcome::TargetUnreachable, "the run of after.json did not reach its target, so"),
    ] {
        let mut after = of_thousand(900, 0);
        (after.outcome, after.reasons) = (outcome, vec!["late".to_owned()]);
        let comparison = compared(&of_thousand(0, 0), &after);
        assert_eq!(comparison.verdict, CompareVerdict::NotComparable);
        assert_eq!(ExitCode::from(comparison.verdict), ExitCode::NotTrustworthy);
        assert!(comparison.reasons[0].starts_with(expected), "{:?}", comparison.reasons);
    }
}

#[test]
fn what_else_differs_is_warned_of() {
    let before = of_thousand(0, 0);
    let mut after = before.clone();
    assert_eq!(compared(&before, &after).warnings, ["both reports are of the same run"]);
    after.load.stages = vec!["10s:5/s".to_owned()];
    after.rate.achieved_per_s = 1.0;
    (after.speed, after.aborted_after_s) = (1.0, Some(3.0));
    after.format = Some("v4".parse().unwrap());
    let comparison = compared(&Report { format: Some("v3".parse().unwrap()), ..before }, &after);
    assert_eq!(
        comparison.warnings,
        [
            "the loads differ, which may be the cause: 30s:100/s before, 10s:5/s after",
            "the speed differs, which may be the cause: 60 before, 1 after",
            "the message format differs, which may be the cause: v3 before, v4 after",
            "the run of after.json was ended after 3 s, since a threshold was lost; its figures are of that time",
        ]
    );
    assert_eq!(change_of(&comparison, "rate").change, Change::NotJudged);
}

#[test]
fn searches_are_compared_by_what_they_found() {
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

/// A type that is refused now is found, also where it is a small part of all.
#[test]
fn types_are_judged_by_themselves() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let one = any_sample().new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let comparison = compared(&report_of(&[one.acknowledged(); 5], 1), &report_of(&[one.refused(); 5], 2));
    let worse: Vec<_> = comparison.figures.iter().filter(|figure| figure.change == Change::Worse).collect();
    assert!(worse.iter().any(|figure| figure.event_type.is_some() && figure.figure == "refused_ratio"), "{worse:?}");
}
