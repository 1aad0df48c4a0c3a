//! Merges the parts of a check to the report of the whole.

use event_input::Input;

use crate::check::part::{CheckPart, PartFailure, PartFinding};
use crate::check::report::CheckReport;
use crate::parts::{NamedPart, PartsError, read_parts};

/// Reads the parts of all shards and returns the report of the whole, with at most this number of findings.
///
/// The report has the findings and counts of a single check. If a part omits findings, the report cannot have more of them than the part.
///
/// # Errors
///
/// [`PartsError`] if an input is not a part, or if the parts are not those of one whole, each once.
pub fn merge(inputs: &[Input], findings_max: Option<usize>) -> Result<CheckReport, PartsError> {
    let parts = read_parts::<CheckPart>(inputs)?;
    Ok(merged(parts.into_iter().map(|NamedPart { part, .. }| part).collect(), findings_max))
}

/// Merges the parts of one whole.
fn merged(parts: Vec<CheckPart>, findings_max: Option<usize>) -> CheckReport {
    // A finding that a part omits comes after all findings that the part has, so the first findings of the whole are known up to that number.
    let of_parts = parts.iter().filter(|part| part.omitted > 0).map(|part| part.findings.len());
    let limit = of_parts.chain(findings_max).min().unwrap_or(usize::MAX);
    let omitted = parts.iter().map(|part| part.omitted).fold(0, u64::saturating_add);
    let mut parts = parts.into_iter();
    let Some(CheckPart { mut statistics, failures, mut findings, .. }) = parts.next() else {
        return CheckReport::default();
    };
    for part in parts {
        statistics.add_part(&part.statistics);
        findings.extend(part.findings);
    }
    // All findings at a position are in one part, in their order.
    findings.sort_by_key(|finding| (finding.of_searches, finding.at));
    let dropped = findings.len().saturating_sub(limit);
    findings.truncate(limit);
    CheckReport {
        findings: findings.into_iter().filter_map(|finding| PartFinding::into_located(finding).ok()).collect(),
        omitted: omitted.saturating_add(dropped as u64),
        statistics,
        failures: failures.into_iter().map(PartFailure::into_failure).collect(),
    }
}
