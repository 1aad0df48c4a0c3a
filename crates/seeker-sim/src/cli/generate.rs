//! The options of `generate`, and their conversion to a plan.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread::available_parallelism;

use clap::{Args, ValueHint};
use event_tools::generate::{EventForm, GeneratePlan, Shard};
use scenario::{Scenario, ScenarioSource};

use super::choice::Choice;
use super::help_page::{Example, HelpPage};
use super::parse_number;
use super::scenario::scenario_choice;
use super::shard::parse_shard;

const POPULATION: &str = "Population";
const OUTPUT: &str = "Output";

pub(super) const HELP: HelpPage = HelpPage {
    examples: &[
        Example {
            command: "seeker-sim generate --seekers 1000 --days 14 --out events.ndjson.gz",
            purpose: "Write the events of 1000 job seekers in two weeks, and the decisions of employers.",
        },
        Example {
            command: "seeker-sim generate --seekers 50 --days 1 --seed 7 | head",
            purpose: "Print the first events of a day.",
        },
        Example {
            command: "seeker-sim generate --scenario staffing-agency --out events.ndjson",
            purpose: "Simulate the site of a staffing agency.",
        },
        Example {
            command: "seeker-sim generate --seekers 100000 --shard 2/4 --out events-2.ndjson.zst",
            purpose: "Write the second of four parts of a population.",
        },
        Example {
            command: "seeker-sim generate --out events.ndjson --searches searches.ndjson",
            purpose: "Write the searches too, for `seeker-sim check --searches searches.ndjson`.",
        },
    ],
    notes: "The same options and the same seed give the same bytes, with any number of threads.\n\
            Merge shards by time, and by event id where times are equal, to get the whole population.",
    exit_codes: &[(0, "written"), (2, "bad input"), (5, "the output cannot be written")],
    docs: "guides/generate",
};

/// The options of `generate`.
#[derive(Debug, Args)]
#[command(after_help = HELP.short(), after_long_help = HELP.long())]
pub struct GenerateArgs {
    /// Number of job seekers
    ///
    /// The number includes a few recruiters and staffing agencies.
    #[arg(long, help_heading = POPULATION, value_name = "N", default_value_t = 1_000, value_parser = parse_number::<u64>)]
    pub seekers: u64,

    /// Number of days on which new job seekers arrive
    ///
    /// The decisions of employers can be later.
    #[arg(long, help_heading = POPULATION, value_name = "D", default_value_t = 14, value_parser = parse_days)]
    pub days: u32,

    /// Built-in scenario or TOML file with the seekers
    ///
    /// The built-in scenarios are job-board, aggregator, staffing-agency, campaign-spike and weekday-morning.
    #[arg(
        long,
        help_heading = POPULATION,
        value_name = "NAME|FILE",
        default_value_t,
        hide_possible_values = true,
        value_parser = scenario_choice(),
        value_hint = ValueHint::FilePath
    )]
    pub scenario: ScenarioSource,

    /// Seed of all random numbers
    #[arg(long, help_heading = POPULATION, value_name = "S", default_value_t = 0, value_parser = parse_number::<u64>)]
    pub seed: u64,

    /// Write part K of N of the population, such as 1/4, or auto
    ///
    /// N is at most 64. auto takes the part from an engine such as srun, as `run --shard auto` does.
    #[arg(long, help_heading = POPULATION, value_name = "K/N|auto", default_value_t, value_parser = parse_shard)]
    pub shard: Shard,

    /// Output file, compressed for .gz and .zst [default: standard output]
    ///
    /// The file has one event per line, in order of time. With -, the events go to standard output.
    #[arg(long, short = 'o', help_heading = OUTPUT, value_name = "FILE", default_value = "-", hide_default_value = true, value_hint = ValueHint::FilePath)]
    pub out: PathBuf,

    /// Message format: message, v3, v4, v4beta1 or pubsub
    ///
    /// v3, v4 and v4beta1 are request bodies of these API versions. pubsub is the body of a publish request.
    #[arg(
        long,
        help_heading = OUTPUT,
        value_name = "FORMAT",
        default_value_t,
        hide_possible_values = true,
        value_parser = Choice::of(&["message", "v3", "v4", "v4beta1", "pubsub"], EventForm::from_str)
    )]
    pub format: EventForm,

    /// Write the searches that led to the events, one per line
    ///
    /// `seeker-sim check --searches` reads this file.
    #[arg(long, help_heading = OUTPUT, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub searches: Option<PathBuf>,

    /// Number of threads [default: number of cores]
    #[arg(long, help_heading = OUTPUT, value_name = "N", value_parser = parse_number::<NonZeroUsize>)]
    pub threads: Option<NonZeroUsize>,
}

/// Parses a number of days, at most a century.
fn parse_days(text: &str) -> Result<u32, String> {
    let days = text.parse().ok().filter(|days| (1..=36_500).contains(days));
    days.ok_or_else(|| "expected a number of days from 1 to 36500".to_owned())
}

impl GenerateArgs {
    /// Converts the options to a plan with this scenario.
    pub fn plan(&self, scenario: Scenario) -> GeneratePlan {
        GeneratePlan {
            scenario,
            seekers: self.seekers,
            days: self.days,
            seed: self.seed,
            form: self.format,
            shard: self.shard,
            threads: self.threads.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN),
        }
    }
}
