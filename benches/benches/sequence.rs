//! Checking the rules between events, one core, on streams that are in memory as messages. Figures are per event.
//!
//! `cargo bench -p benches --bench sequence`; `-- --test` prints the bytes that the checker holds, which take no measuring.

use std::hint::black_box;

use benches::{TIMESTAMP, events};
use client_event::sequence::{Fingerprints, SequenceChecker, SequenceOptions};
use client_event::{ClientEvent, EventTimestamp};
use criterion::{BatchSize, Criterion, Throughput};
use seeker_model::{Model, SeekerEvent};

/// The messages of the first so-many seekers, in the order of time, as if one seeker had come each second.
fn stream(seekers: u64) -> Vec<ClientEvent> {
    let model = Model::with_defaults();
    let mut json = Vec::new();
    let mut stream: Vec<_> = events(&model, seekers)
        .into_iter()
        .map(|event: SeekerEvent| {
            let millis = event.seeker * 1000 + u64::try_from(event.at.since_start().as_millis()).expect("a journey is short");
            let timestamp = TIMESTAMP.as_millis() + i64::try_from(millis).expect("a journey is short");
            json.clear();
            event.write_json(&model, EventTimestamp::from_millis(timestamp), &mut json);
            ClientEvent::from_json(&json).expect("the model writes messages")
        })
        .collect();
    stream.sort_by_key(|event| event.event_timestamp_millis);
    stream
}

fn checker(window_ms: Option<i64>) -> SequenceChecker {
    SequenceChecker::new(SequenceOptions { window_ms, ..SequenceOptions::default() })
}

/// Requests of this stream end within minutes, so that the hour closes them.
const HOUR_MS: i64 = 60 * 60 * 1000;

fn check(criterion: &mut Criterion) {
    let stream = stream(20_000);
    let fingerprints: Vec<_> = stream.iter().map(Fingerprints::of).collect();
    let mut group = criterion.benchmark_group("sequence");
    group.throughput(Throughput::Elements(stream.len() as u64));
    group.sample_size(20);
    group.bench_function("fingerprints", |bencher| {
        let mut fingerprints = Fingerprints::default();
        bencher.iter(|| {
            for event in &stream {
                fingerprints.take(event);
                black_box(&fingerprints);
            }
        });
    });
    for (name, window_ms) in [("rules, no window", None), ("rules, a window of an hour", Some(HOUR_MS))] {
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || checker(window_ms),
                |mut checker| {
                    let mut findings = Vec::new();
                    for ((event, fingerprints), at) in stream.iter().zip(&fingerprints).zip(0..) {
                        black_box(checker.observe_at(event, fingerprints, at, &mut findings));
                    }
                    assert!(findings.is_empty());
                    checker
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// Prints what the checker holds after a stream and after one ten times as long.
fn memory() {
    for (name, window_ms) in [("no window", None), ("a window of an hour", Some(HOUR_MS))] {
        for seekers in [20_000, 200_000] {
            let (mut checker, mut findings) = (checker(window_ms), Vec::new());
            for event in stream(seekers) {
                checker.observe(&event, &mut findings);
            }
            let (totals, bytes) = (checker.totals(), checker.heap_bytes());
            let open = totals.requests - totals.closed;
            eprintln!("{name}: {bytes} bytes after {} events, {} requests, {open} of them open", totals.events, totals.requests);
        }
    }
}

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        memory();
    }
    let mut criterion = Criterion::default().configure_from_args();
    check(&mut criterion);
    criterion.final_summary();
}
