//! The options of `schema`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use client_event::schema::{Dialect, Role};

use super::choice::Choice;
use super::help_page::{Example, HelpPage};

pub(super) const HELP: HelpPage = HelpPage {
    examples: &[
        Example { command: "seeker-sim schema > client-event.schema.json", purpose: "Print the schema for code generators." },
        Example {
            command: "seeker-sim schema --role send > client-event.send.schema.json",
            purpose: "Print the schema for producers, who check events before they send them.",
        },
        Example { command: "seeker-sim schema --out schemas", purpose: "Write all schemas into a folder." },
        Example {
            command: "seeker-sim schema --role accept --draft draft-07",
            purpose: "Print the schema for receivers as draft-07, for validators that do not support 2020-12.",
        },
        Example { command: "seeker-sim schema --draft openapi-3.1", purpose: "Print OpenAPI components." },
    ],
    notes: "",
    exit_codes: &[(0, "written"), (2, "the schema does not exist, or a file cannot be written")],
    docs: "guides/schemas",
};

/// The options of `schema`.
#[derive(Debug, Args)]
#[command(after_help = HELP.short(), after_long_help = HELP.long())]
pub struct SchemaArgs {
    /// Role: types, send or accept [default: types; all with --out]
    ///
    /// types is for code generators, send for producers, accept for receivers.
    #[arg(long, value_name = "ROLE", hide_possible_values = true, value_parser = Choice::of(&["types", "send", "accept"], parse_role))]
    pub role: Option<Role>,

    /// Dialect of the schema [default: 2020-12; all with --out]
    ///
    /// One of 2020-12, draft-07, openapi-3.0 and openapi-3.1. The OpenAPI dialects have only the role types.
    #[arg(long = "draft", value_name = "DRAFT", hide_possible_values = true, value_parser = Choice::of(&["2020-12", "draft-07", "openapi-3.0", "openapi-3.1"], parse_dialect))]
    pub dialect: Option<Dialect>,

    /// Write files into this folder instead of printing one schema
    #[arg(long, short = 'o', value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,

    /// Overwrite files that this command did not write
    #[arg(long, requires = "out")]
    pub force: bool,
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| "expected types, send or accept".to_owned())
}

fn parse_dialect(text: &str) -> Result<Dialect, String> {
    let found = Dialect::ALL.into_iter().find(|dialect| dialect.name() == text);
    found.ok_or_else(|| "expected 2020-12, draft-07, openapi-3.0 or openapi-3.1".to_owned())
}
