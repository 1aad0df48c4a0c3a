//! Optimized builds of the programs of this workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// Builds these packages in this profile and returns the folder of their programs.
pub(crate) fn built(profile: &str, packages: &[&str]) -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--profile", profile]).args(packages.iter().flat_map(|package| ["-p", package]));
    ensure!(cargo.status().context("cannot start cargo")?.success(), "the build failed");
    folder(profile)
}

/// The folder of the programs of this profile.
pub(crate) fn folder(profile: &str) -> Result<PathBuf> {
    let output =
        Command::new(env!("CARGO")).args(["metadata", "--format-version", "1", "--no-deps"]).stderr(Stdio::inherit()).output()?;
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).context("the output of cargo metadata is not JSON")?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata has no target folder")?;
    Ok(Path::new(folder).join(profile))
}
