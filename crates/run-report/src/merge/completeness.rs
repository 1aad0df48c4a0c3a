//! Whether the reports are all parts of one run, each once, and whether the parts began together. Otherwise the sums are no figures of the
//! planned load, so the merged report is not trustworthy.

use super::MergeOptions;
use super::error::MergeError;
use super::starts::{APART_MAX, Outlier, Starts};
use crate::RunIdentity;
use crate::part::Part;
use crate::read::NamedReport;

/// Checks that no run is counted twice, including runs inside reports that were merged before.
///
/// # Errors
///
/// [`MergeError::SameRun`].
pub(super) fn check_each_run_once(reports: &[NamedReport]) -> Result<(), MergeError> {
    let runs: Vec<_> = reports.iter().flat_map(|named| Part::of(named).into_iter().map(move |part| (named, part))).collect();
    for (place, (one, part)) in runs.iter().enumerate() {
        if let Some((other, same)) = runs[place + 1..].iter().find(|(_, other)| other.is_same_run(part)) {
            let is_within = !(one.report.parts.is_empty() && other.report.parts.is_empty());
            let within =
                is_within.then(|| format!(" ({})", if one.report.parts.is_empty() { &same.report } else { &part.report }));
            return Err(MergeError::SameRun { one: one.name.clone(), other: other.name.clone(), within });
        }
    }
    Ok(())
}

/// Returns why the reports are not a whole run, one sentence each.
pub(super) fn reasons(parts: &[Part], starts: &Starts, run: Option<&RunIdentity>, options: MergeOptions) -> Vec<String> {
    let mut reasons = Vec::new();
    let is_of_run = parts.iter().all(|part| part.shard.is_some());
    if is_of_run {
        reasons.extend(missing(parts));
        reasons.extend(repeated(parts));
    }
    if let Some(expected) = options.expected.filter(|expected| *expected != parts.len()) {
        let found = parts.len();
        reasons.push(format!("{found} reports of {expected} expected; merge one report of each generator"));
    }
    if is_of_run {
        let id = run.map_or("", |run| run.id.as_str());
        reasons.extend(starts.outliers().into_iter().map(|outlier| began_apart(parts, outlier, id)));
        if reasons.is_empty() {
            reasons.extend(unknown_start(parts, starts, options));
        }
    }
    reasons
}

fn missing(parts: &[Part]) -> Option<String> {
    let of = parts.iter().find_map(|part| part.shard).map_or(0, |shard| shard.of);
    let is_there = |number: &u64| parts.iter().any(|part| part.shard.is_some_and(|shard| shard.part == *number));
    let missing: Vec<_> = (1..=of).filter(|number| !is_there(number)).map(|number| number.to_string()).collect();
    match missing.as_slice() {
        [] => None,
        [one] => Some(format!("part {one} of {of} is missing; merge the reports of all parts")),
        [first @ .., last] => {
            Some(format!("parts {} and {last} of {of} are missing; merge the reports of all parts", first.join(", ")))
        }
    }
}

fn repeated(parts: &[Part]) -> Vec<String> {
    let is_same_part = |one: &&Part, other: &&Part| one.shard == other.shard;
    let groups = parts.chunk_by(|one, other| is_same_part(&one, &other)).filter(|group| group.len() > 1);
    let told = groups.filter_map(|group| {
        let shard = group[0].shard?;
        let names: Vec<_> = group.iter().map(|part| part.report.as_str()).collect();
        let (part, of, names) = (shard.part, shard.of, names.join(" and "));
        Some(format!("part {part} of {of} has several reports, {names}; merge one report of each part"))
    });
    told.collect()
}

fn began_apart(parts: &[Part], outlier: Outlier, id: &str) -> String {
    let Outlier { part, of, later_by } = outlier;
    #[expect(clippy::cast_precision_loss, reason = "only shown")]
    let seconds = later_by.unsigned_abs() as f64 / 1e6;
    let when = if later_by > 0 { "later" } else { "earlier" };
    let number = |place: usize| parts[place].shard.map_or(0, |shard| shard.part);
    let id: String = id.chars().take(8).collect();
    format!(
        "part {} of run {id} ({}) began {seconds:.1} s {when} than part {}; start all parts together with --start-at",
        number(part),
        parts[part].report,
        number(of)
    )
}

/// Returns why it is not known that the parts began together.
fn unknown_start(parts: &[Part], starts: &Starts, options: MergeOptions) -> Option<String> {
    if options.clocks_agree {
        return None;
    }
    if !starts.are_comparable() {
        let without = parts.iter().find(|part| part.started_at.is_some() && part.target_clock.is_none());
        let told = without.map_or_else(
            || "their reports compare them with different clocks".to_owned(),
            |part| format!("{} has no `target_clock`", part.label()),
        );
        return Some(format!(
            "the clocks of the machines cannot be compared: {told}; pass the same --clock-check URL to each generator, or pass \
             --clocks-agree if a service such as NTP keeps the clocks equal"
        ));
    }
    let (one, other, apart) = starts.furthest().filter(|(.., apart)| *apart > APART_MAX)?;
    #[expect(clippy::cast_precision_loss, reason = "only shown")]
    let seconds = apart as f64 / 1e6;
    let number = |place: usize| parts[place].shard.map_or(0, |shard| shard.part);
    Some(format!(
        "parts {} and {} may have begun {seconds:.1} s apart by the clock of the target; synchronize the clocks of the machines",
        number(one),
        number(other)
    ))
}
