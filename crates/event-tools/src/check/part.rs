//! A part of a check: the findings and counts of one shard, with everything that a report needs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use client_event::rules::{RuleId, Severity};
use event_input::Input;
use serde::{Deserialize, Serialize};
use terminal_escape::one_line;

use crate::check::failure::{Failure, InputFailure};
use crate::check::findings::{LocatedFinding, Related};
use crate::check::locate::Excerpt;
use crate::check::statistics::{FindingCounts, Statistics};
use crate::check::{CheckPlan, Checked};
use crate::generate::Shard;
use crate::parts::{FUTURE_KEY, Part, PartHeader};

/// A part of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckPart {
    /// The command, the shard, and what all parts have in common.
    #[serde(rename = "part")]
    pub(super) header: PartHeader,
    /// The counts. Files, lines and bytes are counted for the whole.
    pub(super) statistics: Statistics,
    /// The errors of the inputs.
    pub(super) failures: Vec<PartFailure>,
    /// The number of findings that the part does not have.
    pub(super) omitted: u64,
    /// The findings in input order; findings in searches come last.
    pub(super) findings: Vec<PartFinding>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartFailure {
    file: String,
    failure: FailureOfPart,
}

/// A [`Failure`], with the text of its cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FailureOfPart {
    Unopened { cause: String },
    NoEvent,
    CutOff { line: u64, cause: String },
    OpenArray { line: u64 },
    AfterArray { line: u64 },
}

/// A finding with its position in the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartFinding {
    pub(super) of_searches: bool,
    pub(super) at: u64,
    rule: String,
    severity: String,
    file: String,
    line: u64,
    column: u64,
    message: String,
    excerpt: Option<PartExcerpt>,
    related: Option<PartRelated>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PartRelated {
    file: String,
    line: u64,
    excerpt: Option<PartExcerpt>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct PartExcerpt {
    line: u64,
    first_column: u64,
    text: String,
    span: [usize; 2],
}

impl CheckPart {
    pub(super) fn of(plan: &CheckPlan, shard: Shard, program_version: &str, checked: Checked) -> Self {
        let Checked { report, places, partition } = checked;
        let failures: Vec<_> = report.failures.iter().map(PartFailure::of).collect();
        let names = |inputs: &[Input]| inputs.iter().map(Input::name).collect::<Vec<_>>().join(" ");
        let severity = |rule: RuleId| plan.settings.severity(rule).map_or("off", Severity::name);
        let severities: Vec<_> = RuleId::ALL.map(|rule| format!("{}={}", rule.label(), severity(rule))).into();
        let (lines, bytes) = (report.statistics.lines, report.statistics.bytes);
        let whole = [
            ("FILE", names(&plan.inputs)),
            ("--searches", names(&plan.searches)),
            ("--format", plan.format.to_string()),
            ("--window", window(plan.window_ms)),
            ("--severity", severities.join(" ")),
            ("content", format!("{} events in {lines} lines, {bytes} bytes, hash {:016x}", partition.events, partition.content)),
            ("errors of the inputs", report.failures.iter().map(|failure| one_line(failure)).collect::<Vec<_>>().join("; ")),
            (FUTURE_KEY, partition.in_future.to_string()),
        ];
        let header = PartHeader {
            command: Self::COMMAND.to_owned(),
            version: program_version.to_owned(),
            shard: shard.into(),
            whole: whole.map(|(key, value)| (key.to_owned(), value)).into_iter().collect::<BTreeMap<_, _>>(),
        };
        let findings = report.findings.into_iter().zip(places).map(PartFinding::of).collect();
        Self { header, statistics: report.statistics, failures, omitted: report.omitted, findings }
    }

    /// Whether the findings and their counts belong together.
    fn has_consistent_counts(&self) -> bool {
        let FindingCounts { errors, warnings, by_rule } = &self.statistics.findings;
        let of = |severity: Severity| self.findings.iter().filter(|finding| finding.severity == severity.name()).count() as u64;
        let counted = errors.checked_add(*warnings);
        let found = self.omitted.checked_add(self.findings.len() as u64);
        let is_sum = counted.is_some() && counted == found && counted == by_rule.checked_sum();
        is_sum && of(Severity::Error) <= *errors && of(Severity::Warning) <= *warnings
    }

    /// The inputs that could not be read, or only in part.
    pub fn failures(&self) -> impl Iterator<Item = InputFailure> {
        self.failures.iter().cloned().map(PartFailure::into_failure)
    }

    /// Writes the part as JSON.
    ///
    /// # Errors
    ///
    /// Returns the error of the writer.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }
}

impl Part for CheckPart {
    const COMMAND: &'static str = "check";

    fn header(&self) -> &PartHeader {
        &self.header
    }

    fn problem(&self) -> Option<String> {
        let findings = self.findings.iter().enumerate();
        let of_findings = findings.clone().find_map(|(number, finding)| {
            finding.clone().into_located().err().map(|problem| format!("finding {} {problem}", number + 1))
        });
        let of_counts = || "its findings and their counts do not belong together; make the part again".to_owned();
        of_findings.or_else(|| (!self.has_consistent_counts()).then(of_counts))
    }
}

impl PartFailure {
    fn of(InputFailure { file, failure }: &InputFailure) -> Self {
        let failure = match failure {
            Failure::Unopened(source) => FailureOfPart::Unopened { cause: source.to_string() },
            Failure::NoEvent => FailureOfPart::NoEvent,
            Failure::CutOff { line, source } => FailureOfPart::CutOff { line: *line, cause: source.to_string() },
            Failure::OpenArray { line } => FailureOfPart::OpenArray { line: *line },
            Failure::AfterArray { line } => FailureOfPart::AfterArray { line: *line },
        };
        Self { file: file.clone(), failure }
    }

    pub(super) fn into_failure(self) -> InputFailure {
        let failure = match self.failure {
            FailureOfPart::Unopened { cause } => Failure::Unopened(io::Error::other(cause)),
            FailureOfPart::NoEvent => Failure::NoEvent,
            FailureOfPart::CutOff { line, cause } => Failure::CutOff { line, source: io::Error::other(cause) },
            FailureOfPart::OpenArray { line } => Failure::OpenArray { line },
            FailureOfPart::AfterArray { line } => Failure::AfterArray { line },
        };
        InputFailure { file: self.file, failure }
    }
}

/// A window, in the form of the option.
fn window(millis: Option<i64>) -> String {
    const HOUR_MILLIS: i64 = 3_600_000;
    match millis {
        None => "none".to_owned(),
        Some(millis) if millis % (24 * HOUR_MILLIS) == 0 => format!("{}d", millis / (24 * HOUR_MILLIS)),
        Some(millis) if millis % HOUR_MILLIS == 0 => format!("{}h", millis / HOUR_MILLIS),
        Some(millis) => format!("{millis}ms"),
    }
}

/// The greatest number of a line or column. Sums with such numbers do not overflow.
const NUMBER_MAX: u64 = 1 << 60;

fn number(value: u64, name: &str) -> Result<u64, String> {
    if (1..=NUMBER_MAX).contains(&value) { Ok(value) } else { Err(format!("has the {name} {value}; expected a number from 1")) }
}

impl PartFinding {
    fn of((found, (of_searches, at)): (LocatedFinding, (bool, u64))) -> Self {
        Self {
            of_searches,
            at,
            rule: found.rule.code().to_owned(),
            severity: found.severity.name().to_owned(),
            file: found.file,
            line: found.line,
            column: found.column,
            message: found.message,
            excerpt: found.excerpt.map(PartExcerpt::of),
            related: found.related.map(|Related { file, line, excerpt }| PartRelated {
                file,
                line,
                excerpt: excerpt.map(PartExcerpt::of),
            }),
        }
    }

    /// Returns the finding, or what no shard writes.
    pub(super) fn into_located(self) -> Result<LocatedFinding, String> {
        let severity = [Severity::Error, Severity::Warning].into_iter().find(|severity| severity.name() == self.severity);
        let related = self.related.map(|PartRelated { file, line, excerpt }| {
            Ok::<_, String>(Related {
                file,
                line: number(line, "line")?,
                excerpt: excerpt.map(PartExcerpt::into_excerpt).transpose()?,
            })
        });
        Ok(LocatedFinding {
            rule: self.rule.parse().map_err(|error| format!("has an unknown rule: {error}"))?,
            severity: severity.ok_or_else(|| format!("has the severity {:?}; expected error or warning", self.severity))?,
            file: self.file,
            line: number(self.line, "line")?,
            column: number(self.column, "column")?,
            message: self.message,
            excerpt: self.excerpt.map(PartExcerpt::into_excerpt).transpose()?,
            related: related.transpose()?,
        })
    }
}

impl PartExcerpt {
    fn of(Excerpt { line, first_column, text, span }: Excerpt) -> Self {
        Self { line, first_column, text, span: [span.start, span.end] }
    }

    fn into_excerpt(self) -> Result<Excerpt, String> {
        let [start, end] = self.span;
        if self.text.get(start..end).is_none() {
            return Err(format!("marks bytes {start} to {end} of a text of {} bytes", self.text.len()));
        }
        let (line, first_column) = (number(self.line, "line")?, number(self.first_column, "column")?);
        Ok(Excerpt { line, first_column, text: self.text, span: start..end })
    }
}
