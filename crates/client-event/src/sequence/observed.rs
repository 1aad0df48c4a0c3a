//! What the checker asks of an event, so that it can be given messages that were read with or without copying their texts.

use crate::borrowed::BorrowedEvent;
use crate::event_type::EventType;
use crate::message::ClientEvent;
use crate::timestamp::EventTimestamp;

/// An event that can be checked.
pub trait Observed {
    /// The event's id; empty if it has none.
    fn event_id(&self) -> &str;

    /// What happened.
    fn event_type(&self) -> EventType;

    /// The answer of the search that the event follows from; empty if it names none.
    fn request_id(&self) -> &str;

    /// The names of the jobs, in the order of the message.
    fn jobs(&self) -> impl ExactSizeIterator<Item = &str> + Clone;

    /// When it happened; [`EventTimestamp::UNKNOWN`] if it does not say.
    fn timestamp(&self) -> EventTimestamp;

    /// The details, in ascending order of their keys, each key once.
    fn details(&self) -> impl Iterator<Item = (&str, &str)>;

    /// The details as [`ClientEvent::write_json`] writes them, without the braces around them, where the event has this text.
    fn written_details(&self) -> Option<&str> {
        None
    }
}

impl Observed for ClientEvent {
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

impl Observed for BorrowedEvent<'_> {
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

    fn written_details(&self) -> Option<&str> {
        self.details.plain()
    }
}
