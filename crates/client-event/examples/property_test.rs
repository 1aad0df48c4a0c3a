//! Tests a function with the public strategies: here, a filter that keeps the events of one job.
//!
//! ```text
//! cargo run -p client-event --features proptest --example property_test
//! ```
//!
//! In your own crate, take `client-event` with the feature `proptest` as a dev-dependency and write the same properties in a `#[test]`.

use client_event::sequence::{Finding, SequenceChecker};
use client_event::strategies::{broken_message, client_event, valid_stream};
use client_event::{ClientEvent, JobName, Reader};
use proptest::prelude::*;

/// The function under test.
fn events_of_job(events: &[ClientEvent], job: &JobName) -> Vec<ClientEvent> {
    let mut events = events.to_vec();
    events.retain(|event| event.related_job_names.contains(job));
    for event in &mut events {
        event.related_job_names.retain(|name| name == job);
    }
    events
}

fn findings(events: &[ClientEvent]) -> Vec<Finding> {
    let (mut checker, mut findings) = (SequenceChecker::new(), Vec::new());
    for event in events {
        checker.observe(event, &mut findings);
    }
    checker.finish(&mut findings);
    findings
}

/// Failed cases are not written to a file, which a `#[test]` would do.
fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

fn main() {
    // A valid stream stays valid when it is filtered.
    proptest!(config(), |(stream in valid_stream())| {
        for event in &stream.events {
            prop_assert_eq!(findings(&events_of_job(&stream.events, &event.related_job_names[0])), []);
        }
    });
    // Every message can be written and read.
    proptest!(config(), |(event in client_event())| {
        let mut json = Vec::new();
        event.write_json(&mut json);
        prop_assert_eq!(ClientEvent::from_json(&json), Ok(event));
    });
    // A broken message is refused for its reason.
    proptest!(config(), |(broken in broken_message())| {
        let read = Reader::new().check(broken.now).read(&broken.json);
        let is_refused = read.is_err_and(|refusal| refusal.problems().iter().any(|problem| problem.reason == broken.reason));
        prop_assert!(is_refused);
    });
}
