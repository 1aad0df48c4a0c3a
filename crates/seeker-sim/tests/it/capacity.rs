//! Tests of `--find-capacity` with thresholds whose result is known.

use serde_json::Value;

use crate::program::{self, Ended, Reported, assert_outcome, number};
use crate::service::silent_port;

/// A search with trials of one second.
fn searched(options: &str) -> (Ended, Value) {
    Reported::new().run(&format!("{options} --duration 1s --warm-up 100ms"))
}

fn trials(report: &Value) -> &[Value] {
    report["capacity"]["trials"].as_array().unwrap()
}

#[test]
fn the_highest_rate_that_holds_is_found_and_held() {
    let (ended, report) = searched("--rate 50/s --seed 7 --find-capacity 'rate < 150/s'");
    if !assert_outcome(&ended, &report, "passed") {
        return;
    }
    let (found, too_high) = (number(&report, "capacity.rate_per_s"), number(&report, "capacity.too_high_per_s"));
    // With so few events, the measured rate may be slightly below the limit.
    assert!((135.0..155.0).contains(&found) && found < too_high && too_high <= found * 1.025, "{found} {too_high}");
    let (hold, steps) = trials(&report).split_last().unwrap();
    assert_eq!((&hold["is_hold"], &hold["rate_per_s"], &hold["duration_s"]), (&true.into(), &found.into(), &3.0.into()));
    assert!(steps.iter().all(|step| step["duration_s"] == if step["is_hold"] == true { 3.0 } else { 1.0 }));
    let mut rates: Vec<_> = steps.iter().map(|step| step["rate_per_s"].as_f64().unwrap()).collect();
    let missed: Vec<_> =
        steps.iter().filter(|step| step["outcome"] == "threshold_missed").map(|step| &step["rate_per_s"]).collect();
    assert_eq!((missed[0], missed[1]), (&200.0.into(), &200.0.into()), "a missed trial is confirmed");
    assert_eq!(missed.iter().filter(|rate| ***rate == too_high).count(), 3, "the upper end of the range is tried once more");
    rates.dedup();
    assert_eq!(rates[..4], [50.0, 100.0, 200.0, 141.0]);
    for (number, trial) in trials(&report).iter().enumerate() {
        assert_eq!(trial["seed"], 7 + number, "each trial has its own seed, so no event id repeats");
        let (is_held, rate) = (trial["outcome"] == "passed", trial["rate_per_s"].as_f64().unwrap());
        // A late event can decide a trial whose rate is close to the limit.
        let is_close = (rate - 150.0).abs() < 5.0;
        assert!(is_held == (rate <= found) || is_close || trial["outcome"] == "not_trustworthy", "{trial}");
        assert_eq!(is_held, trial["reasons"].as_array().unwrap().is_empty());
        assert!(ended.stderr.contains(&format!(" at {rate}/s")), "each trial is reported: {}", ended.stderr);
    }
    assert_eq!(report["duration_s"], 3.0, "the report is that of the final hold");
    assert!(ended.stdout.contains(&format!("  capacity      {found}/s; {too_high}/s is too high: rate was ")));
    assert!(ended.stdout.contains("latency in ms") && ended.stdout.contains("over 3 s"), "{}", ended.stdout);

    let file = tempfile::NamedTempFile::new().unwrap();
    serde_json::to_writer(&file, &report).unwrap();
    let page = program::ended(&["report", "show", &file.path().display().to_string(), "--output", "html"]).stdout;
    assert!(
        page.contains("Latency by rate") && page.contains(&format!("The capacity is {found}/s; {too_high}/s was too high.")),
        "{page}"
    );
}

#[test]
fn a_target_that_holds_no_rate_misses_the_threshold() {
    let (ended, report) = searched("--rate 40/s --find-capacity 'latency.p99 < 0us' --quiet");
    let is_judged = assert_outcome(&ended, &report, "threshold_missed");
    assert!(report["capacity"]["rate_per_s"].is_null());
    assert!(trials(&report).len() >= 2 && trials(&report).iter().all(|trial| trial["outcome"] != "passed"));
    assert!(!is_judged || ended.stdout.contains("no rate was confirmed; the lowest tried rate is"), "{}", ended.stdout);
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_target_that_is_not_there_ends_the_search() {
    let options = format!("--target http://127.0.0.1:{} --find-capacity 'latency.p99 < 5ms'", silent_port());
    let (ended, report) = Reported::new().run(&options);
    assert_eq!((ended.code, trials(&report).len()), (Some(4), 1), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("  capacity      not found"), "{}", ended.stdout);
}
