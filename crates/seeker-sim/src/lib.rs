//! The program `seeker-sim`: a load test of a service that receives ClientEvents, by simulated job seekers.
//!
//! Each command calls another crate: `run` is `seeker-run`, `serve` is `event-receiver`, `generate`, `check` and `stats` are `event-tools`, and
//! `report` is `run-report`.
//!
//! | module | task |
//! |---|---|
//! | `cli` | the command line: options, help texts, error messages |
//! | `commands` | reads the inputs of a command, calls the crate, prints the results |
//! | `exit` | the exit codes |
//! | `log` | the log lines of libraries |

pub mod cli;
pub mod exit;

mod commands;
mod log;
mod version;

use std::panic::AssertUnwindSafe;

use cli::Cli;
use exit::ExitCode;

pub use version::VERSION;

/// Executes the command line of the process, and returns its exit code.
pub fn main() -> ExitCode {
    log::start();
    ExitCode::of(AssertUnwindSafe(|| commands::execute(Cli::read(std::env::args_os()))))
}
