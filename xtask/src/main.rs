//! Chores of the workspace that are more than one command: `cargo xtask --help` lists them.

mod frozen;
mod mutate;
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
        #[arg(long, conflicts_with = "mutate")]
        check: bool,
        /// Write nothing; change each schema in every way and tell which changes no test vector notices.
        #[arg(long)]
        mutate: bool,
    },
}

fn main() -> Result<()> {
    match Cli::parse().chore {
        Chore::Schemas { mutate: true, .. } => mutate::run(),
        Chore::Schemas { check: true, .. } => schemas::check(&schemas_folder()),
        Chore::Schemas { .. } => schemas::write(&schemas_folder()),
    }
}

fn schemas_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").join("schemas")
}
