//! A message that borrows its strings from the JSON it was read from, for programs that read many events and keep few of them.

mod details;
mod jobs;

use std::borrow::Cow;

use crate::event_type::EventType;
use crate::ids::{EventId, RequestId};
use crate::job_name::JobName;
use crate::message::ClientEvent;
use crate::message_writer::{MessageParts, write_message};
use crate::timestamp::EventTimestamp;

pub(crate) use details::Details;
pub(crate) use jobs::Jobs;

/// A [`ClientEvent`] that borrows its strings. Only strings with escapes are owned. Created by
/// [`Reader::read_borrowed`](crate::Reader::read_borrowed).
///
/// ```
/// use client_event::{EventType, Reader};
///
/// let json = br#"{"eventId":"e-1","eventType":"VIEW","requestId":"r-1",
///                 "relatedJobNames":["jobs/4000000000"],"eventTimestampMillis":"1700000000000"}"#;
/// let event = Reader::new().read_borrowed(json)?;
/// assert_eq!((event.event_id(), event.event_type()), ("e-1", EventType::View));
/// assert_eq!(event.job_names().collect::<Vec<_>>(), ["jobs/4000000000"]);
/// let kept: client_event::ClientEvent = event.into_owned();
/// # Ok::<(), client_event::Refusal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BorrowedEvent<'a> {
    // The reader guarantees that only strings of the details are empty, and that there is a job.
    pub(crate) event_id: Cow<'a, str>,
    pub(crate) event_type: EventType,
    pub(crate) request_id: Cow<'a, str>,
    pub(crate) related_job_names: Jobs<'a>,
    pub(crate) event_timestamp_millis: EventTimestamp,
    pub(crate) details: Details<'a>,
}

impl BorrowedEvent<'_> {
    /// The event id; not empty.
    pub fn event_id(&self) -> &str {
        &self.event_id
    }

    /// The event type.
    pub fn event_type(&self) -> EventType {
        self.event_type
    }

    /// The request id; not empty.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The names of the jobs, in the order of the message; one or more, none empty.
    pub fn job_names(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.related_job_names.as_slice().iter().map(AsRef::as_ref)
    }

    /// The time of the event.
    pub fn timestamp(&self) -> EventTimestamp {
        self.event_timestamp_millis
    }

    /// The details, sorted by key.
    pub fn details(&self) -> impl ExactSizeIterator<Item = (&str, &str)> + Clone {
        self.details.iter()
    }

    /// Appends the message as JSON, as [`ClientEvent::write_json`] does.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let parts = MessageParts {
            event_id: &self.event_id,
            event_type: self.event_type,
            request_id: &self.request_id,
            timestamp: self.event_timestamp_millis,
        };
        write_message(out, &parts, self.job_names(), self.details());
    }

    /// Converts into a message with owned strings.
    pub fn into_owned(self) -> ClientEvent {
        ClientEvent {
            event_id: EventId::not_empty(self.event_id),
            event_type: self.event_type,
            request_id: RequestId::not_empty(self.request_id),
            related_job_names: match self.related_job_names {
                Jobs::One(name) => vec![JobName::not_empty(name)],
                Jobs::Several(names) => names.into_iter().map(JobName::not_empty).collect(),
            },
            event_timestamp_millis: self.event_timestamp_millis,
            details: self.details.into_owned(),
        }
    }
}
