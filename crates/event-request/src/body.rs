//! The forms of a request body: one event, or several events, and their separation.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use client_event::ClientEvent;
use client_event::api_versions::{PublishBody, v4};

use super::EventForm;
use super::grpc::{CreateClientEventRequest, write_frame};

/// The separation of several messages in a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BatchForm {
    /// One message per line.
    #[default]
    Ndjson,
    /// A JSON array.
    Array,
}

/// How events are batched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batching {
    /// The maximum number of events in a request.
    pub events_max: NonZeroUsize,
    /// The separation of messages in a body, if it was given.
    pub form: Option<BatchForm>,
    /// The maximum time that an event waits for other events of its batch.
    pub wait: Duration,
}

/// The form of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// One event.
    One(EventForm),
    /// Any number of events, one per line, written to a file instead of sent in a request.
    Lines(EventForm),
    /// Several messages.
    Several(BatchForm),
    /// One call to Pub/Sub's publish, with several messages.
    Publish,
    /// One call to `EventService/CreateClientEvent` over gRPC.
    Grpc(GrpcVersion),
}

/// A version of the API that has a gRPC service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrpcVersion {
    /// `google.cloud.talent.v4`.
    V4,
    /// `google.cloud.talent.v4beta1`.
    V4Beta1,
}

impl GrpcVersion {
    /// Returns the path of the method that creates an event.
    pub const fn path(self) -> &'static str {
        match self {
            Self::V4 => "/google.cloud.talent.v4.EventService/CreateClientEvent",
            Self::V4Beta1 => "/google.cloud.talent.v4beta1.EventService/CreateClientEvent",
        }
    }
}

impl BatchForm {
    const ALL: [Self; 2] = [Self::Ndjson, Self::Array];

    const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Array => "array",
        }
    }
}

impl fmt::Display for BatchForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for BatchForm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|form| form.name() == text).ok_or("expected ndjson or array")
    }
}

impl BodyForm {
    /// Returns the body form for events of this form, with or without batching.
    pub fn of(events: EventForm, batching: Option<&Batching>) -> Self {
        match (batching, events) {
            (None, form) => Self::One(form),
            (Some(_), EventForm::Pubsub) => Self::Publish,
            (Some(batching), _) => Self::Several(batching.form.unwrap_or_default()),
        }
    }

    /// Returns the content type of the body in a request.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Lines(_) | Self::Several(BatchForm::Ndjson) => "application/x-ndjson",
            Self::One(_) | Self::Several(BatchForm::Array) | Self::Publish => "application/json",
            Self::Grpc(_) => "application/grpc+proto",
        }
    }

    /// Whether the answer to such a body may describe each event.
    pub const fn is_answered_by_event(self) -> bool {
        matches!(self, Self::Several(_))
    }

    /// Appends a body with these events. There must be exactly one event unless the form allows several. `append` appends an event as a
    /// message.
    pub fn write<E>(self, out: &mut Vec<u8>, events: &[E], mut append: impl FnMut(&E, &mut Vec<u8>)) {
        match self {
            Self::One(form) => {
                for event in events {
                    let start = out.len();
                    append(event, out);
                    form.convert(out, start);
                }
            }
            Self::Lines(form) => {
                for event in events {
                    let start = out.len();
                    append(event, out);
                    form.convert(out, start);
                    out.push(b'\n');
                }
            }
            Self::Several(BatchForm::Ndjson) => Self::Lines(EventForm::Message).write(out, events, append),
            Self::Several(BatchForm::Array) => {
                let mut before = b'[';
                for event in events {
                    out.push(before);
                    append(event, out);
                    before = b',';
                }
                out.push(b']');
            }
            Self::Grpc(_) => {
                for event in events {
                    let start = out.len();
                    append(event, out);
                    let message = ClientEvent::from_json(&out[start..]).expect("the model writes messages");
                    out.truncate(start);
                    let event =
                        v4::ClientEvent::from_message(&message).expect("the model's times lie within the years of version 4");
                    write_frame(&CreateClientEventRequest::from(event.value), out);
                }
            }
            Self::Publish => {
                let start = out.len();
                let read = |event| {
                    append(event, out);
                    let message = ClientEvent::from_json(&out[start..]).expect("the model writes messages");
                    out.truncate(start);
                    message
                };
                let messages: Vec<_> = events.iter().map(read).collect();
                messages.iter().collect::<PublishBody>().write_json(out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use client_event::ReadOptions;
    use client_event::strategies::client_event;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all events and body forms for several events, reading the body returns the same events.
        #[test]
        fn events_are_read_back(events in prop::collection::vec(client_event(), 1..6)) {
            let body = |form: BodyForm| {
                let mut body = Vec::new();
                form.write(&mut body, &events, ClientEvent::write_json);
                body
            };
            let lines = body(BodyForm::Several(BatchForm::Ndjson));
            let read: Vec<_> = lines.split_inclusive(|byte| *byte == b'\n').map(|line| ClientEvent::from_json(line).unwrap()).collect();
            prop_assert_eq!(&read, &events);
            let array = body(BodyForm::Several(BatchForm::Array));
            let array: Vec<&serde_json::value::RawValue> = serde_json::from_slice(&array).unwrap();
            let read: Vec<_> = array.iter().map(|element| ClientEvent::from_json(element.get().as_bytes()).unwrap()).collect();
            prop_assert_eq!(&read, &events);
            let published = PublishBody::read_as_messages(&body(BodyForm::Publish), &ReadOptions::default()).unwrap();
            let read: Vec<_> = published.into_iter().map(|message| message.value).collect();
            prop_assert_eq!(&read, &events);
        }
    }
}
