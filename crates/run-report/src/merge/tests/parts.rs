//! Merges the parts of one run (`--shard`).

use std::time::Duration;

use load_plan::threshold::Threshold;
use proptest::prelude::*;

use super::*;
use crate::samples::{Sample, any_sample, empty_report, part_of};
use crate::{ShardPart, TargetClock};

/// The parts of a run that sent these events, each event in the part with its number.
fn parts_of(samples: &[(Sample, u64)], of: u64, thresholds: &[Threshold]) -> Vec<NamedReport> {
    let part = |part| {
        let own: Vec<_> = samples.iter().filter(|(_, number)| number % of + 1 == part).map(|(sample, _)| *sample).collect();
        named(&format!("{part}.json"), part_of(&own, ShardPart { part, of }, thresholds))
    };
    (1..=of).map(part).collect()
}

/// Some parts that pass alone and together.
fn passing(of: u64) -> Vec<NamedReport> {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let sample = any_sample().new_tree(&mut runner).unwrap().current().acknowledged();
    let samples: Vec<_> = (0..of * 3).map(|number| (sample, number)).collect();
    parts_of(&samples, of, &["acknowledged > 0".parse().unwrap()])
}

fn all(reports: &[NamedReport]) -> Report {
    merge(reports, MergeOptions::default()).unwrap()
}

proptest! {
    // A report holds histograms with tens of thousands of buckets.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(8), ..ProptestConfig::default() })]

    /// For all events, numbers of parts and thresholds, and for any order of the files, the merged report is the same, and its counts,
    /// percentiles and thresholds equal one recorder that has seen all events. The same holds after each report was written and read.
    #[test]
    fn parts_are_the_run(
        samples in prop::collection::vec((any_sample(), 0_u64..64), 1..120),
        of in 1_u64..6,
        over in 1_u64..5,
        threshold in load_plan::strategies::any_threshold().prop_filter("is known of a window", |threshold| threshold.figure.is_of_any_time()),
        order in any::<prop::sample::Index>(),
    ) {
        let sliding = Threshold { over: Some(Duration::from_secs(over)), ..threshold };
        let thresholds = [sliding, Threshold { over: None, ..threshold }];
        let every: Vec<_> = samples.iter().map(|(sample, _)| *sample).collect();
        let whole = part_of(&every, ShardPart { part: 1, of: 1 }, &thresholds);
        let mut parts = parts_of(&samples, of, &thresholds);
        let merged = all(&parts);
        for named in &mut parts {
            let text = serde_json::to_string(&named.report).unwrap();
            named.report = crate::read::from_bytes(&named.name, text.as_bytes()).unwrap();
        }
        let at = order.index(parts.len());
        parts.rotate_left(at);
        parts.reverse();
        prop_assert_eq!(&all(&parts), &merged);
        prop_assert_eq!(&merged.histograms, &whole.histograms);
        prop_assert_eq!((merged.latency_ms, merged.service_time_ms), (whole.latency_ms, whole.service_time_ms));
        prop_assert_eq!((merged.events, &merged.by_type), (whole.events, &whole.by_type));
        if merged.outcome.describes_target() {
            let value = |report: &Report, place: usize| {
                let JudgedThreshold { value, is_lower_bound, worst_from_s, .. } = report.thresholds[place];
                (value, is_lower_bound, worst_from_s)
            };
            prop_assert_eq!(value(&merged, 0), value(&whole, 0));
            prop_assert_eq!(value(&merged, 1), value(&whole, 1));
        }
        prop_assert_eq!(merged.parts.iter().map(|part| part.events.planned).sum::<u64>(), merged.events.planned);
        prop_assert!(merged.second_series.is_empty());
    }

    /// For all sets of passed parts, starts and clocks, the merged report passes exactly if each part is there once and no two parts may have
    /// begun more than a second apart.
    #[test]
    fn only_a_whole_run_passes(
        numbers in prop::collection::vec(1_u64..=4, 1..6),
        is_whole in prop::bool::weighted(0.7),
        starts_ms in prop::collection::vec(prop_oneof![4 => 0_i64..400, 1 => 0_i64..3_000], 6),
        skews_ms in prop::collection::vec(prop_oneof![Just(0_i64), -5_000_i64..5_000], 6),
        slack_ms in prop_oneof![4 => 0_i64..100, 1 => 0_i64..1_000],
        has_clock in prop::bool::weighted(0.9),
        clocks_agree in any::<bool>(),
    ) {
        let numbers = if is_whole { vec![1, 2, 3, 4] } else { numbers };
        let templates = passing(4);
        let parts: Vec<_> = numbers.iter().enumerate().map(|(place, number)| {
            let mut named = templates[usize::try_from(*number).unwrap() - 1].clone();
            named.name = format!("{place}.json");
            // The machine's clock is ahead of the target's clock by the skew.
            let shown = starts_ms[place] + skews_ms[place];
            named.report.started_at = named.report.started_at.map(|at| at + jiff::SignedDuration::from_millis(shown));
            // Two reports of one part differ.
            named.report.generator.cores = place;
            named.report.requests += place as u64;
            named.report.duration_s += f64::from(u32::try_from(place).unwrap()) / 1000.0;
            named.report.target_clock = has_clock.then(|| TargetClock {
                url: "http://h/".to_owned(),
                offset_min_us: (-skews_ms[place] - slack_ms) * 1_000,
                offset_max_us: (-skews_ms[place] + slack_ms) * 1_000,
            });
            named
        }).collect();
        let merged = merge(&parts, MergeOptions { expected: None, clocks_agree }).unwrap();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        let begin = |place: usize| if has_clock { starts_ms[place] } else { starts_ms[place] + skews_ms[place] };
        let apart = |slack: i64| (0..numbers.len()).flat_map(|one| (0..numbers.len()).map(move |other| (one, other)))
            .filter(|(one, other)| one != other)
            .map(|(one, other)| begin(one) - begin(other) + 2 * slack)
            .max().unwrap_or(0);
        let began_together = if has_clock && !clocks_agree { apart(slack_ms) <= 1_000 } else { (has_clock || clocks_agree) && apart(0) <= 1_000 };
        let passes = sorted == [1, 2, 3, 4] && began_together;
        prop_assert_eq!(merged.outcome == Outcome::Passed, passes, "{:?}", merged.reasons);
        prop_assert_eq!(merged.outcome == Outcome::NotTrustworthy, !passes, "{:?}", merged.reasons);
        prop_assert_eq!(merged.reasons.is_empty(), passes);
        for missing in (1..=4).filter(|number| !numbers.contains(number)) {
            prop_assert!(merged.reasons[0].contains(&missing.to_string()), "{:?}", merged.reasons);
        }
    }
}

/// Changes one of four parts, and returns the outcome and the reasons of the whole.
fn with_part(number: usize, change: impl FnOnce(&mut Report)) -> (Outcome, Vec<String>) {
    let mut parts = passing(4);
    change(&mut parts[number - 1].report);
    let merged = all(&parts);
    (merged.outcome, merged.reasons)
}

#[test]
fn missing_repeated_and_late_parts_are_named() {
    let parts = passing(4);
    let without = |numbers: &[usize]| {
        let rest = parts.iter().enumerate().filter(|(place, _)| !numbers.contains(&(place + 1))).map(|(_, named)| named.clone());
        all(&rest.collect::<Vec<_>>()).reasons
    };
    assert_eq!(without(&[]), [""; 0]);
    assert_eq!(without(&[3]), ["part 3 of 4 is missing; merge the reports of all parts"]);
    assert_eq!(without(&[1, 2, 4]), ["parts 1, 2 and 4 of 4 are missing; merge the reports of all parts"]);

    let mut again = parts[1].clone();
    (again.name, again.report.requests) = ("2-again.json".to_owned(), 99);
    again.report.duration_s += 1.0;
    let five: Vec<_> = parts.iter().cloned().chain([again]).collect();
    assert_eq!(all(&five).reasons, ["part 2 of 4 has several reports, 2-again.json and 2.json; merge one report of each part"]);

    let late = with_part(3, |report| report.started_at = report.started_at.map(|at| at + Duration::from_millis(152_800)));
    let reason = "part 3 of run ab12cd34 (3.json) began 152.8 s later than part 1; start all parts together with --start-at";
    assert_eq!(late, (Outcome::NotTrustworthy, vec![reason.to_owned()]));
    let early = with_part(1, |report| report.started_at = report.started_at.map(|at| at - Duration::from_secs(3)));
    assert!(early.1[0].starts_with("part 1 of run ab12cd34 (1.json) began 3.0 s earlier than part 2;"), "{early:?}");
    let expected = merge(&parts, MergeOptions { expected: Some(5), ..MergeOptions::default() }).unwrap();
    assert_eq!(expected.reasons, ["4 reports of 5 expected; merge one report of each generator"]);
}

#[test]
fn clocks_that_say_too_little_are_not_trusted() {
    let (outcome, reasons) = with_part(2, |report| report.target_clock = None);
    assert_eq!(outcome, Outcome::NotTrustworthy);
    let expected = "the clocks of the machines cannot be compared: part 2 of 4 (2.json) has no `target_clock`; pass the same --clock-check URL";
    assert!(reasons[0].starts_with(expected), "{reasons:?}");
    let (_, reasons) = with_part(2, |report| report.target_clock.as_mut().unwrap().url = "http://other/".to_owned());
    assert!(reasons[0].contains("their reports compare them with different clocks"), "{reasons:?}");
    let (_, reasons) = with_part(4, |report| report.target_clock.as_mut().unwrap().offset_max_us = 1_300_000);
    assert!(reasons[0].starts_with("parts 1 and 4 may have begun 1.3 s apart by the clock of the target"), "{reasons:?}");

    let mut parts = passing(2);
    parts[0].report.target_clock = None;
    let merged = merge(&parts, MergeOptions { clocks_agree: true, ..MergeOptions::default() }).unwrap();
    assert_eq!(merged.outcome, Outcome::Passed, "{:?}", merged.reasons);
    assert!(warnings(&merged)[0].ends_with("because of --clocks-agree"), "{:?}", warnings(&merged));
    let apart = merged.merge.unwrap().starts_apart_ms.unwrap();
    assert_eq!((apart.at_least, apart.at_most), (0.0, None));
}

/// A start by the clock of the machine is moved to the clock of the target.
#[test]
fn a_wrong_clock_does_not_hide_a_start() {
    let ahead = TargetClock {
        url: "http://127.0.0.1:8080/clientEvents".to_owned(),
        offset_min_us: -9_010_000,
        offset_max_us: -8_990_000,
    };
    let mut parts = passing(2);
    parts[1].report.target_clock = Some(ahead.clone());
    let hidden = all(&parts);
    assert!(
        hidden.reasons[0].contains("began 9.0 s earlier") || hidden.reasons[0].contains("began 9.0 s later"),
        "{:?}",
        hidden.reasons
    );
    parts[1].report.started_at = parts[1].report.started_at.map(|at| at + Duration::from_millis(9_250));
    let together = all(&parts);
    assert_eq!(together.outcome, Outcome::Passed, "{:?}", together.reasons);
    assert_eq!(together.parts.iter().map(|part| part.start_offset_ms).collect::<Vec<_>>(), [Some(0.0), Some(250.0)]);
    let apart = together.merge.unwrap().starts_apart_ms.unwrap();
    assert_eq!((apart.at_least, apart.at_most), (200.0, Some(300.0)));
}

#[test]
fn a_part_taints_the_whole() {
    for (outcome, told) in [
        (Outcome::Interrupted, "part 2 of 4 (2.json): why"),
        (Outcome::NotTrustworthy, "part 2 of 4 (2.json): why"),
        (Outcome::TargetUnreachable, "part 2 of 4 (2.json): why"),
        // Not a reason of any threshold, such as a target that stopped answering.
        (Outcome::ThresholdMissed, "part 2 of 4 (2.json): why"),
    ] {
        let tainted = with_part(2, |report| (report.outcome, report.reasons) = (outcome, vec!["why".to_owned()]));
        assert_eq!(tainted, (outcome, vec![told.to_owned()]));
    }
    let aborted = with_part(2, |report| {
        (report.outcome, report.aborted_after_s) = (Outcome::ThresholdMissed, Some(3.0));
    });
    assert_eq!(aborted.0, Outcome::ThresholdMissed);
    assert!(aborted.1[0].starts_with("part 2 of 4 (2.json): the run stopped after 3 s"), "{aborted:?}");
    // A part that did not begin has no start to compare.
    let mut parts = passing(2);
    let unreachable = empty_report();
    let Report { thresholds, run, shard, seed, .. } = parts[1].report.clone();
    parts[1].report = Report { thresholds, run, shard, seed, ..unreachable };
    let merged = all(&parts);
    assert_eq!((merged.outcome, merged.parts[1].start_offset_ms), (Outcome::TargetUnreachable, None));
    assert_eq!(merged.reasons, ["part 2 of 2 (2.json): connection refused"]);
}

/// Thresholds on times and ratios that one part missed alone are named; counts and rates of one part say nothing about the whole.
#[test]
fn thresholds_are_judged_on_the_whole() {
    let judged = |text: &str, value: f64, report: &mut Report| {
        let threshold: Threshold = text.parse().unwrap();
        let passed = Some(threshold.holds(value));
        report.thresholds =
            vec![JudgedThreshold { threshold, value: Some(value), is_lower_bound: false, passed, worst_from_s: None }];
        if passed == Some(false) {
            report.outcome = Outcome::ThresholdMissed;
            report.reasons = report.thresholds.iter().filter_map(JudgedThreshold::reason).collect();
        }
    };
    let mut parts = passing(3);
    for (place, named) in parts.iter_mut().enumerate() {
        judged("latency.p99 < 600s", if place == 1 { 700_000.0 } else { 5.0 }, &mut named.report);
    }
    let merged = all(&parts);
    assert_eq!(merged.outcome, Outcome::Passed, "{:?}", merged.reasons);
    let told = "part 2 of 3 (2.json) alone missed a threshold that all runs together meet: latency.p99 was 700s, limit < 600s";
    assert_eq!(warnings(&merged), [told]);
    for named in &mut parts {
        judged("acknowledged > 8", 3.0, &mut named.report);
    }
    let merged = all(&parts);
    assert_eq!((merged.outcome, warnings(&merged).len()), (Outcome::Passed, 0), "{:?}", merged.reasons);
}

/// Without the seconds of all parts, the worst part is judged.
#[test]
fn thresholds_over_windows_without_seconds_are_judged_by_the_worst_part() {
    let threshold: Threshold = "latency.p99 < 50ms over 2s".parse().unwrap();
    let mut parts = passing(2);
    for (named, value) in parts.iter_mut().zip([10.0, 70.0]) {
        named.report.thresholds = vec![JudgedThreshold {
            threshold,
            value: Some(value),
            is_lower_bound: false,
            passed: Some(value < 50.0),
            worst_from_s: Some(3),
        }];
    }
    let merged = all(&parts);
    assert_eq!((merged.outcome, merged.thresholds[0].value), (Outcome::ThresholdMissed, Some(70.0)));
    let told = "'latency.p99 < 50ms over 2s' was judged by the worst part, because a report has no `second_series` of latency";
    assert_eq!(warnings(&merged)[0], told);
}

#[test]
fn reports_that_are_no_parts_of_one_run_are_refused() {
    let refused = |change: fn(&mut Report)| {
        let mut parts = passing(2);
        change(&mut parts[1].report);
        merge(&parts, MergeOptions::default()).unwrap_err().to_string()
    };
    for (change, expected) in [
        (
            (|report| report.shard = None) as fn(&mut Report),
            "1.json is a part of a run (--shard), but 2.json is not; merge either the parts of",
        ),
        (
            |report| report.shard = Some(ShardPart { part: 2, of: 3 }),
            "differ in their number of parts: 2 and 3; merge the parts of one run",
        ),
        (|report| report.seed = 8, "differ in their seed: 7 and 8; merge the parts of one run, which have the same --seed"),
        (|report| report.run.as_mut().unwrap().stages = vec!["1s:5/s".to_owned()], "differ in their load: 30s:800/s and 1s:5/s;"),
        (
            |report| report.run.as_mut().unwrap().start_at = report.started_at,
            "differ in their start time: none and 2026-11-24T10:00:00Z; merge the parts of one run, which have the same --start-at",
        ),
        (|report| report.thresholds.clear(), "differ in their thresholds: acknowledged > 0 and none; merge the parts of one run"),
        (
            |report| report.run.as_mut().unwrap().id = "0".to_owned(),
            "differ in their run: ab12cd34ef567890 and 0; merge the parts of one run; the version of seeker-sim, the scenario or another",
        ),
        (|report| report.speed = 1.0, "differ in their speed: 60 and 1"),
        (|report| report.target = "http://elsewhere/".to_owned(), "differ in their target: http"),
    ] {
        let told = refused(change);
        assert!(told.contains(expected), "{told}");
    }
    let parts = passing(2);
    let same =
        merge(&[parts[0].clone(), NamedReport { name: "copy.json".to_owned(), ..parts[0].clone() }], MergeOptions::default());
    assert_eq!(same.unwrap_err().to_string(), "1.json and copy.json contain the same run; name each run once");
    let again = merge(&[named("merged.json", all(&parts))], MergeOptions::default()).unwrap_err().to_string();
    assert_eq!(again, "merged.json is a merged report of the parts of a run; merge the reports of all parts in one command");
}
