//! What is wrong with a scenario's file, for people: every problem, each with its line, its column and the part that is meant.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use thiserror::Error;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioProblem {
    /// What, and what was expected.
    pub message: String,
    /// Where, as a range of bytes of the text.
    pub span: Range<usize>,
}

impl ScenarioProblem {
    pub(super) fn new(message: String, span: Range<usize>) -> Self {
        Self { message, span }
    }
}

/// Everything that is wrong with a file.
#[derive(Clone, Debug, Error)]
pub struct ScenarioProblems {
    pub(super) file: String,
    pub(super) text: String,
    /// In the order of the text; at least one.
    pub(super) problems: Vec<ScenarioProblem>,
}

impl ScenarioProblems {
    /// What is wrong, in the order of the text; at least one thing.
    pub fn problems(&self) -> &[ScenarioProblem] {
        &self.problems
    }

    /// For a person, with the lines that are meant.
    pub fn shown(&self, has_colours: bool) -> String {
        let renderer = if has_colours { Renderer::styled() } else { Renderer::plain() };
        let problems = self.problems.iter().map(|problem| {
            // An empty span would be drawn past what it stands before.
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

    /// The line and the column of a position, from 1, columns in characters.
    fn line_and_column(&self, position: usize) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(position)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// One line for each problem, as compilers do.
impl fmt::Display for ScenarioProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.problems.iter().enumerate() {
            let (line, column) = self.line_and_column(problem.span.start);
            write!(f, "{}{}:{line}:{column}: {}", if position > 0 { "\n" } else { "" }, self.file, problem.message)?;
        }
        Ok(())
    }
}
