//! Tests of the reports of a run, in each format.

mod compare;
mod csv;
mod merge;
mod page;
mod schema;
mod show;

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{Ended, seeker_sim, words};

/// Runs with one report per file extension in this folder. Returns the paths.
fn reported(folder: &Path, options: &str, endings: &[&str]) -> (Ended, Vec<PathBuf>) {
    let paths: Vec<_> = endings.iter().map(|ending| folder.join(format!("run.{ending}"))).collect();
    let mut command = seeker_sim(&["run"]);
    command.args(words(options));
    for path in &paths {
        command.arg("--report").arg(path);
    }
    let ended = Ended::from(command.output().unwrap());
    assert_eq!(fs::read_dir(folder).unwrap().count(), paths.len(), "only the reports are left: {}", ended.stderr);
    (ended, paths)
}

/// Returns the summary without its last paragraph, which lists the written files.
fn without_files(stdout: &str, paths: &[PathBuf]) -> String {
    let (summary, named) = stdout.rsplit_once("\n  written to    ").unwrap_or_else(|| panic!("{stdout}"));
    let expected: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    assert_eq!(named.trim_end_matches('\n'), expected.join(", "));
    summary.to_owned()
}
