//! The options of `scenario`.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::LazyLock;

use clap::builder::TypedValueParser;
use clap::{Args, Subcommand, ValueHint};
use scenario::{BUILT_IN, BuiltInScenario, ScenarioSource};

use super::choice::Choice;
use super::help_page::{Example, HelpPage};

pub(super) const HELP: HelpPage = HelpPage {
    examples: &[
        Example {
            command: "seeker-sim scenario init > my.toml",
            purpose: "Write a template that lists every key with its meaning and its default.",
        },
        Example { command: "seeker-sim scenario check my.toml", purpose: "Print every problem with its line and column." },
        Example { command: "seeker-sim run --scenario my.toml --rate 50/s", purpose: "Run the scenario." },
        Example {
            command: "seeker-sim scenario init campaign-spike > my.toml",
            purpose: "Start from a built-in scenario instead of the template.",
        },
        Example { command: "seeker-sim scenario show my.toml", purpose: "Print all values, including defaults." },
    ],
    notes: "Built-in scenarios: job-board (the default), aggregator, staffing-agency, campaign-spike, weekday-morning.",
    exit_codes: &[],
    docs: "guides/scenarios",
};

pub(super) const INIT_HELP: HelpPage = HelpPage {
    examples: &[
        Example { command: "seeker-sim scenario init > my.toml", purpose: "Write the template." },
        Example { command: "seeker-sim scenario init aggregator > my.toml", purpose: "Copy a built-in scenario." },
    ],
    notes: "",
    exit_codes: &[],
    docs: "guides/scenarios",
};

pub(super) const CHECK_HELP: HelpPage = HelpPage {
    examples: &[
        Example { command: "seeker-sim scenario check my.toml", purpose: "Check one file." },
        Example { command: "seeker-sim scenario check monday.toml tuesday.toml", purpose: "Check several files." },
    ],
    notes: "",
    exit_codes: &[(0, "all files are valid"), (2, "a file is invalid or cannot be read")],
    docs: "guides/scenarios",
};

pub(super) const SHOW_HELP: HelpPage = HelpPage {
    examples: &[
        Example { command: "seeker-sim scenario show my.toml", purpose: "Print a file with all its defaults." },
        Example { command: "seeker-sim scenario show weekday-morning", purpose: "Print a built-in scenario." },
    ],
    notes: "",
    exit_codes: &[],
    docs: "guides/scenarios",
};

pub(super) const SCHEMA_HELP: HelpPage = HelpPage {
    examples: &[Example {
        command: "seeker-sim scenario schema > scenario.schema.json",
        purpose: "Write the schema for editors. A scenario refers to it with `#:schema ./scenario.schema.json`.",
    }],
    notes: "",
    exit_codes: &[],
    docs: "guides/scenarios",
};

/// The options of `scenario`.
#[derive(Debug, Args)]
#[command(after_help = HELP.short(), after_long_help = HELP.long())]
pub struct ScenarioArgs {
    /// The command.
    #[command(subcommand)]
    pub command: ScenarioCommand,
}

/// The commands below `scenario`.
#[derive(Debug, Subcommand)]
pub enum ScenarioCommand {
    /// Print a template with comments, or a built-in scenario
    #[command(after_help = INIT_HELP.short(), after_long_help = INIT_HELP.long())]
    Init {
        /// Built-in scenario to print instead of the template
        #[arg(value_name = "NAME", hide_possible_values = true, value_parser = Choice::listed(built_in_names, parse_built_in))]
        name: Option<BuiltInScenario>,
    },
    /// Check scenario files and print all problems
    #[command(after_help = CHECK_HELP.short(), after_long_help = CHECK_HELP.long())]
    Check {
        /// Scenario files to check
        #[arg(required = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
    },
    /// Print a scenario with all its values, including defaults
    #[command(after_help = SHOW_HELP.short(), after_long_help = SHOW_HELP.long())]
    Show {
        /// Built-in scenario or file
        #[arg(value_name = "NAME|FILE", default_value_t, hide_possible_values = true, value_parser = scenario_choice(), value_hint = ValueHint::FilePath)]
        scenario: ScenarioSource,
    },
    /// Print the JSON Schema of scenarios (draft-07), for editors
    #[command(after_help = SCHEMA_HELP.short(), after_long_help = SCHEMA_HELP.long())]
    Schema,
}

/// Parses the name of a built-in scenario or the path of a file, and offers the names for completion.
pub(super) fn scenario_choice() -> impl TypedValueParser<Value = ScenarioSource> {
    Choice::listed(built_in_names, ScenarioSource::from_str)
}

/// The names of the built-in scenarios.
pub(super) fn built_in_names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| BUILT_IN.map(|built_in| built_in.name.to_owned()).to_vec());
    &NAMES
}

fn parse_built_in(name: &str) -> Result<BuiltInScenario, String> {
    BuiltInScenario::named(name).ok_or_else(|| format!("expected one of {}", built_in_names().join(", ")))
}
