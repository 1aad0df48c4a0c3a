//! A row of the report: one generator and language, and the results of its checks. Other modules run the checks.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::Bench;
use super::events::{Reading, Trial};
use crate::tools::{Finished, run};

/// The headings of the report, in the order of [`Row::texts`].
pub(super) const HEADINGS: [&str; 8] =
    ["generator", "version", "language", "generated", "compiled", "round-tripped", "refuses wrong enum", "refuses missing field"];

/// The result of one check.
#[derive(Debug, Default)]
pub(super) enum Cell {
    /// Not reached because an earlier check failed, or not applicable.
    #[default]
    Blank,
    Held(String),
    /// Passed, except for a part.
    Partly {
        text: String,
        why: String,
    },
    Failed {
        text: String,
        /// The output or observation.
        detail: String,
    },
    /// The reason why the check could not run.
    NotChecked(String),
}

impl Cell {
    pub(super) fn failed(text: &str, detail: &str) -> Self {
        Self::Failed { text: text.to_owned(), detail: detail.to_owned() }
    }

    /// Passed if the program exited with success.
    pub(super) fn of(finished: &Finished) -> Self {
        if finished.success { Self::Held("yes".to_owned()) } else { Self::failed("FAILED", &finished.said()) }
    }

    pub(super) fn held(&self) -> bool {
        matches!(self, Self::Held(_) | Self::Partly { .. })
    }

    fn text(&self) -> String {
        match self {
            Self::Blank => "-".to_owned(),
            Self::Held(text) | Self::Partly { text, .. } | Self::Failed { text, .. } => text.clone(),
            Self::NotChecked(why) => format!("not checked: {}", why.split(" (").next().unwrap_or(why)),
        }
    }
}

/// When generated code refuses invalid input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) when_compiled: bool,
    pub(super) when_read: bool,
}

impl Refusal {
    fn text(self) -> &'static str {
        match (self.when_compiled, self.when_read) {
            (true, true) => "when compiled, when read",
            (true, false) => "when compiled",
            (false, true) => "when read",
            (false, false) => "cannot",
        }
    }

    /// Passed if the result equals the known behaviour of the generator, so that the report stays true in both directions.
    pub(super) fn compared(self, expected: Self, detail: &str) -> Cell {
        if self == expected {
            return Cell::Held(self.text().to_owned());
        }
        let text = format!("FAILED: {}", self.text());
        Cell::failed(&text, &format!("expected: {}; found: {}\n{detail}", expected.text(), self.text()))
    }
}

/// The known behaviour of a generator, or the behaviour at compile time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusals {
    pub(super) wrong_enum: Refusal,
    pub(super) missing_field: Refusal,
}

/// One generator and language.
#[derive(Debug)]
pub(super) struct Row {
    generator: String,
    version: String,
    language: &'static str,
    pub(super) generated: Cell,
    pub(super) compiled: Cell,
    pub(super) round_tripped: Cell,
    pub(super) wrong_enum: Cell,
    pub(super) missing_field: Cell,
}

impl Row {
    pub(super) fn new(generator: &str, version: &str, language: &'static str) -> Self {
        Self {
            generator: generator.to_owned(),
            version: version.to_owned(),
            language,
            generated: Cell::Blank,
            compiled: Cell::Blank,
            round_tripped: Cell::Blank,
            wrong_enum: Cell::Blank,
            missing_field: Cell::Blank,
        }
    }

    /// Generates from the schema into the folder, and from the draft-07 file into another folder; the results must be equal. `generate`
    /// creates the command from a schema and a folder. Returns whether there is something to compile.
    pub(super) fn generate(
        &mut self,
        bench: &Bench,
        folder: &Path,
        generate: impl Fn(&Path, &Path) -> Result<Command>,
    ) -> Result<bool> {
        let finished = run(&mut generate(&bench.inputs.types, folder)?, None)?;
        self.generated = Cell::of(&finished);
        if !finished.success {
            return Ok(false);
        }
        let Some(draft_07) = &bench.inputs.types_draft_07 else {
            self.generated = Cell::Held("from 2020-12".to_owned());
            return Ok(true);
        };
        let mut other = folder.as_os_str().to_owned();
        other.push(".draft-07");
        let other = Path::new(&other);
        fs::create_dir_all(other).with_context(|| format!("create {}", other.display()))?;
        let finished = run(&mut generate(draft_07, other)?, None)?;
        self.generated = match differing(other, folder)? {
            _ if !finished.success => Cell::failed("FAILED: draft-07", &finished.said()),
            Some(name) => Cell::failed(
                "FAILED: differs",
                &format!("{name} differs if generated from draft-07: compare {} with {}", folder.display(), other.display()),
            ),
            None => Cell::Held("from both drafts".to_owned()),
        };
        Ok(true)
    }

    /// Passes the events through a program, and compares the refused events with the known behaviour. `compiled` is the earlier result.
    pub(super) fn take_events(
        &mut self,
        bench: &Bench,
        command: &mut Command,
        compiled: CompileTime,
        expected: Refusals,
    ) -> Result<()> {
        let finished = run(command, Some(&bench.lines))?;
        let trial = if finished.success { bench.events.judge(&finished.stdout) } else { Err(finished.said()) };
        match trial {
            Ok(trial) => self.fill(trial, compiled, expected),
            Err(detail) => self.round_tripped = Cell::failed("FAILED", &detail),
        }
        Ok(())
    }

    fn fill(&mut self, trial: Trial, compiled: CompileTime, expected: Refusals) {
        self.round_tripped = match trial.round_tripped {
            Ok(count) => Cell::Held(format!("{count} events")),
            Err(detail) => Cell::failed("FAILED", &detail),
        };
        let cell = |reading, when_compiled, expected| {
            let (when_read, detail) = match reading {
                Reading::AllRefused => (true, String::new()),
                Reading::Taken(event) => (false, format!("accepted when read: {event}")),
            };
            Refusal { when_compiled, when_read }.compared(expected, &detail)
        };
        self.wrong_enum = cell(trial.wrong_enum, compiled.wrong_enum, expected.wrong_enum);
        self.missing_field = cell(trial.missing_field, compiled.missing_field, expected.missing_field);
    }

    /// Generator, version and language.
    pub(super) fn name(&self) -> String {
        format!("{} {} ({})", self.generator, self.version, self.language)
    }

    /// The checks under their headings.
    pub(super) fn checks(&self) -> impl Iterator<Item = (&'static str, &Cell)> {
        let cells = [&self.generated, &self.compiled, &self.round_tripped, &self.wrong_enum, &self.missing_field];
        HEADINGS.into_iter().skip(3).zip(cells)
    }

    /// The texts of all columns.
    pub(super) fn texts(&self) -> Vec<String> {
        let names = [self.generator.clone(), self.version.clone(), self.language.to_owned()];
        names.into_iter().chain(self.checks().map(|(_, cell)| cell.text())).collect()
    }
}

/// The programs that do not compile, if this was tested.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CompileTime {
    pub(super) wrong_enum: bool,
    pub(super) missing_field: bool,
}

/// Returns the first file of a folder that differs or is missing in the other folder.
fn differing(folder: &Path, other: &Path) -> Result<Option<String>> {
    for entry in fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))? {
        let name = entry.with_context(|| format!("list {}", folder.display()))?.file_name();
        let path = folder.join(&name);
        let text = fs::read(&path).with_context(|| format!("read {}", path.display()))?;
        if !fs::read(other.join(&name)).is_ok_and(|there| there == text) {
            return Ok(Some(name.to_string_lossy().into_owned()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: Refusal = Refusal { when_compiled: false, when_read: false };
    const READ: Refusal = Refusal { when_compiled: false, when_read: true };

    #[test]
    fn a_deviation_from_known_behaviour_fails_in_both_directions() {
        assert_eq!(READ.compared(READ, "").text(), "when read");
        assert_eq!(NEVER.compared(NEVER, "").text(), "cannot");
        for (found, expected) in [(NEVER, READ), (READ, NEVER)] {
            let Cell::Failed { text, detail } = found.compared(expected, "seen") else { panic!("{found:?} held") };
            assert_eq!(text, format!("FAILED: {}", found.text()));
            assert!(detail.contains(&format!("expected: {}", expected.text())) && detail.ends_with("seen"), "{detail}");
        }
    }

    #[test]
    fn a_row_has_a_text_for_every_heading() {
        let mut row = Row::new("quicktype", "1.0.0", "Go");
        row.compiled = Cell::NotChecked("no go (apt-get install golang-go)".to_owned());
        assert_eq!(row.texts(), ["quicktype", "1.0.0", "Go", "-", "not checked: no go", "-", "-", "-"]);
        assert_eq!(row.texts().len(), HEADINGS.len());
    }

    #[test]
    fn files_that_differ_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        for (path, text) in [(&one, "a"), (&other, "a")] {
            fs::create_dir_all(path).unwrap();
            fs::write(path.join("file"), text).unwrap();
        }
        assert_eq!(differing(&one, &other).unwrap(), None);
        fs::write(one.join("file"), "b").unwrap();
        assert_eq!(differing(&one, &other).unwrap().as_deref(), Some("file"));
    }
}
