//! Rust with typify, in its own workspace: `xtask/codegen/rust` is copied and built below `target/`, separately from the project.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::Bench;
use super::row::{Cell, CompileTime, Refusal, Refusals, Row};
use crate::tools::{Finished, part, place, place_text, run};

/// The files of the workspace.
const FILES: [&str; 6] =
    ["Cargo.toml", "Cargo.lock", "generate/Cargo.toml", "generate/src/main.rs", "roundtrip/Cargo.toml", "roundtrip/src/main.rs"];

const READ: Refusal = Refusal { when_compiled: false, when_read: true };

pub(super) fn check(bench: &Bench) -> Result<Row> {
    let workspace = bench.workshop.kept("typify")?;
    for file in FILES {
        place(&part("codegen/rust").join(file), &workspace.join(file))?;
    }
    let lock = fs::read_to_string(part("codegen/rust/Cargo.lock")).context("read xtask/codegen/rust/Cargo.lock")?;
    let mut row = Row::new("typify", locked(&lock, "typify").unwrap_or("?"), "Rust");

    let built = run(&mut cargo(&workspace, "generate"), None)?;
    if !built.success {
        bail!(not_built(&built));
    }
    let folder = bench.workshop.emptied("codegen/typify")?;
    let generator = workspace.join("target/debug/generate");
    let generated = row.generate(bench, &folder, |schema, out| {
        let mut command = Command::new(&generator);
        command.arg(schema).arg(out.join("client_event.rs"));
        Ok(command)
    })?;
    if !generated {
        return Ok(row);
    }
    let text = fs::read(folder.join("client_event.rs")).context("read the code that typify generated")?;
    place_text(&text, &workspace.join("roundtrip/src/client_event.rs"))?;
    row.compiled = Cell::of(&run(&mut cargo(&workspace, "roundtrip"), None)?);
    if row.compiled.held() {
        let expected = Refusals { wrong_enum: READ, missing_field: READ };
        let mut program = Command::new(workspace.join("target/debug/roundtrip"));
        row.take_events(bench, &mut program, CompileTime::default(), expected)?;
    }
    Ok(row)
}

/// Builds a package in the target folder of the workspace, independent of the project's build flags.
fn cargo(workspace: &Path, package: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--quiet", "--locked", "--package", package]).current_dir(workspace);
    command.env("CARGO_TARGET_DIR", "target").env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

fn not_built(finished: &Finished) -> String {
    format!(
        "cargo could not build the pinned typify of xtask/codegen/rust: {}; if a crate could not be fetched, check the network or \
         cargo's registry setting, then run again",
        finished.said()
    )
}

/// The version of a package in a lock file.
fn locked<'l>(lock: &'l str, package: &str) -> Option<&'l str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_lock_file() {
        let lock =
            "[[package]]\nname = \"typify-impl\"\nversion = \"0.7.0\"\n\n[[package]]\nname = \"typify\"\nversion = \"0.8.0\"\n";
        assert_eq!(locked(lock, "typify"), Some("0.8.0"));
        assert_eq!(locked(lock, "serde"), None);
    }

    #[test]
    fn unavailable_crates_are_reported_with_advice() {
        let stderr = "error: failed to get `typify`".to_owned();
        let text = not_built(&Finished { success: false, stdout: String::new(), stderr });
        assert!(text.contains("failed to get `typify`; if a crate could not be fetched, check the network"), "{text}");
    }
}
