//! The optional check of the events that a run sends. It reads every body back as a message and checks the rules, for single
//! messages and for the sequence. Each arbiter checks its own stream, because arbiters share no requests.

use std::borrow::Cow;
use std::collections::BTreeMap;

use client_event::rules::RuleId;
use client_event::sequence::{Finding, SequenceChecker};
use client_event::{EventTimestamp, Problem, Reader};
use serde::{Deserialize, Serialize};

use terminal_escape::escape_controls;

/// The findings of the check of sent events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SentFindings {
    /// The number of checked events.
    pub events: u64,
    /// The violated rules, by their codes.
    pub broken_rules: BTreeMap<Cow<'static, str>, BrokenRule>,
}

/// The findings for one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BrokenRule {
    /// The number of findings.
    pub findings: u64,
    /// The first finding, in a sentence.
    pub example: String,
}

impl SentFindings {
    /// Returns the number of findings.
    pub fn findings(&self) -> u64 {
        self.broken_rules.values().map(|broken| broken.findings).sum()
    }

    /// Adds the findings of another arbiter.
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

    /// Replaces the examples, which quote a search, by the result of `shown`. `shown` returns `None` for an example that
    /// must stay hidden.
    pub fn show_as(&mut self, shown: impl Fn(&str) -> Option<String>) {
        for broken in self.broken_rules.values_mut() {
            broken.example = shown(&broken.example).unwrap_or_else(|| "hidden, because it quotes the search".to_owned());
        }
    }

    fn count(&mut self, rule: RuleId, example: impl FnOnce() -> String) {
        let broken = self.broken_rules.entry(rule.code().into()).or_insert_with(|| {
            // The example may contain a name from the target's own search.
            BrokenRule { findings: 0, example: escape_controls(&example()).into_owned() }
        });
        broken.findings += 1;
    }
}

/// Checks one arbiter's stream. Needs about 100 bytes per event for the whole run.
pub struct SentCheck {
    checker: SequenceChecker,
    found: SentFindings,
    /// Reused buffer for the findings of one event.
    findings: Vec<Finding>,
}

impl Default for SentCheck {
    fn default() -> Self {
        Self::new()
    }
}

impl SentCheck {
    /// Creates a checker without events.
    pub fn new() -> Self {
        // Simulated weeks may pass in minutes, so the checker remembers requests of any age.
        let options = SequenceChecker::builder().window_ms(None);
        Self { checker: options.build(), found: SentFindings::default(), findings: Vec::new() }
    }

    /// Checks the next sent body.
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

    /// Ends the stream and returns all findings. Some findings are certain only at the end.
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
        /// For all valid streams, the check finds nothing. For all streams that break one rule, it finds that rule.
        #[test]
        fn finds_the_broken_rule(valid in valid_stream(), broken in broken_stream()) {
            let sound = found(&valid.events);
            prop_assert_eq!((sound.events, sound.findings()), (valid.events.len() as u64, 0), "{:?}", sound);
            // Two rules need the searches, which a run does not check.
            if ![RuleId::RequestIdFromSearch, RuleId::ConsistentWithSearches].contains(&broken.rule) {
                let found = found(&broken.stream.events);
                prop_assert!(found.broken_rules.contains_key(broken.rule.code()), "{:?}: {:?}", broken.rule, found);
            }
        }
    }

    #[test]
    fn invalid_messages_are_found() {
        let mut check = SentCheck::new();
        check.observe(b"{", LATEST_TIMESTAMP);
        let mut found = check.finish();
        assert_eq!(found.broken_rules["message-form"].findings, 1);
        found.add(&found.clone());
        assert_eq!((found.events, found.findings()), (2, 2));
        assert!(found.broken_rules["message-form"].example.contains("is not JSON"));
    }
}
