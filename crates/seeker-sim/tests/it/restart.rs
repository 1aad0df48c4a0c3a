//! Tests of a target that is killed during a run and restarted: every event is accounted for, and the report shows when the target was down
//! and that it worked again afterwards.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::thread;

use serde_json::Value;

use crate::program::{Ended, Reported, assert_outcome, count};
use crate::receiver_process::ReceiverProcess;

const RATE: u64 = 200;

#[test]
fn a_target_that_comes_back_is_found_again() {
    let receiver = ReceiverProcess::start();
    let reported = Reported::new();
    let mut run = reported.start(&format!("--target {} --rate {RATE}/s --duration 13s --timeout 2s", receiver.url()));
    // The run prints a line every three seconds. The target is killed after the first line and restarted after the second.
    let mut lines = BufReader::new(run.stderr.take().unwrap()).lines();
    let mut next_line = || lines.next().unwrap().unwrap();
    assert!(next_line().contains("live seekers"));
    let address = receiver.url().trim_start_matches("http://").to_owned();
    drop(receiver);
    assert!(next_line().contains("live seekers"));
    let again = ReceiverProcess::start_at(&address);
    let reader = thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    let ended = Ended::from(run.wait_with_output().unwrap());
    reader.join().unwrap();

    // `Reported::report` checks that the events add up.
    let report = reported.report();
    assert_outcome(&ended, &report, "threshold_missed");
    assert_eq!(count(&report, "events.planned"), 13 * RATE);
    assert!(count(&report, "events.failed") > RATE, "{report}");
    let errors = report["errors"].as_object().unwrap();
    assert!(errors.keys().any(|error| error.contains("Connection refused")), "{errors:?}");
    let windows = report["windows"].as_array().unwrap();
    let is_well = |window: &Value| window["failed"] == 0 && window["acknowledged"].as_u64().unwrap() > RATE / 2;
    assert!(is_well(&windows[0]) && is_well(&windows[11]), "{windows:?}");
    assert!(
        windows.iter().any(|window| window["acknowledged"] == 0 && window["failed"].as_u64().unwrap() > RATE / 2),
        "{windows:?}"
    );
    let accepted: Value = serde_json::from_str(&again.end()).unwrap();
    assert!(count(&accepted, "accepted") > 3 * RATE, "{accepted}");
}
