//! The forms in which events are written and sent: the message, or the body of a call that carries it. [`path`] defines the
//! paths of the calls, [`job_parent`] the parent of the jobs in them, and [`body`] the batching of events.

mod body;
pub mod grpc;
mod job_parent;
mod path;

use std::fmt;
use std::str::FromStr;

use client_event::ClientEvent;
use client_event::api_versions::{PublishBody, v3, v4};

pub use body::{BatchForm, Batching, BodyForm, EventMetadata, GrpcVersion, Publication};
pub use path::{PathError, PathName, PathNames};

/// A form of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventForm {
    /// The message.
    #[default]
    Message,
    /// The body of a call of version 3: `{"clientEvent": {...}}`.
    V3,
    /// The body of a call of version 4. It has no details.
    V4,
    /// The body of a call of version 4beta1: the event of version 4 in `{"clientEvent": {...}}`.
    V4Beta1,
    /// The body of a call to Pub/Sub's publish, with one message.
    Pubsub,
}

impl EventForm {
    const ALL: [Self; 5] = [Self::Message, Self::V3, Self::V4, Self::V4Beta1, Self::Pubsub];

    const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::V3 => "v3",
            Self::V4 => "v4",
            Self::V4Beta1 => "v4beta1",
            Self::Pubsub => "pubsub",
        }
    }

    /// Converts the message of the model in `out`, from `start` on, to this form.
    pub fn convert(self, out: &mut Vec<u8>, start: usize) {
        if self == Self::Message {
            return;
        }
        let message = ClientEvent::from_json(&out[start..]).expect("the model writes messages");
        out.truncate(start);
        let in_range = "the times of the model are within the years of RFC 3339";
        match self {
            Self::Message => unreachable!("a message needs no conversion"),
            Self::V3 => v3::ClientEvent::from_message(&message).expect(in_range).value.write_request(out),
            Self::V4 => v4::ClientEvent::from_message(&message).expect(in_range).value.write_json(out),
            Self::V4Beta1 => {
                out.extend_from_slice(b"{\"clientEvent\":");
                v4::ClientEvent::from_message(&message).expect(in_range).value.write_json(out);
                out.push(b'}');
            }
            Self::Pubsub => [&message].into_iter().collect::<PublishBody>().write_json(out),
        }
    }
}

impl fmt::Display for EventForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for EventForm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|form| form.name() == text).ok_or("expected message, v3, v4, v4beta1 or pubsub")
    }
}

/// Compiles and runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
