//! Finds out from which commit the program is built, for `--version`. Without `git`, or where the sources are not a repository, the version
//! stands alone: neither is a reason not to build.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = env::var("CARGO_PKG_VERSION").expect("cargo sets it");
    let version = commit().map_or(version.clone(), |commit| format!("{version} ({commit})"));
    println!("cargo::rustc-env=SEEKER_SIM_VERSION={version}");
}

/// The short hash and the day of the commit; says to cargo what changes when another one is checked out or made.
fn commit() -> Option<String> {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
    let root = folder.ancestors().nth(2)?;
    // Sources that lie inside the repository of something else are not at a commit of that.
    if !root.join(".git").exists() {
        return None;
    }
    let path_of = |name: &str| Some(root.join(git(root, &["rev-parse", "--git-path", name])?));
    // HEAD names the branch; the branch names the commit, in a file of its own or, where that is not there yet, among others.
    let branch = path_of(&git(root, &["rev-parse", "--symbolic-full-name", "HEAD"])?)?;
    let watched = branch.ancestors().find(|path| path.exists())?;
    println!("cargo::rerun-if-changed={}", watched.display());
    for name in ["HEAD", "packed-refs", "reftable"] {
        let path = path_of(name)?;
        // Cargo takes what does not exist for changed, each time.
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    git(root, &["-c", "log.showSignature=false", "log", "-1", "--format=%h %cs"])
}

fn git(root: &Path, args: &[&str]) -> Option<String> {
    // A hook of another repository may have set these.
    let output = Command::new("git").arg("-C").arg(root).args(args).env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").output();
    let output = output.ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
