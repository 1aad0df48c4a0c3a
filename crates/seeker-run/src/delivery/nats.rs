//! Sends each event as a message to a `JetStream` stream, and waits for its acknowledgement. The subject of the target selects the stream.

mod ack;
mod cluster;
mod conclusion;
mod connection;
mod login;
mod message_sender;
mod message_senders;
mod protocol;
mod subject;
mod transport;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use event_request::{BodyForm, EventForm};
use url::Url;

use crate::delivery::nats::cluster::Cluster;
use crate::delivery::nats::login::LoginSource;
use crate::delivery::nats::message_senders::Server;
use crate::delivery::nats::subject::Subject;
use crate::delivery::nats::transport::NatsTransport;
use crate::delivery::transport::{DEFAULT_STREAMS, Destination, Transport, of_other_target};
use crate::target::server_list::ServerList;
use crate::target::services::{Services, TargetError};
use crate::target::settings::DeliverySettings;

/// The port of NATS, as registered with IANA.
const DEFAULT_PORT: u16 = 4222;

const EXPECTED: &str = "expected hosts and a subject, such as nats://127.0.0.1:4222/events or nats://a:4222,b:4222/events";

const SERVERS: ServerList = ServerList { default_port: DEFAULT_PORT, expected: EXPECTED, login_options: "--token-file" };

/// NATS servers of one cluster and the subject of messages.
#[derive(Debug)]
pub(crate) struct NatsDestination {
    address: String,
    /// The servers as URLs of HTTP, or of HTTPS with TLS. At least one, without duplicates.
    servers: Vec<Url>,
    subject: Subject,
}

impl NatsDestination {
    pub(crate) const EXAMPLES: &[&str] = &["nats://127.0.0.1:4222/events for NATS JetStream (natss:// with TLS)"];

    /// Reads `nats://HOST:PORT[,HOST:PORT].../SUBJECT` and `natss://` with the same.
    pub(crate) fn read(text: &str) -> Option<Result<Arc<dyn Destination>, String>> {
        let (scheme, rest) = text.split_once("://")?;
        // Other clients name a list as `nats://a,nats://b`.
        let rest = rest.replace(&format!(",{scheme}://"), ",");
        let uses_tls = match scheme.to_ascii_lowercase().as_str() {
            "nats" => false,
            "natss" => true,
            _ => return None,
        };
        let read = || {
            let (authority, subject) = rest.split_once('/').unwrap_or((&rest, ""));
            // Two slashes belong to a scheme.
            let servers = if subject.starts_with('/') { Err(EXPECTED.to_owned()) } else { SERVERS.read(uses_tls, authority) }?;
            Ok(Arc::new(Self { address: text.to_owned(), servers, subject: Subject::read(subject)? }) as Arc<dyn Destination>)
        };
        Some(read())
    }

    fn uses_tls(&self) -> bool {
        self.servers.iter().any(|server| server.scheme() == "https")
    }
}

impl fmt::Display for NatsDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl Destination for NatsDestination {
    fn server_urls(&self) -> &[Url] {
        &self.servers
    }

    fn format(&self, asked: EventForm) -> Result<EventForm, String> {
        match asked {
            EventForm::Pubsub => Err(format!("{self} has no format pubsub; expected message, v3, v4 or v4beta1")),
            EventForm::Message | EventForm::V3 | EventForm::V4 | EventForm::V4Beta1 => Ok(asked),
        }
    }

    fn default_streams(&self) -> Option<NonZeroUsize> {
        Some(DEFAULT_STREAMS)
    }

    fn refusal(&self, option: &str) -> Option<&'static str> {
        match option {
            "--batch" => Some("a message holds one event"),
            "--gzip" => Some("messages are sent uncompressed"),
            "--http2" | "--http3" => {
                Some("the target speaks NATS; --streams sets the number of messages in flight per connection")
            }
            "--no-keep-alive" => Some("a connection carries many messages"),
            "--traceparent" | "--header" => Some("messages have one header, Nats-Msg-Id"),
            "--proxy" => Some("a proxy of HTTP does not forward NATS"),
            "--project" | "--tenant" | "--topic" => Some("the subject has no such placeholder"),
            "--ca" | "--insecure" | "--cert" if !self.uses_tls() => Some("the connection has no TLS without natss://"),
            "--nats-user" | "--nats-creds" | "--nats-nkey" | "--no-ack" => None,
            option => of_other_target(option),
        }
    }

    fn encrypted_scheme(&self) -> &'static str {
        "natss"
    }

    fn body_form(&self, settings: &DeliverySettings) -> BodyForm {
        BodyForm::One(settings.format)
    }

    fn open(&self, services: &mut Services<'_>) -> Result<Arc<dyn Transport>, TargetError> {
        let members = self.servers.iter().map(|server| services.bytes(server)).collect::<Result<Vec<_>, _>>()?;
        // With addresses of the user's own, the run connects to nothing else.
        let follows_names = services.settings.resolves.is_empty() && services.settings.connect_to.is_empty();
        let server = Server {
            cluster: Arc::new(Cluster::new(self.servers.iter().cloned().zip(members).collect(), follows_names)),
            uses_tls: self.uses_tls(),
            subject: self.subject.clone(),
            login: login_source(services)?,
            outstanding_max: services.settings.streams.unwrap_or(NonZeroUsize::MIN),
        };
        Ok(Arc::new(NatsTransport { address: self.address.clone(), server }))
    }
}

/// The login of the run. Reads the file with the credentials for the first time.
fn login_source(services: &Services<'_>) -> Result<LoginSource, TargetError> {
    let settings = services.settings;
    if let Some(file) = settings.nats_credentials.clone() {
        let credentials = file.read().map_err(|error| TargetError::Unusable(Box::new(error)))?;
        return Ok(LoginSource::Keys { file, credentials: Arc::new(credentials) });
    }
    let user = settings.nats_user.clone();
    Ok(services.login_token().map_or(LoginSource::None, |token| LoginSource::Token { user, token }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_listed_once() {
        for text in ["nats://a,b:1/x", "nats://a,nats://b:1/x", "NATSS://a,NATSS://b:1,a/x"] {
            assert_eq!(NatsDestination::read(text).unwrap().unwrap().server_urls().len(), 2, "{text}");
        }
    }
}
