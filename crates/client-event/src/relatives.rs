//! The relatives of the message: the events of versions 3 and 4 of the API, and the body that publishes messages to Pub/Sub.
//! Each can be read, written and converted to and from the [`ClientEvent`](crate::ClientEvent); what a conversion loses is in its
//! result ([`Lossy`], [`Lost`]), and what cannot be converted at all is a [`Refusal`](crate::Refusal).
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
//! There and back is the identity where nothing is lost and the message names a job. The reader is as strict as that of the
//! message: every problem is named with its path, unknown and repeated fields are refused. Unlike there, and as in every ProtoJSON
//! message, a missing field is no problem of form: it is one when a message is to be made. The readers `read_as_message` and the
//! like name both at once.
//!
//! Sources: versions 3 and 4 of the API (discovery documents, rev. 20251014), Pub/Sub REST reference, ProtoJSON guide.

mod job_event;
mod lossy;
mod rfc3339;
mod shared;
mod type_names;

mod pubsub;
pub mod v3;
pub mod v4;

pub use job_event::JobEvent;
pub use lossy::{Lossy, Lost};
pub use pubsub::{PublishBody, PubsubMessage};
pub use rfc3339::{Timestamp, TimestampError};
