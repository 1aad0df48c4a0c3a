//! How figures are written: as text for a person, as JSON for a program, as a page to look at and to hand on.

mod page;
mod pictures;
mod text;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use event_stats::Report;

use crate::stats::StatsReport;

/// A form of figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatsForm {
    /// For a person.
    #[default]
    Text,
    /// For a program.
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

/// Writes what was measured.
///
/// # Errors
///
/// What the writer says.
pub fn write_stats(report: &StatsReport, form: StatsForm, out: &mut impl Write) -> io::Result<()> {
    let mut figures = Report::new(&report.statistics, report.time_zone.clone());
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
