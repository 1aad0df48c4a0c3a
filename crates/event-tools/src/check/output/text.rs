//! Findings for people: the place, the message, the line with a caret on the marked part, and the line of the other event.

use std::borrow::Cow;
use std::io::{self, Write};

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use client_event::rules::Severity;
use event_input::count_chars;

use crate::check::failure::{Failure, InputFailure};
use crate::check::findings::LocatedFinding;
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

/// The maximum number of spaces in place of the omitted beginning of a line. The output is the same with any larger number.
const OMITTED_SPACES: usize = 200;

/// The number of columns if the width is unknown.
const DEFAULT_WIDTH: usize = 132;

pub(super) fn write(report: &CheckReport, style: &TextStyle, out: &mut dyn Write) -> io::Result<()> {
    let renderer = if style.has_colours { Renderer::styled() } else { Renderer::plain() };
    // The line numbers and their border take space beside the text.
    let renderer = renderer.term_width(style.width.unwrap_or(DEFAULT_WIDTH).saturating_sub(12).max(40));
    for finding in &report.findings {
        writeln!(out, "{}\n", rendered(&renderer, finding, OMITTED_SPACES))?;
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

/// Renders a finding. Spaces replace the omitted beginning of a long line, and the renderer omits them again. The renderer takes time for each
/// space, and an array of events may be one line of many gigabytes, so at most `spaces_max` are used. The renderer counts columns in its input,
/// so the columns of such a line are corrected.
fn rendered(renderer: &Renderer, finding: &LocatedFinding, spaces_max: usize) -> String {
    let mut text = renderer.render(&[group(finding, spaces_max)]);
    // The location is after the title; the location of the other event is after the title, or after the four lines of the excerpt.
    let after_excerpt = if finding.excerpt.is_some() { 5 } else { 1 };
    let related = finding.related.as_ref().and_then(|related| related.excerpt.as_ref());
    for (excerpt, from_line) in [(finding.excerpt.as_ref(), 1), (related, after_excerpt)] {
        if let Some(excerpt) = excerpt.filter(|excerpt| number(excerpt.first_column - 1) > spaces_max) {
            text = with_column(&text, excerpt, spaces_max, from_line);
        }
    }
    text
}

/// Corrects the column of the first location from this line on.
fn with_column(text: &str, excerpt: &Excerpt, spaces_max: usize, from_line: usize) -> String {
    let in_text = count_chars(&excerpt.text.as_bytes()[..excerpt.span.start]);
    let place = |chars_before: u64| format!(":{}:{}", excerpt.line, chars_before + in_text + 1);
    let (rendered, correct) = (place(spaces_max as u64), place(excerpt.first_column - 1));
    let mut is_corrected = false;
    let lines = text.split('\n').enumerate().map(|(number, line)| match line.strip_suffix(&rendered) {
        Some(before) if number >= from_line && !is_corrected => {
            is_corrected = true;
            Cow::Owned(before.to_owned() + &correct)
        }
        _ => Cow::Borrowed(line),
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn group(finding: &LocatedFinding, spaces_max: usize) -> Group<'_> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let group = level.primary_title(finding.message.as_str()).id(finding.rule.code());
    let group = match &finding.excerpt {
        Some(excerpt) => group.element(snippet(&finding.file, excerpt, AnnotationKind::Primary, None, spaces_max)),
        None => group.element(Origin::path(finding.file.as_str()).line(number(finding.line)).char_column(number(finding.column))),
    };
    let Some(related) = &finding.related else {
        return group;
    };
    match &related.excerpt {
        Some(excerpt) => group.element(snippet(&related.file, excerpt, AnnotationKind::Context, Some(OTHER_EVENT), spaces_max)),
        None => group.element(Level::NOTE.message(format!("{OTHER_EVENT}: {}:{}", related.file, related.line))),
    }
}

fn snippet<'a>(
    file: &'a str,
    excerpt: &'a Excerpt,
    kind: AnnotationKind,
    label: Option<&'a str>,
    spaces_max: usize,
) -> Snippet<'a, Annotation<'a>> {
    let spaces = number(excerpt.first_column - 1).min(spaces_max);
    let source = match spaces {
        0 => Cow::Borrowed(excerpt.text.as_str()),
        _ => Cow::Owned(" ".repeat(spaces) + &excerpt.text),
    };
    let annotation = kind.span(spaces + excerpt.span.start..spaces + excerpt.span.end).label(label);
    Snippet::source(source).line_start(number(excerpt.line)).path(file).annotation(annotation)
}

fn number(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn summary(report: &CheckReport) -> String {
    let statistics = &report.statistics;
    let (errors, warnings) = (statistics.findings.errors, statistics.findings.warnings);
    let failures = failures(&report.failures);
    let has_checked = [statistics.events, statistics.unreadable, errors, warnings].iter().any(|count| *count > 0);
    if !has_checked && !failures.is_empty() {
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
    let counts = match (errors, warnings) {
        (0, 0) => "no findings".to_owned(),
        _ => format!("{}, {}", counted(errors, "error", "errors"), counted(warnings, "warning", "warnings")),
    };
    format!("{checked}{unreadable}: {counts}")
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

#[cfg(test)]
mod tests {
    use client_event::rules::RuleId;
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::check::findings::Related;

    prop_compose! {
        /// Excerpts with texts that look like locations, and first columns on both sides of the limit.
        fn excerpts()(
            text in r"(:1:[0-9]{1,3}|-->|:::|[ aé本]){0,60}",
            from: Index,
            to: Index,
            line in 1..3_u64,
            first_column in 1..2_000_u64,
        ) -> Excerpt {
            let boundaries: Vec<_> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
            let (from, to) = (*from.get(&boundaries), *to.get(&boundaries));
            Excerpt { line, first_column, text, span: from.min(to)..from.max(to) }
        }
    }

    fn column(excerpt: &Excerpt) -> u64 {
        excerpt.first_column + count_chars(&excerpt.text.as_bytes()[..excerpt.span.start])
    }

    fn finding(excerpt: Option<Excerpt>, related: Option<Excerpt>) -> LocatedFinding {
        LocatedFinding {
            rule: RuleId::ALL[0],
            severity: Severity::Error,
            file: "x".to_owned(),
            line: excerpt.as_ref().map_or(1, |excerpt| excerpt.line),
            column: excerpt.as_ref().map_or(1, column),
            message: "at x:1:201".to_owned(),
            excerpt,
            related: related.map(|excerpt| Related { file: "y:1:201".to_owned(), line: excerpt.line, excerpt: Some(excerpt) }),
        }
    }

    proptest! {
        /// For all findings, the output is the same if a space replaces each omitted character.
        #[test]
        fn fewer_spaces_make_no_difference(
            excerpt in prop::option::of(excerpts()),
            related in prop::option::of(excerpts()),
            has_colours: bool,
        ) {
            let renderer = if has_colours { Renderer::styled() } else { Renderer::plain() }.term_width(60);
            let finding = finding(excerpt, related);
            prop_assert_eq!(rendered(&renderer, &finding, OMITTED_SPACES), rendered(&renderer, &finding, usize::MAX));
        }
    }

    /// A column of any size is shown.
    #[test]
    fn columns_are_shown_however_large() {
        let excerpt = Excerpt { line: 1, first_column: 1 << 60, text: "abcdef".to_owned(), span: 2..4 };
        let text = rendered(&Renderer::plain(), &finding(Some(excerpt.clone()), Some(excerpt)), OMITTED_SPACES);
        let expected = [" --> x:1:1152921504606846978", " ::: y:1:201:1:1152921504606846978"];
        assert!(expected.iter().all(|line| text.lines().any(|other| other == *line)), "{text}");
    }
}
