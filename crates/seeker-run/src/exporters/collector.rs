//! The collector that receives pushed metrics: its URL, the headers of its requests, and a single push. [`super::pusher`] schedules the
//! pushes.

use std::time::Duration;

use thiserror::Error;
use tokio::time::timeout;
use transport::http::{Connection, Endpoint, EndpointError, ExchangeError, Header, HeaderError, OpenError, Trust};
use url::Url;
use uuid::Uuid;

use super::environment::{Environment, PairsError, pairs};
use crate::metrics::{Metrics, otlp};
use crate::plan::metrics::PushPlan;

/// The path of metrics if the URL of the collector has no path.
const DEFAULT_PATH: &str = "/v1/metrics";

/// The default URL of the collector.
const DEFAULT_URL: &str = "http://localhost:4318";

/// The timeout of a push.
const PUSH_TIME_MAX: Duration = Duration::from_secs(5);

/// Why there is no usable collector.
#[derive(Debug, Error)]
pub enum CollectorError {
    /// An environment variable does not contain a URL.
    #[error("{variable}: {why}")]
    Url {
        /// The variable.
        variable: &'static str,
        /// The error, and what was expected.
        why: String,
    },
    /// An environment variable does not contain a list of pairs.
    #[error("{variable}")]
    Pairs {
        /// The variable.
        variable: &'static str,
        /// The error.
        source: PairsError,
    },
    /// An environment variable contains an invalid header.
    #[error("{variable}")]
    Header {
        /// The variable.
        variable: &'static str,
        /// The error.
        source: HeaderError,
    },
    /// The URL contains a user name or a password. The message does not repeat the URL, because it is a secret.
    #[error("--otlp: the URL contains a user name or password; set OTEL_EXPORTER_OTLP_HEADERS='authorization=Basic ...' instead")]
    UserInfo,
    /// The URL is not a usable endpoint.
    #[error("--otlp: failed to {}", terminal_escape::one_line(.0))]
    Endpoint(EndpointError),
}

/// Why a push failed.
#[derive(Debug, Error)]
pub(super) enum PushError {
    /// No connection was opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// No response was received.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The collector refused the metrics with this status code.
    #[error("the collector answered {0}")]
    Refused(u16),
    /// The push timed out.
    #[error("no answer within {}", humantime::format_duration(PUSH_TIME_MAX))]
    Late,
}

impl PushError {
    /// Returns advice for the user, as the end of a sentence with its punctuation mark.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::Open(error) if error.is_about_identity() => {
                "set OTEL_EXPORTER_OTLP_CERTIFICATE to a file with the certificate of the collector."
            }
            Self::Open(_) => "is the collector running, and is the URL right?",
            Self::Exchange(_) => {
                "does the collector accept OTLP over HTTP on this port? The usual port is 4318; 4317 is for gRPC."
            }
            Self::Refused(401 | 403) => "if the collector requires credentials, set OTEL_EXPORTER_OTLP_HEADERS.",
            Self::Refused(404 | 405) => "is the path right? The usual path is /v1/metrics.",
            Self::Refused(_) | Self::Late => "check the log of the collector.",
        }
    }
}

/// The collector that metrics are pushed to.
pub(crate) struct Collector {
    endpoint: Endpoint,
    url: String,
    /// The attributes of the resource that the metrics describe.
    resource: Vec<(String, String)>,
}

impl Collector {
    /// Creates the collector from the plan and the environment of the process.
    pub(crate) fn of(plan: &PushPlan) -> Result<Self, CollectorError> {
        Self::in_environment(plan, |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    fn in_environment(plan: &PushPlan, variable: impl Fn(&str) -> Option<String>) -> Result<Self, CollectorError> {
        let environment = Environment(variable);
        let url = match &plan.url {
            Some(url) => with_path(url.clone()),
            None => url_of(&environment)?,
        };
        let endpoint = Endpoint::new(&url, &headers(&environment)?, &trust(&environment)).map_err(|error| match error {
            EndpointError::UserInfo => CollectorError::UserInfo,
            error => CollectorError::Endpoint(error),
        })?;
        Ok(Self { endpoint, url: shown(url), resource: resource(&environment)? })
    }

    /// The URL, without parts that may be secret.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Describes a failed push in one line without secrets.
    pub(super) fn error_line(&self, error: &PushError) -> String {
        match error {
            PushError::Open(error) => format!("failed to {}", self.endpoint.error_line(error)),
            PushError::Exchange(error) => format!("failed to {}", self.endpoint.error_line(error)),
            PushError::Refused(_) | PushError::Late => error.to_string(),
        }
    }

    /// Sends the metrics once, over a new connection: pushes are seconds apart, and few collectors keep a connection open for that long.
    pub(super) async fn push(&self, metrics: &Metrics) -> Result<(), PushError> {
        let body = otlp::body(metrics, &self.resource);
        let pushed = async {
            let mut connection = Connection::open(&self.endpoint).await?;
            match connection.post(&self.endpoint, &body).await?.status {
                200..300 => Ok(()),
                status => Err(PushError::Refused(status)),
            }
        };
        timeout(PUSH_TIME_MAX, pushed).await.unwrap_or(Err(PushError::Late))
    }
}

/// Parses the URL of a collector.
///
/// # Errors
///
/// States what was expected.
pub fn collector_url(text: &str) -> Result<Url, String> {
    const EXPECTED: &str = "expected the URL of a collector that speaks OTLP over HTTP, such as http://127.0.0.1:4318";
    match Url::parse(text) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => Err(EXPECTED.to_owned()),
        Ok(url) => Ok(url),
        Err(error) => Err(format!("{error}; {EXPECTED}")),
    }
}

fn with_path(mut url: Url) -> Url {
    if matches!(url.path(), "" | "/") {
        url.set_path(DEFAULT_PATH);
    }
    url
}

/// Returns the URL from the environment: the variable for metrics is used unchanged; the variable for all signals gets the path appended.
fn url_of<F: Fn(&str) -> Option<String>>(environment: &Environment<F>) -> Result<Url, CollectorError> {
    const OF_METRICS: &str = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    let (variable, text) = environment
        .first(&[OF_METRICS, "OTEL_EXPORTER_OTLP_ENDPOINT"])
        .unwrap_or_else(|| ("the default", DEFAULT_URL.to_owned()));
    let mut url = collector_url(text.trim()).map_err(|why| CollectorError::Url { variable, why })?;
    if variable != OF_METRICS {
        url.set_path(&format!("{}{DEFAULT_PATH}", url.path().trim_end_matches('/')));
    }
    Ok(url)
}

fn shown(mut url: Url) -> String {
    url.set_query(None);
    url.into()
}

fn headers<F: Fn(&str) -> Option<String>>(environment: &Environment<F>) -> Result<Vec<Header>, CollectorError> {
    let own = |name| format!("{name}: {}", otlp::CONTENT_TYPE).parse().expect("a valid header");
    let mut headers: Vec<Header> = vec![own("Content-Type"), own("Accept")];
    if let Some((variable, list)) = environment.first(&["OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"]) {
        for (name, value) in pairs(&list).map_err(|source| CollectorError::Pairs { variable, source })? {
            let header: Header =
                format!("{name}: {value}").parse().map_err(|source| CollectorError::Header { variable, source })?;
            // The body determines these headers, not the user.
            if !(header.is("content-type") || header.is("accept")) {
                headers.push(header);
            }
        }
    }
    Ok(headers)
}

fn trust<F: Fn(&str) -> Option<String>>(environment: &Environment<F>) -> Trust {
    let file = environment.first(&["OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE"]);
    file.map_or(Trust::System, |(_, path)| Trust::SystemAnd(path.into()))
}

/// The attributes of the resource: this run of this program, unless the environment sets others.
fn resource<F: Fn(&str) -> Option<String>>(environment: &Environment<F>) -> Result<Vec<(String, String)>, CollectorError> {
    let mut resource = vec![
        ("service.name".to_owned(), "seeker-sim".to_owned()),
        ("service.version".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("service.instance.id".to_owned(), Uuid::new_v4().to_string()),
    ];
    let mut set = |name: String, value: String| match resource.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = value,
        None => resource.push((name, value)),
    };
    if let Some((variable, list)) = environment.first(&["OTEL_RESOURCE_ATTRIBUTES"]) {
        let attributes = pairs(&list).map_err(|source| CollectorError::Pairs { variable, source })?;
        for (name, value) in attributes {
            set(name, value);
        }
    }
    if let Some((_, name)) = environment.first(&["OTEL_SERVICE_NAME"]) {
        set("service.name".to_owned(), name);
    }
    Ok(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collector(url: Option<&str>, variables: &[(&str, &str)]) -> Result<Collector, String> {
        let plan = PushPlan { url: url.map(|url| collector_url(url).unwrap()), every: Duration::from_secs(1) };
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Collector::in_environment(&plan, value).map_err(|error| terminal_escape::one_line(&error))
    }

    #[test]
    fn the_path_comes_from_the_url_or_the_standard() {
        let (base, of_metrics) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
        for (url, variables, expected) in [
            (Some("http://h:4318"), &[][..], "http://h:4318/v1/metrics"),
            (Some("http://h:4318/"), &[(base, "http://other")], "http://h:4318/v1/metrics"),
            (Some("http://h/otlp/metrics?key=secret"), &[], "http://h/otlp/metrics"),
            (None, &[], "http://localhost:4318/v1/metrics"),
            (None, &[(base, " ")], "http://localhost:4318/v1/metrics"),
            (None, &[(base, "http://h:1")], "http://h:1/v1/metrics"),
            (None, &[(base, "http://h:1/otlp/")], "http://h:1/otlp/v1/metrics"),
            (None, &[(base, "http://h:1"), (of_metrics, "http://m:2/here")], "http://m:2/here"),
        ] {
            assert_eq!(collector(url, variables).unwrap().url(), expected);
        }
    }

    #[test]
    fn the_environment_adds_to_the_resource() {
        let named = |name: &str, variables: &[(&str, &str)]| {
            let resource = collector(None, variables).unwrap().resource;
            let values: Vec<_> = resource.into_iter().filter(|(known, _)| known == name).map(|(_, value)| value).collect();
            values.join(" and ")
        };
        let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=load,deployment.environment.name=a%2Cb");
        assert_eq!(named("service.name", &[]), "seeker-sim");
        assert_eq!(named("service.name", &[attributes]), "load");
        assert_eq!(named("service.name", &[attributes, ("OTEL_SERVICE_NAME", "mine")]), "mine");
        assert_eq!(named("deployment.environment.name", &[attributes]), "a,b");
        assert_eq!(named("service.version", &[]), env!("CARGO_PKG_VERSION"));
        assert_ne!(named("service.instance.id", &[]), named("service.instance.id", &[]));
    }

    #[test]
    fn unusable_settings_are_reported_without_secrets() {
        for (variables, expected) in [
            (("OTEL_EXPORTER_OTLP_ENDPOINT", "h:4318"), "OTEL_EXPORTER_OTLP_ENDPOINT: expected the URL of a collector"),
            (("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:secret@h"), "the URL contains a user name or password"),
            (("OTEL_EXPORTER_OTLP_HEADERS", "secret"), "OTEL_EXPORTER_OTLP_HEADERS: entry 1 has no name and `=`"),
            (
                ("OTEL_EXPORTER_OTLP_HEADERS", "key=secret%0A"),
                "OTEL_EXPORTER_OTLP_HEADERS: the value of `key` holds the control character",
            ),
            (("OTEL_RESOURCE_ATTRIBUTES", "a=b,secret"), "OTEL_RESOURCE_ATTRIBUTES: entry 2 has no name and `=`"),
        ] {
            let error = collector(None, &[variables]).err().unwrap();
            assert!(error.contains(expected) && !error.contains("secret"), "{error}");
        }
    }
}
