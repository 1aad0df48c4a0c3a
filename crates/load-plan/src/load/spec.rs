//! A load as requested on the command line or in a scenario, and its only validation.

use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::stage::{SEEKERS_MAX, TIME_MAX};
use crate::units::{optional_duration, optional_text, texts};

use super::{Course, Load, LoadKind, Pacing, Rate, Stage, StageError};

/// A requested load, before validation. Each field has the name of the command-line option that sets it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LoadSpec {
    /// Events per time, such as "500/s", "30/min" or "1/10s". The simulator starts as many seekers as this rate needs. Set at most one of
    /// `rate`, `arrivals`, `seekers` and `stages`. Without any of them, the rate is 100/s.
    #[serde(with = "optional_text")]
    #[schemars(with = "String", extend("format" = "rate", "examples" = ["100/s"]))]
    pub rate: Option<Rate>,
    /// New job seekers per time; each follows its own journey.
    #[serde(with = "optional_text")]
    #[schemars(with = "String", extend("format" = "rate", "examples" = ["20/s"]))]
    pub arrivals: Option<Rate>,
    /// The number of job seekers that are live at all times. A new seeker replaces each seeker that leaves.
    #[schemars(with = "u64", range(min = 1, max = 100_000_000), extend("examples" = [1000]))]
    pub seekers: Option<u64>,
    /// The duration of the load, such as "30s", "5m" or "1h30m". The default is 30s. Stages set their own durations.
    #[serde(with = "optional_duration")]
    #[schemars(with = "String", extend("format" = "duration-with-unit", "examples" = ["30s"]))]
    pub duration: Option<Duration>,
    /// A load that changes over time: consecutive stages, each a duration and a load, such as "30s:0->50 arrivals/s". A stage is
    /// constant, a ramp or a sine. All stages have the same unit: events, arrivals or seekers.
    #[serde(with = "texts")]
    #[schemars(schema_with = "stages_schema")]
    pub stages: Vec<Stage>,
    /// Warm-up at the start; excluded from results.
    #[serde(with = "optional_duration")]
    #[schemars(with = "String", extend("format" = "duration-with-unit", "examples" = ["10s"]))]
    pub warm_up: Option<Duration>,
    /// The distribution of events or arrivals over time. "steady" plans the same number in every second, at random times. "poisson" has
    /// bursts and gaps, as from many independent clients. Both plan the same total. The default is "steady".
    #[serde(with = "optional_text")]
    #[schemars(with = "Pacing", extend("examples" = ["steady"]))]
    pub pacing: Option<Pacing>,
}

fn stages_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "items": { "type": "string", "format": "stage" },
        "examples": [["30s:0->500/s", "1m:500/s", "2m:sine 200..800/s every 30s", "20s:500->0/s"]],
    })
}

/// The reason why a load contradicts itself or is impossible.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LoadError {
    /// More than one option sets the load.
    #[error("{one} and {other} both set the load; remove one of them")]
    NamedTwice {
        /// The first option.
        one: &'static str,
        /// The second option.
        other: &'static str,
    },
    /// A duration was given for stages, which define their own durations.
    #[error(
        "--duration cannot be combined with stages, which last {} in total; remove --duration, or use --rate, --arrivals or --seekers",
        humantime::format_duration(*.stages)
    )]
    DurationOfStages {
        /// Total length of the stages.
        stages: Duration,
    },
    /// The stages have different kinds.
    #[error("--stage {one} and --stage {other} have different units; use events, arrivals or seekers for all stages")]
    KindsDiffer {
        /// The first stage.
        one: Stage,
        /// The first stage of another kind.
        other: Stage,
    },
    /// A duration is zero or too long.
    #[error("{option} is {}; expected a time above 0 and at most 365 days", humantime::format_duration(*.value))]
    Duration {
        /// The option of the command line.
        option: &'static str,
        /// The value of the option.
        value: Duration,
    },
    /// The number of seekers is out of range.
    #[error("--seekers is {0}; expected 1 to 100000000")]
    Seekers(u64),
    /// A pacing was given for a number of seekers, which has no moments to pace.
    #[error(
        "--pacing poisson needs a load of events or arrivals, but the load is a number of seekers; remove --pacing, or use --rate or \
         --arrivals"
    )]
    PacingOfSeekers,
    /// No load remains after the warm-up.
    #[error(
        "--warm-up is {}, but the load lasts {}; expected a shorter warm-up",
        humantime::format_duration(*.warm_up),
        humantime::format_duration(*.duration)
    )]
    WarmUp {
        /// Length of the warm-up.
        warm_up: Duration,
        /// Length of the whole load.
        duration: Duration,
    },
    /// The load is so small that it plans nothing.
    #[error("no {what} is planned{}: {} adds up to less than one {what}; make the load longer or higher", if *.warms_up { " after the warm-up" } else { "" }, .stages.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    NothingPlanned {
        /// `event` or `seeker`.
        what: &'static str,
        /// Whether there is a warm-up.
        warms_up: bool,
        /// The whole load.
        stages: Vec<Stage>,
    },
}

/// The default rate, in events per second.
const RATE_DEFAULT: f64 = 100.0;

/// The default duration.
const DURATION_DEFAULT: Duration = Duration::from_secs(30);

impl LoadSpec {
    /// Creates a constant rate of events.
    pub fn rate(rate: Rate, duration: Duration) -> Self {
        Self { rate: Some(rate), duration: Some(duration), ..Self::default() }
    }

    /// Returns the default load: 100 events a second for 30 s.
    pub fn default_load() -> Self {
        Self::rate(Rate::per_second(RATE_DEFAULT).expect("the default is in range"), DURATION_DEFAULT)
    }

    /// Returns this load as the step of a capacity search. The defaults are 100 events a second for 10 s, of which a fifth
    /// is warm-up.
    #[must_use]
    pub fn step_of_search(self) -> Self {
        const DURATION: Duration = Duration::from_secs(10);
        let spec = self.or(Self { duration: Some(DURATION), ..Self::default_load() });
        Self { warm_up: spec.warm_up.or(spec.duration.map(|duration| duration / 5)), ..spec }
    }

    /// Fills the fields that are not set from `other`. The load and its duration are taken together.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let names =
            |spec: &Self| spec.rate.is_some() || spec.arrivals.is_some() || spec.seekers.is_some() || !spec.stages.is_empty();
        let warm_up = self.warm_up.or(other.warm_up);
        if !names(&self) {
            return Self { duration: self.duration.or(other.duration), warm_up, pacing: self.pacing.or(other.pacing), ..other };
        }
        let duration = if self.stages.is_empty() { self.duration.or(other.duration) } else { self.duration };
        // The pacing of the other load would contradict a number of seekers.
        let pacing = self.pacing.or(other.pacing.filter(|_| !self.counts_seekers()));
        Self { duration, warm_up, pacing, ..self }
    }

    fn counts_seekers(&self) -> bool {
        self.seekers.is_some() || self.stages.first().is_some_and(|stage| stage.kind() == LoadKind::Seekers)
    }

    /// Validates the load and returns it with a seed.
    ///
    /// # Errors
    ///
    /// The errors of [`LoadSpec::check`]. If the load is so small that the seed decides whether anything falls after the
    /// warm-up, [`LoadError::NothingPlanned`].
    pub fn check_seeded(&self, seed: u64) -> Result<Load, LoadError> {
        let load = self.check()?.seeded(seed);
        if load.measures_nothing() { Err(nothing_planned(&load)) } else { Ok(load) }
    }

    /// Validates the load and returns it with the seed 0. The default load is 100 events a second for 30 s.
    ///
    /// # Errors
    ///
    /// [`LoadError`] names the option, its value and the expected value.
    pub fn check(&self) -> Result<Load, LoadError> {
        let named = [
            ("--rate", self.rate.is_some()),
            ("--arrivals", self.arrivals.is_some()),
            ("--seekers", self.seekers.is_some()),
            ("--stage", !self.stages.is_empty()),
        ];
        let mut named = named.iter().filter(|(_, is_named)| *is_named).map(|(option, _)| *option);
        if let (Some(one), Some(other)) = (named.next(), named.next()) {
            return Err(LoadError::NamedTwice { one, other });
        }
        let stages = if self.stages.is_empty() { vec![self.constant()?] } else { self.stages_alone()? };
        if stages[0].kind() == LoadKind::Seekers && self.pacing == Some(Pacing::Poisson) {
            return Err(LoadError::PacingOfSeekers);
        }
        let load = Load::new(stages, self.warm_up.unwrap_or_default(), self.pacing.unwrap_or_default(), 0);
        let duration = load.duration();
        if duration > TIME_MAX {
            return Err(LoadError::Duration { option: "the total time of all --stage", value: duration });
        }
        if load.warm_up() >= duration {
            return Err(LoadError::WarmUp { warm_up: load.warm_up(), duration });
        }
        if load.wants_nothing() { Err(nothing_planned(&load)) } else { Ok(load) }
    }

    fn constant(&self) -> Result<Stage, LoadError> {
        let duration = self.duration.unwrap_or(DURATION_DEFAULT);
        let (kind, amount) = match (self.arrivals, self.seekers) {
            (Some(arrivals), _) => (LoadKind::Arrivals, arrivals.as_per_second()),
            (_, Some(seekers)) => {
                #[expect(clippy::cast_precision_loss, reason = "exact in the range; a number outside stays outside")]
                let amount = seekers as f64;
                if !(1.0..=SEEKERS_MAX).contains(&amount) {
                    return Err(LoadError::Seekers(seekers));
                }
                (LoadKind::Seekers, amount)
            }
            _ => (LoadKind::Rate, self.rate.map_or(RATE_DEFAULT, Rate::as_per_second)),
        };
        let stage = Stage::new(duration, kind, Course::Hold(amount));
        stage.map_err(|error| {
            debug_assert_eq!(error, StageError::Time, "rates and seekers lie in their ranges");
            LoadError::Duration { option: "--duration", value: duration }
        })
    }

    fn stages_alone(&self) -> Result<Vec<Stage>, LoadError> {
        if self.duration.is_some() {
            let stages = self.stages.iter().fold(Duration::ZERO, |sum, stage| sum.saturating_add(stage.duration()));
            return Err(LoadError::DurationOfStages { stages });
        }
        let one = self.stages[0];
        match self.stages.iter().find(|stage| stage.kind() != one.kind()) {
            Some(&other) => Err(LoadError::KindsDiffer { one, other }),
            None => Ok(self.stages.clone()),
        }
    }
}

fn nothing_planned(load: &Load) -> LoadError {
    let what = if load.kind() == LoadKind::Rate { "event" } else { "seeker" };
    LoadError::NothingPlanned { what, warms_up: !load.warm_up().is_zero(), stages: load.stages().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions_are_reported() {
        let rate = Some(Rate::per_second(5.0).unwrap());
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let stages = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<Stage>>();
        let none = LoadSpec::default();
        for (spec, message) in [
            (LoadSpec { rate, arrivals: rate, ..none.clone() }, "--rate and --arrivals both set the load; remove one of them"),
            (LoadSpec { rate, seekers: Some(5), ..none.clone() }, "--rate and --seekers both set the load"),
            (
                LoadSpec { seekers: Some(5), stages: stages(&["1s:5/s"]), ..none.clone() },
                "--seekers and --stage both set the load",
            ),
            (
                LoadSpec { duration: seconds(5), stages: stages(&["1s:5/s", "1m:6/s"]), ..none.clone() },
                "--duration cannot be combined with stages, which last 1m 1s in total; remove --duration",
            ),
            (
                LoadSpec { stages: stages(&["1s:5/s", "1m:6 arrivals/s"]), ..none.clone() },
                "--stage 1s:5/s and --stage 1m:6 arrivals/s have different units",
            ),
            (LoadSpec { duration: seconds(0), ..none.clone() }, "--duration is 0s; expected a time above 0 and at most 365 days"),
            (LoadSpec { seekers: Some(0), ..none.clone() }, "--seekers is 0; expected 1 to 100000000"),
            (LoadSpec { seekers: Some(100_000_001), ..none.clone() }, "--seekers is 100000001; expected 1 to 100000000"),
            (
                LoadSpec { stages: stages(&["364days:5/s", "2days:6/s"]), ..none.clone() },
                "the total time of all --stage is 1year",
            ),
            (
                LoadSpec { seekers: Some(5), pacing: Some(Pacing::Poisson), ..none.clone() },
                "--pacing poisson needs a load of events or arrivals, but the load is a number of seekers",
            ),
            (LoadSpec { warm_up: seconds(30), ..none.clone() }, "--warm-up is 30s, but the load lasts 30s"),
            (
                LoadSpec { stages: stages(&["4s:0.1/s"]), ..none.clone() },
                "no event is planned: 4s:0.1/s adds up to less than one event",
            ),
            (
                LoadSpec { stages: stages(&["9s:0->0 arrivals/s"]), ..none.clone() },
                "no seeker is planned: 9s:0->0 arrivals/s adds up to less than one seeker",
            ),
            (
                LoadSpec { stages: stages(&["4s:1/s", "9s:0/s"]), warm_up: seconds(4), ..none.clone() },
                "no event is planned after the warm-up: 4s:1/s, 9s:0/s adds up to less than one event",
            ),
        ] {
            let error = spec.check().unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn the_command_line_goes_before_the_scenario() {
        let line = |spec: &str| match spec.split_once(' ').unwrap_or((spec, "")) {
            ("", _) => LoadSpec::default(),
            ("rate", value) => LoadSpec { rate: Some(value.parse().unwrap()), ..LoadSpec::default() },
            ("stage", value) => LoadSpec { stages: vec![value.parse().unwrap()], ..LoadSpec::default() },
            ("for", value) => LoadSpec { duration: Some(humantime::parse_duration(value).unwrap()), ..LoadSpec::default() },
            _ => unreachable!("no other is needed"),
        };
        let constant =
            LoadSpec { rate: Some("7/s".parse().unwrap()), duration: Some(Duration::from_secs(20)), ..LoadSpec::default() };
        let staged = LoadSpec { warm_up: Some(Duration::from_secs(1)), pacing: Some(Pacing::Poisson), ..line("stage 1m:5/s") };
        for (spec, file, total) in [
            ("", &constant, Some(140)),
            ("", &staged, Some(300)),
            ("rate 2/s", &constant, Some(40)),
            ("rate 2/s", &staged, Some(60)),
            ("stage 10s:5/s", &constant, Some(50)),
            ("stage 10s:5/s", &staged, Some(50)),
            ("for 3s", &constant, Some(21)),
            ("for 3s", &staged, None),
        ] {
            let load = line(spec).or(file.clone());
            assert_eq!((load.warm_up, load.pacing), (file.warm_up, file.pacing));
            assert_eq!(load.check().ok().map(|load| load.total()), total, "{spec:?} {file:?}");
        }
    }

    /// A scenario's pacing does not contradict a number of seekers on the command line. A pacing on the command line does.
    #[test]
    fn pacing_belongs_to_its_load() {
        let paced = LoadSpec { pacing: Some(Pacing::Poisson), ..LoadSpec::default_load() };
        let seekers = LoadSpec { seekers: Some(5), ..LoadSpec::default() };
        assert_eq!(seekers.clone().or(paced.clone()).check().unwrap().kind(), LoadKind::Seekers);
        assert_eq!(LoadSpec::default().or(paced.clone()).check().unwrap().pacing(), Pacing::Poisson);
        let line = LoadSpec { pacing: Some(Pacing::Poisson), ..LoadSpec::default() };
        assert_eq!(line.or(seekers).check(), Err(LoadError::PacingOfSeekers));
    }

    /// With one event near the end of the warm-up, the seed decides whether the event is measured.
    #[test]
    fn the_seed_may_leave_nothing_to_measure() {
        let stages = vec!["4s:0.25/s".parse().unwrap()];
        let spec = LoadSpec {
            stages,
            warm_up: Some(Duration::from_millis(1_900)),
            pacing: Some(Pacing::Poisson),
            ..LoadSpec::default()
        };
        let refused = (0..100).filter(|seed| spec.check_seeded(*seed).is_err()).count();
        assert!((30..70).contains(&refused), "{refused}");
    }

    #[test]
    fn nothing_asked_for_is_a_load_too() {
        let load = LoadSpec::default().check().unwrap();
        assert_eq!((load.kind(), load.total(), load.duration()), (LoadKind::Rate, 3000, DURATION_DEFAULT));
    }
}
