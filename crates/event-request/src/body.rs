//! The forms of a request body: one event, or several events, and their separation.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use client_event::api_versions::{PublishBody, PubsubMessage};
use client_event::{ClientEvent, EventType, Reader};

use super::EventForm;
use super::grpc::pubsub::{self, PublishRequest};
use super::grpc::talent::write_call;
use super::grpc::write_frame;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// One event.
    One(EventForm),
    /// Any number of events, one per line, written to a file instead of sent in a request.
    Lines(EventForm),
    /// Several messages.
    Several(BatchForm),
    /// One call to Pub/Sub's publish, with several messages. `is_ordered` adds the ordering key.
    Publish {
        /// Whether messages have the seeker as ordering key.
        is_ordered: bool,
    },
    /// One call to `Publisher/Publish` over gRPC, with any number of messages.
    GrpcPublish(Publication),
    /// One call to `EventService/CreateClientEvent` over gRPC.
    Grpc(GrpcVersion),
}

/// How events are published to a topic over gRPC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The topic: `projects/P/topics/T`.
    pub topic: Arc<str>,
    /// The form of the data of each message.
    pub format: EventForm,
    /// Whether messages have the seeker as ordering key.
    pub is_ordered: bool,
}

/// What the metadata of a message says about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventMetadata {
    /// The number of the seeker, for the ordering key.
    pub seeker: u64,
    /// The type of the event, for the attribute `eventType`.
    pub event_type: EventType,
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
    /// Returns the body form for events of this form, with or without batching, and with or without an ordering key.
    pub fn of(events: EventForm, batching: Option<&Batching>, is_ordered: bool) -> Self {
        match (batching, events) {
            (None, EventForm::Pubsub) if is_ordered => Self::Publish { is_ordered },
            (None, form) => Self::One(form),
            (Some(_), EventForm::Pubsub) => Self::Publish { is_ordered },
            (Some(batching), _) => Self::Several(batching.form.unwrap_or_default()),
        }
    }

    /// Returns the content type of the body in a request.
    pub const fn content_type(&self) -> &'static str {
        match self {
            Self::Lines(_) | Self::Several(BatchForm::Ndjson) => "application/x-ndjson",
            Self::One(_) | Self::Several(BatchForm::Array) | Self::Publish { .. } => "application/json",
            Self::Grpc(_) | Self::GrpcPublish(_) => "application/grpc+proto",
        }
    }

    /// Whether the answer to such a body may describe each event.
    pub const fn is_answered_by_event(&self) -> bool {
        matches!(self, Self::Several(_))
    }

    /// Whether the request is a gRPC call.
    pub const fn is_grpc(&self) -> bool {
        matches!(self, Self::Grpc(_) | Self::GrpcPublish(_))
    }

    /// Appends a body with these events. There must be exactly one event unless the form allows several. `append` appends an event as a
    /// message, and `metadata` describes it.
    pub fn write<E>(
        &self,
        out: &mut Vec<u8>,
        events: &[E],
        mut append: impl FnMut(&E, &mut Vec<u8>),
        metadata: impl Fn(&E) -> EventMetadata,
    ) {
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
            Self::Several(BatchForm::Ndjson) => Self::Lines(EventForm::Message).write(out, events, append, metadata),
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
                    let mut call = Vec::with_capacity(out.len() - start);
                    write_call(&Reader::new().read_borrowed(&out[start..]).expect("the model writes messages"), &mut call);
                    out.truncate(start);
                    out.extend_from_slice(&call);
                }
            }
            Self::GrpcPublish(Publication { topic, format, is_ordered }) => {
                let start = out.len();
                let messages = events.iter().map(|event| {
                    append(event, out);
                    format.convert(out, start);
                    let data = out[start..].to_vec();
                    out.truncate(start);
                    let EventMetadata { seeker, event_type } = metadata(event);
                    let attributes = [("eventType".to_owned(), event_type.name().to_owned())].into();
                    let ordering_key = if *is_ordered { seeker.to_string() } else { String::new() };
                    pubsub::PubsubMessage { data, attributes, ordering_key }
                });
                let request = PublishRequest { topic: topic.to_string(), messages: messages.collect() };
                write_frame(&request, out);
            }
            Self::Publish { is_ordered } => {
                let start = out.len();
                let messages = events.iter().map(|event| {
                    append(event, out);
                    let message = ClientEvent::from_json(&out[start..]).expect("the model writes messages");
                    out.truncate(start);
                    let ordering_key = if *is_ordered { metadata(event).seeker.to_string() } else { String::new() };
                    PubsubMessage { ordering_key, ..PubsubMessage::from(&message) }
                });
                let body = PublishBody { messages: messages.collect() };
                body.write_json(out);
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
    use crate::grpc::read_frame;

    fn metadata(event: &ClientEvent) -> EventMetadata {
        EventMetadata { seeker: event.event_id.as_str().len() as u64, event_type: event.event_type }
    }

    proptest! {
        /// For all events and body forms for several events, reading the body returns the same events.
        #[test]
        fn events_are_read_back(events in prop::collection::vec(client_event(), 1..6)) {
            let body = |form: BodyForm| {
                let mut body = Vec::new();
                form.write(&mut body, &events, ClientEvent::write_json, metadata);
                body
            };
            let lines = body(BodyForm::Several(BatchForm::Ndjson));
            let read: Vec<_> = lines.split_inclusive(|byte| *byte == b'\n').map(|line| ClientEvent::from_json(line).unwrap()).collect();
            prop_assert_eq!(&read, &events);
            let array = body(BodyForm::Several(BatchForm::Array));
            let array: Vec<&serde_json::value::RawValue> = serde_json::from_slice(&array).unwrap();
            let read: Vec<_> = array.iter().map(|element| ClientEvent::from_json(element.get().as_bytes()).unwrap()).collect();
            prop_assert_eq!(&read, &events);
            let published = PublishBody::read_as_messages(&body(BodyForm::Publish { is_ordered: false }), &ReadOptions::default()).unwrap();
            let read: Vec<_> = published.into_iter().map(|message| message.value).collect();
            prop_assert_eq!(&read, &events);
            let publication = Publication { topic: "projects/p/topics/t".into(), format: EventForm::Message, is_ordered: true };
            let request: PublishRequest = read_frame(&body(BodyForm::GrpcPublish(publication))).unwrap();
            prop_assert_eq!(request.topic, "projects/p/topics/t");
            prop_assert_eq!(request.messages.len(), events.len());
            for (message, event) in request.messages.iter().zip(&events) {
                prop_assert_eq!(&ClientEvent::from_json(&message.data).unwrap(), event);
                prop_assert_eq!(&message.attributes["eventType"], event.event_type.name());
                prop_assert_eq!(&message.ordering_key, &metadata(event).seeker.to_string());
            }
        }
    }
}
