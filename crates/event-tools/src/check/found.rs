//! Reported findings, each with its place in an input. The first findings in input order are kept up to a limit; the rest are counted.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use client_event::rules::{RuleId, Severity};

use crate::check::locate::{Excerpt, Located};

/// A finding with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
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
pub struct Draft {
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

impl PartialEq for Draft {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Draft {}

impl PartialOrd for Draft {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Draft {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order.cmp(&other.order)
    }
}

/// The first findings in input order.
#[derive(Debug)]
pub struct Kept {
    limit: Option<usize>,
    keeps_excerpts: bool,
    /// A heap with the last finding on top.
    drafts: BinaryHeap<Draft>,
    seen: u64,
}

impl Kept {
    /// Keeps up to `limit` findings, or all without a limit. Keeps their lines only if they are to be shown.
    pub fn new(limit: Option<usize>, keeps_excerpts: bool) -> Self {
        Self { limit, keeps_excerpts, drafts: BinaryHeap::new(), seen: 0 }
    }

    /// Counts a finding. Creates and keeps the finding if it is among the first so far.
    pub fn add(&mut self, of_searches: bool, at: u64, rule: RuleId, make: impl FnOnce(Order) -> Draft) {
        let order = Order { of_searches, at, rule, number: self.seen };
        self.seen += 1;
        if let Some(limit) = self.limit
            && self.drafts.len() >= limit
        {
            match self.drafts.peek() {
                Some(last) if order < last.order => drop(self.drafts.pop()),
                _ => return,
            }
        }
        let mut draft = make(order);
        if !self.keeps_excerpts
            && let Some(located) = &mut draft.located
        {
            located.excerpt = None;
        }
        self.drafts.push(draft);
    }

    /// Returns the findings in order, and the number of omitted findings.
    pub fn into_sorted(self) -> (Vec<Draft>, u64) {
        let omitted = self.seen - self.drafts.len() as u64;
        (self.drafts.into_sorted_vec(), omitted)
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
            let mut kept = Kept::new(limit, false);
            for (of_searches, at) in &ats {
                kept.add(*of_searches, *at, RuleId::ALL[0], |order| Draft {
                    order,
                    severity: Severity::Error,
                    message: String::new(),
                    part: String::new(),
                    located: None,
                    related: None,
                });
            }
            let (drafts, omitted) = kept.into_sorted();
            prop_assert_eq!(drafts.len() as u64 + omitted, ats.len() as u64);
            let mut expected = ats;
            expected.sort_unstable();
            expected.truncate(limit.unwrap_or(usize::MAX));
            let found: Vec<_> = drafts.iter().map(|draft| (draft.order.of_searches, draft.order.at)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
