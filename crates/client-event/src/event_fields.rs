//! The fields of an event that the checker reads.

use crate::borrowed::BorrowedEvent;
use crate::event_type::EventType;
use crate::message::ClientEvent;
use crate::timestamp::EventTimestamp;

/// The fields of an event that [`SequenceChecker`](crate::sequence::SequenceChecker) reads. Implement this trait to check events of your own type.
pub trait EventFields {
    /// The event id; empty if it is missing.
    fn event_id(&self) -> &str;

    /// The event type.
    fn event_type(&self) -> EventType;

    /// The request id; empty if it is missing.
    fn request_id(&self) -> &str;

    /// The names of the jobs, in the order of the message.
    fn jobs(&self) -> impl ExactSizeIterator<Item = &str> + Clone;

    /// The time of the event; [`EventTimestamp::UNKNOWN`] if it is missing.
    fn timestamp(&self) -> EventTimestamp;

    /// The details, sorted by key, each key once.
    fn details(&self) -> impl Iterator<Item = (&str, &str)>;

    /// The details as [`ClientEvent::write_json`] writes them, without the braces, if the event stores this text. If not, the checker
    /// writes the details.
    fn details_json(&self) -> Option<&str> {
        None
    }
}

impl EventFields for ClientEvent {
    fn event_id(&self) -> &str {
        self.event_id.as_str()
    }

    fn event_type(&self) -> EventType {
        self.event_type
    }

    fn request_id(&self) -> &str {
        self.request_id.as_str()
    }

    fn jobs(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.related_job_names.iter().map(crate::JobName::as_str)
    }

    fn timestamp(&self) -> EventTimestamp {
        self.event_timestamp_millis
    }

    fn details(&self) -> impl Iterator<Item = (&str, &str)> {
        self.details.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }
}

impl EventFields for BorrowedEvent<'_> {
    fn event_id(&self) -> &str {
        self.event_id()
    }

    fn event_type(&self) -> EventType {
        self.event_type()
    }

    fn request_id(&self) -> &str {
        self.request_id()
    }

    fn jobs(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.job_names()
    }

    fn timestamp(&self) -> EventTimestamp {
        self.timestamp()
    }

    fn details(&self) -> impl Iterator<Item = (&str, &str)> {
        self.details()
    }

    fn details_json(&self) -> Option<&str> {
        self.details.json()
    }
}
