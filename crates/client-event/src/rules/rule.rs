//! A rule and its explanation.

use super::id::RuleId;

/// A rule and its explanation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// The id.
    pub id: RuleId,
    /// The label, such as `D4`: the letter of the basis and a number.
    pub label: &'static str,
    /// The stable kebab-case code.
    pub code: &'static str,
    /// The rule in one sentence.
    pub sentence: &'static str,
    /// The default severity of a violation.
    pub severity: Severity,
    /// Whether the rule is documented or inferred.
    pub basis: Basis,
    /// The source of the rule.
    pub source: &'static str,
    /// Why the rule matters, when it is checked, and usual causes of violations.
    pub why: &'static str,
    /// A stream that violates no rule, one message per line.
    pub good: &'static str,
    /// A stream that violates this rule and no other, one message per line.
    pub bad: &'static str,
    /// The searches that both streams follow from, one per line, if the rule needs searches.
    pub searches: Option<&'static str>,
}

/// The severity of a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// A sign of an error.
    Warning,
    /// An error.
    Error,
}

impl Severity {
    /// `warning` or `error`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The basis of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// A document of the message or its service states it.
    Documented,
    /// It follows from the documents, in our interpretation.
    Inferred,
}

impl Basis {
    /// `documented` or `inferred`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Inferred => "inferred",
        }
    }
}
