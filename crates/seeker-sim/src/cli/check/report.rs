//! The options of the report that `check` and `check merge` print.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use client_event::rules::Severity;
use event_tools::check::OutputFormat;

use super::{OUTPUT, RULES};
use crate::cli::choice::Choice;
use crate::cli::parse_number;

/// The options of the report.
#[derive(Debug, Args)]
pub struct CheckReportArgs {
    /// Lowest severity that fails: error or warning
    ///
    /// Findings of this severity or above give exit code 1. With error, warnings do not change the exit code.
    #[arg(
        long,
        help_heading = RULES,
        value_name = "SEVERITY",
        default_value = "warning",
        hide_possible_values = true
    )]
    pub fail_on: FailOn,

    /// Output format: text, json, ndjson, sarif or github
    #[arg(
        long,
        help_heading = OUTPUT,
        value_name = "FORMAT",
        default_value_t,
        hide_possible_values = true,
        value_parser = Choice::of(&["text", "json", "ndjson", "sarif", "github"], OutputFormat::from_str)
    )]
    pub output: OutputFormat,

    /// Add the number of events, and the number of findings by rule
    ///
    /// json and sarif always contain these numbers.
    #[arg(long, help_heading = OUTPUT)]
    pub statistics: bool,

    /// Print the first N findings; 0 for all [default: 100 for text, else all]
    ///
    /// With 0, check keeps all findings in memory.
    #[arg(long, help_heading = OUTPUT, value_name = "N", value_parser = parse_number::<usize>)]
    pub max_findings: Option<usize>,
}

impl CheckReportArgs {
    /// The maximum number of findings; `None` for all.
    pub fn findings_max(&self) -> Option<usize> {
        self.findings_max_in(self.output)
    }

    /// The maximum number of findings in this format; `None` for all.
    pub(super) fn findings_max_in(&self, format: OutputFormat) -> Option<usize> {
        match self.max_findings {
            None => format.findings_max(),
            Some(0) => None,
            Some(count) => Some(count),
        }
    }
}

/// The lowest severity that fails a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Only errors fail.
    Error,
    /// Errors and warnings fail.
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
