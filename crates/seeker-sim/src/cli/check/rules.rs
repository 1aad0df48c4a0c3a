//! Rules on the command line: `--severity RULE=SEVERITY` and `--explain RULE`.

use std::str::FromStr;
use std::sync::LazyLock;

use client_event::rules::{RuleId, Severity, UnknownRule};
use event_tools::check;

/// The labels and codes of all rules, with each severity, for completion.
pub(super) fn severity_names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let of_rule = |rule: String| ["error", "warning", "off"].map(|severity| format!("{rule}={severity}"));
        rule_names().flat_map(of_rule).collect()
    });
    &NAMES
}

/// The labels and codes of all rules, `list` and `all`, for completion.
pub(super) fn topic_names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> =
        LazyLock::new(|| ["list", "all"].map(str::to_owned).into_iter().chain(rule_names()).collect());
    &NAMES
}

fn rule_names() -> impl Iterator<Item = String> {
    let labels = RuleId::ALL.into_iter().map(RuleId::label);
    labels.chain(RuleId::ALL.into_iter().map(RuleId::code)).map(str::to_owned)
}

/// A rule and its severity; `None` turns the rule off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleSeverity {
    pub(super) rule: RuleId,
    pub(super) severity: Option<Severity>,
}

impl FromStr for RuleSeverity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rule, severity) = text.split_once('=').ok_or("expected RULE=error, RULE=warning or RULE=off")?;
        let rule = rule.parse().map_err(|error: UnknownRule| error.to_string())?;
        let severity = match severity {
            "error" => Some(Severity::Error),
            "warning" => Some(Severity::Warning),
            "off" => None,
            _ => return Err(format!("{severity:?} is no severity; expected error, warning or off")),
        };
        Ok(Self { rule, severity })
    }
}

/// The topic of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// One rule.
    Rule(RuleId),
    /// The list of rules.
    List,
    /// All rules.
    All,
}

impl Topic {
    /// Returns the explanation.
    pub fn text(self) -> String {
        match self {
            Self::Rule(rule) => check::explain(rule),
            Self::List => check::list_of_rules(),
            Self::All => RuleId::ALL.map(check::explain).join("\n\n"),
        }
    }
}

impl FromStr for Topic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "list" => Ok(Self::List),
            "all" => Ok(Self::All),
            _ => text.parse().map(Self::Rule).map_err(|error: UnknownRule| format!("{error}, or list, or all")),
        }
    }
}
