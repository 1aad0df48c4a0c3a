//! Shared fixtures of the benchmarks: events of the calibrated model with a fixed seed, so that every run measures the same work. The
//! suites are in `benches/`. `cargo bench` runs them, and `cargo bench -- --test` runs one iteration of each.

use client_event::{ClientEvent, EventTimestamp, EventType};
use seeker_model::{Model, Playback, SeekerEvent, SimTime};

/// The seed of all fixtures.
pub const SEED: u64 = 20_240_517;

/// A time at which the service of the message existed.
pub const TIMESTAMP: EventTimestamp = EventTimestamp::from_millis(1_700_000_000_000);

/// Returns the events of the first `seekers` seekers.
pub fn events(model: &Model, seekers: u64) -> Vec<SeekerEvent> {
    (0..seekers).flat_map(|seeker| Playback::new(model, SEED, seeker, SimTime::ZERO)).collect()
}

/// Returns the first event of this type, as JSON.
pub fn json_of(model: &Model, event_type: EventType) -> Vec<u8> {
    let event = events(model, 1_000).into_iter().find(|event| event.event_type == event_type);
    let mut json = Vec::new();
    event.expect("a thousand seekers send every type").to_message(model, TIMESTAMP).write_json(&mut json);
    json
}

/// Returns the first event of this type, as a message.
pub fn message_of(model: &Model, event_type: EventType) -> ClientEvent {
    ClientEvent::from_json(&json_of(model, event_type)).expect("the model writes valid messages")
}
