//! Which rules are judged, and how grave their breaches are.

use super::{RuleId, Severity};

/// The severity of every rule, or that it is off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSettings {
    severities: [Option<Severity>; RuleId::ALL.len()],
}

/// The severities of the table; no rule is off.
impl Default for RuleSettings {
    fn default() -> Self {
        Self { severities: RuleId::ALL.map(|id| Some(id.rule().severity)) }
    }
}

impl RuleSettings {
    /// How grave a breach of the rule is; `None` when the rule is off.
    pub fn severity(&self, id: RuleId) -> Option<Severity> {
        self.severities[id.index()]
    }

    /// Sets how grave a breach of the rule is; `None` switches it off.
    pub fn set(&mut self, id: RuleId, severity: Option<Severity>) {
        self.severities[id.index()] = severity;
    }
}
