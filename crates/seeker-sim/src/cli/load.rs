//! The load options of `run`.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use load_plan::load::{LoadSpec, Pacing, Rate, Stage};

use super::choice::Choice;
use super::{parse_duration, parse_number};

/// The heading of these options in the help.
const HEADING: &str = "Load: one of --rate, --arrivals, --seekers and --stage";

/// The load. What contradicts itself is told by [`LoadSpec::check`].
#[derive(Clone, Debug, Args)]
pub struct LoadArgs {
    /// How many events are sent in how much time: 500/s, 30/min, 1/10s. As many seekers are started as it takes, and none is hurried
    /// or held back. Without a load it is 100/s.
    #[arg(long, help_heading = HEADING, value_name = "RATE")]
    pub rate: Option<Rate>,

    /// How many job seekers begin in how much time, in the same form; each sends what it sends.
    #[arg(long, help_heading = HEADING, value_name = "RATE")]
    pub arrivals: Option<Rate>,

    /// How many job seekers are there at all times: whoever leaves is replaced.
    #[arg(long, help_heading = HEADING, value_name = "N", value_parser = parse_number::<u64>)]
    pub seekers: Option<u64>,

    /// For how long: 30s, 5m, 1h30m. Without this option it is 30s.
    #[arg(long, help_heading = HEADING, value_name = "TIME", value_parser = parse_duration)]
    pub duration: Option<Duration>,

    /// A stage of a load that changes, as a time and what is wanted over it; given several times, one follows the other.
    /// 30s:0->2000/s ramps up, 1m:2000/s holds, 5s:9000/s is a spike if it is short, 20s:2000->0/s ramps down, and
    /// '2m:sine 200..1000/s every 30s' swings, from the lower end up. '30s:0->50 arrivals/s' counts seekers who begin,
    /// '30s:0->1000 seekers' seekers who are there; those who are too many leave instead of their next step.
    #[arg(long = "stage", help_heading = HEADING, value_name = "TIME:LOAD")]
    pub stages: Vec<Stage>,

    /// How long at the beginning events are sent that count for no figure but their own sum.
    #[arg(long, help_heading = HEADING, value_name = "TIME", value_parser = parse_duration)]
    pub warm_up: Option<Duration>,

    /// How events or arrivals are spread over time: steady or poisson [default: steady]
    ///
    /// steady: every second at a constant rate has the same number of events, at random places. poisson: a Poisson process with the same
    /// total, which has bursts and gaps as traffic from many independent clients has. --seekers has no pacing.
    #[arg(long, help_heading = HEADING, value_name = "PACING", hide_possible_values = true, value_parser = Choice::of(&Pacing::NAMES, Pacing::from_str))]
    pub pacing: Option<Pacing>,
}

impl From<LoadArgs> for LoadSpec {
    fn from(args: LoadArgs) -> Self {
        let LoadArgs { rate, arrivals, seekers, duration, stages, warm_up, pacing } = args;
        Self { rate, arrivals, seekers, duration, stages, warm_up, pacing }
    }
}
