//! The parsed command line, without I/O. Each command has its own file.

mod batches;
mod byte_size;
mod check;
mod choice;
mod completions;
mod concealed;
mod generate;
mod load;
mod man;
mod metrics;
mod report;
mod run;
mod scenario;
mod schema;
mod serve;
mod stats;
mod thresholds;

use std::net::SocketAddr;
use std::str::FromStr;

use clap::{Parser, Subcommand};
use load_plan::units::parse_duration;

use crate::version::VERSION;

pub use batches::BatchArgs;
pub use check::CheckArgs;
pub use completions::CompletionsArgs;
pub use generate::GenerateArgs;
pub use load::LoadArgs;
pub use man::{ManArgs, ManPage};
pub use metrics::MetricsArgs;
pub use report::{CompareArgs, ReportArgs, ReportCommand};
pub use run::RunArgs;
pub use scenario::{ScenarioArgs, ScenarioCommand};
pub use schema::SchemaArgs;
pub use serve::ServeArgs;
pub use stats::StatsArgs;
pub use thresholds::ThresholdArgs;

const EXAMPLES: &str = "\
Examples:
  seeker-sim run --duration 10s --rate 500/s
      Ten seconds of events to a receiver that is started for it.
  seeker-sim run --target https://jobs.example/events --rate 50/s --duration 1m --token-file token.txt
      A minute of events to your service.
  seeker-sim run --stage '30s:0->2000/s' --stage 1m:2000/s --stage '20s:2000->0/s' --warm-up 10s
      A load that grows, stays and falls; the first ten seconds count for no figure.
  seeker-sim run --seekers 1000 --duration 5m
      A thousand job seekers at all times, who send what they send.
  seeker-sim run --rate 200/s --threshold 'latency.p99 < 50ms' --threshold 'refused == 0' --abort-on-threshold --junit run.xml
      For continuous integration: what must hold, told by the exit code and as JUnit XML; over at the first event that is refused.
  seeker-sim run --target https://jobs.example --format v4 --search https://jobs.example --project p --tenant t --token-file token.txt
      Seekers who send events about what your service's own search has answered.
  seeker-sim run --target https://jobs.example/events --find-capacity 'latency.p99 < 50ms'
      The highest rate that your service holds, with the latency at each rate on the way.
  seeker-sim run --rate 20000/s --batch 100 --batch-wait 5ms
      Up to a hundred events in one request, which wait at most five milliseconds for one another.
  seeker-sim run --target - --rate 50/s --duration 1h | your-producer
      A line for each event on standard output, when it is due.
  seeker-sim serve --bind 127.0.0.1:8080
      A service that receives events, for teams that have none yet.
  seeker-sim generate --seekers 1000 --days 14 --out events.ndjson.gz
      The events of a thousand job seekers in two weeks.
  seeker-sim check events.ndjson
      Events that were recorded, held against the rules of the message.
  seeker-sim report compare before.json after.json
      What got worse from one run to the next.
  seeker-sim schema --role send > client-event.send.schema.json
      The JSON Schema that a producer checks its events against.
  seeker-sim completions bash > ~/.local/share/bash-completion/completions/seeker-sim
      What the shell needs to complete commands and options.

Exit codes: 0 passed, 1 a threshold was missed or check found something, 2 bad input, 3 the run is not trustworthy (the generator was the limit),
4 the target cannot be reached, 5 internal error, 130 interrupted.";

/// Load-tests a service that receives ClientEvents with job seekers that behave like job seekers.
#[derive(Debug, Parser)]
#[command(name = "seeker-sim", version = VERSION, after_help = EXAMPLES, propagate_version = true)]
pub struct Cli {
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Let job seekers send events to a service, and report how it did.
    Run(Box<RunArgs>),
    /// Receive events: POST /clientEvents and /clientEvents:batch, GET /summary, GET /healthz.
    Serve(ServeArgs),
    /// Make events without a service: what job seekers do over days, as a file.
    Generate(GenerateArgs),
    /// Make, check and show scenarios: who comes and how they behave.
    Scenario(ScenarioArgs),
    /// Measure recorded events: who, how often, when, where, beside what was published.
    Stats(StatsArgs),
    /// Hold recorded events against the rules of the message.
    Check(CheckArgs),
    /// Show reports of runs again, compare them, and merge those of several generators.
    Report(ReportArgs),
    /// Print a JSON Schema of the message, or write the files.
    Schema(SchemaArgs),
    /// Print what a shell needs to complete commands and options.
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command.
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
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
