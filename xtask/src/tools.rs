//! The folder below `target/` in which chores run tools of other languages: the installed tools, kept between runs, and whatever
//! the chores generate. Nothing outside of it is written. What the tools are for is known to the chores.

mod npm;
mod pip;
mod process;

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub(crate) use npm::Node;
pub(crate) use pip::Python;
pub(crate) use process::{Finished, available, excerpt, run};

/// The folder, held by one chore at a time.
#[derive(Debug)]
pub(crate) struct Workshop {
    folder: PathBuf,
    _lock: File,
}

impl Workshop {
    /// Opens the folder, making it if need be; waits while another chore works there.
    pub(crate) fn open() -> Result<Self> {
        let folder = target_folder()?.join("xtask");
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        let path = folder.join("lock");
        let lock = File::create(&path).with_context(|| format!("create {}", path.display()))?;
        if lock.try_lock().is_err() {
            say(&format!("waiting for another chore that works in {}", folder.display()))?;
            lock.lock().with_context(|| format!("lock {}", path.display()))?;
        }
        Ok(Self { folder, _lock: lock })
    }

    /// Node.js with the packages of `xtask/tools/package.json`, installed unless they are there already.
    pub(crate) fn node(&self) -> Result<Node> {
        Node::installed(&self.folder.join("node"))
    }

    /// Python with the packages of `xtask/tools/requirements.txt`, installed unless they are there already.
    pub(crate) fn python(&self) -> Result<Python> {
        Python::installed(&self.folder.join("python"))
    }

    /// A folder for generated files, empty.
    pub(crate) fn emptied(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("empty {}", folder.display()));
            }
            _ => {}
        }
        self.kept(name)
    }

    /// A folder for generated files, with what earlier runs left there.
    pub(crate) fn kept(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        Ok(folder)
    }
}

/// A path below `xtask/` in the checkout: the parts of a chore that are not Rust.
pub(crate) fn part(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Copies a file; one that is the same already keeps its time, so that nothing is built again for it.
pub(crate) fn place(from: &Path, to: &Path) -> Result<()> {
    place_text(&fs::read(from).with_context(|| format!("read {}", from.display()))?, to)
}

/// Writes a file unless it holds that already.
pub(crate) fn place_text(text: &[u8], to: &Path) -> Result<()> {
    if fs::read(to).is_ok_and(|present| present == text) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    }
    fs::write(to, text).with_context(|| format!("write {}", to.display()))
}

/// Says on the standard output what goes on.
pub(crate) fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").context("write to the standard output")
}

/// Where cargo builds.
fn target_folder() -> Result<PathBuf> {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| part("../target"), PathBuf::from);
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    folder.canonicalize().with_context(|| format!("find {}", folder.display()))
}
