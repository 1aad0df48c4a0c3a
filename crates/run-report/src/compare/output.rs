//! Writes a comparison: as a table for people, as JSON for programs.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use crate::compare::{Change, CompareVerdict, ComparedFigure, ComparedRun, FigureUnit, RunComparison};

/// An output format of a comparison.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CompareForm {
    /// A table for people.
    #[default]
    Text,
    /// All figures, for programs.
    Json,
}

impl CompareForm {
    /// Writes a comparison in this format.
    ///
    /// # Errors
    ///
    /// Returns the error of the writer.
    pub fn write(self, comparison: &RunComparison, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text => write!(out, "{}", Table(comparison)),
            Self::Json => {
                serde_json::to_writer_pretty(&mut *out, comparison)?;
                writeln!(out)
            }
        }
    }
}

impl fmt::Display for CompareForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

impl FromStr for CompareForm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Text, Self::Json].into_iter().find(|form| form.to_string() == text).ok_or("expected text or json")
    }
}

/// Describes a changed figure in words.
pub(super) fn sentence(figure: &ComparedFigure) -> String {
    let (before, after) = values(figure);
    let p = figure.p_value.map(|p| format!(", p {}", p_value(p, "= "))).unwrap_or_default();
    format!("{} went from {before} to {after} ({}{p})", figure.name(), change(figure))
}

struct Table<'a>(&'a RunComparison);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RunComparison { verdict, reasons, warnings, tolerance, confidence, before, after, figures } = self.0;
        let count = |change| figures.iter().filter(|figure| figure.change == change).count();
        match verdict {
            CompareVerdict::NoRegression => writeln!(f, "no regression")?,
            CompareVerdict::Regression => writeln!(f, "regression")?,
            CompareVerdict::NotComparable => writeln!(f, "not comparable")?,
        }
        for reason in reasons {
            writeln!(f, "  {reason}")?;
        }
        writeln!(f)?;
        for (side, runs) in [("before", before), ("after", after)] {
            for run in runs {
                writeln!(f, "  {side:<14}{}", Run(run))?;
            }
        }
        for warning in warnings {
            writeln!(f, "  warning       {warning}")?;
        }
        writeln!(f)?;
        writeln!(f, "    {:<44}{:>14}{:>14}{:>16}{:>9}", "", "before", "after", "change", "p")?;
        let of_types: Vec<_> = figures.iter().filter(|figure| figure.event_type.is_some()).collect();
        for figure in figures.iter().filter(|figure| figure.event_type.is_none()) {
            writeln!(f, "{}", Line(figure))?;
        }
        // One line per event type, and each figure that changed.
        let is_shown =
            |figure: &&&ComparedFigure| figure.figure == "latency.p99" || matches!(figure.change, Change::Better | Change::Worse);
        if !of_types.is_empty() {
            writeln!(f)?;
        }
        for figure in of_types.iter().filter(is_shown) {
            writeln!(f, "{}", Line(figure))?;
        }
        writeln!(f)?;
        if *verdict == CompareVerdict::NotComparable {
            return writeln!(f, "  nothing was judged");
        }
        writeln!(
            f,
            "  {} worse (\u{2717}) and {} better (\u{2713}) by more than {tolerance}, at {confidence} confidence",
            count(Change::Worse),
            count(Change::Better)
        )?;
        writeln!(f, "  p: the probability of such a change by chance, adjusted for the number of figures; rates have no p")?;
        writeln!(
            f,
            "  not judged (\u{b7}): planned rate, schedule lag, min, mean, stddev, max, percentiles with fewer than 10 events above"
        )
    }
}

struct Run<'a>(&'a ComparedRun);

impl fmt::Display for Run<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ComparedRun { report, outcome, target, seed, stages } = self.0;
        write!(f, "{report}: {}, {target}, {}, seed {seed}", outcome.name().replace('_', " "), stages.join(", "))
    }
}

/// A row of the table: a figure before and after.
struct Line<'a>(&'a ComparedFigure);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = self.0;
        let mark = match figure.change {
            Change::Better => '\u{2713}',
            Change::Same => ' ',
            Change::Worse => '\u{2717}',
            Change::NotJudged => '\u{b7}',
        };
        let (before, after) = values(figure);
        let p = figure.p_value.map(|p| p_value(p, "")).unwrap_or_default();
        let line = format!("  {mark} {:<44}{before:>14}{after:>14}{:>16}{p:>9}", figure.name(), change(figure));
        f.write_str(line.trim_end())
    }
}

/// Both values with their unit; a lower bound is marked with a sign.
fn values(figure: &ComparedFigure) -> (String, String) {
    let value = |value, is_lower_bound| {
        let sign = if is_lower_bound { "\u{2265} " } else { "" };
        format!("{sign}{}", shown(figure.unit, value))
    };
    (value(figure.before, figure.before_is_lower_bound), value(figure.after, figure.after_is_lower_bound))
}

/// A p-value to four digits.
fn p_value(p: f64, equals: &str) -> String {
    if p < 0.0001 { "< 0.0001".to_owned() } else { format!("{equals}{p:.4}") }
}

/// A value with its unit.
fn shown(unit: FigureUnit, value: Option<f64>) -> String {
    let Some(value) = value else { return "-".to_owned() };
    match unit {
        FigureUnit::Ms => format!("{value:.3} ms"),
        FigureUnit::Ratio => format!("{:.3} %", value * 100.0),
        FigureUnit::PerS => format!("{value:.1}/s"),
    }
}

/// The change of a figure: ratios in percentage points, all other figures in per cent of the value before.
fn change(figure: &ComparedFigure) -> String {
    match (figure.unit, figure.difference, figure.change_percent) {
        (FigureUnit::Ratio, Some(difference), _) => format!("{:+.3} points", positive_zero(difference * 100.0)),
        (_, _, Some(percent)) => format!("{:+.1} %", positive_zero(percent)),
        _ => "-".to_owned(),
    }
}

/// Drops the minus sign of a change that rounds to zero.
fn positive_zero(value: f64) -> f64 {
    if value.abs() < 0.0005 { 0.0 } else { value }
}
