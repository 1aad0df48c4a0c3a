//! JSON: one object with findings and statistics, or one line per finding. The keys are stable.

use std::io::{self, Write};

use client_event::rules::Severity;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use crate::check::findings::LocatedFinding;
use crate::check::report::CheckReport;
use crate::check::statistics::Statistics;

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    severity: &'static str,
    file: &'a str,
    line: u64,
    column: u64,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    related: Option<Related<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    file: &'a str,
    line: u64,
}

impl<'a> From<&'a LocatedFinding> for Finding<'a> {
    fn from(finding: &'a LocatedFinding) -> Self {
        Self {
            rule: finding.rule.code(),
            severity: Severity::name(finding.severity),
            file: &finding.file,
            line: finding.line,
            column: finding.column,
            message: &finding.message,
            related: finding.related.as_ref().map(|related| Related { file: &related.file, line: related.line }),
        }
    }
}

pub(super) fn write(report: &CheckReport, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Report<'a> {
        #[serde(serialize_with = "findings")]
        findings: &'a [LocatedFinding],
        statistics: &'a Statistics,
    }
    fn findings<S: Serializer>(findings: &[LocatedFinding], serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(findings.len()))?;
        for finding in findings {
            sequence.serialize_element(&Finding::from(finding))?;
        }
        sequence.end()
    }
    serde_json::to_writer_pretty(&mut *out, &Report { findings: &report.findings, statistics: &report.statistics })?;
    writeln!(out)
}

pub(super) fn write_lines(report: &CheckReport, with_statistics: bool, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Counts<'a> {
        statistics: &'a Statistics,
    }
    for finding in &report.findings {
        serde_json::to_writer(&mut *out, &Finding::from(finding))?;
        writeln!(out)?;
    }
    if with_statistics {
        serde_json::to_writer(&mut *out, &Counts { statistics: &report.statistics })?;
        writeln!(out)?;
    }
    Ok(())
}
