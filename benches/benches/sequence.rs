//! Measures the check of rules between events on one core, for streams that are in memory as messages. Figures are per event.
//!
//! `cargo bench -p benches --bench sequence`. With `-- --test` it also prints the memory of the checker.

use std::hint::black_box;

use benches::{TIMESTAMP, events};
use client_event::sequence::{Fingerprints, SequenceChecker};
use client_event::{ClientEvent, EventTimestamp, EventType};
use criterion::{BatchSize, Criterion, Throughput};
use seeker_model::{Model, simulator};

/// A stream in time order: one page of 10 to 20 jobs per second, and VIEWs of the first four jobs of each page in the following minutes.
fn stream(pages: usize) -> Vec<ClientEvent> {
    let model = Model::with_defaults();
    let of_model = events(&model, 1_000);
    let impressions: Vec<_> = of_model
        .iter()
        .filter(|event| event.event_type == EventType::Impression)
        .map(|event| {
            let mut json = Vec::new();
            simulator::write_json(event, &model, TIMESTAMP, &mut json);
            ClientEvent::from_json(&json).expect("the model writes valid messages")
        })
        .filter(|impression| impression.related_job_names.len() == 20)
        .collect();
    let mut stream = Vec::with_capacity(5 * pages);
    for (page, seconds) in (0..pages).zip(0_i64..) {
        let mut impression = impressions[page % impressions.len()].clone();
        // Unique ids of requests and events, as long as those of the model.
        impression.request_id = renumbered(impression.request_id.as_str(), 0, page);
        impression.event_id = renumbered(impression.event_id.as_str(), 0, page);
        impression.event_timestamp_millis = EventTimestamp::from_millis(TIMESTAMP.as_millis() + seconds * 1000);
        impression.related_job_names.truncate(10 + page % 11);
        for view in 0..4 {
            stream.push(ClientEvent {
                event_id: renumbered(impression.event_id.as_str(), view + 1, page),
                event_type: EventType::View,
                related_job_names: vec![impression.related_job_names[view].clone()],
                event_timestamp_millis: EventTimestamp::from_millis(
                    TIMESTAMP.as_millis() + (seconds + 45 * (1 + i64::try_from(view).expect("less than four"))) * 1000,
                ),
                ..impression.clone()
            });
        }
        stream.push(impression);
    }
    stream.sort_by_key(|event| event.event_timestamp_millis);
    stream
}

/// Replaces the first characters of an id with two numbers.
fn renumbered<T: TryFrom<String, Error: std::fmt::Debug>>(id: &str, kind: usize, number: usize) -> T {
    format!("{kind}{number:09}{}", &id[10..]).try_into().expect("the id is not empty")
}

fn checker(window_ms: Option<i64>) -> SequenceChecker {
    SequenceChecker::builder().window_ms(window_ms).build()
}

/// The requests of this stream end within minutes, so a window of an hour closes them.
const HOUR_MS: i64 = 60 * 60 * 1000;

fn check(criterion: &mut Criterion) {
    let stream = stream(40_000);
    let fingerprints: Vec<_> = stream.iter().map(Fingerprints::of).collect();
    let mut group = criterion.benchmark_group("sequence");
    group.throughput(Throughput::Elements(stream.len() as u64));
    group.sample_size(20);
    group.bench_function("fingerprints", |bencher| {
        // Few enough to stay in the cache, like a message that was just read.
        let few = &stream[10_000..10_100];
        let mut fingerprints = Fingerprints::default();
        bencher.iter(|| {
            for event in few.iter().cycle().take(stream.len()) {
                fingerprints.recompute(event);
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

/// Prints the memory of the checker after a stream and after a stream that is ten times as long.
#[expect(clippy::print_stderr, reason = "criterion does not report memory")]
fn memory() {
    for (name, window_ms) in [("no window", None), ("a window of an hour", Some(HOUR_MS))] {
        for pages in [20_000, 200_000] {
            let (mut checker, mut findings) = (checker(window_ms), Vec::new());
            for event in stream(pages) {
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
