//! Publishes events to a topic of Pub/Sub over gRPC, on the HTTP/2 client.

use std::env;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use event_request::grpc::pubsub::{MESSAGES_MAX, PATH};
use event_request::{BodyForm, EventForm, Publication};
use url::Url;

use crate::delivery::http::HttpTransport;
use crate::delivery::transport::{DEFAULT_STREAMS, Destination, Transport, of_other_target};
use crate::target::services::{Services, TargetError};
use crate::target::settings::DeliverySettings;

/// The address of the emulator, as `HOST:PORT`, in place of the service. The client libraries of Google read the same variable.
const EMULATOR: &str = "PUBSUB_EMULATOR_HOST";

const SERVICE: &str = "https://pubsub.googleapis.com";

const EXPECTED: &str = "expected pubsub://projects/PROJECT/topics/TOPIC; a topic has 3 to 255 letters, digits and the characters - _ . ~ + %, \
                        and begins with a letter";

/// A topic, and the service that has it.
#[derive(Debug)]
pub(crate) struct PubsubDestination {
    topic: Arc<str>,
    service: Url,
}

impl PubsubDestination {
    pub(crate) const EXAMPLES: &[&str] = &["pubsub://projects/P/topics/T for Pub/Sub"];

    /// Reads `pubsub://projects/P/topics/T`.
    pub(crate) fn read(text: &str) -> Option<Result<Arc<dyn Destination>, String>> {
        let topic = text.strip_prefix("pubsub://")?;
        let read = || {
            if !is_topic(topic) {
                return Err(EXPECTED.to_owned());
            }
            let service = match env::var(EMULATOR) {
                Ok(emulator) if !emulator.is_empty() => Url::parse(&format!("http://{emulator}")).map_err(|error| {
                    format!("{EMULATOR} is {emulator:?}: {error}; expected HOST:PORT, such as 127.0.0.1:8085")
                })?,
                _ => Url::parse(SERVICE).expect("a URL"),
            };
            Ok(Arc::new(Self { topic: topic.into(), service }) as Arc<dyn Destination>)
        };
        Some(read())
    }
}

/// Whether this is the name of a topic (Pub/Sub, "Guidelines to name a topic").
fn is_topic(name: &str) -> bool {
    let parts: Vec<_> = name.split('/').collect();
    let ["projects", project, "topics", topic] = parts[..] else { return false };
    let is_allowed = |char: char| char.is_ascii_alphanumeric() || "-_.~+%".contains(char);
    let is_project = |char: char| char.is_ascii_alphanumeric() || "-.:".contains(char);
    !project.is_empty()
        && project.chars().all(is_project)
        && (3..=255).contains(&topic.len())
        && topic.starts_with(|char: char| char.is_ascii_alphabetic())
        && topic.chars().all(is_allowed)
}

impl fmt::Display for PubsubDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pubsub://{}", self.topic)
    }
}

impl Destination for PubsubDestination {
    fn url(&self) -> Option<&Url> {
        Some(&self.service)
    }

    /// The format of the data of each message.
    fn format(&self, asked: EventForm) -> Result<EventForm, String> {
        match asked {
            EventForm::Pubsub => {
                Err(format!("{self} publishes messages by itself; expected the format of their data: message, v3, v4 or v4beta1"))
            }
            format => Ok(format),
        }
    }

    fn batch_limit(&self) -> u64 {
        MESSAGES_MAX as u64
    }

    fn default_streams(&self) -> Option<NonZeroUsize> {
        Some(DEFAULT_STREAMS)
    }

    fn refusal(&self, option: &str) -> Option<&'static str> {
        match option {
            "--batch-form" => Some("a request has a list of messages"),
            "--gzip" => Some("gRPC messages are sent uncompressed"),
            "--http3" => Some("gRPC uses HTTP/2"),
            "--no-keep-alive" => Some("gRPC uses HTTP/2, whose connections carry many requests"),
            "--topic" => Some("the address names the topic"),
            option => of_other_target(option),
        }
    }

    fn body_form(&self, settings: &DeliverySettings) -> BodyForm {
        BodyForm::GrpcPublish(Publication {
            topic: Arc::clone(&self.topic),
            format: settings.format,
            is_ordered: settings.is_ordered,
        })
    }

    fn open(&self, services: &mut Services<'_>) -> Result<Arc<dyn Transport>, TargetError> {
        let form = self.body_form(services.settings);
        let mut url = self.service.clone();
        url.set_path(PATH);
        Ok(Arc::new(HttpTransport::new(services.target(&url, &form)?, Some(self.to_string()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_belongs_to_a_project() {
        for name in ["projects/p/topics/events", "projects/example.com:p-1/topics/a-b_c.d~e+f%g"] {
            assert!(is_topic(name), "{name}");
        }
        let long = format!("projects/p/topics/a{}", "b".repeat(255));
        for name in [
            "",
            "topics/events",
            "projects//topics/events",
            "projects/p/topics/ab",
            "projects/p/topics/1ab",
            "projects/p/topics/a b",
            &long,
        ] {
            assert!(!is_topic(name), "{name}");
        }
    }
}
