//! Which rules are checked, and the severity of their violations.

use super::id::RuleId;
use super::rule::Severity;

/// The severity of each rule; a rule can be off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSettings {
    severities: [Option<Severity>; RuleId::ALL.len()],
}

/// The default severities; no rule is off.
impl Default for RuleSettings {
    fn default() -> Self {
        Self { severities: RuleId::ALL.map(|id| Some(id.rule().severity)) }
    }
}

impl RuleSettings {
    /// The severity of a rule; `None` if the rule is off.
    pub fn severity(&self, id: RuleId) -> Option<Severity> {
        self.severities[id.index()]
    }

    /// Sets the severity of a rule; `None` turns the rule off.
    pub fn set(&mut self, id: RuleId, severity: Option<Severity>) {
        self.severities[id.index()] = severity;
    }
}
