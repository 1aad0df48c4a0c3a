//! Tests of the windows as CSV: they equal the JSON report, and are written before the run ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::program::{ended, seeker_sim};
use crate::report::reported;
use crate::service::Service;

/// The windows of a CSV file, as names and values.
fn lines(text: &str) -> Vec<Vec<(&str, &str)>> {
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let with_names = |line: Vec<_>| {
        assert_eq!(line.len(), names.len(), "{line:?}");
        names.iter().copied().zip(line).collect()
    };
    lines.map(with_names).collect()
}

/// The value in a window of the JSON report for this CSV column.
fn value_of<'w>(window: &'w Value, name: &str) -> &'w Value {
    for times in ["latency", "service_time"] {
        if let Some(percentile) = name.strip_prefix(times).and_then(|rest| rest.strip_prefix('_')?.strip_suffix("_ms")) {
            return &window[format!("{times}_ms")][percentile];
        }
    }
    &window[name]
}

/// For all responses, the CSV has the same windows as the JSON report, and no line is incomplete.
#[test]
fn csv_has_the_windows_of_the_report() {
    for status in ["200 OK", "400 Bad Request"] {
        let folder = tempfile::tempdir().unwrap();
        let service = Service::answering(status);
        let options = format!("--target {} --rate 100/s --duration 2s --warm-up 300ms", service.url());
        let (_, paths) = reported(folder.path(), &options, &["json", "csv"]);
        let report: Value = serde_json::from_str(&fs::read_to_string(&paths[0]).unwrap()).unwrap();
        let csv = fs::read_to_string(&paths[1]).unwrap();
        let (windows, lines) = (report["windows"].as_array().unwrap(), lines(&csv));
        assert_eq!(windows.len(), lines.len());
        for (window, line) in windows.iter().zip(lines) {
            for (name, text) in line {
                let value = value_of(window, name);
                let is_same = if text.is_empty() { value.is_null() } else { value.as_f64() == text.parse().ok() };
                assert!(is_same, "{name}: {text} and {value}");
            }
        }
    }
}

/// A killed process leaves the finished seconds, each as a complete line.
#[test]
fn a_killed_run_leaves_its_windows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.csv");
    fs::write(&path, "of an earlier run\n").unwrap();
    let mut run = seeker_sim(&["run", "--rate", "200/s", "--duration", "1h", "--report", path.to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The run prints a status line every three seconds. A second is final when four later seconds have begun.
    let mut progress = BufReader::new(run.stderr.take().unwrap()).lines().map_while(Result::ok);
    let is_written = |text: &str| text.starts_with("from_s,") && text.lines().count() >= 3;
    while progress.next().is_some() && !is_written(&fs::read_to_string(&path).unwrap()) {}
    // SIGKILL cannot be handled.
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.ends_with('\n'), "{text}");
    let lines = lines(&text);
    assert!(lines.len() >= 2, "{text}");
    for (second, line) in lines.iter().enumerate() {
        assert_eq!(line[0], ("from_s", second.to_string().as_str()));
        assert_eq!(line[2], ("planned", "200"));
    }
    assert!(lines.iter().any(|line| line.iter().any(|(name, text)| *name == "acknowledged" && *text != "0")), "{text}");
}

#[test]
fn other_endings_are_refused_before_the_start() {
    let service = Service::answering("200 OK");
    for (name, expected) in [("run.xml", ".json"), ("run", ".csv"), ("missing/run.html", "the folder missing does not exist")] {
        let ended = ended(&["run", "--target", &service.url(), "--duration", "1h", "--report", name]);
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
    assert!(service.requests().is_empty());
}

/// A pipe receives the lines at the end of the run.
#[cfg(unix)]
#[test]
fn a_device_is_written_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("link.csv");
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    let ended = ended(&["run", "--rate", "50/s", "--duration", "1s", "--report", link.to_str().unwrap()]);
    assert_eq!(ended.stderr.matches("error").count(), 0, "{}", ended.stderr);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink() && !fs::metadata(&link).unwrap().is_file());
}
