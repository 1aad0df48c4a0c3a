//! The counts as a table for people.

use std::io::{self, Write};

use client_event::rules::RuleId;

use crate::check::output::grouped;
use crate::check::statistics::Statistics;

/// Writes the counts, and the findings of each rule.
///
/// # Errors
///
/// Returns the error of the writer.
pub fn write_statistics(statistics: &Statistics, out: &mut dyn Write) -> io::Result<()> {
    let counts = [
        ("files", statistics.files),
        ("files with read errors or without events", statistics.files_failed),
        ("lines", statistics.lines),
        ("bytes", statistics.bytes),
        ("events", statistics.events),
        ("events without rules (NOT_INTERESTED)", statistics.not_judged),
        ("unreadable", statistics.unreadable),
        ("requests", statistics.requests),
        ("retries", statistics.retries),
        ("requests closed by the window", statistics.closed),
        ("late events of closed requests", statistics.late),
        ("searches", statistics.searches),
        ("unreadable searches", statistics.searches_unreadable),
    ];
    for (name, count) in counts {
        writeln!(out, "  {name:<44} {:>17}", grouped(count))?;
    }
    writeln!(out, "\n  {:<44} {:>17}", "rule", "findings")?;
    for rule in RuleId::ALL {
        writeln!(out, "  {:<4} {:<39} {:>17}", rule.label(), rule.code(), grouped(statistics.findings.by_rule.of(rule)))?;
    }
    Ok(())
}
