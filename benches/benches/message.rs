//! Measures reading, checking and writing a message on one core: a VIEW, and an IMPRESSION of a full page. Compares with `serde_json` for the
//! same types, and with a JSON Schema validator for the `send` role.
//!
//! `cargo bench -p benches --bench message`

use std::hint::black_box;

use benches::{TIMESTAMP, json_of, message_of};
use client_event::schema::{Dialect, Role, SchemaName, schema};
use client_event::{ClientEvent, EventType, Reader};
use criterion::{Criterion, Throughput};
use seeker_model::Model;

const TYPES: [EventType; 2] = [EventType::View, EventType::Impression];

fn read(criterion: &mut Criterion) {
    let model = Model::with_defaults();
    for event_type in TYPES {
        let json = json_of(&model, event_type);
        let mut group = criterion.benchmark_group(format!("read {event_type}"));
        group.throughput(Throughput::Bytes(json.len() as u64));
        group.bench_function("from_json", |bencher| bencher.iter(|| ClientEvent::from_json(black_box(&json))));
        let reader = Reader::new().check(TIMESTAMP);
        group.bench_function("read_and_check", |bencher| {
            bencher.iter(|| reader.read(black_box(&json)));
        });
        group.bench_function("read_and_check_borrowed", |bencher| {
            bencher.iter(|| {
                let event = reader.read_borrowed(black_box(&json));
                black_box(event).is_ok()
            });
        });
        group.bench_function("serde_json", |bencher| {
            bencher.iter(|| serde_json::from_slice::<ClientEvent>(black_box(&json)));
        });
        group.bench_function("serde_json::Value", |bencher| {
            bencher.iter(|| serde_json::from_slice::<serde_json::Value>(black_box(&json)));
        });
        group.bench_function("serde_json::Value and the send schema", |bencher| {
            let name = SchemaName::new(Role::Send, Dialect::Draft202012).expect("every role has a schema of this draft");
            let validator = jsonschema::draft202012::new(&schema(name)).expect("the schema is valid");
            bencher.iter(|| {
                let value = serde_json::from_slice(black_box(&json)).expect("the fixture is JSON");
                assert!(validator.is_valid(&value));
            });
        });
        group.finish();
    }
}

fn check(criterion: &mut Criterion) {
    let model = Model::with_defaults();
    for event_type in TYPES {
        let message = message_of(&model, event_type);
        criterion.bench_function(&format!("check {event_type}"), |bencher| {
            bencher.iter(|| black_box(&message).check(Some(TIMESTAMP)));
        });
    }
}

fn write(criterion: &mut Criterion) {
    let model = Model::with_defaults();
    for event_type in TYPES {
        let message = message_of(&model, event_type);
        let mut out = Vec::new();
        message.write_json(&mut out);
        let mut group = criterion.benchmark_group(format!("write {event_type}"));
        group.throughput(Throughput::Bytes(out.len() as u64));
        group.bench_function("write_json", |bencher| {
            bencher.iter(|| {
                out.clear();
                black_box(&message).write_json(&mut out);
                black_box(out.len())
            });
        });
        group.bench_function("serde_json", |bencher| {
            bencher.iter(|| {
                out.clear();
                serde_json::to_writer(&mut out, black_box(&message)).expect("writing to a vector does not fail");
                black_box(out.len())
            });
        });
        group.finish();
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    read(&mut criterion);
    check(&mut criterion);
    write(&mut criterion);
    criterion.final_summary();
}
