//! The load options of `run`.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use load_plan::load::{LoadSpec, Pacing, Rate, Stage};

use crate::cli::choice::Choice;
use crate::cli::{parse_duration, parse_number};

/// The load. [`LoadSpec::check`] finds contradictions.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Load: one of --rate, --arrivals, --seekers, --stage")]
pub struct LoadArgs {
    /// Events per time, such as 500/s, 30/min or 1/10s [default: 100/s]
    ///
    /// The open model: events are sent on schedule even if the target slows down. The simulator starts new seekers when the rate
    /// is too low, and never changes the think times of a seeker.
    #[arg(long, short = 'r', value_name = "RATE")]
    rate: Option<Rate>,

    /// New job seekers per time, such as 5/s; each follows its own journey
    #[arg(long, value_name = "RATE")]
    arrivals: Option<Rate>,

    /// Constant number of live job seekers, such as 1000
    ///
    /// A new seeker replaces each seeker that leaves.
    #[arg(long, value_name = "N", value_parser = parse_number::<u64>)]
    seekers: Option<u64>,

    /// Stage of a load that changes, such as '30s:0->2000/s'; repeatable
    ///
    /// Stages follow one another. '30s:0->2000/s' is a ramp. 1m:2000/s is constant. '2m:sine 200..1000/s every 30s' is a wave
    /// that starts at 200/s. '30s:0->50 arrivals/s' ramps new seekers per second, '30s:0->1000 seekers' ramps live seekers. On the
    /// way down, surplus seekers leave before their next event.
    #[arg(long = "stage", value_name = "TIME:LOAD")]
    stages: Vec<Stage>,

    /// Length of the load, such as 30s, 5m or 1h30m [default: 30s]
    #[arg(long, short = 'd', value_name = "TIME", value_parser = parse_duration)]
    duration: Option<Duration>,

    /// Warm-up at the start; excluded from results
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    warm_up: Option<Duration>,

    /// Spacing of events or arrivals: steady or poisson [default: steady]
    ///
    /// steady: at a constant rate, every second has the same number of events, at random times. poisson: a Poisson process with
    /// the same total. It has bursts and gaps, as from many independent clients. --seekers has no pacing.
    #[arg(
        long,
        value_name = "PACING",
        hide_short_help = true,
        hide_possible_values = true,
        value_parser = Choice::of(&Pacing::NAMES, Pacing::from_str)
    )]
    pacing: Option<Pacing>,
}

impl From<LoadArgs> for LoadSpec {
    fn from(args: LoadArgs) -> Self {
        let LoadArgs { rate, arrivals, seekers, duration, stages, warm_up, pacing } = args;
        Self { rate, arrivals, seekers, duration, stages, warm_up, pacing }
    }
}
