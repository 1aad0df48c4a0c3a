//! The options of `stats`, and their conversion to a plan.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand, ValueHint};
use event_tools::generate::Shard;
use event_tools::stats::{FormatChoice, Input, StatsForm, StatsPlan};
use jiff::tz::TimeZone;
use scenario::time_zone::parse_time_zone;

use super::choice::Choice;
use super::help_page::{Example, HelpPage};
use super::shard::parse_shard;

pub(super) const HELP: HelpPage = HelpPage {
    examples: &[
        Example {
            command: "seeker-sim stats events.ndjson.gz",
            purpose: "Print statistics of recorded events beside published values.",
        },
        Example {
            command: "seeker-sim generate --seekers 60000 --days 14 | seeker-sim stats -",
            purpose: "Print statistics of simulated events.",
        },
        Example {
            command: "seeker-sim stats events.ndjson --time-zone Europe/Berlin --output html > stats.html",
            purpose: "Write a page with charts, with hours and weekdays in Berlin.",
        },
        Example { command: "seeker-sim stats events.ndjson --output json", purpose: "Print JSON for a program." },
        Example {
            command: "seeker-sim stats events.ndjson --shard 2/4 > part-2.json",
            purpose: "Compute the second of four parts, for `seeker-sim stats merge`.",
        },
    ],
    notes: "The statistics use these details of an event: seekerId, position (rank of the job) and source (origin).",
    exit_codes: &[
        (0, "all inputs were read"),
        (2, "an input cannot be read completely or has no events; the statistics cover the rest"),
    ],
    docs: "guides/stats",
};

pub(super) const MERGE_HELP: HelpPage = HelpPage {
    examples: &[
        Example { command: "seeker-sim stats merge part-1.json part-2.json", purpose: "Print the statistics of the whole." },
        Example {
            command: "seeker-sim stats merge parts/*.json --output html > stats.html",
            purpose: "Write a page with charts.",
        },
    ],
    notes: "The output is the same as from one `seeker-sim stats` over the whole stream.",
    exit_codes: &[
        (0, "the parts were merged"),
        (2, "a part is missing, repeated, unreadable or of another whole, or the shards could not read an input"),
    ],
    docs: "guides/stats",
};

/// The commands below `stats`.
#[derive(Debug, Subcommand)]
pub enum StatsCommand {
    /// Merge the parts of all shards, and print the statistics of the whole
    #[command(after_help = MERGE_HELP.short(), after_long_help = MERGE_HELP.long())]
    Merge(StatsMergeArgs),
}

/// How `stats` and `stats merge` print their report.
#[derive(Debug, Args)]
pub struct StatsOutputArgs {
    /// Output format: text, json or html (a page with charts)
    #[arg(
        long = "output",
        value_name = "FORMAT",
        default_value_t,
        hide_possible_values = true,
        value_parser = Choice::of(&["text", "json", "html"], StatsForm::from_str)
    )]
    pub form: StatsForm,
}

/// The options of `stats merge`.
#[derive(Debug, Args)]
pub struct StatsMergeArgs {
    /// Parts that `stats --shard` printed, plain or compressed; - for standard input
    #[arg(value_name = "PART", required = true, value_hint = ValueHint::FilePath)]
    parts: Vec<PathBuf>,

    /// The output.
    #[command(flatten)]
    pub output: StatsOutputArgs,
}

impl StatsMergeArgs {
    /// The parts.
    pub fn inputs(&self) -> Vec<Input> {
        self.parts.iter().cloned().map(Input::from_argument).collect()
    }
}

/// The options of `stats`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = HELP.short(),
    after_long_help = HELP.long()
)]
pub struct StatsArgs {
    /// The command, instead of statistics.
    #[command(subcommand)]
    pub command: Option<StatsCommand>,

    /// Event files in order of time, read as one stream; - for standard input
    ///
    /// A file has one event per line, or a JSON array. Files can be compressed with gzip or zstd.
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// Message format: auto, message, v3 or v4
    ///
    /// auto detects the format from the first event of each file.
    #[arg(
        long,
        value_name = "FORMAT",
        default_value_t,
        hide_possible_values = true,
        value_parser = Choice::of(&["auto", "message", "v3", "v4"], FormatChoice::from_str)
    )]
    pub format: FormatChoice,

    /// IANA time zone of hours and weekdays, such as Europe/Berlin
    ///
    /// Daylight saving time is applied.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = parse_time_zone)]
    pub time_zone: TimeZone,

    /// Compute part K of N, such as 1/4, and print the part as JSON
    ///
    /// N is at most 64; auto works as in `run --shard auto`. Each shard reads all files. `stats merge` makes one report of all parts.
    #[arg(long, value_name = "K/N|auto", value_parser = parse_shard, conflicts_with = "form")]
    pub shard: Option<Shard>,

    /// The output.
    #[command(flatten)]
    pub output: StatsOutputArgs,
}

impl StatsArgs {
    /// Converts the options to a plan.
    pub fn plan(&self) -> StatsPlan {
        StatsPlan {
            inputs: self.files.iter().cloned().map(Input::from_argument).collect(),
            format: self.format,
            time_zone: self.time_zone.clone(),
        }
    }
}
