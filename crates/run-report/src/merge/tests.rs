//! Compares merged reports with the report of a single run that sent everything, and tests rejected merges.

mod parts;

use event_request::EventForm;
use load_plan::threshold::Threshold;
use measure::thresholds::sliding::WorstWindows;
use proptest::prelude::*;

use super::*;
use crate::capacity::Capacity;
use crate::samples::{any_report, any_sample, empty_report, named, report_of};
use crate::thresholds::JudgedThreshold;

/// Adds these thresholds to a report and judges them on their own.
fn with_thresholds(mut report: Report, thresholds: &[&str]) -> Report {
    let judged =
        thresholds.iter().map(|text| JudgedThreshold::of(text.parse::<Threshold>().unwrap(), &report, &WorstWindows::default()));
    report.thresholds = judged.collect();
    let missed: Vec<_> = report.thresholds.iter().filter_map(JudgedThreshold::reason).collect();
    if !missed.is_empty() {
        (report.outcome, report.reasons) = (Outcome::ThresholdMissed, missed);
    }
    report
}

fn merged(reports: &[NamedReport]) -> Report {
    merge(reports, MergeOptions::default()).unwrap()
}

fn expecting(expected: usize) -> MergeOptions {
    MergeOptions { expected: Some(expected), ..MergeOptions::default() }
}

fn warnings(report: &Report) -> &[String] {
    &report.merge.as_ref().unwrap().warnings
}

proptest! {
    // A report holds histograms with tens of thousands of buckets.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(8), ..ProptestConfig::default() })]

    /// For all events and all ways to divide them among generators, the merged report equals the report of a single generator: counts,
    /// percentiles and histograms exactly, the percentiles of windows as upper bounds.
    #[test]
    fn parts_are_the_whole(samples in prop::collection::vec((any_sample(), 0_usize..4), 0..150)) {
        let all: Vec<_> = samples.iter().map(|(sample, _)| *sample).collect();
        let whole = report_of(&all, 0);
        let parts = [0, 1, 2, 3].map(|part: usize| {
            let of_part: Vec<_> = samples.iter().filter(|(_, of)| *of == part).map(|(sample, _)| *sample).collect();
            named(&format!("{part}.json"), report_of(&of_part, part as u64))
        });
        let merged = merged(&parts);
        prop_assert_eq!(merged.events, whole.events);
        prop_assert_eq!(&merged.by_type, &whole.by_type);
        prop_assert_eq!(&merged.histograms, &whole.histograms);
        prop_assert_eq!(merged.latency_ms, whole.latency_ms);
        prop_assert_eq!(merged.service_time_ms, whole.service_time_ms);
        prop_assert_eq!(merged.schedule_lag_ms, whole.schedule_lag_ms);
        prop_assert_eq!(&merged.times_by_percentile, &whole.times_by_percentile);
        prop_assert_eq!(&merged.errors, &whole.errors);
        prop_assert_eq!((merged.seekers, merged.requests), (whole.seekers, whole.requests));
        prop_assert!((merged.rate.planned_per_s - whole.rate.planned_per_s).abs() < 0.01);
        prop_assert!((merged.rate.achieved_per_s - whole.rate.achieved_per_s).abs() < 0.01);
        prop_assert!((merged.load.achieved - whole.load.achieved).abs() < 1e-9);
        prop_assert_eq!(merged.windows.len(), whole.windows.len());
        for (window, of_whole) in merged.windows.iter().zip(&whole.windows) {
            prop_assert_eq!(
                (window.from_s, window.to_s, window.begun, window.sent, window.acknowledged, window.refused, window.failed),
                (of_whole.from_s, of_whole.to_s, of_whole.begun, of_whole.sent, of_whole.acknowledged, of_whole.refused, of_whole.failed)
            );
            let worst = |window: &crate::Window| window.latency_ms.map(|latency| latency.max);
            prop_assert_eq!(worst(window), worst(of_whole));
            let p99 = |window: &crate::Window| window.latency_ms.map_or(0.0, |latency| latency.p99);
            prop_assert!(p99(window) >= p99(of_whole));
        }
    }

    /// For all reports, merging merged reports gives the same result as merging all at once.
    #[test]
    fn merging_by_and_by_is_merging(samples in prop::collection::vec((any_sample(), 0_usize..3), 0..60)) {
        let parts = [0, 1, 2].map(|part: usize| {
            let of_part: Vec<_> = samples.iter().filter(|(_, of)| *of == part).map(|(sample, _)| *sample).collect();
            named(&format!("{part}.json"), report_of(&of_part, part as u64))
        });
        let at_once = merged(&parts);
        let [first, second, third] = parts;
        let by_and_by = merged(&[named("first.json", merged(&[first, second])), third]);
        prop_assert_eq!(&by_and_by.parts, &at_once.parts);
        prop_assert_eq!(by_and_by.histograms, at_once.histograms);
        prop_assert_eq!((by_and_by.events, by_and_by.by_type), (at_once.events, at_once.by_type));
        prop_assert_eq!((by_and_by.load, by_and_by.windows), (at_once.load, at_once.windows));
    }

    /// For all reports, the merged report never passes if one of the reports does not describe the target. A pass means that all thresholds
    /// passed.
    #[test]
    fn nothing_passes_by_merging(one in any_report(), other in any_report()) {
        let outcomes = [one.outcome, other.outcome];
        let of_target = |mut report: Report, seed| {
            (report.seed, report.format, report.shard, report.run, report.merge) = (seed, None, None, None, None);
            report.parts.clear();
            report
        };
        let merged = merged(&[named("a.json", of_target(one, 1)), named("b.json", of_target(other, 2))]);
        prop_assert!(merged.events.add_up());
        if outcomes.iter().any(|outcome| !outcome.describes_target()) {
            prop_assert!(!merged.outcome.describes_target(), "{:?}", merged.outcome);
            prop_assert!(merged.thresholds.iter().all(|judged| judged.passed.is_none()));
        }
        if merged.outcome == Outcome::Passed {
            prop_assert!(merged.thresholds.iter().all(|judged| judged.passed == Some(true)), "{:?}", merged.thresholds);
            prop_assert!(merged.reasons.is_empty());
        }
    }
}

/// A run with this many refused views.
fn refused(count: usize, seed: u64, thresholds: &[&str]) -> NamedReport {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let one = any_sample().new_tree(&mut runner).unwrap().current();
    let samples = vec![one.refused(); count];
    named(&format!("{seed}.json"), with_thresholds(report_of(&samples, seed), thresholds))
}

#[test]
fn thresholds_are_held_against_the_whole() {
    let merge_two = |thresholds: &[&str]| merged(&[refused(3, 1, thresholds), refused(3, 2, thresholds)]);
    for (threshold, alone, together) in [
        ("refused < 5", Outcome::Passed, Outcome::ThresholdMissed),
        ("refused > 5", Outcome::ThresholdMissed, Outcome::Passed),
        ("refused < 9", Outcome::Passed, Outcome::Passed),
        ("HIRED.latency.p99 < 1s", Outcome::Passed, Outcome::ThresholdMissed),
    ] {
        assert_eq!(refused(3, 1, &[threshold]).report.outcome, alone, "{threshold}");
        let merged = merge_two(&[threshold]);
        assert_eq!(merged.outcome, together, "{threshold}: {:?}", merged.reasons);
        assert_eq!(merged.thresholds.len(), 1);
    }
}

#[test]
fn thresholds_of_only_some_runs_are_reported() {
    let kept = [refused(3, 1, &["refused < 9", "failed == 0"]), refused(3, 2, &["refused < 9"])];
    let report = merge(&kept, expecting(2)).unwrap();
    assert_eq!((report.outcome, report.thresholds.len()), (Outcome::Passed, 1));
    assert_eq!(warnings(&report), ["'failed == 0' was not judged, because 2.json does not contain this threshold"]);
    let missed = merged(&[refused(3, 1, &["refused < 9", "refused == 0"]), refused(3, 2, &["refused < 9"])]);
    assert_eq!(missed.outcome, Outcome::ThresholdMissed);
    assert_eq!(missed.reasons, ["1.json: refused was 3, limit == 0"]);
}

/// For windows, the worst run stands for all; counts and rates are added.
#[test]
fn thresholds_over_windows() {
    let with = |seed, threshold: &str, value, from| {
        let mut named = refused(3, seed, &[]);
        let threshold: Threshold = threshold.parse().unwrap();
        let passed = Some(threshold.holds(value));
        named.report.thresholds =
            vec![JudgedThreshold { threshold, value: Some(value), is_lower_bound: false, passed, worst_from_s: Some(from) }];
        named
    };
    for (threshold, one, other, expected) in [
        ("latency.p99 < 50ms over 10s", 40.0, 30.0, (40.0, true, Some(7))),
        ("latency.p99 < 50ms over 10s", 40.0, 60.0, (60.0, false, Some(8))),
        ("acknowledged_ratio > 99% over 5s", 1.0, 0.5, (0.5, false, Some(8))),
        ("refused < 5 over 5s", 3.0, 3.0, (6.0, false, None)),
        ("rate > 150/s over 5s", 100.0, 90.0, (190.0, true, None)),
    ] {
        let merged = merged(&[with(1, threshold, one, 7), with(2, threshold, other, 8)]);
        let judged = merged.thresholds[0];
        assert_eq!(
            (judged.value, judged.passed, judged.worst_from_s),
            (Some(expected.0), Some(expected.1), expected.2),
            "{threshold}"
        );
    }
}

#[test]
fn a_run_that_sent_too_little_is_not_made_good() {
    let mut short = refused(3, 1, &["refused > 5"]);
    short.report.rate.achieved_per_s = short.report.rate.planned_per_s / 2.0;
    let merged = merged(&[short, refused(3, 2, &["refused > 5"])]);
    assert_eq!(merged.outcome, Outcome::NotTrustworthy);
    assert!(merged.reasons[0].starts_with("1.json: 50.0 % of the planned rate was achieved"), "{:?}", merged.reasons);
}

#[test]
fn runs_that_ended_early_are_named() {
    let mut interrupted = refused(1, 1, &[]);
    (interrupted.report.outcome, interrupted.report.reasons) = (Outcome::Interrupted, vec!["a signal".to_owned()]);
    let mut distrusted = refused(1, 2, &[]);
    (distrusted.report.outcome, distrusted.report.reasons) = (Outcome::NotTrustworthy, vec!["too slow".to_owned()]);
    let both = merged(&[interrupted, distrusted, refused(1, 3, &[])]);
    assert_eq!(both.outcome, Outcome::Interrupted);
    assert_eq!(both.reasons, ["1.json: a signal", "2.json: too slow"]);
    let unreachable = merged(&[named("a.json", empty_report()), refused(1, 3, &[])]);
    assert_eq!(
        (unreachable.outcome, unreachable.reasons),
        (Outcome::TargetUnreachable, vec!["a.json: connection refused".to_owned()])
    );
}

#[test]
fn reports_of_different_runs_are_refused() {
    let with = |change: fn(&mut Report)| {
        let mut other = refused(2, 2, &[]);
        change(&mut other.report);
        merge(&[refused(2, 1, &[]), other], MergeOptions::default()).unwrap_err().to_string()
    };
    for (change, expected) in [
        (
            (|report| report.target = "http://elsewhere/".to_owned()) as fn(&mut Report),
            "1.json and 2.json differ in their target: http://127.0.0.1:8080/clientEvents and http://elsewhere/; merge reports of one target",
        ),
        (|report| report.speed = 1.0, "1.json and 2.json differ in their speed: 60 and 1; merge reports with the same --speed"),
        (|report| report.load.kind = load_plan::load::LoadKind::Seekers, "differ in their kind of load: rate and seekers"),
        (
            |report| report.capacity = Some(Capacity::default()),
            "2.json is the report of a capacity search, whose rates differ between generators",
        ),
        (|report| report.histograms = None, "2.json has no key `histograms`, which a merge needs"),
        (|report| report.seed = 1, "1.json and 2.json contain the same run; name each run once"),
    ] {
        let told = with(change);
        assert!(told.contains(expected), "{told}");
    }
    let of_form = |seed, form| {
        let mut named = refused(2, seed, &[]);
        named.report.format = form;
        named
    };
    let told = merge(&[of_form(1, Some(EventForm::V3)), of_form(2, Some(EventForm::V4))], MergeOptions::default())
        .unwrap_err()
        .to_string();
    assert!(told.contains("differ in their message format: v3 and v4; merge reports with the same --format"), "{told}");
    assert_eq!(merged(&[of_form(1, None), of_form(2, Some(EventForm::V4))]).format, Some(EventForm::V4));
    assert!(matches!(merge(&[], MergeOptions::default()), Err(MergeError::Nothing)));
}

#[test]
fn a_merged_report_is_not_merged_with_its_own_parts() {
    let (one, other) = (refused(2, 1, &[]), refused(3, 2, &[]));
    let merged = named("merged.json", merged(&[one.clone(), other]));
    let told = merge(&[merged, one], MergeOptions::default()).unwrap_err().to_string();
    assert_eq!(told, "1.json and merged.json contain the same run (1.json); name each run once");
}

#[test]
fn odd_generators_are_warned_of() {
    let (one, mut other) = (refused(2, 1, &[]), refused(3, 1, &[]));
    (other.name, other.report.duration_s) = ("2.json".to_owned(), 10.0);
    other.report.started_at = one.report.started_at.map(|at| at + std::time::Duration::from_mins(1));
    let report = merge(&[one, other], expecting(2)).unwrap();
    let warnings = warnings(&report);
    assert!(
        warnings[0].starts_with("2.json started 60.") && warnings[0].contains("s after 1.json; rates and windows"),
        "{warnings:?}"
    );
    assert!(warnings[1].starts_with("1.json and 2.json have the same seed, 1: both sent the same event ids"), "{warnings:?}");
    assert_eq!(warnings[2], "1.json and 2.json have different durations, 30 s and 10 s; rates use the longest");
}

#[test]
fn loads_are_added_up() {
    let of = |stages: &[&str]| {
        let mut named = refused(2, 1, &[]);
        named.report.load.stages = stages.iter().map(|stage| (*stage).to_owned()).collect();
        named
    };
    for (one, other, sum) in [
        (&["10s:500/s"], &["10s:300/s"], &["10s:800/s"] as &[&str]),
        (&["10s:0->100/s"], &["10s:50/s"], &["10s:50->150/s"]),
        (&["10s:0.1/s"], &["10s:0.2/s"], &["10s:0.3/s"]),
        (&["10s:500/s"], &["20s:500/s"], &[]),
        (&["10s:sine 1..2/s every 5s"], &["10s:sine 1..2/s every 2s"], &[]),
    ] {
        assert_eq!(sums::load(&[of(one), of(other)]).stages, sum, "{one:?} and {other:?}");
    }
}

/// Three reports of four generators: the merged report cannot pass, also if all three passed. Without a number, the verdict covers only the
/// given reports, and the report says so.
#[test]
fn a_whole_with_a_missing_part_does_not_pass() {
    let runs: Vec<_> = (1..=3).map(|seed| refused(3, seed, &["refused < 10"])).collect();
    let expecting = |expected| merge(&runs, MergeOptions { expected, ..MergeOptions::default() }).unwrap();
    for number in [2, 4] {
        let report = expecting(Some(number));
        assert_eq!(report.outcome, Outcome::NotTrustworthy);
        assert_eq!(report.reasons, [format!("3 reports of {number} expected; merge one report of each generator")]);
    }
    let (all, unknown) = (expecting(Some(3)), expecting(None));
    assert_eq!((all.outcome, all.reasons.len(), warnings(&all).len()), (Outcome::Passed, 0, 0), "{:?}", all.reasons);
    assert_eq!(unknown.outcome, Outcome::Passed);
    let told = "the number of generators is not known, so the verdict covers only the 3 merged reports; pass --expect N";
    assert_eq!(warnings(&unknown), [told]);
}
