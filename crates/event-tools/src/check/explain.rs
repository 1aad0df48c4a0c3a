//! Explains a rule: its meaning, its reason, its source, and examples that hold and break it.

use std::fmt::Write;

use client_event::rules::{Rule, RuleId};

/// Returns the explanation of a rule.
pub fn explain(id: RuleId) -> String {
    let Rule { label, code, sentence, severity, basis, source, why, good, bad, searches, .. } = id.rule();
    let (severity, basis) = (severity.name(), basis.name());
    let mut text = format!("{label} {code} ({severity}, {basis})\n\n{sentence}\n\n{why}\n\nSource: {source}\n");
    let mut example = |title: &str, lines: &str| {
        write!(text, "\n{title}:\n\n").expect("a string takes everything");
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            writeln!(text, "  {line}").expect("a string takes everything");
        }
    };
    if let Some(searches) = searches {
        example("The searches of both examples", searches);
    }
    example("Good", good);
    example("Bad", bad);
    text
}

/// Returns all rules, one per line.
pub fn list_of_rules() -> String {
    let mut text = String::new();
    for id in RuleId::ALL {
        let rule = id.rule();
        writeln!(text, "{:<3} {:<38} {:<7}  {}", rule.label, rule.code, rule.severity.name(), rule.sentence)
            .expect("a string takes everything");
    }
    text
}
