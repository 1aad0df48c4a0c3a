//! The problems of a scenario file in readable form: every problem with its line, its column and the part of the text.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use thiserror::Error;

/// The maximum number of problems that are shown.
const SHOWN_MAX: usize = 20;

/// The maximum length of a line that is drawn. Drawing takes time for each byte, and a line can be as long as the file.
const DRAWN_BYTES_MAX: usize = 10_000;

/// A problem of a scenario file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioProblem {
    /// The problem, and what was expected.
    pub message: String,
    /// The position, as a range of bytes of the text.
    pub span: Range<usize>,
}

impl ScenarioProblem {
    pub(super) fn new(message: String, span: Range<usize>) -> Self {
        Self { message, span }
    }
}

/// All problems of a file.
#[derive(Clone, Debug, Error)]
pub struct ScenarioProblems {
    pub(super) file: String,
    pub(super) text: String,
    /// In text order; at least one.
    pub(super) problems: Vec<ScenarioProblem>,
}

impl ScenarioProblems {
    /// Returns the problems in text order; at least one.
    pub fn problems(&self) -> &[ScenarioProblem] {
        &self.problems
    }

    /// Formats the first 20 problems for a person, with the lines of the text.
    pub fn shown(&self, has_colours: bool) -> String {
        let renderer = if has_colours { Renderer::styled() } else { Renderer::plain() };
        let mut parts: Vec<_> =
            self.problems.iter().take(SHOWN_MAX).map(|problem| renderer.render(&[self.group(problem)])).collect();
        let count = self.problems.len();
        parts.extend(self.not_shown());
        format!("{}\n\n{}: {count} {}", parts.join("\n\n"), self.file, if count == 1 { "problem" } else { "problems" })
    }

    /// The sentence about the problems that are not shown.
    fn not_shown(&self) -> Option<String> {
        match self.problems.len().saturating_sub(SHOWN_MAX) {
            0 => None,
            1 => Some("… and 1 more problem".to_owned()),
            more => Some(format!("… and {more} more problems")),
        }
    }

    /// Returns a problem with its line, or only with its position if the line is long.
    fn group(&self, problem: &ScenarioProblem) -> Group<'_> {
        let title = Level::ERROR.primary_title(problem.message.clone());
        let (line, column) = self.line_and_column(problem.span.start);
        let start = self.text.floor_char_boundary(problem.span.start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |end| end + 1);
        // An empty span would be drawn after its position.
        let end = self.text.ceil_char_boundary(problem.span.end.max(start + 1));
        let lines_end = self.text[end..].find('\n').map_or(self.text.len(), |length| end + length);
        let lines = &self.text[line_start..lines_end];
        if lines.len() > DRAWN_BYTES_MAX {
            return title.element(Origin::path(self.file.as_str()).line(line).char_column(column));
        }
        let annotation = AnnotationKind::Primary.span(start - line_start..end - line_start);
        title.element(Snippet::source(lines).line_start(line).path(self.file.as_str()).annotation(annotation))
    }

    /// Returns the line and the column of a position, from 1, columns in characters.
    fn line_and_column(&self, position: usize) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(position)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// Writes one line for each of the first 20 problems, as compilers do.
impl fmt::Display for ScenarioProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.problems.iter().take(SHOWN_MAX).map(|problem| {
            let (line, column) = self.line_and_column(problem.span.start);
            format!("{}:{line}:{column}: {}", self.file, problem.message)
        });
        f.write_str(&lines.chain(self.not_shown()).collect::<Vec<_>>().join("\n"))
    }
}
