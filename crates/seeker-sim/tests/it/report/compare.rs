//! Tests of `report compare`: the regressions in table, JSON and exit code.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Ended, Reported, ended};
use crate::report::schema::FROZEN;

/// Writes the frozen report with these changed values to a file of this name.
fn changed(folder: &Path, name: &str, changes: &[(&str, Value)]) -> String {
    let mut report: Value = serde_json::from_str(FROZEN[0].1).unwrap();
    for (place, value) in changes {
        *report.pointer_mut(place).unwrap() = value.clone();
    }
    let path = folder.join(name);
    fs::write(&path, report.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn compared(before: &str, after: &str, options: &[&str]) -> Ended {
    ended(&[&["report", "compare", before, after], options].concat())
}

#[test]
fn a_regression_is_in_the_table_the_json_and_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let latency = |millis: f64| [("/latency_ms/p50", json!(millis))];
    let before = changed(folder.path(), "before.json", &latency(10.0));
    for (after, options, code) in [
        (10.0, &[][..], 0),
        (10.9, &[], 0),
        (11.5, &[], 1),
        (11.5, &["--tolerance", "20%"], 0),
        (11.5, &["--tolerance-time", "2ms"], 0),
        (10.9, &["--tolerance", "5%", "--tolerance-time", "100us"], 1),
        (5.0, &[], 0),
    ] {
        let after = changed(folder.path(), "after.json", &latency(after));
        let table = compared(&before, &after, options);
        assert_eq!((table.code, table.stderr.as_str()), (Some(code), ""), "{options:?}: {}", table.stdout);
        let verdict = if code == 0 { "no regression\n" } else { "regression\n  latency.p50 went from 10.000 ms to " };
        assert!(table.stdout.starts_with(verdict), "{}", table.stdout);
        assert_eq!(table.stdout.contains("\u{2717} latency.p50 "), code == 1, "{}", table.stdout);
        let report = compared(&before, &after, &[options, &["--output", "json"]].concat());
        assert_eq!(report.code, Some(code));
        let report: Value = serde_json::from_str(&report.stdout).unwrap();
        assert_eq!(report["verdict"], if code == 0 { "no_regression" } else { "regression" });
        let worse: Vec<_> = report["figures"].as_array().unwrap().iter().filter(|figure| figure["change"] == "worse").collect();
        assert_eq!(worse.len(), usize::from(code == 1));
        assert!(worse.iter().all(|figure| figure["figure"] == "latency.p50" && figure["event_type"].is_null()));
    }
}

/// A run without a valid result is never reported as free of regressions.
#[test]
fn untrusted_runs_are_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let before = changed(folder.path(), "before.json", &[]);
    for (outcome, expected) in [
        ("not_trustworthy", "after.json is not trustworthy, so its figures do not describe the target: late"),
        ("interrupted", "after.json was interrupted, so its figures"),
        ("target_unreachable", "after.json did not reach the target, so"),
    ] {
        let after = changed(folder.path(), "after.json", &[("/outcome", json!(outcome)), ("/reasons", json!(["late"]))]);
        for (one, other) in [(&before, &after), (&after, &before)] {
            let told = compared(one, other, &[]);
            assert_eq!(told.code, Some(3), "{}", told.stdout);
            assert!(told.stdout.starts_with("not comparable\n") && told.stdout.contains(expected), "{}", told.stdout);
            assert!(told.stdout.ends_with("  nothing was judged\n"), "{}", told.stdout);
        }
    }
}

/// Runs with different settings are refused, with the differences. `--force` compares them with a warning.
#[test]
fn different_settings_are_refused_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    let before = changed(folder.path(), "before.json", &[]);
    let after = changed(folder.path(), "after.json", &[("/load/stages", json!(["2s:90/s"])), ("/speed", json!(1.0))]);
    let load = format!("the load differs: 2s:20/s (rate) in {before}, 2s:90/s (rate) in {after}");
    let speed = format!("the speed differs: 60 in {before}, 1 in {after}");
    let refused = compared(&before, &after, &[]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    let expected =
        format!("the runs have different settings: {load}; {speed}; compare runs with the same settings, or pass --force");
    assert!(refused.stderr.contains(&expected), "{}", refused.stderr);
    let forced = compared(&before, &after, &["--force"]);
    assert_eq!(forced.code, Some(0), "{}", forced.stdout);
    for difference in [load, speed] {
        let warning = format!("  warning       {difference}, which may cause a change\n");
        assert!(forced.stdout.contains(&warning), "{}", forced.stdout);
    }
}

/// A current report is compared with itself, and with the same run in the format of an older version.
#[test]
fn reports_of_today_and_of_before_are_compared() {
    let reported = Reported::new();
    let (_, mut report) = reported.run("--rate 100/s --duration 1s");
    let folder = tempfile::tempdir().unwrap();
    let written = |name: &str, report: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, report.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    // The test does not depend on the speed of the machine.
    report["outcome"] = json!("passed");
    let today = written("today.json", &report);
    report.as_object_mut().unwrap().remove("histograms");
    let older = written("older.json", &report);
    for (before, after) in [(&today, &today), (&older, &today), (&today, &older)] {
        let told = compared(before, after, &[]);
        assert_eq!((told.code, told.stderr.as_str()), (Some(0), ""), "{}", told.stdout);
        assert!(told.stdout.contains(" VIEW.latency.p99 ") && told.stdout.contains("contain the same run"), "{}", told.stdout);
        let has_warning = told.stdout.contains("older.json has no histograms");
        assert_eq!(has_warning, before == &older || after == &older, "{}", told.stdout);
    }
    let several =
        ended(&["report", "compare", "--output", "json", "--before", &today, &today, "--after", &today, &today, &today]);
    assert_eq!(several.code, Some(0), "{}", several.stdout);
    let comparison: Value = serde_json::from_str(&several.stdout).unwrap();
    let runs = |side: &str| comparison[side].as_array().unwrap().len();
    assert_eq!((runs("before"), runs("after")), (2, 3));
    assert_eq!(comparison["confidence"], 0.99);
    let p_values: Vec<_> =
        comparison["figures"].as_array().unwrap().iter().filter(|figure| !figure["p_value"].is_null()).collect();
    assert!(p_values.len() > 1 && p_values.iter().all(|figure| figure["change"] == "same"), "{p_values:?}");
}

#[test]
fn unusable_options_and_files_are_refused() {
    for (options, expected) in [
        (&["a.json", "b.json", "--tolerance", "10"][..], "expected a percentage, such as 10% or 0.5%"),
        (&["a.json", "b.json", "--tolerance-time", "10"], "expected a time with its unit"),
        (&["a.json", "b.json", "--confidence", "0%"], "expected a percentage above 0% and below 100%, such as 99% or 99.9%"),
        (&["a.json", "b.json", "--confidence", "100%"], "expected a percentage above 0% and below 100%"),
        (&["a.json", "b.json", "--confidence", "0.99"], "expected a percentage above 0% and below 100%"),
        (&["a.json", "b.json", "--output", "csv"], "expected text or json"),
        (&["missing.json", "b.json"], "missing.json cannot be read: "),
        (&["a.json"], "missing <AFTER>"),
        (&[], "missing <BEFORE>"),
        (&["--before", "a.json"], "--before requires --after"),
        (&["--after", "a.json"], "missing --before"),
        (&["a.json", "b.json", "--before", "c.json", "--after", "d.json"], "contradict each other"),
    ] {
        let told = ended(&[&["report", "compare"], options].concat());
        assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""), "{options:?}");
        assert!(told.stderr.contains(expected), "{options:?}: {}", told.stderr);
    }
}
