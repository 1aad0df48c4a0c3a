//! Writes a report: for people, for programs, for code scanning services and for the logs of GitHub Actions.

mod github;
mod json;
mod sarif;
mod table;
mod text;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use charts::grouped;

use crate::check::report::CheckReport;

pub use table::write_statistics;
pub use text::TextStyle;

/// An output format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutputFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// One JSON object per finding, one finding per line.
    Ndjson,
    /// SARIF 2.1.0.
    Sarif,
    /// Workflow commands of GitHub Actions.
    Github,
}

impl OutputFormat {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Text, Self::Json, Self::Ndjson, Self::Sarif, Self::Github];

    /// The default number of findings: limited for people, unlimited for programs.
    pub const fn findings_max(self) -> Option<usize> {
        match self {
            Self::Text => Some(100),
            _ => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Sarif => "sarif",
            Self::Github => "github",
        }
    }
}

impl fmt::Display for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for OutputFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| "expected text, json, ndjson, sarif or github".to_owned())
    }
}

/// Writes the report. JSON and SARIF always contain the counts of every rule; other formats contain them only `with_statistics`.
///
/// # Errors
///
/// Returns the error of the writer.
pub fn write_report(
    report: &CheckReport,
    format: OutputFormat,
    style: &TextStyle,
    with_statistics: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        OutputFormat::Text => {
            text::write(report, style, out)?;
            if with_statistics {
                writeln!(out)?;
                write_statistics(&report.statistics, out)?;
            }
            Ok(())
        }
        OutputFormat::Json => json::write(report, out),
        OutputFormat::Ndjson => json::write_lines(report, with_statistics, out),
        OutputFormat::Sarif => sarif::write(report, out),
        OutputFormat::Github => github::write(report, with_statistics, out),
    }
}

/// A number with its noun.
fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(counted(1, "error", "errors"), "1 error");
        assert_eq!(counted(0, "error", "errors"), "0 errors");
    }
}
