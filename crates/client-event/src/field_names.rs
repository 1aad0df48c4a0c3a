//! The field names in messages for people. Each format of events has its own names.

use crate::event_type::EventType;
use crate::rfc3339::Timestamp;
use crate::timestamp::EventTimestamp;

/// The field names of one form of the event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FieldNames {
    /// The names of the message: `relatedJobNames`, `VIEW_DIRECT`.
    #[default]
    Message,
    /// The names of versions 3 and 4 of the API: `jobEvent.jobs`, `VIEW_REDIRECT`.
    Api,
}

impl FieldNames {
    /// The field of the event type.
    pub const fn event_type(self) -> &'static str {
        match self {
            Self::Message => "eventType",
            Self::Api => "jobEvent.type",
        }
    }

    /// The field of the job names.
    pub const fn jobs(self) -> &'static str {
        match self {
            Self::Message => "relatedJobNames",
            Self::Api => "jobEvent.jobs",
        }
    }

    /// The field of the time.
    pub const fn timestamp(self) -> &'static str {
        match self {
            Self::Message => "eventTimestampMillis",
            Self::Api => "createTime",
        }
    }

    /// The name of an event type.
    pub const fn of_type(self, event_type: EventType) -> &'static str {
        match self {
            Self::Message => event_type.name(),
            Self::Api => event_type.v4_name(),
        }
    }

    /// A time in the notation of the form.
    pub(crate) fn time(self, time: EventTimestamp) -> String {
        match (self, Timestamp::try_from(time)) {
            (Self::Api, Ok(time)) => time.to_string(),
            _ => time.to_string(),
        }
    }
}
