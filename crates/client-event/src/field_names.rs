//! The names that a text for people uses for the parts of an event. Each form of an event has its own.

use crate::api_versions::Timestamp;
use crate::event_type::EventType;
use crate::timestamp::EventTimestamp;

/// Whose names a text uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FieldNames {
    /// Those of the message: `relatedJobNames`, `VIEW_DIRECT`.
    #[default]
    Message,
    /// Those of versions 3 and 4 of the API: `jobEvent.jobs`, `VIEW_REDIRECT`.
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

    /// A time as it is written there.
    pub(crate) fn time(self, time: EventTimestamp) -> String {
        match (self, Timestamp::try_from(time)) {
            (Self::Api, Ok(time)) => time.to_string(),
            _ => time.to_string(),
        }
    }
}
