//! Caveats for the reader of a merged report.

use super::MergeOptions;
use crate::part::Part;
use crate::read::NamedReport;

/// Generators whose starts differ by more than this, in seconds, did not start together.
const STARTS_APART_S_MAX: f64 = 2.0;

/// Returns warnings about generators whose starts, durations or warm-ups differ, or whose seeds are equal, and about reports whose number is
/// not known.
pub(super) fn warnings(reports: &[NamedReport], parts: &[Part], options: MergeOptions) -> Vec<String> {
    let mut warnings: Vec<String> = Vec::new();
    for warning in reports.iter().filter_map(|named| named.report.merge.as_ref()).flat_map(|facts| &facts.warnings) {
        if !warnings.contains(warning) {
            warnings.push(warning.clone());
        }
    }
    let is_of_run = parts.iter().all(|part| part.shard.is_some());
    if !is_of_run {
        warnings.extend(different_starts(parts));
        warnings.extend(equal_seeds(parts));
        if options.expected.is_none() {
            warnings.retain(|warning| !warning.starts_with(UNKNOWN_NUMBER));
            warnings.push(format!(
                "{UNKNOWN_NUMBER}, so the verdict covers only the {} merged reports; pass --expect N",
                parts.len()
            ));
        }
    } else if options.clocks_agree && parts.len() > 1 {
        warnings
            .push("the starts of the parts were compared by the clocks of their machines, because of --clocks-agree".to_owned());
    }
    for other in reports {
        let seconds = |named: &NamedReport| named.report.duration_s;
        let (one, of_one, of_other) = (&reports[0], seconds(&reports[0]), seconds(other));
        // A signal does not end all runs in the same moment.
        if (of_one - of_other).abs() > STARTS_APART_S_MAX {
            let names = format!("{} and {}", one.name, other.name);
            warnings.push(format!("{names} have different durations, {of_one} s and {of_other} s; rates use the longest"));
        }
        let warm_up = |named: &NamedReport| named.report.warm_up.map_or(0.0, |warm_up| warm_up.duration_s);
        let (of_one, of_other) = (warm_up(one), warm_up(other));
        if (of_one - of_other).abs() > 0.0 {
            let names = format!("{} and {}", one.name, other.name);
            warnings.push(format!(
                "{names} have different warm-ups, {of_one} s and {of_other} s; their measured times do not start together"
            ));
        }
    }
    warnings
}

const UNKNOWN_NUMBER: &str = "the number of generators is not known";

fn different_starts(parts: &[Part]) -> Option<String> {
    let started = || parts.iter().filter_map(|part| Some((part, part.started_at?)));
    let (earliest, latest) = (started().min_by_key(|(_, at)| *at), started().max_by_key(|(_, at)| *at));
    let ((one, earliest), (other, latest)) = earliest.zip(latest)?;
    let apart = latest.duration_since(earliest).as_secs_f64();
    (apart > STARTS_APART_S_MAX).then(|| {
        format!(
            "{} started {apart:.1} s after {}; rates and windows assume that all generators start together",
            other.report, one.report
        )
    })
}

fn equal_seeds(parts: &[Part]) -> Option<String> {
    parts.iter().enumerate().find_map(|(place, one)| {
        let other = parts[place + 1..].iter().find(|other| other.seed == one.seed)?;
        Some(format!(
            "{} and {} have the same seed, {}: both sent the same event ids; use a different --seed for each generator",
            one.report, other.report, one.seed
        ))
    })
}
