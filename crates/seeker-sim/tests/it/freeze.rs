//! Tests of a target in its own process that freezes for two seconds. The stall must show in the latency, because events stay due
//! meanwhile, but not in the service time of the requests before and after.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::program::{Ended, Reported, assert_sound, count, number};
use crate::receiver_process::ReceiverProcess;

#[test]
fn a_stall_is_found_in_the_latency_and_not_in_the_service_time_of_others() {
    let receiver = ReceiverProcess::start();
    let url = receiver.url();

    // With four connections, at most four requests are in flight when the target freezes.
    let reported = Reported::new();
    let mut run = reported.start(&format!("--target {url} --rate 200/s --duration 8s --connections 4 --drain 5s"));
    let (progress, lines) = channel();
    let stderr = BufReader::new(run.stderr.take().unwrap());
    let reader = thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| progress.send(line)));
    let first = lines.recv_timeout(Duration::from_mins(1)).unwrap();
    assert!(first.contains("live seekers"), "{first}");
    receiver.signal("STOP");
    // Waits two seconds. If the run ended earlier, this test would not test the freeze.
    let mut shown = Vec::new();
    let until = std::time::Instant::now() + Duration::from_secs(2);
    loop {
        match lines.recv_timeout(until.saturating_duration_since(std::time::Instant::now())) {
            Ok(line) => shown.push(line),
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => panic!("the run ended early: {shown:?}"),
        }
    }
    receiver.signal("CONT");
    let ended = Ended::from(run.wait_with_output().unwrap());
    drop(lines);
    let _ = reader.join();
    let report = reported.report();
    assert_sound(&ended, &report);
    assert_eq!(count(&report, "events.acknowledged"), 1600, "{report}");

    // A quarter of the events were due during the freeze. The four requests in flight took as long as the freeze; all other requests were
    // answered at normal speed.
    let (latency, service) = (number(&report, "latency_ms.p99"), number(&report, "service_time_ms.p99"));
    assert!(latency >= 1_000.0, "{report}");
    assert!(service < latency / 2.0, "{report}");
    assert!(number(&report, "service_time_ms.max") >= 1_500.0, "{report}");
    let windows = report["windows"].as_array().unwrap();
    let stood_still = |window: &&Value| window["planned"] == 200 && window["acknowledged"] == 0;
    assert!(windows.iter().any(|window| stood_still(&window)), "{windows:?}");
    assert!(windows.iter().any(|window| window["latency_ms"]["p99"].as_f64().is_some_and(|p99| p99 >= 1_000.0)), "{windows:?}");
}

/// A pause of the generator itself is not blamed on the target.
#[test]
fn a_generator_that_stands_still_does_not_blame_the_target() {
    let receiver = ReceiverProcess::start();
    let reported = Reported::new();
    let url = receiver.url();
    let mut run = reported.start(&format!("--target {url} --rate 200/s --duration 5s --threshold 'latency.max < 400ms'"));
    let (progress, lines) = channel();
    let stderr = BufReader::new(run.stderr.take().unwrap());
    let reader = thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| progress.send(line)));
    lines.recv_timeout(Duration::from_mins(1)).unwrap();
    let stop = |name: &str| {
        let sent = std::process::Command::new("kill").args(["-s", name, &run.id().to_string()]).status().unwrap();
        assert!(sent.success());
    };
    stop("STOP");
    thread::sleep(Duration::from_millis(800));
    stop("CONT");
    let ended = Ended::from(run.wait_with_output().unwrap());
    drop(lines);
    let _ = reader.join();
    let report = reported.report();
    assert_eq!((ended.code, report["outcome"].as_str()), (Some(3), Some("not_trustworthy")), "{}", ended.stdout);
    assert!(number(&report, "generator.pauses.longest_ms") >= 700.0, "{report}");
    assert!(number(&report, "latency_ms.max") >= 700.0, "the scheduled times do not change: {report}");
}
