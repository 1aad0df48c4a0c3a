//! The check of what a run itself sends, on request: every body is read back as a message and held against the rules, on its own
//! and in sequence. Each arbiter checks its own stream, since no request is shared between arbiters.

use std::borrow::Cow;
use std::collections::BTreeMap;

use client_event::rules::RuleId;
use client_event::sequence::{Finding, SequenceChecker};
use client_event::{EventTimestamp, Problem, Reader};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use terminal_escape::escape_controls;

/// What a check found in the events that were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SentFindings {
    /// Events that were checked.
    pub events: u64,
    /// The rules that were broken, by their codes.
    pub broken_rules: BTreeMap<Cow<'static, str>, BrokenRule>,
}

/// How a rule was broken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BrokenRule {
    /// How often.
    pub findings: u64,
    /// The first time, in a sentence.
    pub example: String,
}

impl SentFindings {
    /// How often rules were broken.
    pub fn findings(&self) -> u64 {
        self.broken_rules.values().map(|broken| broken.findings).sum()
    }

    /// Adds what another arbiter found.
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        for (code, broken) in &other.broken_rules {
            let sum = self.broken_rules.entry(code.clone()).or_default();
            sum.findings += broken.findings;
            if sum.example.is_empty() {
                sum.example.clone_from(&broken.example);
            }
        }
    }

    /// Shows the examples, which quote a search, as this function does; it gives nothing for what is not to be shown.
    pub fn show_as(&mut self, shown: impl Fn(&str) -> Option<String>) {
        for broken in self.broken_rules.values_mut() {
            broken.example = shown(&broken.example).unwrap_or_else(|| "not shown, since it quotes the search".to_owned());
        }
    }

    fn count(&mut self, rule: RuleId, example: impl FnOnce() -> String) {
        let broken = self.broken_rules.entry(rule.code().into()).or_insert_with(|| {
            // A name that the target's own search gave may be part of it.
            BrokenRule { findings: 0, example: escape_controls(&example()).into_owned() }
        });
        broken.findings += 1;
    }
}

/// Checks one arbiter's stream. Takes about 100 bytes an event for as long as the run lasts.
pub struct SentCheck {
    checker: SequenceChecker,
    found: SentFindings,
    /// Memory for the findings of one event.
    findings: Vec<Finding>,
}

impl Default for SentCheck {
    fn default() -> Self {
        Self::new()
    }
}

impl SentCheck {
    /// A checker that has seen no event.
    pub fn new() -> Self {
        // Simulated weeks may pass in minutes, so no request is ever too old to be remembered.
        let options = SequenceChecker::builder().window_ms(None);
        Self { checker: options.build(), found: SentFindings::default(), findings: Vec::new() }
    }

    /// Takes the next body that is sent.
    pub fn observe(&mut self, body: &[u8], now: EventTimestamp) {
        self.found.events += 1;
        match Reader::new().read_borrowed(body) {
            Ok(event) => {
                self.count(&event.check(Some(now)));
                self.checker.observe(&event, &mut self.findings);
                self.count_findings();
            }
            Err(refusal) => self.count(refusal.problems()),
        }
    }

    /// What was found, with what only the end shows.
    pub fn finish(mut self) -> SentFindings {
        let mut findings = std::mem::take(&mut self.findings);
        self.checker.finish(&mut findings);
        for finding in &findings {
            self.found.count(finding.rule, || finding.to_string());
        }
        self.found
    }

    fn count(&mut self, problems: &[Problem]) {
        for problem in problems {
            self.found.count(RuleId::of(problem.reason), || problem.to_string());
        }
    }

    fn count_findings(&mut self) {
        for finding in self.findings.drain(..) {
            self.found.count(finding.rule, || finding.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use client_event::strategies::{LATEST_TIMESTAMP, broken_stream, valid_stream};
    use proptest::prelude::*;

    use super::*;

    fn found(stream: &[client_event::ClientEvent]) -> SentFindings {
        let mut check = SentCheck::new();
        for event in stream {
            let mut body = Vec::new();
            event.write_json(&mut body);
            check.observe(&body, LATEST_TIMESTAMP);
        }
        check.finish()
    }

    proptest! {
        /// For all streams that break no rule, nothing is found; for all that break one, that rule is.
        #[test]
        fn finds_what_is_broken(valid in valid_stream(), broken in broken_stream()) {
            let sound = found(&valid.events);
            prop_assert_eq!((sound.events, sound.findings()), (valid.events.len() as u64, 0), "{:?}", sound);
            // Two rules are about the searches, which a run does not check.
            if ![RuleId::RequestIdFromSearch, RuleId::ConsistentWithSearches].contains(&broken.rule) {
                let found = found(&broken.stream.events);
                prop_assert!(found.broken_rules.contains_key(broken.rule.code()), "{:?}: {:?}", broken.rule, found);
            }
        }
    }

    #[test]
    fn what_is_no_message_is_found() {
        let mut check = SentCheck::new();
        check.observe(b"{", LATEST_TIMESTAMP);
        let mut found = check.finish();
        assert_eq!(found.broken_rules["message-form"].findings, 1);
        found.add(&found.clone());
        assert_eq!((found.events, found.findings()), (2, 2));
        assert!(found.broken_rules["message-form"].example.contains("is not JSON"));
    }
}
