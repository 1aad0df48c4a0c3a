//! The settings that must be equal in all merged reports. Parts of one run must have equal settings throughout. Other reports need the same
//! target, format, speed and kind of load, so that their figures can be added.

use super::error::{Difference, MergeError};
use crate::Report;
use crate::read::NamedReport;

/// A setting as text; `None` if the report does not contain it.
type Value = fn(&Report) -> Option<String>;

/// A setting: its name, its value, and what to do if it differs.
type Setting = (&'static str, Value, &'static str);

const OF_ALL: [Setting; 4] = [
    ("target", |report| Some(report.target.clone()), "merge reports of one target, with the same --target in all runs"),
    ("message format", |report| report.format.map(|format| format.to_string()), "merge reports with the same --format"),
    ("speed", |report| Some(report.speed.to_string()), "merge reports with the same --speed"),
    (
        "kind of load",
        |report| Some(report.load.kind.name().to_owned()),
        "merge reports with the same kind of load: --rate, --arrivals or --seekers",
    ),
];

/// The run id is compared last. It also covers the version, the scenario and other options that the report does not contain.
const OF_PARTS: [Setting; 6] = [
    ("number of parts", |report| report.shard.map(|shard| shard.of.to_string()), "merge the parts of one run"),
    ("seed", |report| Some(report.seed.to_string()), "merge the parts of one run, which have the same --seed"),
    ("load", |report| Some(report.run.as_ref()?.stages.join(", ")), "merge the parts of one run, which have the same load"),
    (
        "start time",
        |report| Some(report.run.as_ref()?.start_at.map_or_else(|| "none".to_owned(), |start_at| start_at.to_string())),
        "merge the parts of one run, which have the same --start-at",
    ),
    ("thresholds", |report| Some(thresholds(report)), "merge the parts of one run, which have the same --threshold options"),
    (
        "run",
        |report| Some(report.run.as_ref()?.id.clone()),
        "merge the parts of one run; the version of seeker-sim, the scenario or another option differs",
    ),
];

fn thresholds(report: &Report) -> String {
    let all: Vec<_> = report.thresholds.iter().map(|judged| judged.threshold.to_string()).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// Checks that all reports have the settings of the first one.
///
/// # Errors
///
/// The first setting that differs.
pub(super) fn check(reports: &[NamedReport]) -> Result<(), MergeError> {
    let Some((first, others)) = reports.split_first() else { return Ok(()) };
    let is_part = |named: &&NamedReport| named.report.shard.is_some();
    let (part, whole) = (reports.iter().find(is_part), reports.iter().find(|named| !is_part(named)));
    if let (Some(part), Some(whole)) = (part, whole) {
        return Err(MergeError::PartAndWhole { part: part.name.clone(), whole: whole.name.clone() });
    }
    let of_parts = if part.is_some() { OF_PARTS.as_slice() } else { &[] };
    for setting in OF_ALL.iter().chain(of_parts) {
        if let Some(difference) = others.iter().find_map(|other| difference(setting, first, other)) {
            return Err(Box::new(difference).into());
        }
    }
    Ok(())
}

fn difference((what, value, advice): &Setting, one: &NamedReport, other: &NamedReport) -> Option<Difference> {
    let (of_one, of_other) = (value(&one.report)?, value(&other.report)?);
    let (one, other) = (one.name.clone(), other.name.clone());
    (of_one != of_other).then_some(Difference { what, one, other, of_one, of_other, advice })
}
