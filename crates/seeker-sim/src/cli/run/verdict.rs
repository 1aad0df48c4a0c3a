//! The options of `run` that decide whether the run passes.

#![expect(clippy::doc_markdown, reason = "doc comments are help texts")]

use clap::Args;
use load_plan::threshold::Threshold;

use crate::cli::figures::condition;

/// Thresholds and checks.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Verdict")]
pub struct VerdictArgs {
    /// Condition to pass, such as 'latency.p99 < 50ms'; repeatable
    ///
    /// Replaces the threshold of the scenario on the same figure. 'VIEW.latency.p99 < 80ms' applies to one event type,
    /// 'latency.p99 < 50ms over 10s' to every window of 10 s. By default 'acknowledged_ratio >= 99%' applies; only a threshold on
    /// acknowledged or acknowledged_ratio of the whole run replaces this default.
    #[arg(long = "threshold", value_name = "CONDITION", hide_possible_values = true, value_parser = condition())]
    pub(super) thresholds: Vec<Threshold>,

    /// Search for the highest rate that meets this condition; repeatable
    ///
    /// Doubles the rate from --rate (100/s), then bisects to 2.5 %. A trial lasts --duration (10s); its first fifth is warm-up
    /// (--warm-up). A rate is too high if two of three trials fail. A final trial of three times the length confirms the result.
    /// Three trials at one rate that are not trustworthy end the search with exit code 3.
    #[arg(long, value_name = "CONDITION", hide_possible_values = true, value_parser = condition())]
    pub(super) find_capacity: Vec<Threshold>,

    /// Stop the run once a threshold can no longer pass
    ///
    /// Applies to thresholds over a window, and to counts and .max values with an upper limit, such as 'refused == 0'.
    #[arg(long)]
    pub(super) abort_on_threshold: bool,

    /// Check the sent events against the rules of the message
    ///
    /// Checks each event, and the rules between events. Needs CPU time, and about 100 bytes of memory per event.
    #[arg(long, hide_short_help = true)]
    pub(super) check_sent: bool,
}
