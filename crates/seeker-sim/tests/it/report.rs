//! The reports of a run, in each form.

mod compare;
mod csv;
mod merge;
mod page;
mod schema;
mod show;

use std::fs;
use std::path::{Path, PathBuf};

use crate::program::{Ended, seeker_sim, words};

/// Runs with a report of each ending in that folder; their paths.
fn reported(folder: &Path, options: &str, endings: &[&str]) -> (Ended, Vec<PathBuf>) {
    let paths: Vec<_> = endings.iter().map(|ending| folder.join(format!("run.{ending}"))).collect();
    let mut command = seeker_sim(&["run"]);
    command.args(words(options));
    for path in &paths {
        command.arg("--report").arg(path);
    }
    let ended = Ended::from(command.output().unwrap());
    assert_eq!(fs::read_dir(folder).unwrap().count(), paths.len(), "nothing else is left: {}", ended.stderr);
    (ended, paths)
}
