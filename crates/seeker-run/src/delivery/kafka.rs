//! Sends each event as a record to a topic of a Kafka cluster, and waits for its acknowledgement. The key of a record is its seeker, so each
//! seeker has a partition.
//!
//! The few messages that a producer needs are written by hand. A client library that queues and waits by itself would hide when an event is
//! sent.

mod broker_queue;
mod cluster;
mod compression;
mod conclusion;
mod connection;
mod error_code;
mod handshake;
mod login;
mod messages;
mod partitioner;
mod produce_request;
mod produce_sender;
mod producer;
mod record_batch;
mod scram;
mod server;
mod transport;
mod wire;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use event_request::{BodyForm, EventForm};
use url::{Host, Url};

use crate::delivery::kafka::cluster::Cluster;
use crate::delivery::kafka::server::Server;
use crate::delivery::kafka::transport::KafkaTransport;
use crate::delivery::transport::{Destination, Transport, of_other_target};
use crate::target::kafka_settings::Codec;
use crate::target::server_list::ServerList;
use crate::target::services::{Services, TargetError};
use crate::target::settings::DeliverySettings;

/// The port of brokers by default.
const DEFAULT_PORT: u16 = 9092;

/// The maximum length of a topic's name (Apache Kafka, `Topic.MAX_NAME_LENGTH`).
const TOPIC_LENGTH_MAX: usize = 249;

/// The maximum number of events in a request without `--batch`.
const EVENTS_MAX: usize = 500;

/// The maximum number of requests on a connection without `--streams`, as in Java's producer.
const REQUESTS_MAX: NonZeroUsize = NonZeroUsize::new(5).expect("5 is not 0");

const EXPECTED: &str = "expected brokers and a topic, such as kafka://127.0.0.1:9092/events";

const SERVERS: ServerList =
    ServerList { default_port: DEFAULT_PORT, expected: EXPECTED, login_options: "--sasl, --sasl-user and --token-file" };

/// The servers of a Kafka cluster and the topic of records.
#[derive(Debug)]
pub(crate) struct KafkaDestination {
    address: String,
    /// The servers as URLs of HTTP, or of HTTPS with TLS. There is at least one.
    servers: Vec<Url>,
    topic: String,
}

impl KafkaDestination {
    pub(crate) const EXAMPLES: &[&str] = &["kafka://127.0.0.1:9092/events for Kafka (kafkas:// with TLS)"];

    /// Reads `kafka://HOST:PORT,HOST:PORT/TOPIC` and `kafkas://HOST:PORT,HOST:PORT/TOPIC`.
    pub(crate) fn read(text: &str) -> Option<Result<Arc<dyn Destination>, String>> {
        let (scheme, rest) = text.split_once("://")?;
        let uses_tls = match scheme.to_ascii_lowercase().as_str() {
            "kafka" => false,
            "kafkas" => true,
            _ => return None,
        };
        let read = || {
            let (servers, topic) = rest.split_once('/').unwrap_or((rest, ""));
            let servers = SERVERS.read(uses_tls, servers)?;
            check_topic(topic)?;
            Ok(Arc::new(Self { address: text.to_owned(), servers, topic: topic.to_owned() }) as Arc<dyn Destination>)
        };
        Some(read())
    }

    fn uses_tls(&self) -> bool {
        self.servers[0].scheme() == "https"
    }
}

fn check_topic(topic: &str) -> Result<(), String> {
    if topic.is_empty() {
        return Err(format!("the topic is missing; {EXPECTED}"));
    }
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if topic.len() > TOPIC_LENGTH_MAX || matches!(topic, "." | "..") || !topic.bytes().all(is_valid) {
        return Err("expected a topic of at most 249 letters, digits, dots, underscores and hyphens".to_owned());
    }
    Ok(())
}

fn server_of(url: &Url) -> Server {
    let host = match url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => String::new(),
    };
    Server { host, port: url.port_or_known_default().unwrap_or(DEFAULT_PORT) }
}

impl fmt::Display for KafkaDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl Destination for KafkaDestination {
    fn server_urls(&self) -> &[Url] {
        &self.servers
    }

    fn has_other_servers(&self) -> bool {
        true
    }

    fn encrypted_scheme(&self) -> &'static str {
        "kafkas"
    }

    fn format(&self, asked: EventForm) -> Result<EventForm, String> {
        match asked {
            EventForm::Pubsub => Err(format!("{self} has no format pubsub; expected message, v3, v4 or v4beta1")),
            EventForm::Message | EventForm::V3 | EventForm::V4 | EventForm::V4Beta1 => Ok(asked),
        }
    }

    fn default_streams(&self) -> Option<NonZeroUsize> {
        Some(REQUESTS_MAX)
    }

    fn refusal(&self, option: &str) -> Option<&'static str> {
        match option {
            "--acks" | "--compression" | "--sasl" => None,
            "--batch-form" => Some("each event is a record of its own"),
            "--http2" | "--http3" => {
                Some("the target speaks Kafka; --streams sets the number of requests in flight per connection")
            }
            "--no-keep-alive" => Some("a connection carries many requests"),
            "--traceparent" | "--header" => Some("records have two headers, eventId and eventType"),
            "--proxy" => Some("a proxy of HTTP does not forward Kafka"),
            "--topic" => Some("the address names the topic"),
            "--project" | "--tenant" => Some("the topic has no such placeholder"),
            "--ca" | "--insecure" | "--cert" if !self.uses_tls() => Some("the connection has no TLS without kafkas://"),
            option => of_other_target(option),
        }
    }

    fn body_form(&self, settings: &DeliverySettings) -> BodyForm {
        BodyForm::One(settings.format)
    }

    fn open(&self, services: &mut Services<'_>) -> Result<Arc<dyn Transport>, TargetError> {
        let service = services.bytes(&self.servers[0])?;
        let settings = services.settings;
        let kafka = &settings.kafka;
        let cluster = Cluster {
            service,
            connect_to: settings.connect_to.clone(),
            resolves: settings.resolves.clone(),
            servers: self.servers.iter().map(server_of).collect(),
            topic: self.topic.clone(),
            login: kafka.sasl.clone().zip(services.login_token()),
            acks: kafka.acks.unwrap_or_default(),
            codec: kafka.compression.or_else(|| settings.gzip.then_some(Codec::Gzip)),
            timeout: settings.timeout,
            events_max: settings.batching.map_or(EVENTS_MAX, |batching| batching.events_max.get()),
            requests_max: settings.streams.unwrap_or(REQUESTS_MAX).get(),
            first_metadata: Mutex::default(),
        };
        Ok(Arc::new(KafkaTransport { address: self.address.clone(), cluster: Arc::new(cluster) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv6_has_brackets_in_texts_only() {
        for (authority, shown) in [("h", "h:9092"), ("h:80", "h:80"), ("[::1]", "[::1]:9092"), ("[::1]:1", "[::1]:1")] {
            let [url] = SERVERS.read(false, authority).unwrap().try_into().unwrap();
            assert_eq!(server_of(&url).to_string(), shown);
        }
    }

    #[test]
    fn a_topic_has_the_characters_of_kafka() {
        for topic in ["events", "a.b_c-D9", &"a".repeat(249)] {
            check_topic(topic).unwrap();
        }
        for topic in ["", ".", "..", "a b", "a/b", "a?b", "\u{e4}", &"a".repeat(250)] {
            check_topic(topic).unwrap_err();
        }
    }
}
