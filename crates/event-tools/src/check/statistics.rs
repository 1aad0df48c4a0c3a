//! What was counted while checking. Always complete, however few findings are shown.

use client_event::rules::{RuleId, Severity};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// The counts of a check; as JSON, the value of `statistics`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// How many files (standard input among them) were given for the events.
    pub files: u64,
    /// How many of all files could not be read, or not to their end.
    pub files_failed: u64,
    /// Lines of the events' files.
    pub lines: u64,
    /// Bytes of the events' files, after decompression.
    pub bytes: u64,
    /// Events that could be read, those that lack required fields included.
    pub events: u64,
    /// Lines, or elements of an array, that could not be read as an event. All but blank lines is either this or an event.
    pub unreadable: u64,
    /// Of the events, those of a type that the message does not have (version 3): no rule is about them.
    pub not_judged: u64,
    /// Requests that had events.
    pub requests: u64,
    /// Events that repeated an earlier one, id and content.
    pub retries: u64,
    /// How many times a request was closed because it was idle for longer than the window.
    pub closed: u64,
    /// Events that came for a request after it had been closed, so that some rules were not judged for them.
    pub late: u64,
    /// Searches that were read.
    pub searches: u64,
    /// Lines, or elements of an array, that could not be read as a search.
    pub searches_unreadable: u64,
    /// What was found.
    pub findings: FindingCounts,
}

/// How many findings there were, of each rule and severity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FindingCounts {
    /// Findings that are errors.
    pub errors: u64,
    /// Findings that are warnings.
    pub warnings: u64,
    /// By the code of the rule, every rule.
    pub by_rule: RuleCounts,
}

/// A count for each rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleCounts([u64; RuleId::ALL.len()]);

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
    /// The findings of that rule.
    pub fn of(&self, rule: RuleId) -> u64 {
        self.0[rule.index()]
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
