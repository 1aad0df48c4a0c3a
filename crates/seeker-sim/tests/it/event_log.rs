//! Tests of the file with a line for each event: all figures of the report can be computed from it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Reported, count, ended, number};
use crate::service::{Manner, Service};

/// An event: its type, its outcome, and when it was due, sent and settled, in microseconds.
struct Line {
    event_type: String,
    outcome: String,
    scheduled: u64,
    sent: Option<u64>,
    settled: u64,
}

fn lines(path: &Path) -> Vec<Line> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("type,outcome,scheduled_us,sent_us,settled_us"));
    let line = |line: &str| {
        let [event_type, outcome, scheduled, sent, settled] = line.split(',').collect::<Vec<_>>().try_into().unwrap();
        Line {
            event_type: event_type.to_owned(),
            outcome: outcome.to_owned(),
            scheduled: scheduled.parse().unwrap(),
            sent: (!sent.is_empty()).then(|| sent.parse().unwrap()),
            settled: settled.parse().unwrap(),
        }
    };
    lines.map(line).collect()
}

/// Asserts that a percentile of the report is that of these times, to the three digits of a histogram.
fn assert_percentile(report: &Value, place: &str, permille: usize, times: &mut [u64]) {
    times.sort_unstable();
    let rank = (times.len() * permille).div_ceil(1000).max(1);
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    let expected = times[rank - 1] as f64 / 1000.0;
    let found = number(report, place);
    assert!((found - expected).abs() <= 0.001 * expected + 0.000_5, "{place} is {found}, expected {expected}");
}

#[test]
fn all_figures_can_be_computed_from_the_lines() {
    let refusing = Service::answering("400 Bad Request");
    let silent = Service::start(Manner::KeepsSilent);
    for options in [
        "--warm-up 300ms".to_owned(),
        format!("--target {}", refusing.url()),
        format!("--target {} --timeout 300ms", silent.url()),
    ] {
        let reported = Reported::new();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.csv");
        let (_, report) = reported.run(&format!("--duration 1s --rate 200/s --event-log {} {options}", path.display()));
        let lines = lines(&path);
        assert_eq!(lines.len() as u64, count(&report, "events.planned"), "{options}");
        let mut by_outcome: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for line in &lines {
            *by_outcome.entry((&line.event_type, &line.outcome)).or_default() += 1;
            assert!(line.sent.is_none_or(|sent| line.scheduled <= sent && sent <= line.settled), "{options}");
        }
        for ((event_type, outcome), number) in by_outcome {
            assert_eq!(count(&report["by_type"][event_type], outcome), number, "{options}: {event_type} {outcome}");
        }
        let mut latencies: Vec<_> = lines.iter().map(|line| line.settled - line.scheduled).collect();
        let mut service_times: Vec<_> = lines.iter().filter_map(|line| Some(line.settled - line.sent?)).collect();
        for (name, permille) in [("p50", 500), ("p90", 900), ("p99", 990)] {
            if service_times.is_empty() {
                // The histogram rounds a time without an answer down, because it is a lower bound.
                assert_eq!(report["latency_ms"]["lower_bound_above"], 0.0);
            } else {
                assert_percentile(&report, &format!("latency_ms.{name}"), permille, &mut latencies);
                assert_percentile(&report, &format!("service_time_ms.{name}"), permille, &mut service_times);
            }
        }
    }
}

#[test]
fn the_log_of_a_part_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let options =
        format!("--duration 200ms --rate 40/s --seed 1 --shard 2/2 --event-log {}/events-{{shard}}.csv", folder.path().display());
    let first = ended(
        &["run", "--quiet", "--target", &Service::answering("200 OK").url()]
            .into_iter()
            .chain(options.split(' '))
            .collect::<Vec<_>>(),
    );
    // A busy machine may make the run untrustworthy.
    assert!(matches!(first.code, Some(0 | 3)), "{}", first.stderr);
    assert_eq!(lines(&folder.path().join("events-2.csv")).len(), 4);
    let second = ended(&["run", "--quiet"].into_iter().chain(options.split(' ')).collect::<Vec<_>>());
    assert_eq!(second.code, Some(2));
    assert!(second.stderr.contains("events-2.csv: the file exists and is not replaced"), "{}", second.stderr);
}

#[test]
fn a_log_that_cannot_be_is_refused() {
    for (options, expected) in [
        ("--event-log run.csv --report run.csv", "--event-log run.csv names the file of a report; choose another file"),
        ("--event-log -", "--event-log -: expected the name of a file, such as events.csv"),
        ("--event-log nowhere/events.csv", "--event-log nowhere/events.csv: the folder nowhere does not exist"),
        ("--event-log {shard}.csv", "{shard}.csv: {shard} is the number of the shard, but there is no --shard"),
        ("--event-log e.csv --find-capacity latency.p99<50ms", "contradict each other"),
    ] {
        let refused = ended(&["run", "--duration", "1s"].into_iter().chain(options.split(' ')).collect::<Vec<_>>());
        assert_eq!(refused.code, Some(2), "{options}");
        assert!(refused.stderr.contains(expected), "{options}: {}", refused.stderr);
    }
}
