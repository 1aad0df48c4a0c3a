//! Chores of the workspace that are more than one command: `cargo xtask --help` lists them.

mod schemas;

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Chores of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Write the generated files below schemas/, and delete those that are generated no more.
    Schemas {
        /// Write nothing; fail if a file differs, is missing or is not generated, and say which.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> Result<()> {
    match Cli::parse().chore {
        Chore::Schemas { check: true } => schemas::check(&schemas_folder()),
        Chore::Schemas { check: false } => schemas::write(&schemas_folder()),
    }
}

fn schemas_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").join("schemas")
}
