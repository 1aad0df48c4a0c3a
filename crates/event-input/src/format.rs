//! The formats of events: the message, or the forms of versions 3 and 4 of the API. The fields of an event show its format.

use std::fmt;
use std::str::FromStr;

use client_event::FieldNames;

use crate::json_text::members;

/// A format of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The message.
    Message,
    /// Version 3: wrapped as `{"clientEvent": {...}}` or bare.
    V3,
    /// Version 4.
    V4,
}

/// The format to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FormatChoice {
    /// The format of the first readable event of each input.
    #[default]
    Auto,
    /// The message.
    Message,
    /// Version 3 of the API.
    V3,
    /// Version 4 of the API.
    V4,
}

impl FormatChoice {
    /// Returns the format, unless the content of each file decides it.
    pub const fn fixed(self) -> Option<Format> {
        match self {
            Self::Auto => None,
            Self::Message => Some(Format::Message),
            Self::V3 => Some(Format::V3),
            Self::V4 => Some(Format::V4),
        }
    }
}

impl fmt::Display for FormatChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Auto => "auto",
            Self::Message => "message",
            Self::V3 => "v3",
            Self::V4 => "v4",
        })
    }
}

impl FromStr for FormatChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Auto, Self::Message, Self::V3, Self::V4]
            .into_iter()
            .find(|choice| choice.to_string() == text)
            .ok_or_else(|| "expected auto, message, v3 or v4".to_owned())
    }
}

impl Format {
    /// Returns the field names of the format.
    pub const fn names(self) -> FieldNames {
        match self {
            Self::Message => FieldNames::Message,
            Self::V3 | Self::V4 => FieldNames::Api,
        }
    }

    /// Detects the format of an event by its fields, if possible. A bare event of version 3 and an event of version 4 differ
    /// only in fields that few events have. Without these fields, the event counts as version 4, whose requests are bare.
    pub fn of_event(text: &[u8]) -> Option<Self> {
        let mut found = None;
        for member in members(text, 0) {
            match &*member.key {
                "clientEvent" | "client_event" | "extraInfo" | "extra_info" | "parentEventId" | "parent_event_id" => {
                    return Some(Self::V3);
                }
                "eventNotes" | "event_notes" => return Some(Self::V4),
                "createTime" | "create_time" | "jobEvent" | "job_event" => found = found.or(Some(Self::V4)),
                "eventType"
                | "event_type"
                | "relatedJobNames"
                | "related_job_names"
                | "eventTimestampMillis"
                | "event_timestamp_millis"
                | "details" => found = found.or(Some(Self::Message)),
                _ => {}
            }
        }
        found
    }
}

/// Whether an event of version 3 is wrapped as a request body.
pub fn is_wrapped(text: &[u8]) -> bool {
    members(text, 0).any(|member| matches!(&*member.key, "clientEvent" | "client_event"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_distinguished() {
        for (text, expected) in [
            (r#"{"eventId":"e","eventType":"VIEW"}"#, Some(Format::Message)),
            (r#"{"event_id":"e","related_job_names":[]}"#, Some(Format::Message)),
            (r#"{"clientEvent":{"eventId":"e"}}"#, Some(Format::V3)),
            (r#"{"eventId":"e","createTime":"","jobEvent":{},"extraInfo":{}}"#, Some(Format::V3)),
            (r#"{"eventId":"e","createTime":"","jobEvent":{}}"#, Some(Format::V4)),
            (r#"{"eventId":"e","eventNotes":""}"#, Some(Format::V4)),
            (r#"{"eventId":"e","requestId":"r"}"#, None),
            ("{}", None),
            ("nothing", None),
        ] {
            assert_eq!(Format::of_event(text.as_bytes()), expected, "{text}");
        }
    }
}
