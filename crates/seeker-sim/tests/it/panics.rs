//! Tests of panics: a panic of a seeker ends that seeker, a panic of another actor ends the run gracefully. Both leave a report whose
//! events add up.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{Ended, Reported, count};

/// Runs with panics at a fail point. Returns the result and the duration.
fn run_with_panics(point: &str, options: &str) -> (Ended, Value, Duration) {
    let (reported, began) = (Reported::new(), Instant::now());
    let output = reported.command(options).env("SEEKER_SIM_PANIC", point).output().unwrap();
    let took = began.elapsed();
    let report: Value = serde_json::from_slice(&fs::read(reported.path()).unwrap()).unwrap();
    let fates = ["acknowledged", "refused", "failed", "unknown", "not_sent"];
    let sum: u64 = fates.map(|fate| count(&report, &format!("events.{fate}"))).iter().sum();
    assert_eq!(count(&report, "events.planned"), sum, "{point}: {report}");
    (output.into(), report, took)
}

/// Asserts that the report calls the run not trustworthy because of a panic.
fn check_verdict(ended: &Ended, report: &Value, reason: &str) {
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_eq!(report["outcome"], "not_trustworthy");
    let reasons = report["reasons"].as_array().unwrap();
    assert!(reasons.iter().any(|told| told.as_str().unwrap().contains(reason)), "{reasons:?}");
    assert!(ended.stdout.contains(reason), "{}", ended.stdout);
}

#[test]
fn a_seeker_that_panics_ends_alone() {
    let (ended, report, _) = run_with_panics("seeker:50", "--rate 500/s --duration 2s --seed 1");
    check_verdict(&ended, &report, "seekers panicked");
    let panicked = count(&report, "seekers.panicked");
    assert!(panicked > 3, "{report}");
    assert!(ended.stdout.contains(&format!("{panicked} panicked")), "{}", ended.stdout);
    assert_eq!(ended.stderr.matches("asks for a panic").count(), 0, "the summary reports only the first panic: {}", ended.stderr);
    // Other seekers send the missing events.
    assert_eq!(count(&report, "events.planned"), 1_000);
    assert_eq!(count(&report, "events.acknowledged"), 1_000, "{report}");
}

/// For all other actors: the run ends at once, and the report has all events.
#[test]
fn a_panic_of_another_actor_ends_the_run() {
    for point in ["population:300", "outbox:300", "recorder:30", "windows:30"] {
        let (ended, report, took) = run_with_panics(point, "--rate 500/s --duration 60s --seed 1");
        check_verdict(&ended, &report, "an actor of the generator panicked");
        assert!(took < Duration::from_secs(30), "{point} took {took:?}");
        assert_eq!(ended.stderr.matches("asks for a panic").count(), 1, "{point}: {}", ended.stderr);
        assert!(count(&report, "events.acknowledged") > 0, "{point}: {report}");
        // Only a recorder that fails while counting loses events.
        assert_eq!(count(&report, "events.unknown") > 0, point == "recorder:30", "{point}: {report}");
    }
}

/// A panic while the run stops loses the unreported data of that actor. The report has the rest, and counts lost events as unknown.
#[test]
fn a_panic_at_the_end_leaves_a_report() {
    for point in ["drain:1", "stop:1"] {
        let (ended, report, _) = run_with_panics(point, "--rate 500/s --duration 1s --seed 1");
        check_verdict(&ended, &report, "an actor of the generator panicked");
        assert_eq!(count(&report, "events.planned"), 500, "{point}: {report}");
        assert!(count(&report, "events.acknowledged") > 0, "{point}: {report}");
    }
}
