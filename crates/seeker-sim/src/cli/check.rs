//! The options of `check`, and their conversion to a plan.

mod report;
mod rules;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread::available_parallelism;

use clap::{Args, Subcommand, ValueHint};
use client_event::EventTimestamp;
use client_event::rules::RuleSettings;
use event_tools::check::{CheckPlan, FormatChoice, Input, OutputFormat, TimeOfChecking};
use event_tools::generate::Shard;
use thiserror::Error;

use super::choice::Choice;
use super::help_page::{Example, HelpPage};
use super::parse_number;
use super::shard::parse_shard;

pub use report::{CheckReportArgs, FailOn};
pub use rules::{RuleSeverity, Topic};

const INPUT: &str = "Input";
const RULES: &str = "Rules";
const OUTPUT: &str = "Output";

pub(super) const HELP: HelpPage = HelpPage {
    examples: &[
        Example { command: "seeker-sim check events.ndjson", purpose: "Print each violation with its line, and a summary." },
        Example {
            command: "my-producer | seeker-sim check - --output json",
            purpose: "Check events from a pipe, and print JSON for a program.",
        },
        Example {
            command: "seeker-sim check --explain D4",
            purpose: "Explain a rule: its meaning, its reason, and examples. `--explain list` lists all rules.",
        },
        Example {
            command: "seeker-sim check monday.ndjson.gz tuesday.ndjson.zst --searches searches.ndjson",
            purpose: "Check two days as one stream, and compare the events with the searches.",
        },
        Example {
            command: "seeker-sim check events.ndjson --severity D9=off --severity W1=error --fail-on error",
            purpose: "Turn D9 off, make W1 an error, and ignore warnings in the exit code.",
        },
        Example {
            command: "seeker-sim check events.ndjson --shard 2/4 > part-2.json",
            purpose: "Check the second of four parts of the requests, for `seeker-sim check merge`.",
        },
    ],
    notes: "",
    exit_codes: &[
        (0, "no violations at or above --fail-on; with --shard, the part was printed"),
        (1, "violations at or above --fail-on"),
        (2, "an option cannot be used, or an input cannot be read; the other inputs are still checked"),
    ],
    docs: "guides/check",
};

pub(super) const MERGE_HELP: HelpPage = HelpPage {
    examples: &[
        Example {
            command: "seeker-sim check merge part-1.json part-2.json part-3.json part-4.json",
            purpose: "Print the findings of all four parts.",
        },
        Example {
            command: "seeker-sim check merge parts/*.json --output json > findings.json",
            purpose: "Write JSON for a program.",
        },
    ],
    notes: "The output is the same as from one check of the whole stream.",
    exit_codes: &[
        (0, "no violations at or above --fail-on"),
        (1, "violations at or above --fail-on"),
        (2, "a part is missing, repeated, unreadable or of another whole, or the shards could not read an input"),
    ],
    docs: "guides/check",
};

/// The commands below `check`.
#[derive(Debug, Subcommand)]
pub enum CheckCommand {
    /// Merge the parts of all shards, and report the findings of the whole
    #[command(after_help = MERGE_HELP.short(), after_long_help = MERGE_HELP.long())]
    Merge(CheckMergeArgs),
}

/// The options of `check merge`.
#[derive(Debug, Args)]
pub struct CheckMergeArgs {
    /// Parts that `check --shard` printed, plain or compressed; - for standard input
    #[arg(value_name = "PART", required = true, value_hint = ValueHint::FilePath)]
    parts: Vec<PathBuf>,

    /// The options of the report.
    #[command(flatten)]
    pub report: CheckReportArgs,
}

impl CheckMergeArgs {
    /// The parts.
    pub fn inputs(&self) -> Vec<Input> {
        self.parts.iter().cloned().map(Input::from_argument).collect()
    }
}

/// The options of `check`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = HELP.short_of_more(),
    after_long_help = HELP.long()
)]
pub struct CheckArgs {
    /// The command, instead of a check.
    #[command(subcommand)]
    pub command: Option<CheckCommand>,

    /// Event files, checked as one stream in this order; - for standard input
    ///
    /// A file has one event per line, or a JSON array. Files can be compressed with gzip or zstd. check detects this from the
    /// content, not from the file extension.
    #[arg(value_name = "FILE", required_unless_present = "explain", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// Message format: auto, message, v3 or v4
    ///
    /// auto detects the format from the first event of each file.
    #[arg(
        long,
        help_heading = INPUT,
        value_name = "FORMAT",
        default_value_t,
        hide_possible_values = true,
        value_parser = Choice::of(&["auto", "message", "v3", "v4"], FormatChoice::from_str)
    )]
    pub format: FormatChoice,

    /// Compare the events with these searches, for D3 and D9; repeatable
    ///
    /// One object per line with a string `requestId` and an array `jobs`, or a JSON array of such objects.
    #[arg(long, help_heading = INPUT, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub searches: Vec<PathBuf>,

    /// Close a request after this idle time: 90d, 36h or none
    ///
    /// The window is in event time. Events for a closed request count as late. A shorter window needs less memory.
    #[arg(long, help_heading = INPUT, value_name = "TIME", default_value = "90d")]
    pub window: Window,

    /// Number of threads that read events [default: number of cores]
    ///
    /// The findings are the same for any number.
    #[arg(long, help_heading = INPUT, value_name = "N", hide_short_help = true, value_parser = parse_number::<NonZeroUsize>)]
    pub threads: Option<NonZeroUsize>,

    /// Check part K of N of the requests, such as 1/4, and print a part as JSON
    ///
    /// N is at most 64; auto works as in `run --shard auto`. Each shard reads all files. `check merge` makes one report of all parts.
    #[arg(
        long,
        help_heading = INPUT,
        value_name = "K/N|auto",
        value_parser = parse_shard,
        conflicts_with_all = ["output", "statistics", "fail_on", "explain"]
    )]
    pub shard: Option<Shard>,

    /// Time of the check: later event times are in the future [default: now]
    ///
    /// With --shard, give all shards the same time: 2026-01-31T12:00:00Z.
    #[arg(long, help_heading = INPUT, hide_short_help = true, value_name = "TIME", value_parser = parse_time)]
    pub now: Option<EventTimestamp>,

    /// Set the severity of a rule: error, warning or off; repeatable
    ///
    /// Name the rule by its label or its code: D4=off or quick-submission-excludes-start=off.
    #[arg(
        long,
        help_heading = RULES,
        value_name = "RULE=SEVERITY",
        hide_possible_values = true,
        value_parser = Choice::listed(rules::severity_names, RuleSeverity::from_str)
    )]
    pub severity: Vec<RuleSeverity>,

    /// Explain a rule by its label or code; list or all for every rule
    ///
    /// list prints one line per rule. With this option, check reads no events.
    #[arg(
        long,
        help_heading = RULES,
        value_name = "RULE",
        hide_possible_values = true,
        value_parser = Choice::listed(rules::topic_names, Topic::from_str)
    )]
    pub explain: Option<Topic>,

    /// The options of the report.
    #[command(flatten)]
    pub report: CheckReportArgs,
}

/// Standard input is named more than once.
#[derive(Debug, Error)]
#[error("- is given {0} times, but standard input can be read once")]
pub struct StdinTwice(usize);

impl CheckArgs {
    /// Converts the options to a plan.
    ///
    /// # Errors
    ///
    /// [`StdinTwice`] if standard input is named more than once.
    pub fn plan(&self) -> Result<CheckPlan, StdinTwice> {
        let inputs = |paths: &[PathBuf]| paths.iter().cloned().map(Input::from_argument).collect::<Vec<_>>();
        let (files, searches) = (inputs(&self.files), inputs(&self.searches));
        let stdin = files.iter().chain(&searches).filter(|input| **input == Input::Stdin).count();
        if stdin > 1 {
            return Err(StdinTwice(stdin));
        }
        let mut settings = RuleSettings::default();
        for RuleSeverity { rule, severity } in &self.severity {
            settings.set(*rule, *severity);
        }
        // A part is for a program.
        let format = if self.shard.is_some() { OutputFormat::Json } else { self.report.output };
        Ok(CheckPlan {
            inputs: files,
            format: self.format,
            searches,
            window_ms: self.window.millis,
            settings,
            findings_max: self.report.findings_max_in(format),
            shows_excerpts: format == OutputFormat::Text,
            threads: self.threads.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN),
            now: self.now.map_or(TimeOfChecking::Clock, TimeOfChecking::Fixed),
        })
    }
}

/// The time after which an idle request is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    millis: Option<i64>,
}

impl FromStr for Window {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" {
            return Ok(Self { millis: None });
        }
        let millis = humantime::parse_duration(text).ok().and_then(|window| i64::try_from(window.as_millis()).ok());
        match millis {
            Some(millis @ 1..) => Ok(Self { millis: Some(millis) }),
            _ => Err("expected a time above 0 with its unit, such as 36h, 7d or 90d, or none"),
        }
    }
}

fn parse_time(text: &str) -> Result<EventTimestamp, &'static str> {
    let time: jiff::Timestamp = text.parse().map_err(|_| "expected a time such as 2026-01-31T12:00:00Z")?;
    Ok(EventTimestamp::from_millis(time.as_millisecond()))
}
