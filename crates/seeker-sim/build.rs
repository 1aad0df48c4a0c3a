//! Determines the commit that the program is built from, for `--version`. Without `git` or a repository, `--version` shows only the
//! version, and the build does not fail.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = env::var("CARGO_PKG_VERSION").expect("cargo sets the variable");
    let version = commit().map_or(version.clone(), |commit| format!("{version} ({commit})"));
    println!("cargo::rustc-env=SEEKER_SIM_VERSION={version}");
}

/// Returns the short hash and the day of the commit. Tells cargo which files change when another commit is checked out or created.
fn commit() -> Option<String> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
    let root = folder.ancestors().nth(2)?;
    // Sources inside the repository of another project have no commit of their own.
    if !root.join(".git").exists() {
        return None;
    }
    let path_of = |name: &str| Some(root.join(git(root, &["rev-parse", "--git-path", name])?));
    // HEAD names the branch. The commit of the branch is in its own file or, if there is no such file, in a file with other branches.
    let branch = path_of(&git(root, &["rev-parse", "--symbolic-full-name", "HEAD"])?)?;
    let watched = branch.ancestors().find(|path| path.exists())?;
    println!("cargo::rerun-if-changed={}", watched.display());
    for name in ["HEAD", "packed-refs", "reftable"] {
        let path = path_of(name)?;
        // Cargo treats a missing file as changed in each build.
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    git(root, &["-c", "log.showSignature=false", "log", "-1", "--format=%h %cs"])
}

fn git(root: &Path, args: &[&str]) -> Option<String> {
    // A hook of another repository may have set these variables.
    let output = Command::new("git").arg("-C").arg(root).args(args).env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").output();
    let output = output.ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
