//! The options of `scenario`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use scenario::{ReadyScenario, ScenarioSource};

const EXAMPLES: &str = "\
Examples:
  seeker-sim scenario init > my.toml
      A file in which every key stands with what it means and its default, as a comment.
  seeker-sim scenario init campaign-spike > my.toml
      A scenario that is part of the program, to start from.
  seeker-sim scenario check my.toml
      Everything that is wrong with it, with line and column.
  seeker-sim scenario show my.toml
      Everything that it means, defaults included.
  seeker-sim generate --scenario my.toml --seekers 1000 --days 14
  seeker-sim run --scenario weekday-morning --rate 50/s

Scenarios that are part of the program: job-board (what is played where none is named), aggregator, staffing-agency, campaign-spike,
weekday-morning.";

const INIT_EXAMPLES: &str = "\
Examples:
  seeker-sim scenario init > my.toml
  seeker-sim scenario init aggregator > my.toml";

const CHECK_EXAMPLES: &str = "\
Examples:
  seeker-sim scenario check my.toml
  seeker-sim scenario check monday.toml tuesday.toml

Exit codes: 0 all are sound, 2 one is not, or cannot be read.";

const SHOW_EXAMPLES: &str = "\
Examples:
  seeker-sim scenario show my.toml
  seeker-sim scenario show weekday-morning";

const SCHEMA_EXAMPLES: &str = "\
Examples:
  seeker-sim scenario schema > scenario.schema.json
      Beside a scenario that begins with `#:schema ./scenario.schema.json`, for editors that know TOML schemas.";

/// The options of `scenario`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ScenarioArgs {
    /// What is to be done.
    #[command(subcommand)]
    pub command: ScenarioCommand,
}

/// What can be done with scenarios.
#[derive(Debug, Subcommand)]
pub enum ScenarioCommand {
    /// Print a commented template, or a scenario that is part of the program.
    #[command(after_help = INIT_EXAMPLES)]
    Init {
        /// A scenario that is part of the program, in place of the template.
        #[arg(value_parser = parse_ready)]
        name: Option<ReadyScenario>,
    },
    /// Tell everything that is wrong with files; nothing when they are sound.
    #[command(after_help = CHECK_EXAMPLES)]
    Check {
        /// Files.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Print a scenario with everything in it, defaults included.
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// A file, or the name of a scenario that is part of the program.
        #[arg(value_name = "NAME|FILE", default_value_t)]
        scenario: ScenarioSource,
    },
    /// Print the JSON Schema of scenarios (draft-07), for editors.
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema,
}

fn parse_ready(name: &str) -> Result<ReadyScenario, String> {
    let names = scenario::READY.map(|ready| ready.name);
    ReadyScenario::named(name).ok_or_else(|| format!("expected one of {}", names.join(", ")))
}
