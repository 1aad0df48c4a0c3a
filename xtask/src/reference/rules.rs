//! The page of the rules of the message.

use std::fmt::Write;

use client_event::rules::{Rule, RuleId};

use super::markdown::{Table, block, plain};

pub(super) fn page() -> String {
    let mut table = Table::new(["Label", "Code", "Severity", "Basis", "Rule"]);
    for rule in RuleId::ALL.map(RuleId::rule) {
        let Rule { label, code, severity, basis, sentence, .. } = rule;
        let anchor = format!("{label} {code}").to_lowercase().replace(' ', "-");
        table.add([
            format!("[{label}](#{anchor})"),
            format!("`{code}`"),
            severity.name().to_owned(),
            basis.name().to_owned(),
            plain(sentence),
        ]);
    }
    let mut text = format!(
        "# Rules\n\n`seeker-sim check` checks these rules. `seeker-sim check --explain D4` explains a rule. A documented rule is in a \
         document of Google; an inferred rule follows from these documents. The first letter of a label names the kind of rule:\n\n\
         - D: a documented rule\n\
         - W: a documented sign of a wrong configuration\n\
         - I: an inferred rule\n\
         - F: the form of a single message\n\n{}\n",
        table.text()
    );
    for rule in RuleId::ALL.map(RuleId::rule) {
        write_rule(rule, &mut text);
    }
    text
}

fn write_rule(rule: &Rule, text: &mut String) {
    let Rule { label, code, sentence, severity, basis, source, why, good, bad, searches, .. } = rule;
    let _ = writeln!(text, "## {label} {code}\n");
    let _ = writeln!(text, "Severity: {}. Basis: {}.\n", severity.name(), basis.name());
    for paragraph in [*sentence, *why] {
        let _ = writeln!(text, "{}\n", plain(paragraph));
    }
    let _ = writeln!(text, "Source: {}\n", plain(source));
    let examples = [("The searches of both examples", searches.unwrap_or_default()), ("Valid", *good), ("Invalid", *bad)];
    for (title, lines) in examples.into_iter().filter(|(_, lines)| !lines.trim().is_empty()) {
        let lines: Vec<_> = lines.lines().map(str::trim_end).filter(|line| !line.trim().is_empty()).collect();
        // A text that is not JSON is one of the examples.
        let _ = writeln!(text, "{title}:\n\n{}", block("text", &lines.join("\n")));
    }
}
