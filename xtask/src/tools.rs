//! The folder below `target/` in which tasks run tools of other languages. It holds the installed tools, which are kept between runs, and
//! the files that tasks generate. Tasks write nothing outside the folder.

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

/// The folder, locked by one task at a time.
#[derive(Debug)]
pub(crate) struct ToolFolder {
    folder: PathBuf,
    _lock: File,
}

impl ToolFolder {
    /// Opens the folder and creates it if necessary. Waits while another task uses it.
    pub(crate) fn open() -> Result<Self> {
        let folder = target_folder()?.join("xtask");
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        let path = folder.join("lock");
        let lock = File::create(&path).with_context(|| format!("create {}", path.display()))?;
        if lock.try_lock().is_err() {
            say(&format!("waiting for another task that uses {}", folder.display()))?;
            lock.lock().with_context(|| format!("lock {}", path.display()))?;
        }
        Ok(Self { folder, _lock: lock })
    }

    /// Returns Node.js with the packages of `xtask/tools/package.json`. Installs missing packages.
    pub(crate) fn node(&self) -> Result<Node> {
        Node::installed(&self.folder.join("node"))
    }

    /// Returns Python with the packages of `xtask/tools/requirements.txt`. Installs missing packages.
    pub(crate) fn python(&self) -> Result<Python> {
        Python::installed(&self.folder.join("python"))
    }

    /// Returns an empty folder for generated files.
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

    /// Returns a folder for generated files, with the files of earlier runs.
    pub(crate) fn kept(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        Ok(folder)
    }
}

/// Returns a path below `xtask/` in the checkout, for parts of a task that are not Rust.
pub(crate) fn part(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Copies a file. An identical file keeps its modification time, so that nothing is rebuilt for it.
pub(crate) fn place(from: &Path, to: &Path) -> Result<()> {
    place_text(&fs::read(from).with_context(|| format!("read {}", from.display()))?, to)
}

/// Writes a file unless it already has this content.
pub(crate) fn place_text(text: &[u8], to: &Path) -> Result<()> {
    if fs::read(to).is_ok_and(|present| present == text) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    }
    fs::write(to, text).with_context(|| format!("write {}", to.display()))
}

/// Prints progress on standard output.
pub(crate) fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").context("write to standard output")
}

/// Returns the target folder of cargo.
fn target_folder() -> Result<PathBuf> {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| part("../target"), PathBuf::from);
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    folder.canonicalize().with_context(|| format!("find {}", folder.display()))
}
