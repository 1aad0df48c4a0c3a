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
use crate::delivery::transport::{Destination, Transport};
use crate::target::services::{Services, TargetError};
use crate::target::settings::DeliverySettings;
use crate::target::url::service_url;

/// The port of NATS, as registered with IANA.
const DEFAULT_PORT: u16 = 4222;

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
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "nats" => "http",
            "natss" => "https",
            _ => return None,
        };
        let read = || {
            let (authority, subject) = rest.split_once('/').unwrap_or((rest, ""));
            let servers = server_urls(scheme, authority)?;
            Ok(Arc::new(Self { address: text.to_owned(), servers, subject: Subject::read(subject)? }) as Arc<dyn Destination>)
        };
        Some(read())
    }

    fn uses_tls(&self) -> bool {
        self.servers.iter().any(|server| server.scheme() == "https")
    }
}

/// The URLs of the servers in a list with commas.
fn server_urls(scheme: &str, authorities: &str) -> Result<Vec<Url>, String> {
    let mut servers: Vec<Url> = Vec::new();
    for authority in authorities.split(',') {
        let server = server_url(scheme, authority)?;
        if !servers.contains(&server) {
            servers.push(server);
        }
    }
    Ok(servers)
}

/// The URL of a server. Names the port, because the default port of NATS is not that of HTTP.
fn server_url(scheme: &str, authority: &str) -> Result<Url, String> {
    if authority.contains('@') {
        return Err("a user name or password has no place in the URL; pass --token-file in its place".to_owned());
    }
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && !port.ends_with(']'));
    let authority = if has_port { authority.to_owned() } else { format!("{}:{DEFAULT_PORT}", authority.trim_end_matches(':')) };
    service_url(&format!("{scheme}://{authority}"))
        .ok()
        .filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())
        .ok_or_else(|| {
            "expected hosts and a subject, such as nats://127.0.0.1:4222/events or nats://a:4222,b:4222/events".to_owned()
        })
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

    fn is_pipelined(&self) -> bool {
        true
    }

    fn refusal(&self, option: &str) -> Option<&'static str> {
        match option {
            "--batch" => Some("a message holds one event"),
            "--gzip" => Some("messages are sent uncompressed"),
            "--http2" => Some("the target speaks NATS; --streams sets the number of messages in flight per connection"),
            "--no-keep-alive" => Some("a connection carries many messages"),
            "--traceparent" | "--header" => Some("messages have one header, Nats-Msg-Id"),
            "--proxy" => Some("a proxy of HTTP does not forward NATS"),
            "--project" | "--tenant" | "--topic" => Some("the subject has no such placeholder"),
            "--ca" | "--insecure" | "--cert" if !self.uses_tls() => Some("the connection has no TLS without natss://"),
            _ => None,
        }
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
    Ok(services.token().map_or(LoginSource::None, |(source, token)| LoginSource::Token { user, source, token }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_listed_once() {
        let urls = |text| server_urls("http", text).unwrap().iter().map(Url::to_string).collect::<Vec<_>>();
        assert_eq!(urls("a,b:1,A,a:4222,[::1]"), ["http://a:4222/", "http://b:1/", "http://[::1]:4222/"]);
    }

    #[test]
    fn the_port_is_that_of_the_address_or_of_nats() {
        for (authority, port) in [("h", 4222), ("h:", 4222), ("h:80", 80), ("h:443", 443), ("[::1]", 4222), ("[::1]:1", 1)] {
            for scheme in ["http", "https"] {
                let url = server_url(scheme, authority).unwrap();
                assert_eq!(url.port_or_known_default(), Some(port), "{url}");
            }
        }
        for authority in ["", "user@h", "h:x", "h?a", "h#a", "a,", ",a", "a,,b", "a,user@h", "a,nats:"] {
            server_urls("http", authority).unwrap_err();
        }
    }
}
