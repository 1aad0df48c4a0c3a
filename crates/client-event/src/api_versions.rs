//! The event in other versions of the API (3 and 4), and the body that publishes messages to Pub/Sub. Each form can be read, written and
//! converted to and from the [`ClientEvent`](crate::ClientEvent). A conversion returns what it loses ([`Lossy`], [`Lost`]); a message that
//! cannot be converted at all is a [`Refusal`](crate::Refusal).
//!
//! | the message | [`v3::ClientEvent`] | [`v4::ClientEvent`] |
//! |---|---|---|
//! | `eventId` | the same | the same |
//! | `eventType` | `jobEvent.type`, and `NOT_INTERESTED` | `jobEvent.type`, by name or number |
//! | `requestId` | the same | the same, but may be missing |
//! | `relatedJobNames` | `jobEvent.jobs` | `jobEvent.jobs` |
//! | `eventTimestampMillis` | `createTime`, to the nanosecond, years 1 to 9999 | as in version 3 |
//! | `details` | `extraInfo`, at most 20 keys and 2 KB | none: lost |
//! | none: lost | `parentEventId` | `eventNotes` |
//!
//! A Pub/Sub message holds the whole message; its `attributes` and `orderingKey` are lost on the way back.
//!
//! Converting there and back is the identity if nothing is lost and the message names a job. The readers are as strict as the reader of
//! the message: they report every problem with its path and refuse unknown and repeated fields. A missing field, however, is a problem
//! only when the event is converted to a message, as in every ProtoJSON message. The readers named `read_..._as_message` report both
//! kinds of problems together.
//!
//! ```
//! use client_event::ClientEvent;
//! use client_event::api_versions::{Lost, v4};
//!
//! let message = ClientEvent::from_json(
//!     br#"{"eventId":"e-1","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],
//!          "eventTimestampMillis":"1700000000000","details":{"device":"phone"}}"#,
//! )?;
//! let converted = v4::ClientEvent::from_message(&message)?;
//! assert!(matches!(&converted.lost[..], [Lost::Details(_)]));
//! assert_eq!(converted.value.to_message()?.value.event_id, message.event_id);
//! # Ok::<(), client_event::Refusal>(())
//! ```
//!
//! Sources: versions 3 and 4 of the API (discovery documents, rev. 20251014), Pub/Sub REST reference, ProtoJSON guide.

mod common_fields;
mod job_event;
mod lossy;
mod type_names;

mod pubsub;
pub mod v3;
pub mod v4;

pub use crate::rfc3339::{Timestamp, TimestampError};
pub use job_event::JobEvent;
pub use lossy::{Lossy, Lost};
pub use pubsub::{PublishBody, PubsubMessage};
