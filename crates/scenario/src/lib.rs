//! Scenarios: the job seekers, their behaviour, the catalogue and the load, as a TOML file in which every key is optional.
//!
//! ```text
//!  file ──► document (values and their positions) ──► structure (against the schema) ──► Scenario ──► meaning (consistency)
//!                    │                                         │                                           │
//!                    └──────────────── all problems together, each with its position ──────────────────────┘
//! ```
//!
//! The schema is generated from the types in this crate, so an editor and this parser reject the same files. Command-line
//! options override the file.

mod built_in;
mod document;
mod formats;
mod problems;
mod read;
mod schema;
mod source;
mod start;
mod structure;
mod template;
pub mod time_zone;
mod zone;

use client_event::EventTimestamp;
use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use seeker_model::{Behaviour, Catalogue, CatalogueSpec, LocalTime, Model, ParameterErrors, Rhythm, SimTime, Week};
use serde::{Deserialize, Serialize};

use load_plan::load::LoadSpec;
use load_plan::threshold::Threshold;
use load_plan::units::texts;

pub use built_in::{BUILT_IN, BuiltInScenario};
pub use problems::{ScenarioProblem, ScenarioProblems};
pub use read::read;
pub use schema::{SCHEMA_PATH, schema_text};
pub use source::{ScenarioError, ScenarioSource};
pub use template::{shown, template};

use start::LocalStart;

/// A scenario. Keys that are not set have the calibrated defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// A description in one sentence.
    pub description: String,
    /// The time zone of the job seekers, as an IANA name such as "Europe/Berlin". It determines their nights and weekends.
    #[serde(with = "zone")]
    #[schemars(with = "String", extend("format" = "time-zone"))]
    pub time_zone: TimeZone,
    /// The start of simulated time, as a date and a time of day in `time_zone`.
    #[schemars(with = "String", extend("format" = "local-date-time"))]
    pub start: LocalStart,
    /// Simulated seconds per second of a run. With 1, seekers take as long as real people, so a short run contains only the beginning of
    /// their journeys.
    #[schemars(range(min = SPEED[0], max = SPEED[1]))]
    pub speed: f64,
    /// The timestamps of the events in a run: "wall" is the time of sending, "simulated" is simulated time from `start` on.
    /// `seeker-sim generate` always writes simulated time.
    pub timestamps: Timestamps,
    /// The thresholds that a run must meet to pass, such as ["latency.p99 < 50ms", "refused == 0", "VIEW.failed < 5"].
    /// `seeker-sim run --help` lists the figures.
    #[serde(with = "texts")]
    #[schemars(schema_with = "thresholds_schema")]
    pub thresholds: Vec<Threshold>,
    /// The load of a run.
    pub load: LoadSpec,
    /// The behaviour of the job seekers, recruiters, agencies and employers.
    pub behaviour: Behaviour,
    /// The postings that searches find.
    pub catalogue: CatalogueSpec,
    /// The distribution of visits over the day and the week.
    pub rhythm: Rhythm,
}

fn thresholds_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "format": "threshold", "examples": ["latency.p99 < 50ms"] } })
}

/// The range of [`Scenario::speed`].
pub const SPEED: [f64; 2] = [0.01, 10_000.0];

impl Default for Scenario {
    fn default() -> Self {
        Self {
            description: String::new(),
            time_zone: TimeZone::UTC,
            start: LocalStart::default(),
            speed: 60.0,
            timestamps: Timestamps::default(),
            thresholds: Vec::new(),
            load: LoadSpec::default(),
            behaviour: Behaviour::default(),
            catalogue: CatalogueSpec::default(),
            rhythm: Rhythm::default(),
        }
    }
}

/// The clock of the event timestamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Timestamps {
    /// The time of sending.
    #[default]
    Wall,
    /// Simulated time.
    Simulated,
}

impl Scenario {
    /// Creates the model for `days` days, with the catalogue of `seed`.
    ///
    /// # Errors
    ///
    /// [`ParameterErrors`] names the parameters that are out of range.
    pub fn model(&self, seed: u64, days: u32) -> Result<Model, ParameterErrors> {
        let spec = CatalogueSpec { days, ..self.catalogue.clone() };
        let week = Week::new(&self.rhythm, self.local_time(days))?;
        Model::new(Catalogue::new(&spec, seed)?, self.behaviour.clone(), week)
    }

    /// Returns the moment at which simulated time starts.
    pub fn start(&self) -> EventTimestamp {
        EventTimestamp::from_millis(self.start.in_zone(&self.time_zone).as_millisecond())
    }

    /// Returns the local time of the time zone for `days` days, and for some more days, because seekers can return later.
    fn local_time(&self, days: u32) -> LocalTime {
        const MORE_DAYS: i64 = 60;
        let start = self.start.in_zone(&self.time_zone);
        let end_s = start.as_second() + (i64::from(days) + MORE_DAYS) * 24 * 3600;
        let mut offset_s = self.time_zone.to_offset(start).seconds();
        let changes = self.time_zone.following(start).take_while(|change| change.timestamp().as_second() < end_s).map(|change| {
            let change_s = change.offset().seconds() - offset_s;
            offset_s = change.offset().seconds();
            let since_start = change.timestamp().as_microsecond() - start.as_microsecond();
            (SimTime::from_micros(since_start.unsigned_abs()), change_s)
        });
        LocalTime::new(self.start.second_of_week(), changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Berlin sets its clocks forward on 2026-03-29 and back on 2026-10-25.
    #[test]
    fn local_time_knows_when_clocks_are_changed() {
        let text = "time_zone = 'Europe/Berlin'\nstart = 2026-03-28T18:00:00";
        let scenario = read(text, "a.toml").unwrap();
        // 18:00 in Berlin is 17:00 in UTC.
        assert_eq!(scenario.start().as_millis(), 1_774_717_200_000);
        let changes = [(SimTime::from_micros(8 * 3_600_000_000), 3600)];
        assert_eq!(scenario.local_time(30), LocalTime::new((5 * 24 + 18) * 3600, changes));
        let autumn = (SimTime::from_micros((210 * 24 + 8) * 3_600_000_000), -3600);
        assert_eq!(scenario.local_time(200), LocalTime::new((5 * 24 + 18) * 3600, changes.into_iter().chain([autumn])));
    }

    #[test]
    fn the_default_is_the_calibrated_model() {
        let scenario = read("", "empty.toml").unwrap();
        assert_eq!(scenario, Scenario::default());
        assert_eq!(scenario.behaviour, Behaviour::default());
        assert_eq!(scenario.local_time(14), LocalTime::default(), "2026-01-05 is a Monday");
    }
}
