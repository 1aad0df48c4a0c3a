//! The kinds of targets that `--target` can name.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::sync::Arc;

use event_request::{BodyForm, EventForm};
use url::Url;

use crate::delivery::grpc::GrpcDestination;
use crate::delivery::http::HttpDestination;
use crate::delivery::kafka::KafkaDestination;
use crate::delivery::lines::LineDestination;
use crate::delivery::nats::NatsDestination;
use crate::delivery::pubsub::PubsubDestination;
use crate::delivery::transport::{Destination, Transport};
use crate::target::services::{Services, TargetError};
use crate::target::settings::DeliverySettings;

/// Reads an address. `None` if the address is of another kind; an error says what was expected.
type Read = fn(&str) -> Option<Result<Arc<dyn Destination>, String>>;

/// A kind of target.
struct Kind {
    /// Addresses of this kind, for messages.
    examples: &'static [&'static str],
    read: Read,
}

/// All kinds, in the order in which messages list them.
const KINDS: &[Kind] = &[
    Kind { examples: HttpDestination::EXAMPLES, read: HttpDestination::read },
    Kind { examples: GrpcDestination::EXAMPLES, read: GrpcDestination::read },
    Kind { examples: PubsubDestination::EXAMPLES, read: PubsubDestination::read },
    Kind { examples: NatsDestination::EXAMPLES, read: NatsDestination::read },
    Kind { examples: KafkaDestination::EXAMPLES, read: KafkaDestination::read },
    Kind { examples: LineDestination::EXAMPLES, read: LineDestination::read },
];

/// The address of a target, as `--target` names it.
#[derive(Clone)]
pub struct TargetAddress(Arc<dyn Destination>);

impl TargetAddress {
    /// The service at this URL.
    pub(crate) fn http(url: Url) -> Self {
        Self(Arc::new(HttpDestination::new(url)))
    }

    /// The URL of the service, if events are sent in HTTP requests.
    pub fn url(&self) -> Option<&Url> {
        self.0.url()
    }

    /// The servers of the target.
    pub(crate) fn server_urls(&self) -> &[Url] {
        self.0.server_urls()
    }

    /// The format of events, if the user asks for `asked`.
    ///
    /// # Errors
    ///
    /// The target has no such format. States what was expected.
    pub fn format(&self, asked: EventForm) -> Result<EventForm, String> {
        self.0.format(asked)
    }

    /// The maximum number of events in a request.
    pub(crate) fn batch_limit(&self) -> u64 {
        self.0.batch_limit()
    }

    /// The maximum number of requests at once on a connection, if a connection always carries several.
    pub fn default_streams(&self) -> Option<NonZeroUsize> {
        self.0.default_streams()
    }

    /// Whether the cluster of the target may have servers that the address does not name.
    pub(crate) fn has_other_servers(&self) -> bool {
        self.0.has_other_servers()
    }

    /// The scheme of the same target with TLS.
    pub(crate) fn encrypted_scheme(&self) -> &'static str {
        self.0.encrypted_scheme()
    }

    /// Why this option of `run` does not apply; `None` if it applies.
    pub(crate) fn refusal(&self, option: &str) -> Option<&'static str> {
        self.0.refusal(option)
    }

    /// The form of the bodies that the target receives.
    pub(crate) fn body_form(&self, settings: &DeliverySettings) -> BodyForm {
        self.0.body_form(settings)
    }

    /// The number of open files that each connection needs; 0 if there are no connections.
    pub(crate) fn files_per_connection(&self) -> u64 {
        self.0.files_per_connection()
    }

    /// Whether events go to standard output, so the summary cannot.
    pub fn is_standard_output(&self) -> bool {
        self.0.is_standard_output()
    }

    /// Opens the transport.
    pub(crate) fn open(&self, services: &mut Services<'_>) -> Result<Arc<dyn Transport>, TargetError> {
        self.0.open(services)
    }
}

impl FromStr for TargetAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(read) = KINDS.iter().find_map(|kind| (kind.read)(text)) {
            return read.map(Self);
        }
        let examples: Vec<_> = KINDS.iter().flat_map(|kind| kind.examples).copied().collect();
        let (last, others) = examples.split_last().expect("there are kinds");
        Err(format!("expected {}, or {last}", others.join(", ")))
    }
}

/// Leaves out the values of a URL's query, because they may be secrets.
impl fmt::Debug for TargetAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TargetAddress({self})")
    }
}

/// Leaves out the values of a URL's query, because they may be secrets.
impl fmt::Display for TargetAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "expected a URL such as http://127.0.0.1:8080 or https://jobs.example/events, \
                       grpc://127.0.0.1:8080 for gRPC (grpcs:// with TLS), \
                       pubsub://projects/P/topics/T for Pub/Sub, nats://127.0.0.1:4222/events for NATS JetStream (natss:// with TLS), \
                       kafka://127.0.0.1:9092/events for Kafka (kafkas:// with TLS), \
                       file:events.ndjson for a file, or - for standard output";

    #[test]
    fn each_kind_is_told_from_the_others() {
        for (text, shown, url, is_standard_output) in [
            ("http://h/p", "http://h/p", Some("http://h/p"), false),
            ("HTTPS://h", "https://h/", Some("https://h/"), false),
            ("grpc://h:1", "grpc://h:1", Some("http://h:1/"), false),
            ("grpcs://h", "grpcs://h", Some("https://h/"), false),
            ("nats://h/a.{type}", "nats://h/a.{type}", None, false),
            ("NATSS://h:1/a", "NATSS://h:1/a", None, false),
            ("kafka://a:1,b/t", "kafka://a:1,b/t", None, false),
            ("KAFKAS://a/t", "KAFKAS://a/t", None, false),
            ("file:a b.ndjson", "file:a b.ndjson", None, false),
            ("file:/a/b", "file:/a/b", None, false),
            ("-", "standard output", None, true),
        ] {
            let address: TargetAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!((address.url().map(Url::as_str), address.is_standard_output()), (url, is_standard_output), "{text}");
        }
        for (text, expected) in [
            ("file:", "expected a path, such as file:events.ndjson"),
            ("events.ndjson", ALL),
            ("localhost:8080", ALL),
            ("ftp://h", ALL),
            ("http://", "empty host; expected a URL"),
            ("grpc://h/path", "a gRPC target has no path"),
            ("grpc://", "expected a host"),
            ("pubsub://topics/t", "expected pubsub://projects/PROJECT/topics/TOPIC"),
            ("nats://h", "the subject is missing; expected a subject"),
            ("nats:///a", "expected hosts and a subject"),
            ("nats://a,natss://b/x", "expected hosts and a subject"),
            ("nats://h/a.>", "a message cannot be sent to a wildcard"),
            ("nats://u:secret@h/a", "pass --token-file in its place"),
            ("kafka://h", "the topic is missing; expected brokers and a topic"),
            ("kafka:///t", "expected brokers and a topic"),
            ("kafka://a,,b/t", "expected brokers and a topic"),
            ("kafka://a/t/u", "expected a topic of at most 249 letters"),
            ("kafka://u:secret@h/t", "pass --sasl, --sasl-user and --token-file in its place"),
            ("http://user@h", "pass --header 'Authorization: ...'"),
            ("https://:secret@h", "pass --header 'Authorization: ...'"),
        ] {
            let error = text.parse::<TargetAddress>().unwrap_err();
            assert!(error.contains(expected) && !error.contains("secret"), "{text}: {error}");
        }
    }

    #[test]
    fn values_of_a_query_are_not_shown() {
        let address: TargetAddress = "http://h/p?key=secret".parse().unwrap();
        assert_eq!(format!("{address} {address:?}"), "http://h/p?key=... TargetAddress(http://h/p?key=...)");
    }
}
