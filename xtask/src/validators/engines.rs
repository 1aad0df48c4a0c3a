//! The validators: their supported drafts, their commands, and the parsing of their output. The programs that call them are in
//! `xtask/validators`. This module does not know the expected verdicts.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::vectors::{Draft, Role};
use crate::tools::{Node, Python, part, place_text, run};

/// All validators, in the order of the report.
pub(super) const ENGINES: [Engine; 3] = [Engine::Ajv, Engine::Jsonschema, Engine::Fastjsonschema];

/// A validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    /// `ajv` of npm, in strict mode, with the class of the draft.
    Ajv,
    /// `jsonschema` of Python.
    Jsonschema,
    /// `fastjsonschema` of Python.
    Fastjsonschema,
}

/// The environment of the validators.
#[derive(Debug)]
pub(super) struct Tools {
    pub(super) node: Node,
    pub(super) python: Python,
    /// The folder for the documents.
    pub(super) folder: PathBuf,
}

/// The verdict of a validator on one document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// `valid`, `invalid` or `error`.
    pub(super) word: String,
    pub(super) why: String,
    /// The numbers of the document that were not judged as written.
    pub(super) rounded: String,
}

impl Engine {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ajv => "ajv, strict",
            Self::Jsonschema => "jsonschema",
            Self::Fastjsonschema => "fastjsonschema",
        }
    }

    pub(super) fn version(self, tools: &Tools) -> String {
        match self {
            Self::Ajv => tools.node.version("ajv"),
            Self::Jsonschema | Self::Fastjsonschema => tools.python.version(self.name()),
        }
    }

    pub(super) fn knows(self, draft: Draft) -> bool {
        self != Self::Fastjsonschema || draft == Draft::V7
    }

    /// Returns a verdict for every vector, in order, or why the validator failed.
    pub(super) fn judge(self, tools: &Tools, schema: &Path, draft: Draft, role: &Role) -> Result<Result<Vec<Verdict>, String>> {
        let mut command = match self {
            Self::Ajv => tools.node.script(&part("validators/ajv.mjs"))?,
            Self::Jsonschema | Self::Fastjsonschema => {
                let mut command = tools.python.script(&part("validators/judge.py"));
                command.arg(self.name());
                command
            }
        };
        let lines: String = role.vectors.iter().flat_map(|vector| [vector.data.as_str(), "\n"]).collect();
        let documents = tools.folder.join("documents.ndjson");
        place_text(lines.as_bytes(), &documents)?;
        let finished = run(command.arg(draft.name()).arg(schema), Some(&documents))?;
        if !finished.success {
            return Ok(Err(finished.said()));
        }
        Ok(Ok(verdicts(&finished.stdout, role.vectors.len())?))
    }
}

fn verdicts(answers: &str, expected: usize) -> Result<Vec<Verdict>> {
    let verdicts: Vec<Verdict> = answers.lines().map(verdict).collect();
    ensure!(verdicts.len() == expected, "{} output lines for {expected} vectors", verdicts.len());
    Ok(verdicts)
}

fn verdict(line: &str) -> Verdict {
    let mut parts = line.split('\t').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    Verdict { word: part(), why: part(), rounded: part() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_one_a_line() {
        let found = verdicts("valid\t\t\ninvalid\tis too short\t1e400\n", 2).unwrap();
        assert_eq!(found[0].word, "valid");
        assert_eq!((found[1].why.as_str(), found[1].rounded.as_str()), ("is too short", "1e400"));
        assert_eq!(verdicts("valid\t\t\n", 2).unwrap_err().to_string(), "1 output lines for 2 vectors");
    }

    #[test]
    fn every_draft_has_validators() {
        for draft in [Draft::V2020, Draft::V7] {
            assert!(ENGINES.iter().filter(|engine| engine.knows(draft)).count() >= 2);
        }
    }
}
