//! The options of `run` for reports, metrics and the status display.

#![expect(clippy::doc_markdown, reason = "doc comments are help texts")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};
use run_report::file::ReportPath;
use seeker_run::{MetricsPlan, PushPlan, StatusDisplay, collector_url};
use url::Url;

use crate::cli::concealed::Concealed;
use crate::cli::{parse_bind, parse_duration};

/// Reports, metrics and the status display.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
#[expect(clippy::struct_excessive_bools, reason = "independent options of the command line")]
pub struct OutputArgs {
    /// Write a report to FILE.json, FILE.html or FILE.csv; repeatable
    ///
    /// The file extension selects the format: .json has all figures, .html is a page with charts, .csv has one line per second
    /// and grows during the run. With -, the JSON goes to standard output, and the summary to standard error. With --shard, no
    /// file is replaced, a file appears when it is complete, and {shard} in its name becomes the number of the shard.
    #[arg(long = "report", short = 'o', value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub reports: Vec<ReportPath>,

    /// Write the thresholds as JUnit XML, for CI services
    #[arg(long, value_name = "FILE.xml", value_hint = ValueHint::FilePath)]
    pub junit: Option<PathBuf>,

    /// Write a CSV line for each measured event: its type, outcome and times
    ///
    /// The columns are type, outcome, scheduled_us, sent_us and settled_us, in microseconds since the start of the run. sent_us is
    /// empty without an answer. The file appears when it is complete. With --shard, {shard} in its name becomes the number of the
    /// shard.
    #[arg(
        long,
        value_name = "FILE.csv",
        hide_short_help = true,
        conflicts_with = "find_capacity",
        value_hint = ValueHint::FilePath
    )]
    pub event_log: Option<PathBuf>,

    /// Serve Prometheus metrics at this address during the run
    ///
    /// The path is /metrics. Port 0 selects a free port; the run prints the address. The metrics are available until the last
    /// answer. The summary and the report have the final figures.
    #[arg(long, value_name = "ADDR", value_parser = parse_bind)]
    metrics: Option<SocketAddr>,

    /// Let PATCH requests to /load at the --metrics address change the load
    ///
    /// {"factor": 1.2} multiplies the rest of the plan; {"rate": "800/s"} holds a rate until the planned end. The content type is
    /// application/json. The report lists all changes.
    #[arg(long, hide_short_help = true, requires = "metrics")]
    allow_load_changes: bool,

    /// Push the metrics to an OpenTelemetry collector (OTLP over HTTP)
    ///
    /// The last push has the final figures. A URL without a path gets /v1/metrics. Without a URL, OTEL_EXPORTER_OTLP_ENDPOINT or
    /// `http://localhost:4318` applies. OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_CERTIFICATE, OTEL_RESOURCE_ATTRIBUTES and
    /// OTEL_SERVICE_NAME apply too.
    #[arg(
        long,
        value_name = "URL",
        hide_short_help = true,
        value_hint = ValueHint::Url,
        value_parser = Concealed::in_url(collector_url),
        num_args = 0..=1
    )]
    #[expect(clippy::option_option, reason = "an option whose value is optional")]
    otlp: Option<Option<Url>>,

    /// Interval between pushes to the collector, at least 100ms
    #[arg(
        long,
        value_name = "TIME",
        default_value = "10s",
        hide_short_help = true,
        value_parser = parse_duration,
        requires = "otlp"
    )]
    otlp_interval: Duration,

    /// Print only errors and the final summary
    #[arg(long)]
    quiet: bool,

    /// Show a status line instead of a full screen
    #[arg(long, hide_short_help = true, conflicts_with = "quiet")]
    no_tui: bool,

    /// Never quote the target: no answers, certificate names or connection errors
    ///
    /// Without this option, reports and messages quote the answers of a target that refuses or fails events. Quotes never contain
    /// tokens, header values or query values, in any encoding.
    #[arg(long, hide_short_help = true)]
    no_answers: bool,
}

impl OutputArgs {
    pub(super) fn metrics(&self) -> MetricsPlan {
        let push = self.otlp.clone().map(|url| PushPlan { url, every: self.otlp_interval });
        MetricsPlan { listen: self.metrics, is_address_printed: false, allows_load_changes: self.allow_load_changes, push }
    }

    pub(super) fn status_display(&self) -> StatusDisplay {
        match (self.quiet, self.no_tui) {
            (true, _) => StatusDisplay::Nothing,
            (false, true) => StatusDisplay::Lines,
            (false, false) => StatusDisplay::Screen,
        }
    }

    pub(super) fn shows_answers(&self) -> bool {
        !self.no_answers
    }
}
