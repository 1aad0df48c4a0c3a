//! The fields of the message.

/// A field of the message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    EventId,
    EventType,
    RequestId,
    RelatedJobNames,
    EventTimestampMillis,
    Details,
}

impl Field {
    pub(crate) const COUNT: usize = 6;

    /// The field with this key. ProtoJSON accepts the camelCase name and the original name.
    pub(crate) fn from_key(key: &str) -> Option<Self> {
        Some(match key {
            "eventId" | "event_id" => Self::EventId,
            "eventType" | "event_type" => Self::EventType,
            "requestId" | "request_id" => Self::RequestId,
            "relatedJobNames" | "related_job_names" => Self::RelatedJobNames,
            "eventTimestampMillis" | "event_timestamp_millis" => Self::EventTimestampMillis,
            "details" => Self::Details,
            _ => return None,
        })
    }

    /// The camelCase name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::EventId => "eventId",
            Self::EventType => "eventType",
            Self::RequestId => "requestId",
            Self::RelatedJobNames => "relatedJobNames",
            Self::EventTimestampMillis => "eventTimestampMillis",
            Self::Details => "details",
        }
    }

    /// The bit of the field in a set of fields.
    pub(crate) const fn bit(self) -> u8 {
        1 << self as u8
    }
}
