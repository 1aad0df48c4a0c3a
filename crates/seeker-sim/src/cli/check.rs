//! The options of `check`, and their conversion to a plan.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread::available_parallelism;

use clap::{Args, ValueEnum};
use client_event::rules::{RuleId, RuleSettings, Severity};
use event_tools::check::{self, CheckPlan, FormatChoice, Input, OutputFormat, TimeOfChecking};
use thiserror::Error;

use super::choice::Choice;
use super::parse_number;

const EXAMPLES: &str = "\
Examples:
  seeker-sim check events.ndjson
      Findings with their lines, and a summary.
  seeker-sim check monday.ndjson.gz tuesday.ndjson.zst --searches searches.ndjson --statistics
      Two days as one stream, held against the searches that were made; counts at the end.
  my-producer | seeker-sim check - --output json
      Events from a pipe, findings for a program.
  seeker-sim check events.ndjson --severity job-name-form=off --severity W1=error --fail-on error
      One rule off, another graver, and warnings that do not fail.
  seeker-sim check --explain D4
      What a rule is, why it is, and examples.

Exit codes: 0 no findings, 1 findings at least as grave as --fail-on, 2 an input or an option that cannot be used; the
other inputs are checked, and findings told, all the same.";

/// The options of `check`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    /// What to check, as one stream in this order; - for standard input. One event a line, or a JSON array; plain, gzip or zstd: all
    /// told apart by content.
    #[arg(value_name = "FILE", required_unless_present = "explain")]
    pub files: Vec<PathBuf>,

    /// The form of the events: message, v3 (wrapped or bare), v4, or auto: each file's by the fields of its first event.
    #[arg(long, value_name = "FORM", default_value_t, hide_possible_values = true, value_parser = Choice::of(&["auto", "message", "v3", "v4"], FormatChoice::from_str))]
    pub format: FormatChoice,

    /// The searches that were made, for the rules D3 and D9: one object a line with a string `requestId` and an array `jobs`, or an
    /// array of them. Can be given several times.
    #[arg(long, value_name = "FILE")]
    pub searches: Vec<PathBuf>,

    /// How long a request may be idle, in the time of the events, until it is closed and forgotten: 90d, 36h, none. What comes
    /// later is counted as late. Less time takes less memory.
    #[arg(long, value_name = "TIME", default_value = "90d")]
    pub window: Window,

    /// How grave a rule's breach is, error or warning, or off; the rule by its code or label. Can be given several times.
    #[arg(long, value_name = "RULE=SEVERITY")]
    pub severity: Vec<RuleSeverity>,

    /// From which severity on findings make the exit code 1.
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    pub fail_on: FailOn,

    /// How findings are written: text, json, ndjson, sarif or github.
    #[arg(long, value_name = "FORM", default_value_t, hide_possible_values = true, value_parser = Choice::of(&["text", "json", "ndjson", "sarif", "github"], OutputFormat::from_str))]
    pub output: OutputFormat,

    /// Write the counts too, of events and of each rule's findings (json and sarif always have them).
    #[arg(long)]
    pub statistics: bool,

    /// How many findings are written, the first ones; 0 for all, which are then kept in memory. Default: 100 as text, else all.
    #[arg(long, value_name = "N", value_parser = parse_number::<usize>)]
    pub max_findings: Option<usize>,

    /// How many threads read events. Default: as many as there are cores. The findings are the same.
    #[arg(long, value_name = "N", value_parser = parse_number::<NonZeroUsize>)]
    pub threads: Option<NonZeroUsize>,

    /// Explain a rule, by its code or label; list for a line on each, all for everything. Nothing is checked.
    #[arg(long, value_name = "RULE")]
    pub explain: Option<Topic>,
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
        let findings_max = match self.max_findings {
            None => self.output.findings_max(),
            Some(0) => None,
            Some(count) => Some(count),
        };
        Ok(CheckPlan {
            inputs: files,
            format: self.format,
            searches,
            window_ms: self.window.millis,
            settings,
            findings_max,
            shows_excerpts: self.output == OutputFormat::Text,
            threads: self.threads.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN),
            now: TimeOfChecking::Clock,
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

/// A rule and its severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleSeverity {
    rule: RuleId,
    severity: Option<Severity>,
}

impl FromStr for RuleSeverity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rule, severity) = text.split_once('=').ok_or("expected RULE=error, RULE=warning or RULE=off")?;
        let rule = rule.parse().map_err(|error: client_event::rules::UnknownRule| error.to_string())?;
        let severity = match severity {
            "error" => Some(Severity::Error),
            "warning" => Some(Severity::Warning),
            "off" => None,
            _ => return Err(format!("{severity:?} is no severity; expected error, warning or off")),
        };
        Ok(Self { rule, severity })
    }
}

/// From which severity on a check fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors alone.
    Error,
    /// Warnings too.
    Warning,
}

impl From<FailOn> for Severity {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Error => Self::Error,
            FailOn::Warning => Self::Warning,
        }
    }
}

/// The topic of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// One rule.
    Rule(RuleId),
    /// The list of rules.
    List,
    /// All rules.
    All,
}

impl Topic {
    /// Returns the explanation.
    pub fn text(self) -> String {
        match self {
            Self::Rule(rule) => check::explain(rule),
            Self::List => check::list_of_rules(),
            Self::All => RuleId::ALL.map(check::explain).join("\n\n"),
        }
    }
}

impl FromStr for Topic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "list" => Ok(Self::List),
            "all" => Ok(Self::All),
            _ => text
                .parse()
                .map(Self::Rule)
                .map_err(|error: client_event::rules::UnknownRule| format!("{error}, or list, or all")),
        }
    }
}
