//! Explains a rule: its meaning, its reason, its source, and a valid and an invalid example.

use std::fmt::Write;

use client_event::rules::{Rule, RuleId};

/// Returns the explanation of a rule.
pub fn explain(id: RuleId) -> String {
    let Rule { label, code, sentence, severity, basis, source, why, good, bad, searches, .. } = id.rule();
    let (severity, basis) = (severity.name(), basis.name());
    let mut text = format!("{label} {code} ({severity}, {basis})\n\n{sentence}\n\n{why}\n\nSource: {source}\n");
    let mut example = |title: &str, lines: &str| {
        write!(text, "\n{title}:\n\n").expect("writing to a string cannot fail");
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            writeln!(text, "  {line}").expect("writing to a string cannot fail");
        }
    };
    if let Some(searches) = searches {
        example("Searches of both examples", searches);
    }
    example("Valid", good);
    example("Invalid", bad);
    text
}

/// Returns all rules, one per line.
pub fn list_of_rules() -> String {
    let mut text = String::new();
    for id in RuleId::ALL {
        let rule = id.rule();
        writeln!(text, "{:<3} {:<38} {:<7}  {}", rule.label, rule.code, rule.severity.name(), rule.sentence)
            .expect("writing to a string cannot fail");
    }
    text
}
