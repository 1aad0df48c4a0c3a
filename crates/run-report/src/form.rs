//! The forms in which a report is written, whether a run has just ended or its report was read back.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use crate::page::page;
use crate::{Report, csv, junit};

/// A form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportForm {
    /// The summary, for a person.
    #[default]
    Text,
    /// All figures, for programs.
    Json,
    /// A page with charts.
    Html,
    /// A line for each window.
    Csv,
    /// The thresholds as XML, for services that build and test software.
    JUnit,
}

impl ReportForm {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Text, Self::Json, Self::Html, Self::Csv, Self::JUnit];

    /// Writes a report in this form.
    ///
    /// # Errors
    ///
    /// What the writer says.
    pub fn write(self, report: &Report, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Text => write!(out, "{}", report.summary()),
            Self::Json => {
                serde_json::to_writer_pretty(&mut *out, report)?;
                out.write_all(b"\n")
            }
            Self::Html => writeln!(out, "{}", page(report).into_string()),
            Self::Csv => csv::write(&report.windows, out),
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
            Self::JUnit => "junit",
        })
    }
}

impl FromStr for ReportForm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|form| form.to_string() == text);
        found.ok_or("expected text, json, html, csv or junit")
    }
}
