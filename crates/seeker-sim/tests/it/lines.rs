//! Tests of a file or standard output as the target: one line per event.

use std::collections::HashSet;
use std::fs;

use client_event::ClientEvent;

#[cfg(unix)]
use crate::program::assert_outcome;
use crate::program::{Ended, Reported, assert_sound, count, ended, number, seeker_sim, words};

fn messages(lines: &str) -> Vec<ClientEvent> {
    lines.lines().map(|line| ClientEvent::from_json(line.as_bytes()).unwrap()).collect()
}

#[test]
fn a_file_gets_a_line_for_each_event() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.ndjson");
    fs::write(&file, "what was there before\n").unwrap();
    let target = format!("file:{}", file.display());
    let (run, report) =
        Reported::new().run(&format!("--target {target} --rate 300/s --duration 2s --warm-up 500ms --check-sent"));
    assert_sound(&run, &report);
    let acknowledged = count(&report, "events.acknowledged") + count(&report, "warm_up.events.acknowledged");
    assert_eq!((&report["target"], acknowledged), (&target.clone().into(), 600));
    assert!(number(&report, "latency_ms.p50") >= 0.0 && report["receiver"].is_null());
    let messages = messages(&fs::read_to_string(&file).unwrap());
    assert_eq!(messages.len(), 600, "including the warm-up");
    let ids: HashSet<_> = messages.iter().map(|message| message.event_id.clone()).collect();
    assert_eq!(ids.len(), 600);
    let checked = ended(&["check", &file.display().to_string()]);
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
}

#[test]
fn standard_output_has_lines_alone() {
    let output =
        seeker_sim(&["run"]).args(words("--target - --rate 200/s --duration 1s --format pubsub --quiet")).output().unwrap();
    let run = Ended::from(output);
    assert_eq!(run.stdout.lines().count(), 200, "{}", run.stderr);
    for line in run.stdout.lines() {
        let published: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(published["messages"].as_array().unwrap().len(), 1);
    }
    assert!(run.stderr.contains("target        standard output") && run.stderr.contains("all 200 planned"), "{}", run.stderr);
}

/// The reader closes the pipe early.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_reported_and_accounted_for() {
    let reported = Reported::new();
    let mut run = reported.start("--target - --rate 100/s --duration 2s --quiet");
    drop(run.stdout.take());
    let ended = Ended::from(run.wait_with_output().unwrap());
    let report = reported.report();
    assert_outcome(&ended, &report, "threshold_missed");
    assert_eq!(count(&report, "events.failed"), 200, "{report}");
    let errors = report["errors"].as_object().unwrap();
    assert!(errors.keys().all(|error| error.starts_with("failed to write: Broken pipe")), "{errors:?}");
}

#[test]
fn options_of_requests_are_refused_for_lines() {
    for (options, expected) in [
        ("--target file:", "expected a path, such as file:events.ndjson"),
        ("--target events.ndjson", "file:events.ndjson for a file, or - for standard output"),
        ("--target file:/no/such/folder/x", "failed to write to file:/no/such/folder/x: No such file or directory"),
        (
            "--target - --gzip",
            "--gzip does not apply to standard output: events are written as lines, without requests; leave the option out, or name a service",
        ),
        ("--target - --retries 1", "--retries does not apply to standard output"),
        ("--target - --batch 5", "--batch does not apply to standard output"),
        ("--target - --http2", "--http2 does not apply to standard output"),
        ("--target - --header a:b", "--header does not apply to standard output"),
        ("--target - --token-env A", "--token-env does not apply to standard output"),
        ("--target - --insecure", "--insecure does not apply to standard output"),
        ("--target - --project p", "--project does not apply to standard output"),
    ] {
        let ended = Ended::from(seeker_sim(&["run"]).args(words(options)).output().unwrap());
        assert_eq!(ended.code, Some(2), "{options}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{options}: {}", ended.stderr);
        assert_eq!(ended.stdout, "");
    }
}
