//! Java with quicktype: with Jackson if its jars are available, and as plain types, which need only a compiler and read no JSON. The
//! programs that use the classes are in `xtask/codegen/java`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Bench;
use super::row::{Cell, CompileTime, Refusal, Refusals, Row};
use crate::tools::{Finished, available, part, place, run};

const JARS: [&str; 3] = ["jackson-annotations.jar", "jackson-core.jar", "jackson-databind.jar"];

/// The message of javac, in every language, for a text in place of an event type.
const NO_TEXT: &str = "compiler.misc.inconvertible.types: java.lang.String, clientevent.EventType";

/// The class with convenience calls of Jackson that quicktype generates beside the types.
const CONVERTER: &str = "Converter.java";

/// The message of javac for the converter if Jackson is not the original: Debian 12 patched 2.14 so that `writeValueAsString` declares one
/// more exception.
const PATCHED_JACKSON: &str = "compiler.err.unreported.exception.need.to.catch.or.throw: java.io.IOException";

const NO_JAVAC: &str = "no javac (Debian: apt-get install default-jdk-headless)";

pub(super) fn check(bench: &Bench) -> Result<Vec<Row>> {
    Ok(vec![with_jackson(bench)?, just_types(bench)?])
}

fn with_jackson(bench: &Bench) -> Result<Row> {
    let mut row = Row::new("quicktype", &bench.node.version("quicktype"), "Java, Jackson");
    let folder = bench.workshop.emptied("codegen/quicktype-java")?;
    if !row.generate(bench, &folder, |schema, out| Ok(quicktype(bench, schema, out, &[])))? {
        return Ok(row);
    }
    let jars = JARS.map(|jar| bench.jackson.join(jar));
    if !available("javac", "-version") {
        row.compiled = Cell::NotChecked(NO_JAVAC.to_owned());
    } else if let Some(missing) = jars.iter().find(|jar| !jar.is_file()) {
        row.compiled = Cell::NotChecked(format!(
            "no Jackson (no {}; Debian: apt-get install libjackson2-databind-java, or pass the folder of the jars with --jackson)",
            missing.display()
        ));
    } else {
        place(&part("codegen/java/Roundtrip.java"), &folder.join("Roundtrip.java"))?;
        row.compiled = compile(&folder, &jars)?;
        if row.compiled.held() {
            let (refused, _) = wrong_enum_refused(&folder, &jars)?;
            let mut java = Command::new("java");
            java.arg("-cp").arg(class_path(&folder, &jars)?).arg("clientevent.Roundtrip");
            // A missing field is null.
            let expected = Refusals {
                wrong_enum: Refusal { when_compiled: true, when_read: true },
                missing_field: Refusal { when_compiled: false, when_read: false },
            };
            row.take_events(bench, &mut java, CompileTime { wrong_enum: refused, missing_field: false }, expected)?;
        }
    }
    Ok(row)
}

fn just_types(bench: &Bench) -> Result<Row> {
    let mut row = Row::new("quicktype --just-types", &bench.node.version("quicktype"), "Java");
    let folder = bench.workshop.emptied("codegen/quicktype-java-just-types")?;
    if !row.generate(bench, &folder, |schema, out| Ok(quicktype(bench, schema, out, &["--just-types"])))? {
        return Ok(row);
    }
    if !available("javac", "-version") {
        row.compiled = Cell::NotChecked(NO_JAVAC.to_owned());
        return Ok(row);
    }
    row.compiled = compile(&folder, &[])?;
    if row.compiled.held() {
        row.round_tripped = Cell::Held("reads no JSON".to_owned());
        let (when_compiled, detail) = wrong_enum_refused(&folder, &[])?;
        let expected = Refusal { when_compiled: true, when_read: false };
        row.wrong_enum = Refusal { when_compiled, when_read: false }.compared(expected, &detail);
        // Every field is null until it is set, so there is nothing to test.
        row.missing_field = Cell::Held("cannot".to_owned());
    }
    Ok(row)
}

fn quicktype(bench: &Bench, schema: &Path, out: &Path, options: &[&str]) -> Command {
    let mut command = bench.node.program("quicktype");
    command.args(["--src-lang", "schema", "--lang", "java", "--package", "clientevent", "--top-level", "ClientEvent"]);
    command.args(options).arg("--out").arg(out.join("ClientEvent.java")).arg(schema);
    command
}

/// Compiles all classes of the folder into its `out`.
fn compile(folder: &Path, jars: &[PathBuf]) -> Result<Cell> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("list {}", folder.display()))? {
        let path = entry.with_context(|| format!("list {}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "java") {
            sources.push(path);
        }
    }
    let finished = javac(folder, jars, &sources)?;
    if !only_jackson_is_patched(&finished) {
        return Ok(Cell::of(&finished));
    }
    sources.retain(|source| !source.ends_with(CONVERTER));
    let finished = javac(folder, jars, &sources)?;
    if !finished.success {
        return Ok(Cell::of(&finished));
    }
    let why = "the class Converter, which quicktype adds for convenience, does not compile with this Jackson: Debian 12 patched Jackson \
               to declare IOException, which Converter does not expect";
    Ok(Cell::Partly { text: "yes, but Converter".to_owned(), why: why.to_owned() })
}

/// Whether only the converter fails to compile, and for that reason.
fn only_jackson_is_patched(finished: &Finished) -> bool {
    let errors: Vec<&str> = finished.stderr.lines().filter(|line| line.contains("compiler.err.")).collect();
    !errors.is_empty() && errors.iter().all(|error| error.starts_with(CONVERTER) && error.ends_with(PATCHED_JACKSON))
}

/// Returns whether a class that sets a text as the event type fails to compile for that reason, and the output of javac.
fn wrong_enum_refused(folder: &Path, jars: &[PathBuf]) -> Result<(bool, String)> {
    let finished = javac(folder, jars, &[part("codegen/java/WrongEnum.java")])?;
    Ok((!finished.success && finished.stderr.contains(NO_TEXT), finished.said()))
}

fn javac(folder: &Path, jars: &[PathBuf], sources: &[PathBuf]) -> Result<Finished> {
    let mut javac = Command::new("javac");
    javac.args(["-encoding", "UTF-8", "-proc:none", "-XDrawDiagnostics", "-d"]).arg(folder.join("out"));
    javac.arg("-cp").arg(class_path(folder, jars)?).args(sources);
    run(&mut javac, None)
}

fn class_path(folder: &Path, jars: &[PathBuf]) -> Result<OsString> {
    let parts = std::iter::once(folder.join("out")).chain(jars.iter().cloned());
    std::env::join_paths(parts).context("join the class path; a folder name contains a separator")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_known_complaint_is_forgiven() {
        let known = format!("Converter.java:68:52: {PATCHED_JACKSON}");
        for (stderr, expected) in [
            (format!("{known}\n1 error\n"), true),
            (format!("{known}\nEventType.java:1:1: compiler.err.expected: x\n2 errors\n"), false),
            ("Converter.java:1:1: compiler.err.expected: x\n".to_owned(), false),
            (String::new(), false),
        ] {
            let finished = Finished { success: false, stdout: String::new(), stderr };
            assert_eq!(only_jackson_is_patched(&finished), expected, "{}", finished.stderr);
        }
    }
}
