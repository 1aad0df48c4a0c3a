//! Strategies for property tests, of this crate and of others: valid messages, the many spellings of a message that mean the
//! same, and broken messages, each with the reason for which it must be refused; events of other API versions; and whole streams of events,
//! valid ones, ones with one rule broken, and arbitrary ones.
//!
//! ```
//! use client_event::strategies::{broken_message, client_event};
//! use client_event::Reader;
//! use proptest::prelude::*;
//!
//! proptest!(|(event in client_event(), broken in broken_message())| {
//!     prop_assert!(event.check(None).is_empty());
//!     let refusal = Reader::new().check(broken.now).read(&broken.json).unwrap_err();
//!     prop_assert!(refusal.problems().iter().any(|problem| problem.reason == broken.reason));
//! });
//! ```
//!
//! Streams, for whatever reads, stores or judges events:
//!
//! ```
//! use client_event::sequence::SequenceChecker;
//! use client_event::strategies::{EventStream, broken_stream, valid_stream};
//! use proptest::prelude::*;
//!
//! fn findings(stream: &EventStream) -> Vec<client_event::sequence::Finding> {
//!     let mut searches = client_event::sequence::Searches::default();
//!     for (search, at) in stream.searches.iter().zip(0..) {
//!         searches.add(&search.request_id, search.jobs.iter().map(|job| &**job), at);
//!     }
//!     let options = SequenceChecker::builder().searches(Some(searches));
//!     let (mut checker, mut findings) = (options.build(), Vec::new());
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
//! [`RequestLifecycle`] is the life of one request as a state machine of `proptest-state-machine`, for tests that drive a system one event at
//! a time; `tests/it/request_lifecycle.rs` of this crate drives the checker with it. The number of cases is that of `PROPTEST_CASES`.

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
