//! Measures making events on one core: whole journeys in virtual time, in compact form and as JSON. Figures are per event.
//!
//! `cargo bench -p benches --bench model`

use std::hint::black_box;
use std::time::Duration;

use benches::{SEED, TIMESTAMP, events};
use client_event::EventType;
use criterion::{Criterion, Throughput};
use seeker_model::{Model, PARTITIONS, Partitions, Playback, Query, SeekerEvent, SimTime, simulator};

/// Enough journeys to include rare events in proportion.
const SEEKERS: u64 = 2_000;

/// The simulated time that a population is played for at once.
const SLICE: Duration = Duration::from_hours(1);

fn journeys(criterion: &mut Criterion) {
    let model = Model::with_defaults();
    let mut group = criterion.benchmark_group("journeys");
    group.throughput(Throughput::Elements(events(&model, SEEKERS).len() as u64));
    group.bench_function("played", |bencher| {
        bencher.iter(|| (0..SEEKERS).map(|seeker| Playback::new(&model, SEED, seeker, SimTime::ZERO).count()).sum::<usize>());
    });
    group.bench_function("played and written", |bencher| {
        let mut out = Vec::new();
        bencher.iter(|| {
            for seeker in 0..SEEKERS {
                for event in Playback::new(&model, SEED, seeker, SimTime::ZERO) {
                    out.clear();
                    simulator::write_json(&event, &model, TIMESTAMP, &mut out);
                    black_box(out.len());
                }
            }
        });
    });
    group.finish();
}

/// A population in time order, as in `generate`: the next event of a seeker comes after those of all others.
fn population(criterion: &mut Criterion) {
    let model = Model::with_defaults();
    let numbers: Vec<_> = (0..PARTITIONS).collect();
    let mut played = Vec::new();
    let mut play = |write: &mut dyn FnMut(&SeekerEvent)| {
        let mut cells = Partitions::new(&model, SEED, SEEKERS, &numbers);
        let mut count = 0;
        while let Some(next) = cells.next_time() {
            played.clear();
            cells.advance(next + SLICE, &mut played);
            played.iter().for_each(&mut *write);
            count += played.len();
        }
        count
    };
    let mut group = criterion.benchmark_group("population");
    group.throughput(Throughput::Elements(play(&mut |_| ()) as u64));
    group.bench_function("played", |bencher| bencher.iter(|| play(&mut |_| ())));
    group.bench_function("played and written", |bencher| {
        let mut out = Vec::new();
        bencher.iter(|| {
            play(&mut |event| {
                out.clear();
                simulator::write_json(event, &model, TIMESTAMP, &mut out);
                black_box(out.len());
            })
        });
    });
    group.finish();
}

fn search(criterion: &mut Criterion) {
    let model = Model::with_defaults();
    let mut interest = 0;
    criterion.bench_function("search, a page of 20", |bencher| {
        bencher.iter(|| {
            interest += 1;
            model.catalogue().search(&Query { interest, day: 0, call: 0, page: 0, page_size: 20 })
        });
    });
}

fn write(criterion: &mut Criterion) {
    let model = Model::with_defaults();
    let events = events(&model, SEEKERS);
    let mut out = Vec::new();
    for event_type in [EventType::View, EventType::Impression] {
        let event = events.iter().find(|event| event.event_type == event_type).expect("the events include every type");
        criterion.bench_function(&format!("write a compact {event_type}"), |bencher| {
            bencher.iter(|| {
                out.clear();
                simulator::write_json(black_box(event), &model, TIMESTAMP, &mut out);
                black_box(out.len())
            });
        });
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    journeys(&mut criterion);
    population(&mut criterion);
    search(&mut criterion);
    write(&mut criterion);
    criterion.final_summary();
}
