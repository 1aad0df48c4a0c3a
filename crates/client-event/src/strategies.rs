//! Strategies for property tests, of this crate and of others: valid messages, the many spellings of a message that mean the
//! same, and broken messages, each with the reason for which it must be refused; and the message's relatives.
//!
//! ```
//! use client_event::strategies::{broken_message, client_event};
//! use client_event::{ReadOptions, read_and_check};
//! use proptest::prelude::*;
//!
//! proptest!(|(event in client_event(), broken in broken_message())| {
//!     prop_assert!(event.check(None).is_empty());
//!     let refusal = read_and_check(&broken.json, &ReadOptions::default(), Some(broken.now)).unwrap_err();
//!     prop_assert!(refusal.problems().iter().any(|problem| problem.reason == broken.reason));
//! });
//! ```

mod broken;
mod relatives;
mod spelled;
mod valid;

pub use broken::{BrokenMessage, broken_by, broken_message};
pub use relatives::{publish_body, timestamp, v3_client_event, v4_client_event};
pub use spelled::{SpelledMessage, spelled_message};
pub use valid::{
    EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, client_event, details, event_id, event_timestamp, job_name, request_id,
    sendable_event_type,
};
