//! The options of `run` for the export of metrics.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use url::Url;

use super::concealed::Concealed;
use super::{parse_bind, parse_duration};
use crate::exporters::collector_url;
use crate::plan::metrics::{MetricsPlan, PushPlan};

const LISTEN_HELP: &str = "\
Offer metrics to Prometheus at http://ADDR/metrics; port 0 for a free one. The address is told. They can be scraped \
from the beginning until the last answer, and no longer: the figures of the end are those of the summary and the report";

const OTLP_HELP: &str = "\
Push the same metrics to an OpenTelemetry collector, as OTLP over HTTP, and those of the end when the run has ended. A URL without a \
path means its /v1/metrics. Without a URL it is what OTEL_EXPORTER_OTLP_ENDPOINT says, or else http://localhost:4318; \
OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_CERTIFICATE, OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME are heeded";

/// Where metrics go.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Metrics while the run goes on")]
pub struct MetricsArgs {
    /// The address at which metrics can be scraped.
    #[arg(help = LISTEN_HELP)]
    #[arg(long = "metrics", value_name = "ADDR", value_parser = parse_bind)]
    pub listen: Option<SocketAddr>,

    /// The collector that metrics are pushed to.
    #[arg(help = OTLP_HELP)]
    #[arg(long, value_name = "URL", value_parser = Concealed::in_url(collector_url), num_args = 0..=1)]
    pub otlp: Option<Option<Url>>,

    /// How often metrics are pushed, at least every 100ms.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_duration, requires = "otlp")]
    pub otlp_interval: Duration,
}

impl From<MetricsArgs> for MetricsPlan {
    fn from(MetricsArgs { listen, otlp, otlp_interval }: MetricsArgs) -> Self {
        Self { listen, is_told: false, push: otlp.map(|url| PushPlan { url, every: otlp_interval }) }
    }
}
