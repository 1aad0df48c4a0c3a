//! The options of `run` for the simulated job seekers.

use clap::{Args, ValueHint};
use scenario::ScenarioSource;
use seeker_run::service_url;
use url::Url;

use crate::cli::concealed::Concealed;
use crate::cli::parse_number;
use crate::cli::scenario::scenario_choice;

/// The simulated job seekers.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Seekers")]
pub struct SeekerArgs {
    /// Built-in scenario or TOML file with the seekers
    ///
    /// The built-in scenarios are job-board, aggregator, staffing-agency, campaign-spike and weekday-morning. Command-line
    /// options override the scenario.
    #[arg(long, value_name = "NAME|FILE", default_value_t, value_parser = scenario_choice(), hide_possible_values = true, value_hint = ValueHint::FilePath)]
    pub scenario: ScenarioSource,

    /// Simulated seconds per second [default: 60, or as in the scenario]
    ///
    /// With 1, seekers take as long as real people, so a short run contains only the start of their journeys.
    #[arg(long, value_name = "FACTOR")]
    pub(super) speed: Option<f64>,

    /// Seed of all random numbers [default: random]
    ///
    /// The same seed gives the same seekers and the same event ids. The summary and the report contain the seed.
    #[arg(long, value_name = "N", value_parser = parse_number::<u64>)]
    pub seed: Option<u64>,

    /// Maximum number of live job seekers
    ///
    /// Pending alerts and pending decisions of employers count too. Each seeker takes about 0.5 KB of memory.
    #[arg(long, value_name = "N", default_value_t = 1_000_000, hide_short_help = true, value_parser = parse_number::<u64>)]
    pub(super) seekers_max: u64,

    /// Send the searches of seekers to the jobs:search API of this service
    ///
    /// The events then have the request ids and job names of the answers, instead of those of the built-in catalogue. A URL
    /// without a path gets /v4/projects/{project}/tenants/{tenant}/jobs:search. Searches carry the token and the headers, use
    /// separate connections (up to --connections), and are not part of the load.
    #[arg(long, value_name = "URL", hide_short_help = true, value_hint = ValueHint::Url, value_parser = Concealed::in_url(service_url))]
    pub(super) search: Option<Url>,
}
