//! The options of `report`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand};
use load_plan::units::parse_duration;
use run_report::compare::CompareOptions;
use run_report::compare::confidence::Confidence;
use run_report::compare::output::CompareForm;
use run_report::compare::tolerance::{Percent, Tolerance};
use run_report::file::ReportPath;
use run_report::form::ReportForm;

use super::choice::Choice;
use super::parse_number;

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
  seeker-sim report compare --before main-1.json main-2.json main-3.json --after branch-1.json branch-2.json branch-3.json
      Several runs a side: what differs from run to run is no regression.
  seeker-sim report compare main.json branch.json --tolerance 5% --tolerance-time 500us --confidence 99.9% --output json
      As JSON, with a smaller tolerance and more confidence.

A figure is a regression if it is worse by more than the tolerance with the given confidence: times by more than both --tolerance and
--tolerance-time, ratios of planned events by more than --tolerance-ratio. Ratios are judged by an exact test, percentiles by the spread
between seconds and between runs. p-values are adjusted for the number of figures. Rates and capacities are judged by --tolerance alone.
Not judged: schedule lag, which is part of latency; the longest times and percentiles with fewer than ten events above, which are chance.
Of searches for the capacity (`run --find-capacity`) the capacities are compared.

Exit codes: 0 no regression, 1 a regression, 2 a report cannot be read or the runs have different settings, 3 not comparable: a run was
interrupted, is not trustworthy or did not reach its target.";

const MERGE_EXAMPLES: &str = "\
Examples:
  seeker-sim report merge a.json b.json c.json --report all.json
      The summary of all three, and a report that can be shown and compared like any other.
  seeker-sim report merge a.json b.json --report both.html --junit both.xml
      A page with charts, and the thresholds as JUnit XML.
  seeker-sim report merge a.json b.json c.json --parts 4
      Three of four: exits with 3, because the whole is not there.

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
    /// Compare runs before a change with runs after it, and tell what got worse.
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare(CompareArgs),
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

        /// How many generators there were. With fewer reports the whole is not trustworthy.
        #[arg(long, value_name = "N", value_parser = parse_number::<NonZeroUsize>)]
        parts: Option<NonZeroUsize>,
    },
}

/// The options of `report compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Report of the run before, as JSON.
    #[arg(value_name = "BEFORE", required_unless_present = "before_runs", requires = "after")]
    before: Option<PathBuf>,

    /// Report of the run after.
    #[arg(value_name = "AFTER")]
    after: Option<PathBuf>,

    /// Reports of the runs before, if there are several.
    #[arg(long = "before", value_name = "FILE", num_args = 1.., requires = "after_runs", conflicts_with = "before")]
    before_runs: Vec<PathBuf>,

    /// Reports of the runs after.
    #[arg(long = "after", value_name = "FILE", num_args = 1.., requires = "before_runs", conflicts_with = "after")]
    after_runs: Vec<PathBuf>,

    /// Smallest change of times and rates that matters, in per cent.
    #[arg(long, value_name = "PERCENT", default_value_t = Percent::OF_BEFORE)]
    tolerance: Percent,

    /// Smallest change of times that matters.
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = parse_duration)]
    tolerance_time: Duration,

    /// Smallest change of ratios that matters, in percentage points.
    #[arg(long, value_name = "PERCENT", default_value_t = Percent::OF_RATIO)]
    tolerance_ratio: Percent,

    /// How sure to be before calling a change, above 0% and below 100%.
    ///
    /// With 99%, at most one of a hundred comparisons of equal targets is called a regression.
    #[arg(long, value_name = "PERCENT", default_value_t = Confidence::DEFAULT)]
    confidence: Confidence,

    /// Compare runs with different loads, targets, formats, speeds or warm-ups.
    #[arg(long)]
    force: bool,

    /// Output format: text or json.
    #[arg(long, value_name = "FORM", default_value_t, hide_possible_values = true, value_parser = Choice::of(&["text", "json"], CompareForm::from_str))]
    pub output: CompareForm,
}

impl CompareArgs {
    /// Returns the reports before and after.
    pub fn reports(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let all = |one: &Option<PathBuf>, several: &[PathBuf]| one.iter().chain(several).cloned().collect();
        (all(&self.before, &self.before_runs), all(&self.after, &self.after_runs))
    }

    /// Returns the options of the comparison.
    pub fn options(&self) -> CompareOptions {
        CompareOptions {
            tolerance: Tolerance::new(self.tolerance, self.tolerance_time, self.tolerance_ratio),
            confidence: self.confidence,
            is_forced: self.force,
        }
    }
}
