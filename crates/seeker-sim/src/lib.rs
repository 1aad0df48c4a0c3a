//! The program `seeker-sim`: a load test of a service that receives ClientEvents, by simulated job seekers.
//!
//! This library is the part of the program that other programs of the workspace read: the command line, with its options and help texts, and
//! the exit codes. The commands call other crates: `run` is `seeker-run`, `serve` is `event-receiver`, `generate`, `check` and `stats` are
//! `event-tools`, and `report` is `run-report`.

pub mod cli;
pub mod exit;
pub mod schema_files;

mod serve;
mod version;

pub use serve::serve;
pub use version::VERSION;
