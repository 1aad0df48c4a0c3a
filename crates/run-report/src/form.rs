//! The formats of a report, for a run that just ended and for a report that was read from a file.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use crate::page::page;
use crate::{Report, csv, junit};

/// A format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportForm {
    /// The summary, for people.
    #[default]
    Text,
    /// All figures, for programs.
    Json,
    /// A page with charts.
    Html,
    /// One line per window.
    Csv,
    /// One line per merged report.
    PartsCsv,
    /// The thresholds as XML, for CI services.
    JUnit,
}

impl ReportForm {
    /// All formats.
    pub const ALL: [Self; 6] = [Self::Text, Self::Json, Self::Html, Self::Csv, Self::PartsCsv, Self::JUnit];

    /// Writes a report in this format.
    ///
    /// # Errors
    ///
    /// Returns the error of the writer.
    pub fn write(self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => write!(out, "{}", report.summary()),
            Self::Json => {
                serde_json::to_writer_pretty(&mut *out, report)?;
                out.write_all(b"\n")
            }
            Self::Html => writeln!(out, "{}", page(report).into_string()),
            Self::Csv => csv::write(&report.windows, out),
            Self::PartsCsv => csv::write_parts(report, out),
            Self::JUnit => out.write_all(junit::text(report)?.as_bytes()),
        }
    }
}

impl fmt::Display for ReportForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::PartsCsv => "parts-csv",
            Self::JUnit => "junit",
        })
    }
}

impl FromStr for ReportForm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|form| form.to_string() == text);
        found.ok_or("expected text, json, html, csv, parts-csv or junit")
    }
}
