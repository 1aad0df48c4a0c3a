//! Tests of signals: the first signal ends a run gracefully, the second ends it at once. A quick repeat of the first signal is ignored.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::program::{Ended, Reported, count, number};
use crate::service::{Manner, Service};

pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// The signals that end a run. SIGHUP is left out under `nohup`, which makes programs ignore it.
fn ending_signals() -> Vec<&'static str> {
    const HUP_BIT: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.map_or(0, |bits| u64::from_str_radix(bits.trim(), 16).unwrap());
    let mut signals = vec!["INT", "TERM"];
    if ignored & HUP_BIT == 0 {
        signals.push("HUP");
    }
    signals
}

/// Waits until the run prints its first status line.
fn until_under_way(child: &mut Child) {
    let stderr = child.stderr.take().unwrap();
    let mut lines = BufReader::new(stderr);
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    assert!(line.contains("live seekers"), "{line}");
    // Reads the remaining output, so that the program never blocks on its output.
    std::thread::spawn(move || lines.lines().map_while(Result::ok).for_each(drop));
}

#[test]
fn a_first_signal_ends_the_run_in_order() {
    for name in ending_signals() {
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

/// Sends the signal twice, as `timeout` does: to the process and to its group.
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

/// The program prints a line after each trial. The search ends with its results so far, whether the signal arrives before or after the
/// start of the next trial.
#[test]
fn a_signal_between_trials_ends_a_search_for_the_capacity() {
    for name in ending_signals() {
        let reported = Reported::new();
        let mut child = reported.start("--find-capacity 'rate < 1000000/s' --duration 500ms --rate 50/s");
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains(" at 50/s")), "the first trial is reported");
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

/// The target accepts the connection, but never answers the TLS handshake.
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
    assert_eq!(report["reasons"][0], "the run was interrupted before it started");
}

/// The target never answers.
#[test]
fn an_interrupted_run_accounts_for_unanswered_events() {
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

/// A program that `nohup` started ignores SIGHUP. Otherwise the SIGINT would be the second signal, which leaves no report.
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

/// A first signal during the drain shortens the drain. It does not count as a second signal.
#[test]
fn a_signal_while_the_last_answers_are_awaited_leaves_a_report() {
    let service = Service::start(Manner::KeepsSilent);
    let reported = Reported::new();
    let options = "--duration 1s --rate 20/s --connections 4 --timeout 1h --drain 1h";
    let mut child = reported.start(&format!("--target {} {options}", service.url()));
    // The first line appears after three seconds, when the load has ended.
    until_under_way(&mut child);
    signal(&child, "INT");
    let ended = Ended::from(child.wait_with_output().unwrap());
    let report = reported.report();
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(130), Some("interrupted")), "{}", ended.stdout);
    let counts = ["planned", "unknown", "not_sent"].map(|fate| count(&report, &format!("events.{fate}")));
    assert_eq!(counts, [20, 4, 16], "{report}");
}

/// Starts a run in which every thread that reaches this point blocks forever.
fn start_stalled(reported: &Reported, point: &str, options: &str) -> Child {
    let mut command = reported.command(options);
    command.env("SEEKER_SIM_STALL", point).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Reads the messages until a line contains this text, and returns the remaining messages at the end.
fn after_line(child: &mut Child, wanted: &str) -> std::thread::JoinHandle<String> {
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains(wanted)), "{wanted}");
    std::thread::spawn(move || lines.collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_second_signal_ends_immediately() {
    let reported = Reported::new();
    let mut child = start_stalled(&reported, "drain", "--duration 1h --rate 100/s");
    let said = after_line(&mut child, "live seekers");
    signal(&child, "INT");
    signal(&child, "TERM");
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""), "no summary");
    assert_eq!(files_beside(&reported), 0, "no report and no draft is left");
    let said = said.join().unwrap();
    assert!(said.contains("seeker-sim: no graceful shutdown: a second signal requested an immediate end"), "{said}");
}

/// A thread of the generator hangs. The run cannot account for its events, so there is no report.
#[test]
fn one_signal_ends_a_run_that_is_stuck() {
    let reported = Reported::new();
    let mut child = start_stalled(&reported, "drain", "--duration 1h --rate 100/s");
    let said = after_line(&mut child, "live seekers");
    signal(&child, "INT");
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""));
    let said = said.join().unwrap();
    assert!(said.contains("seeker-sim: no graceful shutdown within 10s"), "{said}");
}

/// The reader of standard output does not read, so the pipe is full long before the first status line.
#[test]
fn one_signal_ends_a_run_whose_output_nobody_reads() {
    let reported = Reported::new();
    let mut child = reported.start("--target - --duration 1h --rate 2000/s --timeout 1h");
    let said = after_line(&mut child, "live seekers");
    signal(&child, "INT");
    // Waits without reading the output.
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let report = reported.report();
    assert_eq!(report["outcome"], "interrupted");
    assert!(count(&report, "events.unknown") > 0 && count(&report, "events.not_sent") > 0, "{report}");
    assert!(said.join().unwrap().contains("run interrupted"));
}

/// The disk hangs when the finished report is renamed.
#[test]
fn a_second_signal_ends_a_report_that_is_never_written() {
    let reported = Reported::new();
    let mut child = start_stalled(&reported, "file-end", "--duration 1s --rate 50/s");
    let said = after_line(&mut child, "stalled at file-end");
    assert_eq!(files_beside(&reported), 1, "there is one draft");
    signal(&child, "INT");
    signal(&child, "TERM");
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""), "{}", said.join().unwrap());
    assert_eq!(files_beside(&reported), 0, "no draft is left");
}

/// The number of files in the folder of the report.
fn files_beside(reported: &Reported) -> usize {
    std::fs::read_dir(reported.path().parent().unwrap()).unwrap().count()
}

/// The name server never answers.
#[test]
fn a_name_that_is_never_resolved_counts_within_the_timeout() {
    let service = Service::answering("200 OK");
    for (options, expected) in [
        ("--target http://stalled.test".to_owned(), "is --target right?"),
        // The target must be reached within this time too.
        (format!("--target {} --search http://stalled.test/search", service.url()), "is --search right?"),
    ] {
        let reported = Reported::new();
        let child = start_stalled(&reported, "name-lookup", &format!("{options} --duration 1h --timeout 3s"));
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!(
            (ended.code, reported.report()["outcome"].as_str()),
            (Some(4), Some("target_unreachable")),
            "{}",
            ended.stdout
        );
        assert!(ended.stdout.contains("no connection within 3s") && ended.stdout.contains(expected), "{}", ended.stdout);
    }
}

#[test]
fn one_signal_ends_a_run_that_waits_for_a_name() {
    let reported = Reported::new();
    let mut child = start_stalled(&reported, "name-lookup", "--target http://stalled.test --duration 1h --timeout 1h");
    let said = after_line(&mut child, "stalled at name-lookup");
    signal(&child, "INT");
    let ended = Ended::from(child.wait_with_output().unwrap());
    let report = reported.report();
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(130), Some("interrupted")), "{}", said.join().unwrap());
    assert_eq!(report["reasons"][0], "the run was interrupted before it started");
}

/// The host name of the collector never resolves, so the last push cannot be sent.
#[test]
fn one_signal_ends_a_run_whose_collector_is_not_found() {
    let reported = Reported::new();
    let options = "--otlp http://stalled.test:4318 --otlp-interval 100ms --duration 1h --rate 50/s";
    let mut child = start_stalled(&reported, "name-lookup", options);
    let said = after_line(&mut child, "live seekers");
    signal(&child, "INT");
    let ended = Ended::from(child.wait_with_output().unwrap());
    let outcome = reported.report()["outcome"].clone();
    assert_eq!((ended.code, outcome.as_str()), (Some(130), Some("interrupted")), "{}", said.join().unwrap());
}
