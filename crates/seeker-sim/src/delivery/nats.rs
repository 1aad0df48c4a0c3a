//! Sends each event as a message to a `JetStream` stream, and waits for its acknowledgement. The subject of the target selects the stream.

mod ack;
mod connection;
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

use crate::delivery::nats::message_senders::Server;
use crate::delivery::nats::subject::Subject;
use crate::delivery::nats::transport::NatsTransport;
use crate::delivery::transport::{Destination, STREAMS, Transport, of_other_target};
use crate::target::services::{Services, TargetError};
use crate::target::settings::DeliverySettings;
use crate::target::url::service_url;

/// The port of NATS, as registered with IANA.
const DEFAULT_PORT: u16 = 4222;

/// A NATS server and the subject of messages.
#[derive(Debug)]
pub(crate) struct NatsDestination {
    address: String,
    /// The server as a URL of HTTP, or of HTTPS with TLS.
    server: Url,
    subject: Subject,
}

impl NatsDestination {
    pub(crate) const EXAMPLES: &[&str] = &["nats://127.0.0.1:4222/events for NATS JetStream (natss:// with TLS)"];

    /// Reads `nats://HOST:PORT/SUBJECT` and `natss://HOST:PORT/SUBJECT`.
    pub(crate) fn read(text: &str) -> Option<Result<Arc<dyn Destination>, String>> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "nats" => "http",
            "natss" => "https",
            _ => return None,
        };
        let read = || {
            let (authority, subject) = rest.split_once('/').unwrap_or((rest, ""));
            let server = server_url(scheme, authority)?;
            Ok(Arc::new(Self { address: text.to_owned(), server, subject: Subject::read(subject)? }) as Arc<dyn Destination>)
        };
        Some(read())
    }

    fn uses_tls(&self) -> bool {
        self.server.scheme() == "https"
    }
}

/// The URL of a server. Names the port, because the default port of NATS is not that of HTTP.
fn server_url(scheme: &str, authority: &str) -> Result<Url, String> {
    if authority.contains('@') {
        return Err("a user name or password has no place in the URL; pass --token-file in its place".to_owned());
    }
    if authority.contains(',') {
        return Err("expected one server; list its addresses with --resolve".to_owned());
    }
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && !port.ends_with(']'));
    let authority = if has_port { authority.to_owned() } else { format!("{}:{DEFAULT_PORT}", authority.trim_end_matches(':')) };
    service_url(&format!("{scheme}://{authority}"))
        .ok()
        .filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
        .ok_or_else(|| "expected a host and a subject, such as nats://127.0.0.1:4222/events".to_owned())
}

impl fmt::Display for NatsDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl Destination for NatsDestination {
    fn server_url(&self) -> Option<&Url> {
        Some(&self.server)
    }

    fn format(&self, asked: EventForm) -> Result<EventForm, String> {
        match asked {
            EventForm::Pubsub => Err(format!("{self} has no format pubsub; expected message, v3, v4 or v4beta1")),
            EventForm::Message | EventForm::V3 | EventForm::V4 | EventForm::V4Beta1 => Ok(asked),
        }
    }

    fn default_streams(&self) -> Option<NonZeroUsize> {
        Some(STREAMS)
    }

    fn refusal(&self, option: &str) -> Option<&'static str> {
        match option {
            "--batch" => Some("a message holds one event"),
            "--gzip" => Some("messages are sent uncompressed"),
            "--http2" => Some("the target speaks NATS; --streams sets the number of messages in flight per connection"),
            "--no-keep-alive" => Some("a connection carries many messages"),
            "--traceparent" | "--header" => Some("messages have one header, Nats-Msg-Id"),
            "--proxy" => Some("a proxy of HTTP does not forward NATS"),
            "--cert" => Some("client certificates are not supported over NATS"),
            "--project" | "--tenant" | "--topic" => Some("the subject has no such placeholder"),
            "--ca" | "--insecure" if !self.uses_tls() => Some("the connection has no TLS without natss://"),
            "--nats-user" => None,
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
        let server = Server {
            service: services.bytes(&self.server)?,
            uses_tls: self.uses_tls(),
            subject: self.subject.clone(),
            user: services.settings.nats_user.clone(),
            token: services.login_token(),
            outstanding_max: services.settings.streams.unwrap_or(NonZeroUsize::MIN),
        };
        Ok(Arc::new(NatsTransport { address: self.address.clone(), server }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_that_of_the_address_or_of_nats() {
        for (authority, port) in [("h", 4222), ("h:", 4222), ("h:80", 80), ("h:443", 443), ("[::1]", 4222), ("[::1]:1", 1)] {
            for scheme in ["http", "https"] {
                let url = server_url(scheme, authority).unwrap();
                assert_eq!(url.port_or_known_default(), Some(port), "{url}");
            }
        }
        for authority in ["", "user@h", "a,b", "h:x", "h?a", "h#a"] {
            server_url("http", authority).unwrap_err();
        }
    }
}
