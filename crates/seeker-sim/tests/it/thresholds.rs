//! Tests of thresholds from options and scenarios, and of their effect on a run.

use std::fs;

use serde_json::Value;

use crate::program::{Ended, Reported, assert_outcome, count, number};
use crate::service::{Service, silent_port};

/// Runs with these options. Returns the result, the report, and the thresholds as `JUnit` XML.
fn run(options: &str) -> (Ended, Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let junit = folder.path().join("run.xml");
    let (ended, report) = Reported::new().run(&format!("{options} --junit {}", junit.display()));
    (ended, report, fs::read_to_string(junit).unwrap())
}

/// The test cases of `JUnit` XML: their names and contents.
fn cases(xml: &str) -> Vec<(String, String)> {
    let document = roxmltree::Document::parse(xml).unwrap();
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    let name_and_status = cases.map(|case| {
        let status = case.children().find(roxmltree::Node::is_element).map_or("success", |status| status.tag_name().name());
        (case.attribute("name").unwrap().to_owned(), status.to_owned())
    });
    name_and_status.collect()
}

fn passed(report: &Value) -> Vec<(String, Option<bool>)> {
    let thresholds = report["thresholds"].as_array().unwrap();
    thresholds.iter().map(|judged| (judged["threshold"].as_str().unwrap().to_owned(), judged["passed"].as_bool())).collect()
}

#[test]
fn a_run_that_keeps_its_thresholds_passes() {
    let (ended, report, xml) = run("--duration 1s --rate 200/s --threshold 'latency.p99 < 30s' --threshold 'rate > 100/s' \
                                    --threshold 'VIEW.latency.p50<30s' --threshold 'not_sent == 0'");
    if !assert_outcome(&ended, &report, "passed") {
        return;
    }
    let names = ["acknowledged_ratio >= 99%", "latency.p99 < 30s", "rate > 100/s", "VIEW.latency.p50 < 30s", "not_sent == 0"];
    assert_eq!(passed(&report), names.map(|name| (name.to_owned(), Some(true))));
    assert_eq!(report["thresholds"][1]["value"], report["latency_ms"]["p99"]);
    assert_eq!(report["aborted_after_s"], Value::Null);
    for name in names {
        assert!(ended.stdout.contains(&format!("\u{2713} {name}")), "{}", ended.stdout);
    }
    let expected = ["the run can be trusted"].into_iter().chain(names).map(|name| (name.to_owned(), "success".to_owned()));
    assert_eq!(cases(&xml), expected.collect::<Vec<_>>());
}

#[test]
fn a_run_that_misses_thresholds_names_each() {
    let (ended, report, xml) = run(
        "--duration 1s --rate 100/s --threshold 'latency.p99 < 0us' --threshold 'acknowledged > 5' --threshold 'rate > 1000/s'",
    );
    if !assert_outcome(&ended, &report, "threshold_missed") {
        return;
    }
    assert_eq!(passed(&report).iter().map(|(_, passed)| *passed).collect::<Vec<_>>(), [Some(false), Some(true), Some(false)]);
    assert_eq!(report["reasons"].as_array().unwrap().len(), 2);
    let reasons = report["reasons"].to_string();
    assert!(reasons.contains("latency.p99 was ") && reasons.contains(", limit < 0us"), "{reasons}");
    assert!(ended.stdout.contains(", limit < 0us\n") && ended.stdout.contains("\u{2717} rate > 1000/s"), "{}", ended.stdout);
    let statuses: Vec<_> = cases(&xml).into_iter().map(|(_, status)| status).collect();
    assert_eq!(statuses, ["success", "failure", "success", "failure"]);
    assert!(xml.contains(", limit &lt; 0us"), "{xml}");
}

#[test]
fn a_threshold_on_acknowledged_events_replaces_the_built_in_one() {
    let service = Service::answering("404 Not Found");
    let load = format!("--target {} --duration 1s --rate 100/s", service.url());
    let (ended, report, _) = run(&load);
    if assert_outcome(&ended, &report, "threshold_missed") {
        assert_eq!(passed(&report), [("acknowledged_ratio >= 99%".to_owned(), Some(false))]);
        assert_eq!(report["reasons"][0], "acknowledged_ratio was 0%, limit >= 99%");
    }
    let (ended, report, _) = run(&format!("{load} --threshold 'acknowledged == 0'"));
    if assert_outcome(&ended, &report, "passed") {
        assert_eq!(passed(&report), [("acknowledged == 0".to_owned(), Some(true))]);
    }
    // A service that refuses everything fails nothing, and must not pass.
    for threshold in ["failed_ratio < 0.1%", "refused == 100", "VIEW.acknowledged < 1000000"] {
        let (ended, report, _) = run(&format!("{load} --threshold '{threshold}'"));
        assert_outcome(&ended, &report, "threshold_missed");
        assert_eq!(passed(&report).len(), 2, "{threshold} keeps the built-in threshold");
    }
}

#[test]
fn an_unmeasured_threshold_does_not_pass() {
    let (ended, report, xml) = run("--duration 1s --rate 20/s --threshold 'EVENT_TYPE_UNSPECIFIED.latency.p99 < 30s'");
    if !assert_outcome(&ended, &report, "threshold_missed") {
        return;
    }
    assert_eq!(passed(&report)[1], ("EVENT_TYPE_UNSPECIFIED.latency.p99 < 30s".to_owned(), None));
    assert!(ended.stdout.contains("EVENT_TYPE_UNSPECIFIED.latency.p99 was not measured, limit < 30s"), "{}", ended.stdout);
    assert_eq!(cases(&xml)[2].1, "failure");
}

#[test]
fn a_lost_threshold_ends_the_run_in_order() {
    let service = Service::answering("404 Not Found");
    let (ended, report, xml) = run(&format!(
        "--target {} --duration 1h --rate 100/s --threshold 'refused < 10' --threshold 'latency.p99 < 30s' \
         --threshold 'latency.p99 < 30s over 10m' --abort-on-threshold",
        service.url()
    ));
    if !assert_outcome(&ended, &report, "threshold_missed") {
        return;
    }
    let judged = ["latency.p99 < 30s", "latency.p99 < 30s over 10m"].map(|name| (name.to_owned(), None));
    assert_eq!(passed(&report)[1], ("refused < 10".to_owned(), Some(false)));
    assert_eq!(passed(&report)[2..], judged);
    assert!(count(&report, "events.refused") >= 10);
    let (after, reasons) = (number(&report, "aborted_after_s"), report["reasons"].to_string());
    assert!(after < 600.0 && reasons.contains(&format!("the run stopped after {after} s")), "{reasons}");
    assert_eq!(
        cases(&xml).iter().map(|(_, status)| status.as_str()).collect::<Vec<_>>(),
        ["success", "failure", "failure", "skipped", "skipped"]
    );
}

#[test]
fn a_threshold_over_a_window_finds_a_short_miss() {
    let (ended, report, xml) =
        run("--stage 2s:200/s --stage 2s:20/s --threshold 'rate > 50/s' --threshold 'rate > 50/s over 1s' \
                                    --threshold 'VIEW.latency.p99 < 30s over 2s'");
    if !assert_outcome(&ended, &report, "threshold_missed") {
        return;
    }
    assert_eq!(
        passed(&report)[1..],
        [
            ("rate > 50/s".to_owned(), Some(true)),
            ("rate > 50/s over 1s".to_owned(), Some(false)),
            ("VIEW.latency.p99 < 30s over 2s".to_owned(), Some(true)),
        ]
    );
    let judged = &report["thresholds"][2];
    let (rate, from) = (judged["value"].as_f64().unwrap(), judged["worst_from_s"].as_u64().unwrap());
    // After a sudden fall of the load a few events are early, so the rate is not exactly 20.
    assert!((1.0..=40.0).contains(&rate) && (2..=3).contains(&from), "{judged}");
    assert_eq!(report["reasons"][0], format!("rate over 1s was {rate}/s from {from} s to {} s, limit > 50/s", from + 1));
    assert_eq!(report["thresholds"][1]["worst_from_s"], Value::Null);
    assert!(xml.contains("rate over 1s was ") && xml.contains(", limit &gt; 50/s"), "{xml}");
}

#[test]
fn a_window_that_misses_a_threshold_ends_the_run() {
    let service = Service::answering("404 Not Found");
    let (ended, report, _) = run(&format!(
        "--target {} --duration 1h --rate 100/s --threshold 'acknowledged_ratio > 50% over 1s' --abort-on-threshold",
        service.url()
    ));
    if !assert_outcome(&ended, &report, "threshold_missed") {
        return;
    }
    assert!(number(&report, "aborted_after_s") < 600.0);
    let missed = passed(&report).into_iter().find(|(name, _)| name == "acknowledged_ratio > 50% over 1s");
    assert_eq!(missed.unwrap().1, Some(false));
}

#[test]
fn a_target_that_is_not_there_keeps_no_threshold() {
    let (ended, report, xml) =
        run(&format!("--target http://127.0.0.1:{} --duration 1h --threshold 'refused == 0'", silent_port()));
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert_eq!(passed(&report)[1..], [("refused == 0".to_owned(), None)]);
    assert_eq!(cases(&xml).iter().map(|(_, status)| status.as_str()).collect::<Vec<_>>(), ["error", "skipped", "skipped"]);
}

#[test]
fn a_scenario_has_thresholds_and_the_command_line_goes_before_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.toml");
    fs::write(&path, "thresholds = ['latency.p50 < 1us', 'refused == 0']\n[load]\nrate = '50/s'\nduration = '1s'\n").unwrap();
    let (ended, report, _) = run(&format!("--scenario {}", path.display()));
    if assert_outcome(&ended, &report, "threshold_missed") {
        assert_eq!(
            passed(&report)[1..],
            [("latency.p50 < 1us".to_owned(), Some(false)), ("refused == 0".to_owned(), Some(true))]
        );
    }
    let (ended, report, _) = run(&format!("--scenario {} --threshold 'latency.p50 < 30s'", path.display()));
    if !assert_outcome(&ended, &report, "passed") {
        return;
    }
    assert_eq!(passed(&report)[1..], [("refused == 0".to_owned(), Some(true)), ("latency.p50 < 30s".to_owned(), Some(true))]);
}
