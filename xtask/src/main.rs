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
mod release;
mod scenarios;
mod schemas;
mod table;
mod tools;
mod usage;
mod validators;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

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
    /// Write the generated files below schemas/ and docs/src/reference/, and delete those that are generated no more.
    Schemas {
        /// Write nothing; fail if a file differs, is missing or is not generated, and say which.
        #[arg(long, conflicts_with = "mutate")]
        check: bool,
        /// Write nothing; change each schema in every way and tell which changes no test vector notices.
        #[arg(long)]
        mutate: bool,
    },
    /// Generate types of the message in TypeScript, Python, Rust, Go and Java, compile them, and take simulated events through
    /// them.
    ///
    /// Needs node with npm, python3 with pip, and a registry for each, the first time; it works below target/xtask. A compiler
    /// that is not there is reported, and what needs it is not checked.
    Codegen {
        /// Fail as well if something could not be checked.
        #[arg(long)]
        complete: bool,
        /// The folder of Jackson's jars: jackson-annotations.jar, jackson-core.jar, jackson-databind.jar.
        #[arg(long, value_name = "FOLDER", default_value = "/usr/share/java")]
        jackson: PathBuf,
        /// Another folder than schemas/ to take the schemas from.
        #[arg(long, value_name = "FOLDER", default_value_os_t = schemas_folder(), hide_default_value = true)]
        schemas: PathBuf,
    },
    /// Let validators of JavaScript and Python judge every test vector below schemas/, and fail where they disagree with it.
    ///
    /// Needs node with npm, python3 with pip, and a registry for each, the first time; it works below target/xtask.
    Validators {
        /// Another folder than schemas/ to take schemas and vectors from.
        #[arg(long, value_name = "FOLDER", default_value_os_t = schemas_folder(), hide_default_value = true)]
        schemas: PathBuf,
    },
    /// Let taplo, a linter of TOML, judge the template of scenarios, the ready ones, and one that is wrong, by the generated schema.
    ///
    /// Needs python3 with pip, and a registry, the first time; it works below target/xtask.
    Scenarios,
    /// Run the fuzz targets of fuzz/, from corpora that are made of the test vectors, and fail where an input breaks one.
    ///
    /// Needs cargo-fuzz (`cargo install cargo-fuzz --locked`) and a C++ compiler.
    Fuzz {
        #[command(flatten)]
        length: fuzz::Length,
        /// The targets. Default: all.
        targets: Vec<String>,
    },
    /// Measure `seeker-sim check` beside a plain loop that reads lines and parses each: events a second of CPU time, and memory, for
    /// a stream and for one that is ten times longer.
    ///
    /// Builds with the profile dist, and writes the streams below target/xtask (5 GB for the default). Fails where a bar is missed, which a
    /// machine that is busy with something else may well do.
    MeasureCheck {
        /// How many events the shorter stream has.
        #[arg(long, value_name = "N", default_value_t = 1_000_000)]
        events: u64,
        /// How often each is measured; the best counts.
        #[arg(long, value_name = "N", default_value_t = 3)]
        rounds: u32,
    },
    /// Measure `seeker-sim report compare` on real runs: false alarms between equal targets, and how often a slower target and more errors
    /// are found.
    ///
    /// Builds with the profile dist and takes 22 seconds for each pair. Fails if more than 1 % of equal pairs are called a regression, or less than
    /// 95 % of the others are found.
    CompareCheck {
        /// How many pairs of each kind to compare.
        #[arg(long, value_name = "N", default_value_t = 100)]
        pairs: u32,
    },
    /// Measure how events lie in time at a receiver: the index of dispersion over 1 ms to 1 s, for both pacings of `seeker-sim run`.
    ///
    /// Builds with the profile dist unless --program is given, and sends over the loopback interface. Fails where Poisson arrivals have another index than 1, which a machine
    /// that is busy with something else may well do.
    PacingCheck {
        /// How many events are sent in a second.
        #[arg(long, value_name = "N", default_value_t = 5_000)]
        rate: u32,
        /// How long each pacing is measured. An index over 1 s is judged from 804 s on.
        #[arg(long, value_name = "N", default_value_t = 810)]
        seconds: u32,
        /// The seed of the runs.
        #[arg(long, value_name = "N", default_value_t = 1)]
        seed: u64,
        /// A `seeker-sim` that is built already, to measure instead.
        #[arg(long, value_name = "FILE")]
        program: Option<PathBuf>,
    },
    /// Measure load generators side by side, each as fast as it can: this one, wrk, h2load, oha, hey, goose, autocannon, locust. Tells
    /// requests a second and CPU time of the generator per request.
    ///
    /// Needs Linux with two cores, and wrk, h2load and hey on the PATH (Debian: wrk, nghttp2-client, hey); the others are installed below
    /// target/xtask the first time, with npm, python3 with venv, and registries. What is not there is left out.
    Peers {
        /// How long each is measured each time.
        #[arg(long, value_name = "N", default_value_t = 5)]
        seconds: u32,
        /// How often each is measured.
        #[arg(long, value_name = "N", default_value_t = 3)]
        rounds: u32,
        /// Only these.
        #[arg(value_name = "GENERATOR")]
        only: Vec<peers::Generator>,
    },
    /// Search for the capacity of a receiver with a known limit, again and again, and compare the results with the limit.
    ///
    /// Builds with the profile dist, starts `seeker-sim serve --max-rate` as a process of its own and prints a table of the searches. Fails if a result is
    /// farther than 5 % from the limit or from another result.
    CapacityCheck(capacity_check::CapacityCheck),
    /// Attack a receiver with thousands of slow clients, beside a load test, and fail if the receiver takes 300 MB, misses a health check or
    /// an event of the load test.
    ///
    /// Needs Linux, and 20,000 open files (ulimit -n). Builds with the profile dist unless --program is given, and sends over the loopback interface.
    AttackReceiver(attack_receiver::AttackReceiver),
    /// A program that measure-check measures, or the one that measures it.
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
            // Print the error with its causes, without the backtrace that `anyhow` adds if RUST_BACKTRACE is set: these errors are not
            // bugs.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> Result<()> {
    match chore {
        Chore::AttackReceiver(plan) => attack_receiver::run(&plan),
        Chore::CapacityCheck(check) => capacity_check::run(&check),
        Chore::Schemas { mutate: true, .. } => mutate::run(),
        Chore::Schemas { check: true, .. } => schemas::check(&workspace()),
        Chore::Schemas { .. } => schemas::write(&workspace()),
        Chore::Codegen { complete, jackson, schemas } => codegen::run(&schemas, &jackson, complete),
        Chore::CompareCheck { pairs } => compare_check::run(pairs),
        Chore::MeasureCheck { events, rounds } => measure_check::run(events, rounds),
        Chore::Measured { part } => measure_check::part(&part),
        Chore::PacingCheck { rate, seconds, seed, program } => pacing_check::run(rate, seconds, seed, program),
        Chore::Peers { seconds, rounds, only } => peers::run(seconds, rounds, &only),
        Chore::Fuzz { length, targets } => fuzz::run(&schemas_folder(), length, &targets),
        Chore::Scenarios => scenarios::run(&schemas_folder()),
        Chore::Validators { schemas } => validators::run(&schemas),
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

fn schemas_folder() -> PathBuf {
    workspace().join("schemas")
}
