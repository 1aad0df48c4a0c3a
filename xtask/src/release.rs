//! Release builds of programs of this workspace (profile `dist`), for tasks that measure them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// Builds these packages and returns the folder of their programs.
pub(crate) fn built(packages: &[&str]) -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--profile", "dist"]).args(packages.iter().flat_map(|package| ["-p", package]));
    ensure!(cargo.status().context("cannot start cargo")?.success(), "the build failed");
    folder()
}

/// The folder of the profile `dist`.
pub(crate) fn folder() -> Result<PathBuf> {
    let output =
        Command::new(env!("CARGO")).args(["metadata", "--format-version", "1", "--no-deps"]).stderr(Stdio::inherit()).output()?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).context("the output of cargo metadata is not JSON")?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata has no target folder")?;
    Ok(Path::new(folder).join("dist"))
}
