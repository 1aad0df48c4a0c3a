//! The options of a checker.

use super::checker::SequenceChecker;
use super::searches::Searches;
use crate::rules::RuleSettings;
use crate::timestamp::EventTimestamp;

/// 90 days, because interviews and hirings come weeks after the search.
const DEFAULT_WINDOW_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// Sets the options of a [`SequenceChecker`]. Start with [`SequenceChecker::builder`].
///
/// ```
/// use client_event::EventTimestamp;
/// use client_event::rules::{RuleId, RuleSettings};
/// use client_event::sequence::SequenceChecker;
///
/// let mut rules = RuleSettings::default();
/// rules.set(RuleId::TimeOrder, None);
/// let checker = SequenceChecker::builder()
///     .window_ms(24 * 60 * 60 * 1000)
///     .rules(rules)
///     .now(EventTimestamp::from_millis(1_700_000_000_000))
///     .build();
/// assert_eq!(checker.totals().events, 0);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SequenceCheckerBuilder {
    window_ms: Option<i64>,
    rules: RuleSettings,
    searches: Option<Searches>,
    now: Option<EventTimestamp>,
}

impl SequenceChecker {
    /// A checker for a new stream, with the default options.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Sets options before the checker is built.
    pub fn builder() -> SequenceCheckerBuilder {
        SequenceCheckerBuilder::default()
    }
}

impl Default for SequenceChecker {
    fn default() -> Self {
        Self::new()
    }
}

impl Default for SequenceCheckerBuilder {
    fn default() -> Self {
        Self { window_ms: Some(DEFAULT_WINDOW_MS), rules: RuleSettings::default(), searches: None, now: None }
    }
}

impl SequenceCheckerBuilder {
    /// Closes a request when it was idle for longer than this, in milliseconds of event time, 0 or more. `None` keeps every request open
    /// to the end. The default is 90 days. See [the window](super#the-window).
    pub fn window_ms(mut self, window_ms: impl Into<Option<i64>>) -> Self {
        self.window_ms = window_ms.into();
        self
    }

    /// Sets which rules are checked, and the severity of their violations.
    pub fn rules(mut self, rules: RuleSettings) -> Self {
        self.rules = rules;
        self
    }

    /// Sets the searches that the events follow from. Without searches, the rules D3 and D9 are not checked.
    pub fn searches(mut self, searches: impl Into<Option<Searches>>) -> Self {
        self.searches = searches.into();
        self
    }

    /// Sets the time of checking. Without it, no time counts as in the future. For a live stream, see [`SequenceChecker::set_now`].
    pub fn now(mut self, now: impl Into<Option<EventTimestamp>>) -> Self {
        self.now = now.into();
        self
    }

    /// Builds the checker.
    pub fn build(self) -> SequenceChecker {
        SequenceChecker::with_options(self.window_ms, self.rules, self.searches, self.now)
    }
}
