//! The options of `stats`, and their conversion to a plan.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use event_tools::stats::{FormatChoice, Input, StatsForm, StatsPlan};
use jiff::tz::TimeZone;
use scenario::time_zone::parse_time_zone;

use super::choice::Choice;

const EXAMPLES: &str = "\
Examples:
  seeker-sim stats events.ndjson.gz
      What the events say about those who caused them, beside what was published.
  seeker-sim generate --seekers 60000 --days 14 | seeker-sim stats -
      The same of the simulator's own.
  seeker-sim stats events.ndjson --time-zone Europe/Berlin --output html > stats.html
      As a page with charts; hours and weekdays as the clocks in Berlin showed them.
  seeker-sim stats events.ndjson --output json
      For a program.

Seekers, ranks and origins are told by the details seekerId, position and source.
Exit codes: 0 measured, 2 an input that cannot be read, or not to its end; what was read is told all the same.";

/// The options of `stats`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct StatsArgs {
    /// The events, as one stream in the order of time; - for standard input. Read as `check` reads them.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// The form of the events: message, v3 (wrapped or bare), v4, or auto: each file's by the fields of its first event.
    #[arg(long, value_name = "FORM", default_value_t, hide_possible_values = true, value_parser = Choice::of(&["auto", "message", "v3", "v4"], FormatChoice::from_str))]
    pub format: FormatChoice,

    /// Where hours and weekdays are told: a name of the IANA database such as Europe/Berlin. Summer time is kept as it was there.
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = parse_time_zone)]
    pub time_zone: TimeZone,

    /// How the figures are written: text, json, or html, a page with charts in one file.
    #[arg(long, value_name = "FORM", default_value_t, hide_possible_values = true, value_parser = Choice::of(&["text", "json", "html"], StatsForm::from_str))]
    pub output: StatsForm,
}

impl StatsArgs {
    /// Converts the options to a plan.
    pub fn plan(&self) -> StatsPlan {
        StatsPlan {
            inputs: self.files.iter().cloned().map(Input::from_argument).collect(),
            format: self.format,
            time_zone: self.time_zone.clone(),
        }
    }
}
