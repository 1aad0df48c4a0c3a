//! A load as it was asked for, on the command line or in a scenario, and the one place where it is checked.

use std::time::Duration;

use thiserror::Error;

use super::stage::{SEEKERS_MAX, TIME_MAX};
use super::{Course, Load, LoadKind, Rate, Stage, StageError};

/// A load as it was asked for: each field is what an option of the same name holds. Nothing in it is checked yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadSpec {
    /// Events a second.
    pub rate: Option<Rate>,
    /// Seekers who begin, a second.
    pub arrivals: Option<Rate>,
    /// Seekers who are there at the same time.
    pub seekers: Option<u64>,
    /// For how long, for the three above.
    pub duration: Option<Duration>,
    /// Or else stages, one after the other.
    pub stages: Vec<Stage>,
    /// How long at the beginning events are sent that count for no figure.
    pub warm_up: Option<Duration>,
}

/// A load that contradicts itself or asks for the impossible.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LoadError {
    /// More than one of the options that name the load.
    #[error("{one} and {other} both name the load; leave one of them out")]
    NamedTwice {
        /// An option.
        one: &'static str,
        /// Another one.
        other: &'static str,
    },
    /// Stages say themselves how long they last.
    #[error("--duration and --stage contradict each other: the stages last {} in all; leave --duration out", humantime::format_duration(*.stages))]
    DurationOfStages {
        /// How long the stages last.
        stages: Duration,
    },
    /// Stages of different kinds.
    #[error("--stage {one} and --stage {other} count different things; a run has one kind of load")]
    KindsDiffer {
        /// The first stage.
        one: Stage,
        /// The first that differs.
        other: Stage,
    },
    /// A duration that is not above 0 or too long.
    #[error("{option} is {}; expected a time above 0 and of at most 365 days", humantime::format_duration(*.value))]
    Duration {
        /// The option of the command line.
        option: &'static str,
        /// What it held.
        value: Duration,
    },
    /// A number of seekers outside its range.
    #[error("--seekers is {0}; expected 1 to 100000000")]
    Seekers(u64),
    /// Nothing is left behind the warm-up.
    #[error(
        "--warm-up is {}, but the load lasts {}; expected a warm-up that is shorter",
        humantime::format_duration(*.warm_up),
        humantime::format_duration(*.duration)
    )]
    WarmUp {
        /// How long the warm-up is.
        warm_up: Duration,
        /// How long the whole load is.
        duration: Duration,
    },
    /// A load so small that nothing falls into it.
    #[error("no {what} is due{}: {} comes to less than one", if *.warms_up { " after the warm-up" } else { "" }, .stages.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    NothingPlanned {
        /// An event or a seeker.
        what: &'static str,
        /// Whether there is a warm-up.
        warms_up: bool,
        /// The whole load.
        stages: Vec<Stage>,
    },
}

/// What is sent when nothing was asked for.
const RATE_DEFAULT: f64 = 100.0;

/// For how long, when nothing was asked for.
const DURATION_DEFAULT: Duration = Duration::from_secs(30);

impl LoadSpec {
    /// A constant rate of events.
    pub fn rate(rate: Rate, duration: Duration) -> Self {
        Self { rate: Some(rate), duration: Some(duration), ..Self::default() }
    }

    /// The load, if it is sound. Without anything asked for it is 100 events a second for 30 s.
    ///
    /// # Errors
    ///
    /// [`LoadError`] names the option, what it held and what was expected.
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
        let load = Load::new(stages, self.warm_up.unwrap_or_default());
        let duration = load.duration();
        if duration > TIME_MAX {
            return Err(LoadError::Duration { option: "the time of all --stage", value: duration });
        }
        if load.warm_up() >= duration {
            return Err(LoadError::WarmUp { warm_up: load.warm_up(), duration });
        }
        if load.wants_nothing() {
            let what = if load.kind() == LoadKind::Rate { "event" } else { "seeker" };
            let stages = load.stages().collect();
            return Err(LoadError::NothingPlanned { what, warms_up: !load.warm_up().is_zero(), stages });
        }
        Ok(load)
    }

    fn constant(&self) -> Result<Stage, LoadError> {
        let duration = self.duration.unwrap_or(DURATION_DEFAULT);
        let (kind, amount) = match (self.arrivals, self.seekers) {
            (Some(arrivals), _) => (LoadKind::Arrivals, arrivals.as_per_second()),
            (_, Some(seekers)) => {
                #[expect(clippy::cast_precision_loss, reason = "exact in its range, and outside of it beyond the range as well")]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_contradicts_itself_is_told() {
        let rate = Some(Rate::per_second(5.0).unwrap());
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let stages = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<Stage>>();
        let none = LoadSpec::default();
        for (spec, message) in [
            (
                LoadSpec { rate, arrivals: rate, ..none.clone() },
                "--rate and --arrivals both name the load; leave one of them out",
            ),
            (LoadSpec { rate, seekers: Some(5), ..none.clone() }, "--rate and --seekers both name the load"),
            (
                LoadSpec { seekers: Some(5), stages: stages(&["1s:5/s"]), ..none.clone() },
                "--seekers and --stage both name the load",
            ),
            (
                LoadSpec { duration: seconds(5), stages: stages(&["1s:5/s", "1m:6/s"]), ..none.clone() },
                "--duration and --stage contradict each other: the stages last 1m 1s in all",
            ),
            (
                LoadSpec { stages: stages(&["1s:5/s", "1m:6 arrivals/s"]), ..none.clone() },
                "--stage 1s:5/s and --stage 1m:6 arrivals/s count different things",
            ),
            (
                LoadSpec { duration: seconds(0), ..none.clone() },
                "--duration is 0s; expected a time above 0 and of at most 365 days",
            ),
            (LoadSpec { seekers: Some(0), ..none.clone() }, "--seekers is 0; expected 1 to 100000000"),
            (LoadSpec { seekers: Some(100_000_001), ..none.clone() }, "--seekers is 100000001; expected 1 to 100000000"),
            (LoadSpec { stages: stages(&["364days:5/s", "2days:6/s"]), ..none.clone() }, "the time of all --stage is 1year"),
            (LoadSpec { warm_up: seconds(30), ..none.clone() }, "--warm-up is 30s, but the load lasts 30s"),
            (LoadSpec { stages: stages(&["4s:0.1/s"]), ..none.clone() }, "no event is due: 4s:0.1/s comes to less than one"),
            (
                LoadSpec { stages: stages(&["9s:0->0 arrivals/s"]), ..none.clone() },
                "no seeker is due: 9s:0->0 arrivals/s comes to less than one",
            ),
            (
                LoadSpec { stages: stages(&["4s:1/s", "9s:0/s"]), warm_up: seconds(4), ..none.clone() },
                "no event is due after the warm-up: 4s:1/s, 9s:0/s comes to less than one",
            ),
        ] {
            let error = spec.check().unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn nothing_asked_for_is_a_load_too() {
        let load = LoadSpec::default().check().unwrap();
        assert_eq!((load.kind(), load.total(), load.duration()), (LoadKind::Rate, 3000, DURATION_DEFAULT));
    }
}
