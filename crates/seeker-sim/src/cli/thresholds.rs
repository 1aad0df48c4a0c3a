//! The threshold options of `run`.

use std::path::PathBuf;

use clap::Args;

use load_plan::threshold::Threshold;

const HELP: &str = "\
Condition on a figure for the run to pass, such as 'latency.p99 < 50ms'. Repeatable; \
replaces the scenario's threshold on the same figure. Figures: latency, answered_latency, service_time, schedule_lag with .min, .mean, \
.stddev, .max or a percentile (.p97.5); acknowledged, refused, failed, unknown, not_sent as counts, or with _ratio as a part of the planned \
events; achieved_ratio; rate. 'VIEW.latency.p99 < 80ms' is about one type, 'latency.p99 < 50ms over 10s' about any ten seconds (1s to 10m). \
'acknowledged_ratio >= 99%' applies unless another threshold limits what becomes of all events";

/// Thresholds, and what becomes of them.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Thresholds")]
pub struct ThresholdArgs {
    /// What a figure must hold for the run to pass.
    #[arg(help = HELP)]
    #[arg(long = "threshold", value_name = "THRESHOLD")]
    pub thresholds: Vec<Threshold>,

    /// Search for the highest rate that holds this threshold. Repeatable.
    ///
    /// Doubles the rate from --rate (100/s) in trials of --duration (10s, of which --warm-up, a fifth, is not counted), then bisects to 2.5 %. A
    /// rate is too high if two of three trials miss. The result must hold for three times as long. Untrusted trials are repeated; three at
    /// one rate end the search with exit code 3.
    #[arg(long, value_name = "THRESHOLD")]
    pub find_capacity: Vec<Threshold>,

    /// End the run in order once a threshold cannot be met any more: one over a window, or a count or a .max that must not grow further, such as
    /// 'refused == 0' or 'failed < 5'.
    #[arg(long)]
    pub abort_on_threshold: bool,

    /// Where to write the thresholds as XML for services that build and test.
    #[arg(
        long,
        help = "Where to write the thresholds as JUnit XML, for services that build and test software",
        value_name = "FILE.xml"
    )]
    pub junit: Option<PathBuf>,
}
