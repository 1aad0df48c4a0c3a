//! SARIF 2.1.0 (OASIS), a format for code scanning services and editors.

use std::fmt::Write as _;
use std::io::{self, Write};

use client_event::rules::{RuleId, Severity};
use serde_json::{Value, json};
use terminal_escape::one_line;

use crate::check::findings::LocatedFinding;
use crate::check::report::CheckReport;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn write(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    let notifications: Vec<_> =
        report.failures.iter().map(|failure| json!({ "level": "error", "message": { "text": one_line(failure) } })).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "seeker-sim check",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": RuleId::ALL.map(rule),
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.failures.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": report.findings.iter().map(result).collect::<Vec<_>>(),
            "properties": { "statistics": report.statistics },
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn rule(id: RuleId) -> Value {
    let rule = id.rule();
    json!({
        "id": rule.code,
        "name": rule.label,
        "shortDescription": { "text": rule.sentence },
        "fullDescription": { "text": rule.why },
        "help": { "text": format!("{}\n\n{}\n\nSource: {} ({})", rule.sentence, rule.why, rule.source, rule.basis.name()) },
        "defaultConfiguration": { "level": rule.severity.name() },
    })
}

fn result(finding: &LocatedFinding) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut result = json!({
        "ruleId": finding.rule.code(),
        "ruleIndex": finding.rule.index(),
        "level": level,
        "message": { "text": finding.message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&finding.file) },
            "region": { "startLine": finding.line, "startColumn": finding.column },
        } }],
    });
    if let Some(related) = &finding.related {
        result["relatedLocations"] = json!([{
            "id": 1,
            "message": { "text": "the other event" },
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&related.file) },
                "region": { "startLine": related.line },
            },
        }]);
    }
    result
}

/// Returns a path as a URI reference (RFC 3986): escapes the characters that a reference must not contain.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => write!(uri, "%{byte:02X}").expect("writing to a string cannot fail"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        for (path, expected) in [("a/b.ndjson", "a/b.ndjson"), ("a b:c", "a%20b%3Ac"), ("a\\b", "a/b"), ("é", "%C3%A9")] {
            assert_eq!(uri(path), expected);
        }
    }
}
