//! The options of `report`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};
use load_plan::units::parse_duration;
use run_report::compare::CompareOptions;
use run_report::compare::confidence::Confidence;
use run_report::compare::output::CompareForm;
use run_report::compare::tolerance::{Percent, Tolerance};
use run_report::file::ReportPath;
use run_report::form::ReportForm;
use run_report::merge::MergeOptions;

use super::choice::Choice;
use super::help_page::{Example, HelpPage};
use super::parse_number;

pub(super) const HELP: HelpPage = HelpPage {
    examples: &[
        Example { command: "seeker-sim report show run.json", purpose: "Print the summary of a run again." },
        Example {
            command: "seeker-sim report compare before.json after.json",
            purpose: "List improvements and regressions; the exit code is 1 for a regression.",
        },
        Example {
            command: "seeker-sim report merge a.json b.json --report both.json --report both.html",
            purpose: "Merge the reports of two generators that loaded one target.",
        },
    ],
    notes: "`seeker-sim run --report FILE.json` writes the reports.",
    exit_codes: &[],
    docs: "guides/compare",
};

pub(super) const SHOW_HELP: HelpPage = HelpPage {
    examples: &[
        Example { command: "seeker-sim report show run.json", purpose: "Print the summary." },
        Example { command: "seeker-sim report show run.json --output html > run.html", purpose: "Write a page with charts." },
        Example {
            command: "seeker-sim report show run.json.gz --output csv > run.csv",
            purpose: "Write one line per second, from a compressed report.",
        },
    ],
    notes: "",
    exit_codes: &[(0, "shown, whatever the outcome of the run"), (2, "the report cannot be read")],
    docs: "guides/compare",
};

pub(super) const COMPARE_HELP: HelpPage = HelpPage {
    examples: &[
        Example {
            command: "seeker-sim report compare before.json after.json",
            purpose: "Compare rates, ratios and times of two runs.",
        },
        Example {
            command: "seeker-sim report compare --before main-1.json main-2.json --after new-1.json new-2.json",
            purpose: "Compare several runs per side, to tell a change from the noise between equal runs.",
        },
        Example {
            command: "seeker-sim report compare main.json branch.json --tolerance 5% --confidence 99.9% --output json",
            purpose: "Change tolerance and confidence, and print JSON.",
        },
    ],
    notes: "A figure is a regression if it is worse by more than the tolerance, with the given confidence.",
    exit_codes: &[
        (0, "no regression"),
        (1, "a regression"),
        (2, "a report cannot be read, or the runs have different settings"),
        (3, "not comparable: a run was interrupted, not trustworthy or unreachable, or has too few answers"),
    ],
    docs: "guides/compare",
};

pub(super) const MERGE_HELP: HelpPage = HelpPage {
    examples: &[
        Example {
            command: "seeker-sim report merge a.json b.json --report all.json",
            purpose: "Print the merged summary, and write a report for show and compare.",
        },
        Example {
            command: "seeker-sim report merge a.json b.json --report both.html --junit both.xml",
            purpose: "Write a page with charts, and the thresholds as JUnit XML.",
        },
        Example {
            command: "seeker-sim report merge parts/*.json --report all.json",
            purpose: "Merge the parts of one run (`run --shard`): the exit code is 3 if a part is missing, repeated or late.",
        },
        Example {
            command: "seeker-sim report merge a.json b.json c.json --expect 4",
            purpose: "Merge three of four reports without --shard: the exit code is 3, because a report is missing.",
        },
    ],
    notes: "Without --shard, give each generator its own --seed, and the same target, --format, --speed and --threshold.",
    exit_codes: &[
        (0, "passed"),
        (1, "a threshold was missed, or the target stopped answering"),
        (2, "the reports cannot be read, are of different runs, or contain a run twice"),
        (3, "not trustworthy, or a part is missing, repeated or not of the same time"),
        (4, "the target could not be reached"),
        (5, "internal error, or output that cannot be written"),
        (130, "a run was interrupted"),
    ],
    docs: "guides/scale-out",
};

/// The options of `report`.
#[derive(Debug, Args)]
#[command(after_help = HELP.short(), after_long_help = HELP.long())]
pub struct ReportArgs {
    /// The command.
    #[command(subcommand)]
    pub command: ReportCommand,
}

/// The commands below `report`.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Show a report again, as text, HTML, CSV, JSON or JUnit XML
    #[command(after_help = SHOW_HELP.short(), after_long_help = SHOW_HELP.long())]
    #[expect(clippy::doc_markdown, reason = "the doc comment is the help text")]
    Show {
        /// Report as JSON, plain or compressed with gzip or zstd; - for standard input
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,

        /// Output format: text, json, html, csv, parts-csv or junit
        ///
        /// html is a page with charts, csv has one line per window, junit has the thresholds as XML.
        /// parts-csv has one line per merged report, and one for the whole.
        #[arg(
            long,
            value_name = "FORMAT",
            default_value_t,
            hide_possible_values = true,
            value_parser = Choice::of(&["text", "json", "html", "csv", "parts-csv", "junit"], ReportForm::from_str)
        )]
        output: ReportForm,
    },
    /// Compare the reports of runs before and after a change
    #[command(after_help = COMPARE_HELP.short(), after_long_help = COMPARE_HELP.long())]
    Compare(CompareArgs),
    /// Merge the reports of several generators that loaded one target at the same time
    #[command(after_help = MERGE_HELP.short(), after_long_help = MERGE_HELP.long())]
    Merge(MergeArgs),
}

/// The options of `report merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Reports as JSON, or folders with reports part-*.json
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
    pub files: Vec<PathBuf>,

    /// Write the merged report to FILE.json, FILE.html or FILE.csv; repeatable
    #[arg(long = "report", short = 'o', value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub reports: Vec<ReportPath>,

    /// Write the thresholds as XML for CI services.
    #[arg(long, help = "Write the thresholds as JUnit XML, for CI services", value_name = "FILE.xml", value_hint = ValueHint::FilePath)]
    pub junit: Option<PathBuf>,

    /// Number of reports; with another number, the result is not trustworthy
    ///
    /// Parts of a run (run --shard) need no number: each report has it.
    #[arg(long, value_name = "N", value_parser = parse_number::<NonZeroUsize>)]
    expect: Option<NonZeroUsize>,

    /// Compare the starts of parts by the machines' own clocks
    ///
    /// Only if a service such as NTP keeps the clocks equal. Without this option, the starts are compared by the
    /// clock of the target, from the Date of its answers.
    #[arg(long)]
    clocks_agree: bool,
}

impl MergeArgs {
    /// Returns what the user knows about the reports.
    pub fn options(&self) -> MergeOptions {
        MergeOptions { expected: self.expect.map(NonZeroUsize::get), clocks_agree: self.clocks_agree }
    }
}

/// The options of `report compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Report of the run before the change, as JSON
    #[arg(value_name = "BEFORE", required_unless_present = "before_runs", requires = "after", value_hint = ValueHint::FilePath)]
    before: Option<PathBuf>,

    /// Report of the run after the change
    #[arg(value_name = "AFTER", value_hint = ValueHint::FilePath)]
    after: Option<PathBuf>,

    /// Reports of several runs before the change
    #[arg(
        long = "before",
        value_name = "FILE",
        num_args = 1..,
        requires = "after_runs",
        conflicts_with = "before",
        value_hint = ValueHint::FilePath
    )]
    before_runs: Vec<PathBuf>,

    /// Reports of several runs after the change
    #[arg(
        long = "after",
        value_name = "FILE",
        num_args = 1..,
        requires = "before_runs",
        conflicts_with = "after",
        value_hint = ValueHint::FilePath
    )]
    after_runs: Vec<PathBuf>,

    /// Ignore smaller changes of times and rates
    ///
    /// The change of a time must also exceed --tolerance-time. For rates and capacities, only --tolerance applies.
    #[arg(long, value_name = "PERCENT", default_value_t = Percent::OF_BEFORE)]
    tolerance: Percent,

    /// Ignore smaller changes of times
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = parse_duration)]
    tolerance_time: Duration,

    /// Ignore smaller changes of ratios
    ///
    /// The value is in percentage points.
    #[arg(long, value_name = "PERCENT", default_value_t = Percent::OF_RATIO)]
    tolerance_ratio: Percent,

    /// Confidence required for a regression
    ///
    /// Above 0% and below 100%. With 99%, at most one of a hundred comparisons of equal targets reports a regression.
    #[arg(long, value_name = "PERCENT", default_value_t = Confidence::DEFAULT)]
    confidence: Confidence,

    /// Compare runs with different settings
    ///
    /// The compared settings are the load, the target, the format, the speed and the warm-up.
    #[arg(long)]
    force: bool,

    /// Output format: text or json
    #[arg(
        long,
        value_name = "FORMAT",
        default_value_t,
        hide_possible_values = true,
        value_parser = Choice::of(&["text", "json"], CompareForm::from_str)
    )]
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
