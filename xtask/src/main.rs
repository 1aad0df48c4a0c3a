//! Tasks of the workspace that need more than one command: `cargo xtask --help` lists them. This file contains only the command line.

mod attack_receiver;
mod capacity_check;
mod codegen;
mod compare_check;
#[cfg(test)]
mod documents;
mod frozen;
mod fuzz;
mod measure_check;
mod mutate;
mod pacing_check;
mod peers;
mod receiver_process;
mod reference;
mod release;
mod scenarios;
mod schemas;
mod screenshots;
mod table;
mod tools;
mod usage;
mod validators;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Tasks of the workspace: generated files and their checks, and long measurements.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Write the generated files below schemas/ and docs/src/reference/, and delete files that are no longer generated.
    Schemas {
        /// Write nothing; fail if a file differs, is missing or is not generated.
        #[arg(long, conflicts_with = "mutate")]
        check: bool,
        /// Write nothing; list the schema mutations that no test vector detects.
        #[arg(long)]
        mutate: bool,
    },
    /// Generate the message types in TypeScript, Python, Rust, Go and Java, compile them, and test them with simulated events.
    ///
    /// Needs node with npm, python3 with pip, and the package registries on the first run. Works below target/xtask. Reports each missing
    /// compiler and skips its checks.
    Codegen {
        /// Fail if a check could not run.
        #[arg(long)]
        complete: bool,
        /// The folder with the jars of Jackson.
        ///
        /// The files are jackson-annotations.jar, jackson-core.jar and jackson-databind.jar.
        #[arg(long, value_name = "FOLDER", default_value = "/usr/share/java")]
        jackson: PathBuf,
        /// Read the schemas from this folder instead of schemas/.
        #[arg(long, value_name = "FOLDER", default_value_os_t = schemas_folder(), hide_default_value = true)]
        schemas: PathBuf,
    },
    /// Check every test vector below schemas/ with JavaScript and Python validators. Fail if a verdict differs from the vector.
    ///
    /// Needs node with npm, python3 with pip, and the package registries on the first run. Works below target/xtask.
    Validators {
        /// Read schemas and vectors from this folder instead of schemas/.
        #[arg(long, value_name = "FOLDER", default_value_os_t = schemas_folder(), hide_default_value = true)]
        schemas: PathBuf,
    },
    /// Check the scenario template, the built-in scenarios and invalid scenarios with the TOML linter taplo and the generated schema.
    ///
    /// Needs python3 with pip, and the package registry on the first run. Works below target/xtask.
    Scenarios,
    /// Run the fuzz targets of fuzz/ with corpora from the test vectors. Fail if an input breaks a target.
    ///
    /// Needs cargo-fuzz (`cargo install cargo-fuzz --locked`) and a C++ compiler.
    Fuzz {
        #[command(flatten)]
        length: fuzz::Length,
        /// The fuzz targets to run. Default: all.
        targets: Vec<String>,
    },
    /// Measure `seeker-sim check` against a plain loop that reads and parses lines: events per CPU second, and memory, for a stream and for
    /// a stream that is ten times as long.
    ///
    /// Builds with the profile dist, and writes the streams below target/xtask (5 GB by default). Fails if a limit is missed, which also
    /// happens on a busy machine.
    MeasureCheck {
        /// The number of events in the shorter stream.
        #[arg(long, value_name = "N", default_value_t = 1_000_000)]
        events: u64,
        /// The number of measurements of each program. The best one counts.
        #[arg(long, value_name = "N", default_value_t = 3)]
        rounds: u32,
    },
    /// Measure `seeker-sim report compare` on real runs: how often it reports a regression between equal targets, and how often it finds a
    /// slower target or more errors.
    ///
    /// Builds with the profile dist and takes 22 seconds per pair. Fails if it reports more than 1 % of equal pairs as a regression, or
    /// finds less than 95 % of the regressions.
    CompareCheck {
        /// The number of pairs of each kind.
        #[arg(long, value_name = "N", default_value_t = 100)]
        pairs: u32,
    },
    /// Measure the distribution of arrival times at a receiver: the index of dispersion over 1 ms to 1 s, for both pacings of
    /// `seeker-sim run`.
    ///
    /// Builds with the profile dist unless --program is given, and sends over the loopback interface. Fails if the index of Poisson
    /// arrivals is not close to 1, which also happens on a busy machine.
    PacingCheck {
        /// The number of events per second.
        #[arg(long, value_name = "N", default_value_t = 5_000)]
        rate: u32,
        /// The duration of the measurement of each pacing, in seconds.
        ///
        /// The index over 1 s is judged from 804 s on.
        #[arg(long, value_name = "N", default_value_t = 810)]
        seconds: u32,
        /// The seed of the runs.
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// Measure this `seeker-sim` binary instead of a new build.
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
    },
    /// Measure load generators at full speed: this project, wrk, h2load, oha, hey, goose, autocannon and locust. Prints requests a second
    /// and CPU time of the generator per request.
    ///
    /// Needs Linux with two cores, and wrk, h2load and hey on the PATH (Debian: wrk, nghttp2-client, hey). Installs the other generators
    /// below target/xtask on the first run, with npm, python3 with venv, and the package registries. Skips missing generators.
    Peers {
        /// The duration of a measurement in seconds.
        #[arg(long, value_name = "N", default_value_t = 5)]
        seconds: u32,
        /// The number of measurements of each generator.
        #[arg(long, value_name = "N", default_value_t = 3)]
        rounds: u32,
        /// The generators to measure. Default: all.
        #[arg(value_name = "GENERATOR")]
        only: Vec<peers::Generator>,
    },
    /// Search repeatedly for the capacity of a receiver with a known limit, and compare the results with the limit.
    ///
    /// Builds with the profile dist, starts `seeker-sim serve --max-rate` in its own process and prints a table of the searches. Fails if
    /// a result differs by more than 5 % from the limit or from another result.
    CapacityCheck(capacity_check::CapacityCheck),
    /// Make the pictures of the README and the documentation from a real run of half a minute.
    ///
    /// Needs chromium (Debian: chromium). Builds with the profile release, and writes docs/src/images.
    Screenshots,
    /// Attack a receiver with thousands of slow clients during a load test. Fail if the receiver uses 300 MB, or fails a health check or an
    /// event of the load test.
    ///
    /// Needs Linux and 20,000 open files (ulimit -n). Builds with the profile dist unless --program is given, and sends over the loopback
    /// interface.
    AttackReceiver(attack_receiver::AttackReceiver),
    /// A process of measure-check.
    #[command(hide = true)]
    Measured {
        #[command(subcommand)]
        part: measure_check::Part,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Prints the error with its causes, but without the backtrace that `anyhow` adds if RUST_BACKTRACE is set. These errors are
            // not bugs.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Task) -> Result<()> {
    match chore {
        Task::AttackReceiver(plan) => attack_receiver::run(&plan),
        Task::CapacityCheck(check) => capacity_check::run(&check),
        Task::Schemas { mutate: true, .. } => mutate::run(),
        Task::Schemas { check: true, .. } => schemas::check(&workspace()),
        Task::Schemas { .. } => schemas::write(&workspace()),
        Task::Codegen { complete, jackson, schemas } => codegen::run(&schemas, &jackson, complete),
        Task::CompareCheck { pairs } => compare_check::run(pairs),
        Task::MeasureCheck { events, rounds } => measure_check::run(events, rounds),
        Task::Measured { part } => measure_check::part(&part),
        Task::PacingCheck { rate, seconds, seed, program } => pacing_check::run(rate, seconds, seed, program),
        Task::Peers { seconds, rounds, only } => peers::run(seconds, rounds, &only),
        Task::Fuzz { length, targets } => fuzz::run(&schemas_folder(), length, &targets),
        Task::Screenshots => screenshots::make(&docs_folder().join("src/images")),
        Task::Scenarios => scenarios::run(&schemas_folder()),
        Task::Validators { schemas } => validators::run(&schemas),
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

fn schemas_folder() -> PathBuf {
    workspace().join("schemas")
}

fn docs_folder() -> PathBuf {
    workspace().join("docs")
}
