//! The options of `run` that say what its figures must hold.

use std::path::PathBuf;

use clap::Args;

use crate::threshold::Threshold;

const HELP: &str = "\
What a figure must hold for the run to pass, such as 'latency.p99 < 50ms', 'refused == 0', 'achieved_ratio > 0.99' or \
'VIEW.failed_ratio <= 1%'; can be given several times, and goes before the scenario's on the same figure. Figures are latency, \
service_time and schedule_lag with .p50, .p90, .p99, .p99.9 or .max; acknowledged, refused, failed, unknown and not_sent, as counts or \
with _ratio as part of the events that were sent (not_sent_ratio: planned); achieved_ratio; rate. Latency and what became of events \
are also known by type. With 'over 10s' at the end it has to hold over any ten seconds (1s to 10m; not not_sent and achieved_ratio). Unless one about all events that are acknowledged, refused, failed or unknown is given, \
'acknowledged_ratio >= 99%' holds too";

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

    /// End the run, in order, once a threshold is missed that nothing can mend: one over a window, or a count or a .max that must not
    /// grow further, such as 'refused == 0' or 'failed < 5'.
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
