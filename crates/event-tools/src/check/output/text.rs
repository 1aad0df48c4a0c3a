//! Findings for people: the place, the message, the line with a caret on the marked part, and the line of the other event.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use client_event::rules::Severity;

use crate::check::failure::{Failure, InputFailure};
use crate::check::found::Found;
use crate::check::locate::Excerpt;
use crate::check::output::{counted, grouped};
use crate::check::report::CheckReport;

/// The style of findings for people.
#[derive(Clone, Debug)]
pub struct TextStyle {
    /// Whether to use colours.
    pub has_colours: bool,
    /// The maximum number of columns of a line; longer lines are cut around the marked part. `None` if it is unknown.
    pub width: Option<usize>,
}

/// The label of the second line of a finding.
const OTHER_EVENT: &str = "the other event";

/// The number of columns if the width is unknown.
const DEFAULT_WIDTH: usize = 132;

pub(super) fn write(report: &CheckReport, style: &TextStyle, out: &mut dyn Write) -> io::Result<()> {
    let renderer = if style.has_colours { Renderer::styled() } else { Renderer::plain() };
    // The line numbers and their border take space beside the text.
    let renderer = renderer.term_width(style.width.unwrap_or(DEFAULT_WIDTH).saturating_sub(12).max(40));
    for found in &report.findings {
        writeln!(out, "{}\n", renderer.render(&[group(found)]))?;
    }
    if report.omitted > 0 {
        writeln!(
            out,
            "… and {} not shown; --max-findings 0 shows all\n",
            counted(report.omitted, "more finding", "more findings")
        )?;
    }
    writeln!(out, "{}", summary(report))
}

fn group(found: &Found) -> Group<'_> {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let group = level.primary_title(found.message.as_str()).id(found.rule.code());
    let group = match &found.excerpt {
        Some(excerpt) => group.element(snippet(&found.file, excerpt).annotation(AnnotationKind::Primary.span(span(excerpt)))),
        None => group.element(Origin::path(found.file.as_str()).line(number(found.line)).char_column(number(found.column))),
    };
    let Some(related) = &found.related else {
        return group;
    };
    match &related.excerpt {
        Some(excerpt) => {
            let annotation = AnnotationKind::Context.span(span(excerpt)).label(OTHER_EVENT);
            group.element(snippet(&related.file, excerpt).annotation(annotation))
        }
        None => group.element(Level::NOTE.message(format!("{OTHER_EVENT}: {}:{}", related.file, related.line))),
    }
}

/// The renderer counts columns in its input. Spaces replace the omitted beginning of a long line, and the renderer omits them again.
fn snippet<'a>(file: &'a str, excerpt: &'a Excerpt) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let source = match spaces_before(excerpt) {
        0 => Cow::Borrowed(excerpt.text.as_str()),
        count => Cow::Owned(" ".repeat(count) + &excerpt.text),
    };
    Snippet::source(source).line_start(number(excerpt.line)).path(file)
}

fn span(excerpt: &Excerpt) -> Range<usize> {
    let before = spaces_before(excerpt);
    before + excerpt.span.start..before + excerpt.span.end
}

fn spaces_before(excerpt: &Excerpt) -> usize {
    number(excerpt.first_column - 1)
}

fn number(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn summary(report: &CheckReport) -> String {
    let statistics = &report.statistics;
    let (errors, warnings) = (statistics.findings.errors, statistics.findings.warnings);
    let failures = failures(&report.failures);
    if statistics.events + statistics.unreadable + errors + warnings == 0 && !failures.is_empty() {
        return format!("{failures}; nothing checked.");
    }
    let events = counted(statistics.events, "event", "events");
    let checked = if failures.is_empty() {
        format!("{events} in {} checked", counted(statistics.files, "file", "files"))
    } else {
        format!("{failures}; {events} checked")
    };
    let unreadable = match statistics.unreadable {
        0 => String::new(),
        count => format!(", {} unreadable", grouped(count)),
    };
    let found = match (errors, warnings) {
        (0, 0) => "no findings".to_owned(),
        _ => format!("{}, {}", counted(errors, "error", "errors"), counted(warnings, "warning", "warnings")),
    };
    format!("{checked}{unreadable}: {found}")
}

/// The number of input errors by kind; empty without errors. Each error is also reported separately. The summary shows that the other counts
/// are incomplete.
fn failures(failures: &[InputFailure]) -> String {
    let count = |is_kind: fn(&Failure) -> bool| failures.iter().filter(|failure| is_kind(&failure.failure)).count() as u64;
    let unopened = count(|failure| matches!(failure, Failure::Unopened(_)));
    let empty = count(|failure| matches!(failure, Failure::NoEvent));
    let partial = failures.len() as u64 - unopened - empty;
    let kinds = [("Could not open", unopened), ("Found no events in", empty), ("Could not read to the end of", partial)];
    let kinds = kinds.into_iter().filter(|(_, count)| *count > 0);
    kinds.map(|(what, count)| format!("{what} {}", counted(count, "file", "files"))).collect::<Vec<_>>().join(". ")
}
