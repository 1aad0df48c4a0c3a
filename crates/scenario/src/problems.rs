//! The problems of a scenario file in readable form: every problem with its line, its column and the part of the text.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use thiserror::Error;

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

    /// Formats the problems for a person, with the lines of the text.
    pub fn shown(&self, has_colours: bool) -> String {
        let renderer = if has_colours { Renderer::styled() } else { Renderer::plain() };
        let problems = self.problems.iter().map(|problem| {
            // An empty span would be drawn after its position.
            let start = self.text.floor_char_boundary(problem.span.start);
            let end = self.text.ceil_char_boundary(problem.span.end.max(start + 1));
            let annotation = AnnotationKind::Primary.span(start..end);
            let snippet = Snippet::source(self.text.as_str()).path(self.file.as_str()).annotation(annotation);
            renderer.render(&[Level::ERROR.primary_title(problem.message.as_str()).element(snippet)])
        });
        let count = self.problems.len();
        let problems: Vec<_> = problems.collect();
        format!("{}\n\n{}: {count} {}", problems.join("\n\n"), self.file, if count == 1 { "problem" } else { "problems" })
    }

    /// Returns the line and the column of a position, from 1, columns in characters.
    fn line_and_column(&self, position: usize) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(position)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// Writes one line for each problem, as compilers do.
impl fmt::Display for ScenarioProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.problems.iter().enumerate() {
            let (line, column) = self.line_and_column(problem.span.start);
            write!(f, "{}{}:{line}:{column}: {}", if position > 0 { "\n" } else { "" }, self.file, problem.message)?;
        }
        Ok(())
    }
}
