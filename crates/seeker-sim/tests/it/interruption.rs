//! Signals: the first ends a run in order, the second at once, unless it is the first again.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::program::{Ended, Reported, count, number};
use crate::service::{Manner, Service};

pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits until the run shows its first line of progress.
fn until_under_way(child: &mut Child) {
    let stderr = child.stderr.take().unwrap();
    let mut lines = BufReader::new(stderr);
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    assert!(line.contains("live seekers"), "{line}");
    // The rest is read so that the program never waits for us.
    std::thread::spawn(move || lines.lines().map_while(Result::ok).for_each(drop));
}

#[test]
fn a_first_signal_ends_the_run_in_order() {
    for name in ["INT", "TERM", "HUP"] {
        let reported = Reported::new();
        let mut child = reported.start("--duration 1h --rate 200/s");
        until_under_way(&mut child);
        signal(&child, name);
        let ended = Ended::from(child.wait_with_output().unwrap());
        let report = reported.report();
        assert_eq!((ended.code, report["outcome"].as_str()), (Some(130), Some("interrupted")), "{}", ended.stdout);
        assert!(ended.stdout.contains("run interrupted"), "{}", ended.stdout);
        let seconds = number(&report, "duration_s");
        assert!((1.0..600.0).contains(&seconds), "{seconds}");
        let (planned, due) = (number(&report, "events.planned"), seconds * 200.0);
        assert!((planned - due).abs() <= 20.0, "{planned} of {due}");
        assert!(number(&report, "events.acknowledged") >= 0.9 * due, "{report}");
        assert_eq!(report["events"]["acknowledged"], report["receiver"]["accepted"]);
    }
}

/// As `timeout` does it: to the process, and to the group that it is in.
#[test]
fn a_signal_that_is_sent_twice_is_one_signal() {
    let service = Service::start(Manner::KeepsSilent);
    let reported = Reported::new();
    let mut child =
        reported.start(&format!("--target {} --duration 1h --rate 100/s --connections 16 --timeout 1h", service.url()));
    until_under_way(&mut child);
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &id, &id]).status().unwrap().success());
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, reported.report()["outcome"].as_str()), (Some(130), Some("interrupted")), "{}", ended.stdout);
}

#[test]
fn a_signal_ends_a_search_for_the_capacity() {
    let reported = Reported::new();
    let mut child = reported.start("--find-capacity 'rate < 1000000/s' --duration 1h --rate 200/s");
    until_under_way(&mut child);
    signal(&child, "INT");
    let ended = Ended::from(child.wait_with_output().unwrap());
    let report = reported.report();
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(130), Some("interrupted")), "{}", ended.stdout);
    let trials = report["capacity"]["trials"].as_array().unwrap();
    assert_eq!((trials.len(), &trials[0]["outcome"]), (1, &"interrupted".into()));
    assert!(report["capacity"]["rate_per_s"].is_null());
}

/// The program writes a line when a trial has ended. Whether the signal comes before the next one has begun or after, the search ends with
/// what it has found.
#[test]
fn a_signal_between_trials_ends_a_search_for_the_capacity() {
    for name in ["INT", "TERM", "HUP"] {
        let reported = Reported::new();
        let mut child = reported.start("--find-capacity 'rate < 1000000/s' --duration 500ms --rate 50/s");
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.starts_with("50/s ")), "the first trial is told");
        signal(&child, name);
        lines.for_each(drop);
        let ended = Ended::from(child.wait_with_output().unwrap());
        let report = reported.report();
        assert_eq!((ended.code, report["outcome"].as_str()), (Some(130), Some("interrupted")), "{name}: {}", ended.stdout);
        let trials = report["capacity"]["trials"].as_array().unwrap();
        assert!(!trials.is_empty() && trials[0]["rate_per_s"] == 50.0, "{report}");
        assert!(report["capacity"]["rate_per_s"].is_null());
        let held = trials.iter().filter(|trial| trial["outcome"] == "passed").map(|trial| trial["rate_per_s"].as_f64().unwrap());
        assert_eq!(report["capacity"]["unconfirmed_rate_per_s"].as_f64(), held.reduce(f64::max));
    }
}

/// The target takes the connection, but never answers the TLS handshake.
#[test]
fn a_signal_before_the_start_leaves_a_report() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let reported = Reported::new();
    let child = reported.start(&format!("--target https://{} --insecure --duration 1h", listener.local_addr().unwrap()));
    let connection = listener.accept().unwrap();
    signal(&child, "INT");
    let ended = Ended::from(child.wait_with_output().unwrap());
    drop(connection);
    let report = reported.report();
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(130), Some("interrupted")), "{}", ended.stderr);
    assert_eq!(report["reasons"][0], "the run was asked to end before it started");
}

/// Even when nothing is ever answered.
#[test]
fn an_interrupted_run_accounts_for_what_hangs() {
    let service = Service::start(Manner::KeepsSilent);
    let reported = Reported::new();
    let mut child =
        reported.start(&format!("--target {} --duration 1h --rate 100/s --connections 16 --timeout 1h", service.url()));
    until_under_way(&mut child);
    signal(&child, "INT");
    let ended = Ended::from(child.wait_with_output().unwrap());
    let report = reported.report();
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(130), Some("interrupted")));
    assert_eq!(count(&report, "events.unknown"), 16);
    assert!(number(&report, "events.not_sent") > 0.0);
}

/// A hang-up is no signal for a program that `nohup` has started: else the SIGINT would be the second one, which leaves no report.
#[cfg(target_os = "linux")]
#[test]
fn a_hang_up_is_ignored_under_nohup() {
    let service = Service::start(Manner::KeepsSilent);
    let reported = Reported::new();
    let command = reported.command(&format!("--target {} --duration 1h --rate 100/s --timeout 1h", service.url()));
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).arg(command.get_program()).args(command.get_args());
    let mut child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until_under_way(&mut child);
    signal(&child, "HUP");
    signal(&child, "INT");
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, reported.report()["outcome"].as_str()), (Some(130), Some("interrupted")), "{}", ended.stdout);
}

#[test]
fn a_second_signal_ends_at_once() {
    let service = Service::start(Manner::KeepsSilent);
    let reported = Reported::new();
    let mut child = reported.start(&format!("--target {} --duration 1h --rate 100/s --timeout 1h", service.url()));
    until_under_way(&mut child);
    // The first wait for answers takes two seconds; the second signal falls into it.
    signal(&child, "INT");
    signal(&child, "TERM");
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(130));
    assert_eq!(ended.stdout, "", "no summary");
    assert!(!reported.path().exists(), "no report");
    assert_eq!(std::fs::read_dir(reported.path().parent().unwrap()).unwrap().count(), 0, "nothing half-written");
}
