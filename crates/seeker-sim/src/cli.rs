//! The parsed command line, without I/O. Each command has its own file.

mod byte_size;
mod check;
mod choice;
mod completions;
mod concealed;
mod figures;
mod foreign_options;
mod generate;
mod help_page;
mod man;
mod report;
mod run;
mod scenario;
mod schema;
mod serve;
mod shard;
mod stats;
mod suggestion;
mod usage_error;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::str::FromStr;

use clap::{Parser, Subcommand};
use load_plan::units::parse_duration;

use crate::version::VERSION;

pub use check::{CheckArgs, RuleSeverity, Topic};
pub use completions::CompletionsArgs;
pub use generate::GenerateArgs;
pub use help_page::{DOCS_URL, Example, HelpPage};
pub use man::{ManArgs, ManPage};
pub use report::{CompareArgs, MergeArgs, ReportArgs, ReportCommand};
pub use run::{ConnectionArgs, GeneratorArgs, LoadArgs, OutputArgs, RequestArgs, RunArgs, SeekerArgs, TargetArgs, VerdictArgs};
pub use scenario::{ScenarioArgs, ScenarioCommand};
pub use schema::SchemaArgs;
pub use serve::ServeArgs;
pub use stats::StatsArgs;

const HELP: HelpPage = HelpPage {
    examples: &[
        Example {
            command: "seeker-sim run https://jobs.example/events --rate 50/s --duration 1m",
            purpose: "Send events to your service for one minute.",
        },
        Example { command: "seeker-sim serve --bind 127.0.0.1:8080", purpose: "Receive events, if you have no service yet." },
        Example { command: "seeker-sim check events.ndjson", purpose: "Check recorded events against the rules of the message." },
        Example {
            command: "seeker-sim generate --seekers 1000 --days 14 --out events.ndjson.gz",
            purpose: "Write the events of 1000 job seekers in two weeks.",
        },
        Example { command: "seeker-sim report compare before.json after.json", purpose: "Find regressions between two runs." },
        Example {
            command: "seeker-sim schema --role send > client-event.send.schema.json",
            purpose: "Print the JSON Schema for producers.",
        },
        Example {
            command: "seeker-sim completions bash > ~/.local/share/bash-completion/completions/seeker-sim",
            purpose: "Complete commands, options and values in your shell.",
        },
    ],
    notes: "`seeker-sim COMMAND --help` describes a command.",
    exit_codes: &[
        (0, "passed, or done"),
        (1, "a threshold was missed, check found violations, or compare found a regression"),
        (2, "bad input"),
        (3, "not trustworthy: the generator was the limit"),
        (4, "the target cannot be reached"),
        (5, "internal error"),
        (130, "interrupted by a signal"),
    ],
    docs: "index",
};

/// Realistic job-seeker events for services that receive ClientEvents: load tests, checks and data sets
#[derive(Debug, Parser)]
#[command(
    name = "seeker-sim",
    version = VERSION,
    propagate_version = true,
    max_term_width = 100,
    after_help = HELP.short(),
    after_long_help = HELP.long()
)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Parses a command line, with its first argument.
    ///
    /// # Errors
    ///
    /// The requested help text, or a message that says what was expected. It suggests an option for an unknown one.
    pub fn read<T: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = T>) -> Result<Self, clap::Error> {
        let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        Self::try_parse_from(&arguments).map_err(|error| usage_error::explain(error, &arguments))
    }

    /// Returns what the help text of a command says after the options. The path is that of the command, such as `report show`, or empty.
    pub fn help_page(path: &str) -> Option<&'static HelpPage> {
        let page = match path {
            "" => &HELP,
            "run" => &run::HELP,
            "serve" => &serve::HELP,
            "generate" => &generate::HELP,
            "scenario" => &scenario::HELP,
            "scenario init" => &scenario::INIT_HELP,
            "scenario check" => &scenario::CHECK_HELP,
            "scenario show" => &scenario::SHOW_HELP,
            "scenario schema" => &scenario::SCHEMA_HELP,
            "stats" => &stats::HELP,
            "check" => &check::HELP,
            "report" => &report::HELP,
            "report show" => &report::SHOW_HELP,
            "report compare" => &report::COMPARE_HELP,
            "report merge" => &report::MERGE_HELP,
            "schema" => &schema::HELP,
            "completions" => &completions::HELP,
            "man" => &man::HELP,
            _ => return None,
        };
        Some(page)
    }
}

/// Returns the long options of other load generators that this command line translates.
pub fn foreign_option_names() -> impl Iterator<Item = &'static str> {
    foreign_options::TABLE.iter().flat_map(|entry| entry.names).copied().filter(|name| name.starts_with("--"))
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send the events of simulated job seekers to a service, and report the results
    Run(Box<RunArgs>),
    /// Receive events over HTTP
    Serve(ServeArgs),
    /// Write the events of simulated job seekers to a file, without a service
    Generate(GenerateArgs),
    /// Create, check and print scenarios: the seekers, their behaviour and the load
    Scenario(ScenarioArgs),
    /// Print statistics of recorded events beside published values
    Stats(StatsArgs),
    /// Check recorded events against the rules of the message
    Check(CheckArgs),
    /// Show, compare and merge the reports of runs
    Report(ReportArgs),
    /// Print a JSON Schema of the message, or write all schemas
    Schema(SchemaArgs),
    /// Print a shell completion script
    Completions(CompletionsArgs),
    /// Print the manual page, or write one per command
    Man(ManArgs),
}

/// Parses a whole number; types without a zero accept only numbers above 0.
fn parse_number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| {
        let is_whole = text.bytes().all(|byte| byte.is_ascii_digit());
        if is_whole && text.bytes().any(|byte| byte != b'0') {
            "expected a smaller number".to_owned()
        } else {
            format!("expected a whole number, at least {}", u8::from("0".parse::<T>().is_err()))
        }
    })
}

fn parse_bind(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "expected an address and a port, such as 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080".to_owned())
}

#[cfg(test)]
mod tests;
