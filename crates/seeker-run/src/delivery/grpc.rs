//! Sends events as calls of `EventService/CreateClientEvent` over gRPC, on the HTTP/2 client. One event is one call.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use event_request::{BodyForm, EventForm, GrpcVersion};
use url::Url;

use crate::delivery::http::HttpTransport;
use crate::delivery::transport::{DEFAULT_STREAMS, Destination, Transport, of_other_target};
use crate::target::services::{Services, TargetError};
use crate::target::settings::DeliverySettings;
use crate::target::url::service_url;

/// A gRPC server.
#[derive(Debug)]
pub(crate) struct GrpcDestination {
    address: String,
    /// The server as a URL of HTTP, without a path.
    url: Url,
}

impl GrpcDestination {
    pub(crate) const EXAMPLES: &[&str] = &["grpc://127.0.0.1:8080 for gRPC (grpcs:// with TLS)"];

    /// Reads `grpc://HOST:PORT` and `grpcs://HOST:PORT`.
    pub(crate) fn read(text: &str) -> Option<Result<Arc<dyn Destination>, String>> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "grpc" => "http",
            "grpcs" => "https",
            _ => return None,
        };
        let read = || {
            let url = service_url(&format!("{scheme}://{rest}"))
                .map_err(|_| "expected a host, such as grpc://127.0.0.1:8080".to_owned())?;
            if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
                return Err("a gRPC target has no path; expected a host and a port, such as grpc://127.0.0.1:8080".to_owned());
            }
            Ok(Arc::new(Self { address: text.trim_end_matches('/').to_owned(), url }) as Arc<dyn Destination>)
        };
        Some(read())
    }

    fn version(settings: &DeliverySettings) -> GrpcVersion {
        if settings.format == EventForm::V4Beta1 { GrpcVersion::V4Beta1 } else { GrpcVersion::V4 }
    }
}

impl fmt::Display for GrpcDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl Destination for GrpcDestination {
    fn url(&self) -> Option<&Url> {
        Some(&self.url)
    }

    /// The service has the versions 4 and 4beta1. The default format means version 4.
    fn format(&self, asked: EventForm) -> Result<EventForm, String> {
        match asked {
            EventForm::Message | EventForm::V4 => Ok(EventForm::V4),
            EventForm::V4Beta1 => Ok(EventForm::V4Beta1),
            EventForm::V3 | EventForm::Pubsub => Err(format!("{self} has no format {asked}; expected v4 or v4beta1")),
        }
    }

    fn default_streams(&self) -> Option<NonZeroUsize> {
        Some(DEFAULT_STREAMS)
    }

    fn refusal(&self, option: &str) -> Option<&'static str> {
        match option {
            "--batch" => Some("a call creates one event"),
            "--gzip" => Some("gRPC messages are sent uncompressed"),
            "--http3" => Some("gRPC uses HTTP/2"),
            "--no-keep-alive" => Some("gRPC uses HTTP/2, whose connections carry many requests"),
            "--topic" => Some("events have no topic"),
            option => of_other_target(option),
        }
    }

    fn body_form(&self, settings: &DeliverySettings) -> BodyForm {
        BodyForm::Grpc(Self::version(settings))
    }

    fn open(&self, services: &mut Services<'_>) -> Result<Arc<dyn Transport>, TargetError> {
        let form = self.body_form(services.settings);
        let mut url = self.url.clone();
        url.set_path(form.default_path());
        let address = format!("{self}{}", form.default_path());
        Ok(Arc::new(HttpTransport::new(services.target(&url, &form)?, Some(address))))
    }
}
