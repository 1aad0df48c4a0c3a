//! How events reach their target: the settings of requests and connections.

use std::num::NonZeroUsize;
use std::time::Duration;

use event_request::{Batching, BodyForm, EventForm, PathError, PathNames};
use transport::http::{ConnectTo, Header, IdentityFiles, Resolve, Trust};
use transport::token::TokenSource;
use url::Url;

use crate::target::kafka_settings::KafkaSettings;
use crate::target::nats_credentials::NatsCredentialsFile;
use crate::target::proxies::Proxies;

/// The search path of API version 4 (discovery document, rev. 20251014).
const SEARCH_PATH: &str = "/v4/projects/{project}/tenants/{tenant}/jobs:search";

/// The settings of requests and connections.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent options of the command line")]
pub struct DeliverySettings {
    /// The service that answers searches; `None` for the built-in catalogue.
    pub search: Option<Url>,
    /// The format of sent events.
    pub format: EventForm,
    /// The batching of several events into one request; `None` for one event per request.
    pub batching: Option<Batching>,
    /// Whether requests carry a `traceparent` header with the trace of their first event.
    pub is_traced: bool,
    /// Whether messages of Pub/Sub have the seeker as ordering key.
    pub is_ordered: bool,
    /// Whether bodies are compressed with gzip.
    pub gzip: bool,
    /// The names for the path of the target.
    pub names: PathNames,
    /// Additional headers of each request.
    pub headers: Vec<Header>,
    /// The source of the token of each request, if requests carry one.
    pub token: Option<TokenSource>,
    /// The user of a NATS login, whose password is the token.
    pub nats_user: Option<String>,
    /// The file with the credentials of a NATS login.
    pub nats_credentials: Option<NatsCredentialsFile>,
    /// The settings of a Kafka target.
    pub kafka: KafkaSettings,
    /// Hosts and ports to connect to in place of those of the target and of the search.
    pub connect_to: Vec<ConnectTo>,
    /// The proxies that connections go through.
    pub proxies: Proxies,
    /// Addresses of the target and of the search that replace the addresses of the name service.
    pub resolves: Vec<Resolve>,
    /// The certificates that the run accepts from an https target.
    pub trust: Trust,
    /// The certificate and key that identify the run to an https target.
    pub identity: Option<IdentityFiles>,
    /// The timeout of an answer, from the moment of sending.
    pub timeout: Duration,
    /// The maximum number of retries of an event, 0 to 100.
    pub retries: u32,
    /// The maximum number of connections to the target.
    pub connections: NonZeroUsize,
    /// Whether the target acknowledges events. Without acknowledgements, events count as unknown once the target has read them.
    pub awaits_acks: bool,
    /// Whether `--http2` was given.
    pub http2: bool,
    /// Whether `--http3` was given.
    pub http3: bool,
    /// Whether an HTTP/1.1 connection carries further requests after the first one.
    pub keeps_alive: bool,
    /// The maximum number of concurrent requests on a connection; `None` for HTTP/1.1, which has one.
    pub streams: Option<NonZeroUsize>,
    /// Whether to show the target's answers with errors.
    pub shows_answers: bool,
}

impl DeliverySettings {
    /// The maximum number of concurrent requests.
    pub(crate) fn requests_max(&self) -> usize {
        self.connections.get() * self.streams.map_or(1, NonZeroUsize::get)
    }

    /// The form of request bodies.
    pub(crate) fn request_form(&self) -> BodyForm {
        BodyForm::of(self.format, self.batching.as_ref(), self.is_ordered)
    }

    /// The URL of events, with its path. A name that only the search uses may be missing from the path.
    pub(crate) fn target_url(&self, url: &Url) -> Result<Url, PathError> {
        let form = self.request_form();
        let names = self.search.as_ref().map(|search| self.names.but_for((url, form.default_path()), (search, SEARCH_PATH)));
        form.url(url, names.as_ref().unwrap_or(&self.names))
    }

    /// The URL of searches, with its path; `None` for the built-in catalogue. `target` is the URL of events, if there is one.
    pub(crate) fn search_url(&self, target: Option<&Url>) -> Option<Result<Url, PathError>> {
        let search = self.search.as_ref()?;
        let names = target.map(|target| self.names.but_for((search, SEARCH_PATH), (target, self.request_form().default_path())));
        Some(names.as_ref().unwrap_or(&self.names).fill("--search", search, SEARCH_PATH))
    }
}
