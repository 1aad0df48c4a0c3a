//! The options of `generate`, and their conversion to a plan.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::thread::available_parallelism;

use clap::Args;
use event_tools::generate::{EventForm, GeneratePlan, Shard};
use scenario::{Scenario, ScenarioSource};

use super::choice::Choice;
use super::parse_number;

const EXAMPLES: &str = "\
Examples:
  seeker-sim generate --seekers 1000 --days 14 --out events.ndjson.gz
      What a thousand job seekers do in two weeks, and what employers decide afterwards.
  seeker-sim generate --seekers 50 --days 1 --seed 7 | head
      The first events of a day, on standard output.
  seeker-sim generate --scenario staffing-agency --seekers 1000 --days 30 --out events.ndjson
      What happens on the site of a staffing agency.
  seeker-sim generate --seekers 100000 --days 14 --shard 2/4 --out events-2.ndjson.zst --searches searches-2.ndjson.zst
      The second quarter of a population, and the searches that its events follow from.

The same options and the same seed make the same bytes, with any number of threads. The shards of a population make the whole when
they are merged by time, and by event id where times are equal.";

/// The options of `generate`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct GenerateArgs {
    /// How many job seekers come, a few recruiters and staffing agencies among them.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = parse_number::<u64>)]
    pub seekers: u64,

    /// For how many days they come. Employers decide on applications after that too.
    #[arg(long, value_name = "D", default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub days: u32,

    /// Who comes and how they behave: the name of a scenario that is part of the program, or a file. `seeker-sim scenario --help` lists
    /// them.
    #[arg(long, value_name = "NAME|FILE", default_value_t)]
    pub scenario: ScenarioSource,

    /// What the random numbers are drawn from.
    #[arg(long, value_name = "S", default_value_t = 0, value_parser = parse_number::<u64>)]
    pub seed: u64,

    /// Where the events are written, one a line in the order of time; - for standard output. Compressed when the name ends in .gz or
    /// .zst.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub out: PathBuf,

    /// The form of the events: message; v3 or v4, the bodies of calls of these versions of the API; pubsub, the body of a call to
    /// publish.
    #[arg(long, value_name = "FORM", default_value_t, hide_possible_values = true, value_parser = Choice::of(&["message", "v3", "v4", "pubsub"], EventForm::from_str))]
    pub format: EventForm,

    /// Where the searches are written that events follow from, one a line, as `check --searches` reads them.
    #[arg(long, value_name = "FILE")]
    pub searches: Option<PathBuf>,

    /// Make only the k-th of n parts of the population, such as 1/4; n at most 64.
    #[arg(long, value_name = "K/N", default_value_t)]
    pub shard: Shard,

    /// How many threads make events. Default: as many as there are cores.
    #[arg(long, value_name = "N", value_parser = parse_number::<NonZeroUsize>)]
    pub threads: Option<NonZeroUsize>,
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
