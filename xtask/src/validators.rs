//! `cargo xtask validators`: validators of other languages check every test vector with the schema of its role, in every draft. The vectors
//! contain the expected verdicts; this task finds and reports deviations.

mod engines;
mod vectors;

use std::path::Path;

use anyhow::{Result, bail};

use crate::table::table;
use crate::tools::{ToolFolder, say};
use engines::{ENGINES, Engine, Tools, Verdict};
use vectors::{Role, Schema, Vector};

const HEADINGS: [&str; 5] = ["validator", "version", "schema", "vectors", "optional vectors"];

/// Runs every validator on every vector and prints the results. Fails if a required vector gets another verdict than expected.
pub(crate) fn run(schemas: &Path) -> Result<()> {
    let roles = vectors::roles(schemas)?;
    let workshop = ToolFolder::open()?;
    let tools = Tools { node: workshop.node()?, python: workshop.python()?, folder: workshop.emptied("validators")? };
    let mut report = Report::default();
    for role in &roles {
        for schema in &role.schemas {
            for engine in ENGINES.into_iter().filter(|engine| engine.knows(schema.draft)) {
                say(&format!("{}: {}", engine.name(), schema.path.display()))?;
                let judged = engine.judge(&tools, &schemas.join(&schema.path), schema.draft, role);
                report.add(engine, &engine.version(&tools), role, schema, judged?);
            }
        }
    }
    say(&report.text())?;
    report.verdict()
}

/// The verdicts of the validators, compared with the expected verdicts.
#[derive(Debug, Default)]
struct Report {
    rows: Vec<Vec<String>>,
    /// One text for each vector with another verdict, and for each schema that is not accepted.
    failures: Vec<String>,
    /// One text for each optional vector with another verdict.
    optional: Vec<String>,
    /// One text for each vector that a validator judged with rounded numbers.
    rounded: Vec<String>,
}

impl Report {
    /// Adds the results of a validator for the vectors of a role: one verdict each, or why it rejected the schema.
    fn add(&mut self, engine: Engine, version: &str, role: &Role, schema: &Schema, judged: Result<Vec<Verdict>, String>) {
        let mut row = vec![engine.name().to_owned(), version.to_owned(), schema.path.display().to_string()];
        match judged {
            Err(detail) => {
                row.push("FAILED".to_owned());
                self.failures.push(format!("{} does not accept the schema {}: {detail}", engine.name(), schema.path.display()));
            }
            Ok(verdicts) => {
                let (mut counts, mut differing) = ([0; 2], [0; 2]);
                for (vector, verdict) in role.vectors.iter().zip(&verdicts) {
                    counts[usize::from(vector.optional)] += 1;
                    differing[usize::from(vector.optional)] += usize::from(self.compare(engine, schema, vector, verdict));
                }
                row.push(summary(counts[0], differing[0], "DIFFER"));
                row.push(summary(counts[1], differing[1], "differ"));
            }
        }
        self.rows.push(row);
    }

    /// Whether the verdict differs from the vector.
    fn compare(&mut self, engine: Engine, schema: &Schema, vector: &Vector, verdict: &Verdict) -> bool {
        let place = format!("{}: {}: {}", vector.file.display(), vector.group, vector.description);
        let by = format!("{} with {}", engine.name(), schema.path.display());
        if !verdict.rounded.is_empty() {
            self.rounded.push(format!("{place} (by {by}): {}", verdict.rounded));
        }
        let expected = if vector.valid { "valid" } else { "invalid" };
        if verdict.word == expected {
            return false;
        }
        let why = if verdict.why.is_empty() { String::new() } else { format!(" ({})", verdict.why) };
        let text = format!("{place}\n    expected {expected}, got {}{why} from {by}", verdict.word);
        if vector.optional {
            self.optional.push(text);
        } else {
            self.failures.push(text);
        }
        true
    }

    fn text(&self) -> String {
        let mut text = format!("\n{}", table(&HEADINGS, &self.rows));
        for (title, lines) in [
            ("disagreements", &self.failures),
            ("optional vectors with another verdict (not a failure)", &self.optional),
            ("vectors judged with rounded numbers, because JavaScript rounds them to doubles", &self.rounded),
        ] {
            if !lines.is_empty() {
                text.extend(["\n", title, ":\n"]);
                text.extend(lines.iter().flat_map(|line| ["  ", line, "\n"]));
            }
        }
        text
    }

    fn verdict(&self) -> Result<()> {
        if self.failures.is_empty() {
            return Ok(());
        }
        bail!(
            "validators disagree with the vectors or do not accept a schema, in {} places listed above; if validators may differ, move \
             the vector to optional/, to a file named after the reason",
            self.failures.len()
        )
    }
}

fn summary(count: usize, differing: usize, word: &str) -> String {
    match (count, differing) {
        (0, _) => "none".to_owned(),
        (_, 0) => format!("{count} agree"),
        _ => format!("{differing} of {count} {word}"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use vectors::Draft;

    fn vector(description: &str, valid: bool, optional: bool) -> Vector {
        Vector {
            file: PathBuf::from("tests/types/ids.json"),
            group: "ids".to_owned(),
            description: description.to_owned(),
            data: "{}".to_owned(),
            valid,
            optional,
        }
    }

    fn said(word: &str, why: &str, rounded: &str) -> Verdict {
        Verdict { word: word.to_owned(), why: why.to_owned(), rounded: rounded.to_owned() }
    }

    fn report(judged: Result<Vec<Verdict>, String>) -> Report {
        let schema = Schema { path: PathBuf::from("x.schema.json"), draft: Draft::V2020 };
        let vectors = vec![vector("empty", false, false), vector("big", true, true)];
        let role = Role { vectors, schemas: Vec::new() };
        let mut report = Report::default();
        report.add(Engine::Ajv, "8.20.0", &role, &schema, judged);
        report
    }

    #[test]
    fn agreement_holds() {
        let report = report(Ok(vec![said("invalid", "too short", ""), said("valid", "", "")]));
        assert_eq!(report.rows[0], ["ajv, strict", "8.20.0", "x.schema.json", "1 agree", "1 agree"]);
        assert!(report.verdict().is_ok());
    }

    #[test]
    fn disagreement_is_reported_with_place_and_both_verdicts() {
        let report = report(Ok(vec![said("valid", "", ""), said("invalid", "too big", "9223372036854775808")]));
        assert_eq!(report.rows[0][3..], ["1 of 1 DIFFER", "1 of 1 differ"]);
        assert_eq!(
            report.failures,
            ["tests/types/ids.json: ids: empty\n    expected invalid, got valid from ajv, strict with x.schema.json"]
        );
        assert!(report.optional[0].contains("expected valid, got invalid (too big)"));
        assert!(report.rounded[0].ends_with(": 9223372036854775808"));
        assert!(report.verdict().unwrap_err().to_string().contains("in 1 places listed above"));
    }

    #[test]
    fn a_schema_that_is_not_taken_fails() {
        let report = report(Err("strict mode: unknown keyword".to_owned()));
        assert!(report.text().contains("ajv, strict does not accept the schema x.schema.json: strict mode: unknown keyword"));
        assert!(report.verdict().is_err());
    }
}
