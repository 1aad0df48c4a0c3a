//! `report compare`: what got worse, told by table, JSON and exit code.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Ended, Reported, ended};
use crate::report::schema::FROZEN;

/// The frozen report with these values at these places, in a file of that name.
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
fn what_got_worse_is_told_by_table_json_and_exit_code() {
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

/// A run that does not tell of its target is never said not to have got worse.
#[test]
fn runs_that_tell_nothing_are_not_compared() {
    let folder = tempfile::tempdir().unwrap();
    let before = changed(folder.path(), "before.json", &[]);
    for (outcome, expected) in [
        ("not_trustworthy", "after.json is not trustworthy, so its figures are not those of the target: late"),
        ("interrupted", "after.json was interrupted, so its figures"),
        ("target_unreachable", "after.json did not reach its target, so"),
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

#[test]
fn another_load_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let before = changed(folder.path(), "before.json", &[]);
    let after = changed(folder.path(), "after.json", &[("/load/stages", json!(["2s:90/s"])), ("/speed", json!(1.0))]);
    let told = compared(&before, &after, &[]);
    assert_eq!(told.code, Some(0), "{}", told.stdout);
    let warnings: Vec<_> = told.stdout.lines().filter(|line| line.starts_with("  warning  ")).collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("the loads differ, which may be the cause: 2s:20/s before, 2s:90/s after"), "{warnings:?}");
}

/// A report of today is compared with itself, and with one of an older program.
#[test]
fn reports_of_today_and_of_before_are_compared() {
    let reported = Reported::new();
    reported.run("--rate 100/s --duration 1s");
    let path = reported.path();
    let itself = compared(path.to_str().unwrap(), path.to_str().unwrap(), &[]);
    assert!(matches!(itself.code, Some(0 | 3)), "{}{}", itself.stdout, itself.stderr);
    let folder = tempfile::tempdir().unwrap();
    let older = changed(folder.path(), "older.json", &[]);
    let told = compared(&older, path.to_str().unwrap(), &[]);
    assert!(matches!(told.code, Some(0 | 1 | 3)), "{}{}", told.stdout, told.stderr);
    assert!(told.stdout.contains("the loads differ") && told.stdout.contains("VIEW.latency.p99"), "{}", told.stdout);
}

#[test]
fn tolerances_and_files_that_cannot_be_used_are_told() {
    for (options, expected) in [
        (&["a.json", "b.json", "--tolerance", "10"][..], "expected a number of per cent, such as 10% or 0.5%"),
        (&["a.json", "b.json", "--tolerance-time", "10"], "expected a time with its unit"),
        (&["a.json", "b.json", "--output", "csv"], "expected text or json"),
        (&["missing.json", "b.json"], "missing.json cannot be read: "),
        (&["a.json"], "required"),
    ] {
        let told = ended(&[&["report", "compare"], options].concat());
        assert_eq!((told.code, told.stdout.as_str()), (Some(2), ""), "{options:?}");
        assert!(told.stderr.contains(expected), "{}", told.stderr);
    }
}
