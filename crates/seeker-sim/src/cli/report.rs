//! The options of `report`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::choice::Choice;
use crate::report::compare::output::CompareForm;
use crate::report::compare::tolerance::Percent;
use crate::report::file::ReportPath;
use crate::report::form::ReportForm;
use crate::text_forms::parse_duration;

const EXAMPLES: &str = "\
Examples:
  seeker-sim report show run.json
      The summary of a run again.
  seeker-sim report compare before.json after.json
      What became better and what worse, with an exit code for continuous integration.
  seeker-sim report merge a.json b.json --report both.json --report both.html
      The runs of two generators against one target as one report.

Reports are those that `seeker-sim run --report FILE.json` writes.";

const SHOW_EXAMPLES: &str = "\
Examples:
  seeker-sim report show run.json
  seeker-sim report show run.json --output html > run.html
  seeker-sim report show run.json.gz --output csv > run.csv

Exit codes: 0 shown, however the run ended; 2 it cannot be read.";

const COMPARE_EXAMPLES: &str = "\
Examples:
  seeker-sim report compare before.json after.json
      A table of rates, ratios and times, and what got worse.
  seeker-sim report compare main.json branch.json --tolerance 5% --tolerance-time 500us --output json
      For a program, and less tolerant.

A time is a regression when it is longer by more than both --tolerance and --tolerance-time; the rate when it is lower by more than
--tolerance; a ratio when it is worse by more than --tolerance-ratio, in percentage points, and by three events at least. Not judged are the
schedule lag, which is part of the latency, the longest times, and percentiles that fewer than ten events lie above: they are chance.
Of two searches for the capacity (`run --find-capacity`) the capacities are compared.

Exit codes: 0 no regression, 1 a regression, 2 a report cannot be read, 3 not comparable: a run was interrupted, is not trustworthy or
did not reach its target.";

const MERGE_EXAMPLES: &str = "\
Examples:
  seeker-sim report merge a.json b.json c.json --report all.json
      The summary of all three, and a report that can be shown and compared like any other.
  seeker-sim report merge a.json b.json --report both.html --junit both.xml
      A page with charts, and the thresholds as JUnit XML.

Each generator gets a --seed of its own; the rest of what it does is the same: --target, --format, --speed, --threshold.
Counts are added; percentiles are those of all events together, exactly. Of a single second only the percentiles of each run are known:
there the worst run stands for all. The most seekers at once are added up as if all had had the most at the same time.
Thresholds are judged anew on the figures of all. No run that was interrupted or is not trustworthy becomes part of a whole that passes.

Exit codes: those of `seeker-sim run`; 2 the reports cannot be read, or are not of one target, --format and --speed.";

/// The options of `report`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReportArgs {
    /// What is to be done.
    #[command(subcommand)]
    pub command: ReportCommand,
}

/// What can be done with reports.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Show a report again: as text, page, CSV or `JUnit` XML.
    #[command(about = "Show a report again: as text, page, CSV or JUnit XML", after_help = SHOW_EXAMPLES)]
    Show {
        /// The report as JSON, also packed with gzip or zstd; - for standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,

        /// How it is written: text, the summary; html, a page with charts; csv, a line for each window; junit, the thresholds as XML; json.
        #[arg(long, value_name = "FORM", default_value_t, hide_possible_values = true, value_parser = Choice::of(&["text", "json", "html", "csv", "junit"], ReportForm::from_str))]
        output: ReportForm,
    },
    /// Hold the report of a run against that of a run before, and tell what got worse.
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare {
        /// The report of the run before, as JSON.
        #[arg(value_name = "BEFORE")]
        before: PathBuf,

        /// The report of the run after.
        #[arg(value_name = "AFTER")]
        after: PathBuf,

        /// By how many per cent of before times may get longer and the rate lower.
        #[arg(long, value_name = "PERCENT", default_value_t = Percent::OF_BEFORE)]
        tolerance: Percent,

        /// By how much times may get longer, whatever that is in per cent.
        #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = parse_duration)]
        tolerance_time: Duration,

        /// By how many percentage points the ratios of events that are refused, failed, unknown and not sent may rise, and that of those
        /// that are acknowledged fall.
        #[arg(long, value_name = "PERCENT", default_value_t = Percent::OF_RATIO)]
        tolerance_ratio: Percent,

        /// How the comparison is written: text or json.
        #[arg(long, value_name = "FORM", default_value_t, hide_possible_values = true, value_parser = Choice::of(&["text", "json"], CompareForm::from_str))]
        output: CompareForm,
    },
    /// Make one report of the runs of several generators against one target at the same time.
    #[command(after_help = MERGE_EXAMPLES)]
    Merge {
        /// The reports as JSON.
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,

        /// Where to write the report of all; can be given several times. The ending says the form, as with `run`: .json, .html or .csv.
        #[arg(long = "report", value_name = "FILE")]
        reports: Vec<ReportPath>,

        /// Where to write the thresholds as XML for services that build and test.
        #[arg(
            long,
            help = "Where to write the thresholds as JUnit XML, for services that build and test software",
            value_name = "FILE.xml"
        )]
        junit: Option<PathBuf>,
    },
}
