//! Tests of the display during a run.

use crate::program::{Ended, Reported};

#[test]
fn a_quiet_run_prints_only_the_summary() {
    let (ended, report) = Reported::new().run("--quiet --duration 1s --rate 50/s");
    assert_eq!(ended.stderr, "");
    assert!(ended.stdout.starts_with("run "), "{}", ended.stdout);
    assert_eq!(report["events"]["planned"], 50);
}

#[test]
fn a_quiet_run_prints_errors() {
    let ended = Ended::from(Reported::new().command("--quiet --rate 0/s --duration 1s").output().unwrap());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert!(!ended.stderr.is_empty());
}

#[test]
fn quiet_and_a_line_contradict_each_other() {
    let ended = Ended::from(Reported::new().command("--quiet --no-tui").output().unwrap());
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("--quiet") && ended.stderr.contains("--no-tui"), "{}", ended.stderr);
}
