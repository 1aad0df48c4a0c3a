//! The `ClientEvent` message of job search: what a job site sends when a job seeker sees results, opens a job, bookmarks it,
//! applies or is hired (Google Cloud Talent Solution, "Package client-event").
//!
//! Here live the message, its ProtoJSON wire form, the checks that one message can fail on its own, the rules between
//! messages ([`rules`], [`sequence`]), its conversion to and from its relatives in versions 3 and 4 of the API and in Pub/Sub
//! ([`relatives`]), its JSON Schema (feature `schema`) and strategies for property tests (feature `proptest`). Nothing here knows of
//! clocks, I/O or actors.
//!
//! ```
//! use client_event::{ClientEvent, EventTimestamp, EventType, Reason};
//!
//! let json = br#"{"eventId":"e-1","eventType":"VIEW","requestId":"r-1",
//!                 "relatedJobNames":["jobs/4000000000"],"eventTimestampMillis":1.7e12}"#;
//! let event = ClientEvent::from_json(json)?;
//! assert_eq!(event.event_type, EventType::View);
//! assert_eq!(event.event_timestamp_millis, EventTimestamp::from_millis(1_700_000_000_000));
//! assert!(event.check(None).is_empty());
//!
//! let refusal = ClientEvent::from_json(br#"{"eventType":"VIEWED","relatedJobNames":[]}"#).unwrap_err();
//! let reasons: Vec<Reason> = refusal.problems().iter().map(|problem| problem.reason).collect();
//! assert!(reasons.contains(&Reason::UnknownEventType) && reasons.contains(&Reason::RequiredField));
//! # Ok::<(), client_event::Refusal>(())
//! ```

mod borrowed;
mod event_type;
mod field_names;
mod ids;
mod job_name;
mod message;
mod non_empty_text;
mod partial;
mod timestamp;

mod problem;

mod check;
mod wire;

pub mod api_versions;
pub mod rules;
pub mod sequence;

#[cfg(feature = "schema")]
pub mod schema;
#[cfg(feature = "proptest")]
pub mod strategies;

pub use borrowed::BorrowedEvent;
pub use check::ALLOWED_CLOCK_SKEW_MILLIS;
pub use event_type::{EventType, UnknownEventType};
pub use field_names::FieldNames;
pub use ids::{EventId, RequestId};
pub use job_name::{JobName, JobNameForm};
pub use message::ClientEvent;
pub use non_empty_text::EmptyText;
pub use partial::PartialEvent;
pub use problem::{PROBLEMS_MAX, Problem, Reason, Refusal};
pub use timestamp::EventTimestamp;
pub use wire::containers::{is_json_prefix, json_error_offset};
pub use wire::int64::{Int64Error, parse_int64};
pub use wire::reader::{ReadOptions, read, read_and_check, read_and_check_borrowed, read_borrowed, read_partial};
