//! The counts of a check. They include findings that are not shown.

use std::collections::BTreeMap;

use client_event::rules::{RuleId, Severity};
use serde::de::Error;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The counts of a check; the JSON value of `statistics`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// The number of event files, including standard input.
    pub files: u64,
    /// The number of files, of events and searches, that could not be read, or only in part.
    pub files_failed: u64,
    /// Lines of the event files.
    pub lines: u64,
    /// Bytes of the event files, after decompression.
    pub bytes: u64,
    /// Readable events, including events that lack required fields.
    pub events: u64,
    /// Lines or array elements that could not be read as an event. Each line that is not blank is either unreadable or an event.
    pub unreadable: u64,
    /// Events of a type that the message does not have (version 3): no rule applies to them.
    pub not_judged: u64,
    /// Requests that had events.
    pub requests: u64,
    /// Events that repeated the id and the content of an earlier event.
    pub retries: u64,
    /// How often a request was closed because it was idle for longer than the window.
    pub closed: u64,
    /// Events that arrived after their request was closed, so that some rules were not checked for them.
    pub late: u64,
    /// Searches that were read.
    pub searches: u64,
    /// Lines or array elements that could not be read as a search.
    pub searches_unreadable: u64,
    /// The counts of findings.
    pub findings: FindingCounts,
}

/// The number of findings by rule and severity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCounts {
    /// Findings that are errors.
    pub errors: u64,
    /// Findings that are warnings.
    pub warnings: u64,
    /// Findings by rule code, with every rule.
    pub by_rule: RuleCounts,
}

/// A count for each rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleCounts([u64; RuleId::ALL.len()]);

impl Statistics {
    /// Adds the counts of another part of the same stream. Each part counts the files, lines and bytes of the whole.
    pub(super) fn add_part(&mut self, other: &Self) {
        for (count, more) in [
            (&mut self.events, other.events),
            (&mut self.unreadable, other.unreadable),
            (&mut self.not_judged, other.not_judged),
            (&mut self.requests, other.requests),
            (&mut self.retries, other.retries),
            (&mut self.closed, other.closed),
            (&mut self.late, other.late),
            (&mut self.searches, other.searches),
            (&mut self.searches_unreadable, other.searches_unreadable),
            (&mut self.findings.errors, other.findings.errors),
            (&mut self.findings.warnings, other.findings.warnings),
        ] {
            *count = count.saturating_add(more);
        }
        for (count, more) in self.findings.by_rule.0.iter_mut().zip(other.findings.by_rule.0) {
            *count = count.saturating_add(more);
        }
    }
}

impl FindingCounts {
    /// Counts a finding.
    pub fn add(&mut self, rule: RuleId, severity: Severity) {
        match severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
        self.by_rule.0[rule.index()] += 1;
    }
}

impl RuleCounts {
    /// The number of findings of this rule.
    pub fn of(&self, rule: RuleId) -> u64 {
        self.0[rule.index()]
    }

    /// The number of findings of all rules; `None` if it is too large for its type.
    pub(super) fn checked_sum(&self) -> Option<u64> {
        self.0.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count))
    }
}

impl Serialize for RuleCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for rule in RuleId::ALL {
            map.serialize_entry(rule.code(), &self.of(rule))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for RuleCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut counts = Self::default();
        for (code, count) in BTreeMap::<String, u64>::deserialize(deserializer)? {
            let rule: RuleId = code.parse().map_err(D::Error::custom)?;
            counts.0[rule.index()] = count;
        }
        Ok(counts)
    }
}
