//! The options of `stats`, and the plan that is made of them.

use std::path::PathBuf;

use clap::Args;

use crate::stats::{FormatChoice, Input, StatsForm, StatsPlan};

const EXAMPLES: &str = "\
Examples:
  seeker-sim stats events.ndjson.gz
      What the events say about those who caused them, beside what was published.
  seeker-sim generate --seekers 60000 --days 14 | seeker-sim stats -
      The same of the simulator's own.
  seeker-sim stats events.ndjson --output json
      For a program.

Seekers, ranks and origins are told by the details seekerId, position and source. Hours and weekdays are those of UTC.
Exit codes: 0 measured, 2 an input that cannot be read, or not to its end; what was read is told all the same.";

/// The options of `stats`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct StatsArgs {
    /// The events, as one stream in the order of time; - for standard input. Read as `check` reads them.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// The form of the events: message, v3 (wrapped or bare), v4, or auto: each file's by the fields of its first event.
    #[arg(long, value_name = "FORM", default_value_t)]
    pub format: FormatChoice,

    /// How the figures are written: text or json.
    #[arg(long, value_name = "FORM", default_value_t)]
    pub output: StatsForm,
}

impl StatsArgs {
    /// The plan.
    pub fn plan(&self) -> StatsPlan {
        StatsPlan { inputs: self.files.iter().cloned().map(Input::from_argument).collect(), format: self.format }
    }
}
