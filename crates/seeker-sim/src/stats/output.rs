//! How figures are written: as text for a person, as JSON for a program.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use client_event::EventType;
use seeker_model::{Figure, Row, RowVerdict};
use serde::Serialize;

use crate::stats::StatsReport;

/// A form of figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatsForm {
    /// For a person.
    #[default]
    Text,
    /// For a program.
    Json,
}

impl fmt::Display for StatsForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

impl FromStr for StatsForm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Text, Self::Json].into_iter().find(|form| form.to_string() == text).ok_or("expected text or json")
    }
}

/// Writes what was measured.
///
/// # Errors
///
/// What the writer says.
pub fn write_stats(report: &StatsReport, form: StatsForm, out: &mut impl Write) -> io::Result<()> {
    match form {
        StatsForm::Text => write_text(report, out),
        StatsForm::Json => {
            serde_json::to_writer_pretty(&mut *out, &Json::of(report))?;
            writeln!(out)
        }
    }
}

const fn verdict_name(verdict: RowVerdict) -> &'static str {
    match verdict {
        RowVerdict::Met => "met",
        RowVerdict::Missed => "missed",
        RowVerdict::TooFewCases => "too few cases",
    }
}

/// The types that occurred, with their counts.
fn counts(report: &StatsReport) -> impl Iterator<Item = (EventType, u64)> {
    EventType::ALL.into_iter().map(|event_type| (event_type, report.statistics.count(event_type))).filter(|(_, count)| *count > 0)
}

fn write_text(report: &StatsReport, out: &mut impl Write) -> io::Result<()> {
    let statistics = &report.statistics;
    writeln!(out, "{:>12}  events", statistics.events())?;
    writeln!(out, "{:>12}  lines or elements that are no event", report.unreadable)?;
    writeln!(out, "{:>12}  seekers with more than impressions in 14 days", statistics.seekers())?;
    writeln!(out, "{:>12}  sessions (a pause of 30 minutes ends one)", statistics.sessions())?;
    writeln!(out)?;
    for (event_type, count) in counts(report) {
        #[expect(clippy::cast_precision_loss, reason = "only shown")]
        let share = count as f64 / statistics.events() as f64 * 100.0;
        writeln!(out, "{count:>12}  {share:>6.2} %  {event_type}")?;
    }
    for row in statistics.rows() {
        writeln!(out)?;
        writeln!(out, "{:<4} {} ({}): {}", row.id, row.statistic, row.source, verdict_name(row.verdict()))?;
        for Figure { name, value, target, accepted: [lowest, highest] } in &row.figures {
            writeln!(out, "     {name:<13}{value:>10.4}   published {target}, accepted {lowest:.4} to {highest:.4}")?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct Json {
    events: u64,
    unreadable: u64,
    seekers: u64,
    sessions: u64,
    by_type: BTreeMap<EventType, u64>,
    rows: Vec<JsonRow>,
}

#[derive(Serialize)]
struct JsonRow {
    id: &'static str,
    statistic: &'static str,
    source: &'static str,
    verdict: &'static str,
    figures: Vec<JsonFigure>,
}

#[derive(Serialize)]
struct JsonFigure {
    name: &'static str,
    value: f64,
    target: f64,
    accepted: [f64; 2],
}

impl Json {
    fn of(report: &StatsReport) -> Self {
        let statistics = &report.statistics;
        Self {
            events: statistics.events(),
            unreadable: report.unreadable,
            seekers: statistics.seekers(),
            sessions: statistics.sessions(),
            by_type: counts(report).collect(),
            rows: statistics.rows().iter().map(JsonRow::of).collect(),
        }
    }
}

impl JsonRow {
    fn of(row: &Row) -> Self {
        let figures = row.figures.iter().map(|figure| JsonFigure {
            name: figure.name,
            value: figure.value,
            target: figure.target,
            accepted: figure.accepted,
        });
        Self {
            id: row.id,
            statistic: row.statistic,
            source: row.source,
            verdict: match row.verdict() {
                RowVerdict::TooFewCases => "too_few_cases",
                verdict => verdict_name(verdict),
            },
            figures: figures.collect(),
        }
    }
}
