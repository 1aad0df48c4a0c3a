//! Strategies for property tests, of this crate and of others (feature `proptest`):
//!
//! - valid messages, and any JSON that encodes them,
//! - broken messages, each with the reason for which a reader must refuse it,
//! - events of other API versions,
//! - streams: valid streams, streams that violate one rule, and arbitrary streams.
//!
//! ```
//! use client_event::Reader;
//! use client_event::strategies::{broken_message, client_event};
//! use proptest::prelude::*;
//!
//! proptest!(|(event in client_event(), broken in broken_message())| {
//!     prop_assert!(event.check(None).is_empty());
//!     let refusal = Reader::new().check(broken.now).read(&broken.json).unwrap_err();
//!     prop_assert!(refusal.problems().iter().any(|problem| problem.reason == broken.reason));
//! });
//! ```
//!
//! Streams, for any program that reads, stores or checks events:
//!
//! ```
//! use client_event::sequence::{Finding, Searches, SequenceChecker};
//! use client_event::strategies::{EventStream, broken_stream, valid_stream};
//! use proptest::prelude::*;
//!
//! fn findings(stream: &EventStream) -> Vec<Finding> {
//!     let mut searches = Searches::default();
//!     for (search, position) in stream.searches.iter().zip(0..) {
//!         searches.add(&search.request_id, search.jobs.iter().map(|job| &**job), position);
//!     }
//!     let mut checker = SequenceChecker::builder().searches(searches).build();
//!     let mut findings = Vec::new();
//!     for event in &stream.events {
//!         checker.observe(event, &mut findings);
//!     }
//!     checker.finish(&mut findings);
//!     findings
//! }
//!
//! proptest!(|(valid in valid_stream(), broken in broken_stream())| {
//!     prop_assert_eq!(findings(&valid), []);
//!     prop_assert!(findings(&broken.stream).iter().any(|finding| finding.rule == broken.rule));
//! });
//! ```
//!
//! [`RequestLifecycle`] is a state machine of `proptest-state-machine`, for tests that send one event at a time to a system;
//! `tests/it/request_lifecycle.rs` of this crate tests the checker with it. `PROPTEST_CASES` sets the number of cases.

mod api_versions;
mod broken_message;
mod broken_stream;
mod encoded_message;
mod request_lifecycle;
mod streams;
mod valid_message;

pub use api_versions::{publish_body, timestamp, v3_client_event, v4_client_event};
pub use broken_message::{BrokenMessage, broken_message, broken_message_by};
pub use broken_stream::{BrokenStream, SEQUENCE_RULES, broken_stream, broken_stream_by};
pub use encoded_message::{EncodedMessage, encoded_message};
pub use request_lifecycle::{LifecycleStep, RequestLifecycle};
pub use streams::{EventStream, any_stream, valid_stream};
pub use valid_message::{
    EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, client_event, details, event_id, event_timestamp, job_name, request_id,
    sendable_event_type,
};
