//! `cargo xtask codegen`: generates types of the message from its schema in several languages, compiles them, and passes simulated events
//! through them. `client-event` defines the schema; this check tests whether generators understand it.

mod inputs;

mod events;
mod row;

mod go;
mod java;
mod python;
mod rust;
mod typescript;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::table::table;
use crate::tools::{Node, Python, ToolFolder, place_text, say};
use events::Events;
use inputs::Inputs;
use row::{Cell, HEADINGS, Row};

const LEGEND: &str = "\
compiled: together with a program that uses the plain type of every field: strings, one enum, a list, a map
when compiled: a program with the mistake does not compile (checked for TypeScript and Java)
when read: the generated code refuses the JSON
cannot: the generated type cannot express the rule; this is known and not a failure
";

/// The inputs of every generator.
struct Bench {
    inputs: Inputs,
    workshop: ToolFolder,
    node: Node,
    python: Python,
    events: Events,
    /// The events, one per line.
    lines: PathBuf,
    /// The folder with Jackson's jars.
    jackson: PathBuf,
}

/// Checks every generator and prints the results. Fails if a check fails or, with `complete`, if a check could not run.
pub(crate) fn run(schemas: &Path, jackson: &Path, complete: bool) -> Result<()> {
    let found = Inputs::find(schemas)?;
    let workshop = ToolFolder::open()?;
    let (node, python) = (workshop.node()?, workshop.python()?);
    let folder = workshop.emptied("codegen")?;
    let inputs = found.copied(&folder.join("schemas"))?;
    let events = Events::new(&inputs.required()?)?;
    let lines = folder.join("events.ndjson");
    place_text(events.lines().as_bytes(), &lines)?;
    let bench = Bench { inputs, workshop, node, python, events, lines, jackson: jackson.to_owned() };

    let mut rows = Vec::new();
    say("quicktype, json-schema-to-typescript, openapi-typescript: TypeScript")?;
    rows.extend(typescript::check(&bench)?);
    say("datamodel-code-generator: Python")?;
    rows.push(python::check(&bench)?);
    say("typify: Rust")?;
    rows.push(rust::check(&bench)?);
    say("quicktype: Go")?;
    rows.push(go::check(&bench)?);
    say("quicktype: Java")?;
    rows.extend(java::check(&bench)?);

    say(&format!("\n{}{}", table(&HEADINGS, &rows.iter().map(Row::texts).collect::<Vec<_>>()), footnotes(&rows)))?;
    verdict(&rows, complete)
}

/// Returns the texts that do not fit into the cells.
fn footnotes(rows: &[Row]) -> String {
    let mut notes = vec![LEGEND.to_owned()];
    for row in rows {
        for (heading, cell) in row.checks() {
            let place = format!("{}, {heading}", row.name());
            match cell {
                Cell::Failed { detail, .. } => notes.push(format!("failed: {place}\n    {}\n", detail.replace('\n', "\n    "))),
                Cell::NotChecked(why) | Cell::Partly { why, .. } => notes.push(format!("not checked: {place}: {why}\n")),
                Cell::Blank | Cell::Held(_) => {}
            }
        }
    }
    format!("\n{}", notes.join("\n"))
}

fn verdict(rows: &[Row], complete: bool) -> Result<()> {
    let count = |wanted: fn(&Cell) -> bool| rows.iter().flat_map(Row::checks).filter(|(_, cell)| wanted(cell)).count();
    let failed = count(|cell| matches!(cell, Cell::Failed { .. }));
    let not_checked = count(|cell| matches!(cell, Cell::NotChecked(_)));
    if failed > 0 {
        bail!("{failed} checks of generated code failed; see the table");
    }
    if complete && not_checked > 0 {
        bail!("{not_checked} checks could not run, but --complete requires all; the table says what is missing");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cell: Cell) -> Row {
        let mut row = Row::new("quicktype", "1.0.0", "Go");
        row.compiled = cell;
        row
    }

    #[test]
    fn failed_checks_are_shown_and_fail() {
        let rows = [row(Cell::failed("no", "line 1: undefined\nline 2: undefined"))];
        assert!(
            footnotes(&rows).ends_with("failed: quicktype 1.0.0 (Go), compiled\n    line 1: undefined\n    line 2: undefined\n")
        );
        assert!(verdict(&rows, false).is_err());
    }

    #[test]
    fn unchecked_cells_are_shown_and_fail_with_complete() {
        let rows = [row(Cell::NotChecked("no go".to_owned()))];
        assert!(footnotes(&rows).ends_with("\nnot checked: quicktype 1.0.0 (Go), compiled: no go\n"));
        assert!(verdict(&rows, false).is_ok());
        assert!(verdict(&rows, true).unwrap_err().to_string().starts_with("1 checks could not run"));
    }
}
