//! Reported findings, each with its place in an input. The first findings in input order are kept up to a limit; the rest are counted.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use client_event::rules::{RuleId, Severity};

use crate::check::locate::{Excerpt, Located};

/// A finding with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocatedFinding {
    /// The violated rule.
    pub rule: RuleId,
    /// The severity.
    pub severity: Severity,
    /// The input, as named on the command line.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: u64,
    /// The description of the violation.
    pub message: String,
    /// The line, if it could be read again.
    pub excerpt: Option<Excerpt>,
    /// The other event, for rules between two events.
    pub related: Option<Related>,
}

/// The other event of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The input of the event.
    pub file: String,
    /// The line of the event, from 1.
    pub line: u64,
    /// The line, if it was requested and could be read again.
    pub excerpt: Option<Excerpt>,
}

/// The position of a finding in input order: events before searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    pub of_searches: bool,
    pub at: u64,
    pub rule: RuleId,
    /// The sequence number of the finding among all findings.
    number: u64,
}

/// A finding whose lines have not been looked up yet.
#[derive(Debug)]
pub struct UnlocatedFinding {
    pub order: Order,
    pub severity: Severity,
    pub message: String,
    /// The path of the part that shows the violation.
    pub part: String,
    /// Known immediately if the finding is about the event that was being read.
    pub located: Option<Located>,
    /// The position of the other event, and the path of its relevant part.
    pub related: Option<(u64, &'static str)>,
}

impl PartialEq for UnlocatedFinding {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for UnlocatedFinding {}

impl PartialOrd for UnlocatedFinding {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for UnlocatedFinding {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order.cmp(&other.order)
    }
}

/// The first findings in input order.
#[derive(Debug)]
pub struct FirstFindings {
    limit: Option<usize>,
    keeps_excerpts: bool,
    /// A heap with the last finding on top.
    findings: BinaryHeap<UnlocatedFinding>,
    seen: u64,
}

impl FirstFindings {
    /// Keeps up to `limit` findings, or all without a limit. Keeps their lines only if they are to be shown.
    pub fn new(limit: Option<usize>, keeps_excerpts: bool) -> Self {
        Self { limit, keeps_excerpts, findings: BinaryHeap::new(), seen: 0 }
    }

    /// Counts a finding. Creates and keeps the finding if it is among the first so far.
    pub fn add(&mut self, of_searches: bool, at: u64, rule: RuleId, make: impl FnOnce(Order) -> UnlocatedFinding) {
        let order = Order { of_searches, at, rule, number: self.seen };
        self.seen += 1;
        if let Some(limit) = self.limit
            && self.findings.len() >= limit
        {
            match self.findings.peek() {
                Some(last) if order < last.order => drop(self.findings.pop()),
                _ => return,
            }
        }
        let mut finding = make(order);
        if !self.keeps_excerpts
            && let Some(located) = &mut finding.located
        {
            located.excerpt = None;
        }
        self.findings.push(finding);
    }

    /// Returns the findings in order, and the number of omitted findings.
    pub fn into_sorted(self) -> (Vec<UnlocatedFinding>, u64) {
        let omitted = self.seen - self.findings.len() as u64;
        (self.findings.into_sorted_vec(), omitted)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all findings in any order and all limits, the kept findings are the first of all.
        #[test]
        fn the_first_are_kept(ats in prop::collection::vec((any::<bool>(), 0_u64..20), 0..40), limit in prop::option::of(0_usize..20)) {
            let mut kept = FirstFindings::new(limit, false);
            for (of_searches, at) in &ats {
                kept.add(*of_searches, *at, RuleId::ALL[0], |order| UnlocatedFinding {
                    order,
                    severity: Severity::Error,
                    message: String::new(),
                    part: String::new(),
                    located: None,
                    related: None,
                });
            }
            let (findings, omitted) = kept.into_sorted();
            prop_assert_eq!(findings.len() as u64 + omitted, ats.len() as u64);
            let mut expected = ats;
            expected.sort_unstable();
            expected.truncate(limit.unwrap_or(usize::MAX));
            let found: Vec<_> = findings.iter().map(|finding| (finding.order.of_searches, finding.order.at)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
