//! The options of `schema`.

use std::path::PathBuf;

use clap::Args;
use client_event::schema::{Dialect, Role};

use super::choice::Choice;

const EXAMPLES: &str = "\
Examples:
  seeker-sim schema > client-event.schema.json
      The schema from which code generators make types.
  seeker-sim schema --role send > client-event.send.schema.json
      What a producer checks its events against before it sends them.
  seeker-sim schema --role accept --draft draft-07
      What a reader of ProtoJSON takes, for validators that know no later draft.
  seeker-sim schema --draft openapi-3.1
      The message as components of an API's description.
  seeker-sim schema --out schemas
      All of them, as files.

Exit codes: 0 written, 2 there is no such schema, or a file cannot be written.";

/// The options of `schema`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SchemaArgs {
    /// Whom the schema is for: types for code generators, send for producers, accept for receivers. Default: types; with --out all.
    #[arg(long, value_name = "ROLE", hide_possible_values = true, value_parser = Choice::of(&["types", "send", "accept"], parse_role))]
    pub role: Option<Role>,

    /// The language it is written in: 2020-12, draft-07, openapi-3.0 or openapi-3.1. Default: 2020-12; with --out all.
    #[arg(long = "draft", value_name = "DRAFT", hide_possible_values = true, value_parser = Choice::of(&["2020-12", "draft-07", "openapi-3.0", "openapi-3.1"], parse_dialect))]
    pub dialect: Option<Dialect>,

    /// Write files into this folder instead of printing one.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,

    /// Overwrite files that were not written by this command.
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
