//! Writes statistics: as text for people, as JSON for programs, as an HTML page to view and share.

mod distribution_charts;
mod page;
mod text;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use event_stats::Report;

use crate::stats::StatsReport;

/// An output format of statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatsForm {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// A page with charts, in one file.
    Html,
}

impl fmt::Display for StatsForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Html => "html",
        })
    }
}

impl FromStr for StatsForm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = [Self::Text, Self::Json, Self::Html].into_iter().find(|form| form.to_string() == text);
        found.ok_or("expected text, json or html")
    }
}

/// Writes the results.
///
/// # Errors
///
/// Returns the error of the writer.
pub fn write_stats(report: &StatsReport, form: StatsForm, out: &mut dyn Write) -> io::Result<()> {
    let mut figures = Report::of(&report.summary, report.time_zone.clone());
    figures.inputs.clone_from(&report.inputs);
    figures.failures.clone_from(&report.failures);
    figures.unreadable = report.unreadable;
    match form {
        StatsForm::Text => text::write(&figures, out),
        StatsForm::Json => {
            serde_json::to_writer_pretty(&mut *out, &figures)?;
            writeln!(out)
        }
        StatsForm::Html => writeln!(out, "{}", page::page(&figures).into_string()),
    }
}
