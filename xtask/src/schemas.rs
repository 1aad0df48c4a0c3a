//! Compares the generated folders with the generated files: every file except a README is generated, and none is missing. Other crates
//! generate the content; this module writes and compares files.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use client_event::schema::{Artefact, artefacts};
use scenario::SCHEMA_PATH;

use crate::{frozen, reference};

/// The folders of which every file is generated, below the workspace.
const SCHEMAS: &str = "schemas";
const REFERENCE: &str = "docs/src/reference";

/// The command that repairs an outdated folder.
const MEND: &str = "cargo xtask schemas";

/// Written by hand.
const README: &str = "README.md";

/// Writes the files that differ and deletes files that are not generated.
pub(crate) fn write(workspace: &Path) -> Result<()> {
    for (folder, artefacts) in generated(workspace)? {
        write_artefacts(&workspace.join(folder), &artefacts)?;
    }
    Ok(())
}

/// Fails if a folder differs from the generated files.
pub(crate) fn check(workspace: &Path) -> Result<()> {
    let mut lines = String::new();
    for (folder, artefacts) in generated(workspace)? {
        lines.push_str(&listed(folder, &problems(&workspace.join(folder), &artefacts)?));
    }
    if lines.is_empty() {
        return Ok(());
    }
    bail!("some files differ from the generated files:\n{lines}run `{MEND}` and commit the changes")
}

/// Returns the generated folders with their files.
fn generated(workspace: &Path) -> Result<Vec<(&'static str, Vec<Artefact>)>> {
    Ok(vec![(SCHEMAS, schemas(&workspace.join(SCHEMAS))?), (REFERENCE, reference_pages())])
}

fn reference_pages() -> Vec<Artefact> {
    let pages = reference::pages().into_iter();
    pages.map(|page| Artefact { path: page.file_name.to_owned(), text: page.text }).collect()
}

fn schemas(folder: &Path) -> Result<Vec<Artefact>> {
    let scenario = Artefact { path: SCHEMA_PATH.to_owned(), text: scenario::schema_text() };
    let report = Artefact { path: run_report::schema::SCHEMA_PATH.to_owned(), text: run_report::schema::schema_text() };
    Ok([artefacts(), frozen::artefacts(folder)?, vec![scenario, report]].concat())
}

fn write_artefacts(folder: &Path, artefacts: &[Artefact]) -> Result<()> {
    for (path, problem) in problems(folder, artefacts)? {
        let file = folder.join(&path);
        match problem {
            Problem::Stray => fs::remove_file(&file).with_context(|| format!("delete {}", file.display()))?,
            Problem::Missing(text) | Problem::Differs(text) => {
                if let Some(parent) = file.parent() {
                    fs::create_dir_all(parent).with_context(|| format!("create {}", parent.display()))?;
                }
                fs::write(&file, text).with_context(|| format!("write {}", file.display()))?;
            }
        }
    }
    Ok(())
}

/// Why a file is wrong, with the expected content.
#[derive(Debug, PartialEq, Eq)]
enum Problem {
    Missing(String),
    Differs(String),
    Stray,
}

fn problems(folder: &Path, artefacts: &[Artefact]) -> Result<BTreeMap<PathBuf, Problem>> {
    let mut found = BTreeMap::new();
    let mut paths = Vec::new();
    collect_files(folder, Path::new(""), &mut paths)?;
    for path in paths {
        if path != Path::new(README) && !artefacts.iter().any(|artefact| Path::new(&artefact.path) == path) {
            found.insert(path, Problem::Stray);
        }
    }
    for Artefact { path, text } in artefacts {
        let file = folder.join(path);
        match fs::read(&file) {
            Ok(bytes) if bytes == text.as_bytes() => {}
            Ok(_) => drop(found.insert(path.into(), Problem::Differs(text.clone()))),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                found.insert(path.into(), Problem::Missing(text.clone()));
            }
            Err(error) => return Err(error).with_context(|| format!("read {}", file.display())),
        }
    }
    Ok(found)
}

/// Collects the paths of all files below the folder, relative to it.
fn collect_files(folder: &Path, below: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let here = folder.join(below);
    let entries = match fs::read_dir(&here) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("list {}", here.display())),
    };
    for entry in entries {
        let entry = entry.with_context(|| format!("list {}", here.display()))?;
        let path = below.join(entry.file_name());
        if entry.file_type().with_context(|| format!("read the type of {}", path.display()))?.is_dir() {
            collect_files(folder, &path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}

fn listed(folder: &str, problems: &BTreeMap<PathBuf, Problem>) -> String {
    let line = |(path, problem): (&PathBuf, &Problem)| {
        let what = match problem {
            Problem::Missing(_) => "is missing",
            Problem::Differs(_) => "differs",
            Problem::Stray => "is not a generated file",
        };
        format!("  {folder}/{} {what}\n", path.display())
    };
    problems.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The drift check of the repository: the committed files equal the generated files.
    #[test]
    fn committed_files_are_current() {
        check(&crate::workspace()).unwrap();
    }

    #[test]
    fn drift_strays_and_missing_files_are_named_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write(folder).unwrap();
        check(folder).unwrap();

        for generated in [format!("schemas/{}", artefacts().remove(0).path), "docs/src/reference/cli.md".to_owned()] {
            fs::write(folder.join(&generated), "{}").unwrap();
            assert_complains(folder, &format!("{generated} differs"));
            fs::remove_file(folder.join(&generated)).unwrap();
            assert_complains(folder, &format!("{generated} is missing"));
            write(folder).unwrap();
        }
        fs::create_dir_all(folder.join("schemas/client-event/v0")).unwrap();
        fs::write(folder.join("schemas/client-event/v0/old.json"), "{}").unwrap();
        assert_complains(folder, "schemas/client-event/v0/old.json is not a generated file");
        write(folder).unwrap();
        check(folder).unwrap();
    }

    fn assert_complains(folder: &Path, expected: &str) {
        let message = check(folder).unwrap_err().to_string();
        assert!(message.contains(expected) && message.contains("run `cargo xtask schemas`"), "{message}");
    }

    #[test]
    fn a_folder_that_does_not_exist_misses_every_file() {
        let folder = tempfile::tempdir().unwrap();
        let problems = problems(&folder.path().join("none"), &artefacts()).unwrap();
        assert_eq!(problems.len(), artefacts().len());
    }
}
