//! The settings that two runs must share so that a comparison describes the target.

use std::fmt;

use crate::Report;
use crate::read::NamedReport;

/// The name of the setting that also decides whether rates are comparable.
pub(super) const LOAD: &str = "load";

/// A setting that differs between two runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingDifference {
    /// The name of the setting.
    pub setting: &'static str,
    /// The report of the first run, and its value.
    pub one: (String, String),
    /// The report of the other run, and its value.
    pub other: (String, String),
}

impl fmt::Display for SettingDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, one: (one, of_one), other: (other, of_other) } = self;
        write!(f, "the {setting} differs: {of_one} in {one}, {of_other} in {other}")
    }
}

/// Returns the settings in which any run differs from the first run, each with the first run that differs.
pub(super) fn differences(runs: &[&NamedReport]) -> Vec<SettingDifference> {
    let Some((first, others)) = runs.split_first() else { return Vec::new() };
    // The load of a capacity search is the load of its last trial.
    let is_search = runs.iter().any(|run| run.report.capacity.is_some());
    let settings: [(&'static str, Value); 5] = [
        (LOAD, if is_search { |_| None } else { |report| Some(shown_load(report)) }),
        ("target", |report| Some(shown_target(report))),
        ("message format", |report| report.format.map(|format| format.to_string())),
        ("speed", |report| Some(report.speed.to_string())),
        ("warm-up", |report| Some(format!("{} s", report.warm_up.map_or(0.0, |warm_up| warm_up.duration_s)))),
    ];
    let difference = |(setting, value): (&'static str, Value)| {
        let differs = |other: &&&NamedReport| {
            let values = value(&first.report).zip(value(&other.report));
            values.is_some_and(|(of_one, of_other)| of_one != of_other)
        };
        let other = others.iter().find(differs)?;
        let of = |run: &NamedReport| Some((run.name.clone(), value(&run.report)?));
        Some(SettingDifference { setting, one: of(first)?, other: of(other)? })
    };
    settings.into_iter().filter_map(difference).collect()
}

/// A setting as text; `None` if the report does not contain it.
type Value = fn(&Report) -> Option<String>;

fn shown_load(report: &Report) -> String {
    const CHANGES_MAX: usize = 10;
    let stages = if report.load.stages.is_empty() { "different stages".to_owned() } else { report.load.stages.join(", ") };
    let changes = report.load.changes.iter().map(|change| format!(", then {}", change.shown(report.load.kind)));
    let more = report.load.changes.len().saturating_sub(CHANGES_MAX);
    let more = (more > 0).then(|| format!(", and {more} more changes"));
    // The stages contain arrivals and seekers, but not events.
    format!("{stages}{} ({})", changes.take(CHANGES_MAX).chain(more).collect::<String>(), report.load.kind.name())
}

fn shown_target(report: &Report) -> String {
    // A receiver in the process has a different port in each run.
    if report.receiver.is_some() { "the built-in receiver".to_owned() } else { report.target.clone() }
}
