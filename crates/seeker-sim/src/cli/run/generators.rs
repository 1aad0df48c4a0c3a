//! The options of `run` for a run that several generators share.

#![expect(clippy::doc_markdown, reason = "doc comments are help texts")]

use clap::{Args, ValueHint};
use jiff::Timestamp;
use seeker_model::Shard;
use seeker_run::service_url;
use url::Url;

use crate::cli::concealed::Concealed;
use crate::cli::shard::parse_shard;

/// A run that several generators share.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Several generators")]
pub struct GeneratorArgs {
    /// Send part K of N of the load, such as 1/4, or auto for engines such as srun
    ///
    /// Give each generator the load and the --seed of the whole run. auto reads the number of the process
    /// from SLURM_PROCID, SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX (with SHARD_COUNT), OMPI_COMM_WORLD_RANK or PMI_RANK.
    /// `report merge` combines the reports of all parts.
    #[arg(long, value_name = "K/N|auto", hide_short_help = true, value_parser = parse_shard)]
    pub shard: Option<Shard>,

    /// Start at this time, such as 2026-11-30T12:00:00Z
    ///
    /// Connects to the target before, then waits. If the time is over, nothing is sent and the exit code is 75.
    #[arg(long, value_name = "TIME", hide_short_help = true, value_parser = parse_time)]
    pub(super) start_at: Option<Timestamp>,

    /// Compare the clock with the Date of this URL instead of the target
    ///
    /// With --shard or --start-at, up to 200 HEAD requests in 2.5 s before the start bound the difference between the clocks, and
    /// so between the generators. Use this option if the target sends no Date, such as NATS.
    #[arg(long, value_name = "URL", hide_short_help = true, value_hint = ValueHint::Url, value_parser = Concealed::in_url(service_url))]
    pub(super) clock_check: Option<Url>,
}

/// Parses a time with its offset from UTC.
fn parse_time(text: &str) -> Result<Timestamp, String> {
    text.trim()
        .parse()
        .map_err(|_| "expected a time with its offset, such as 2026-11-30T12:00:00Z or 2026-11-30T13:00:00+01:00".to_owned())
}
