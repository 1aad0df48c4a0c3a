//! A stage of a load: an amount over some time, as a number and as a text such as `30s:0->2000/s`.

mod text;

use std::f64::consts::TAU;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::as_float;
use super::rate::PER_SECOND_MAX;

/// The quantity that a load sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadKind {
    /// Events per second: an open model. The simulator starts as many seekers as the rate needs.
    Rate,
    /// New seekers per second: an open model in which each seeker follows its own journey.
    Arrivals,
    /// Seekers that are live at the same time: a closed model. A new seeker replaces each seeker that leaves.
    Seekers,
}

/// The maximum number of seekers in a load.
pub(super) const SEEKERS_MAX: f64 = 1e8;

impl LoadKind {
    /// Returns the name in the report, which is also the name of the option.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Arrivals => "arrivals",
            Self::Seekers => "seekers",
        }
    }

    /// Returns the unit, as written after an amount of this kind.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Rate => "/s",
            Self::Arrivals => " arrivals/s",
            Self::Seekers => " seekers",
        }
    }

    const fn most(self) -> f64 {
        match self {
            Self::Rate | Self::Arrivals => PER_SECOND_MAX,
            Self::Seekers => SEEKERS_MAX,
        }
    }
}

/// The course of an amount over the time of a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Course {
    /// A constant amount.
    Hold(f64),
    /// A linear ramp from one amount to another.
    Ramp {
        /// Amount at the beginning.
        from: f64,
        /// Amount at the end.
        to: f64,
    },
    /// A sine between two amounts. It starts at the low amount.
    Sine {
        /// The lowest amount, at the beginning of each period.
        low: f64,
        /// The highest amount, in the middle of each period.
        high: f64,
        /// Time from one low to the next.
        period: Duration,
    },
}

/// An amount over some time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    duration: Duration,
    kind: LoadKind,
    course: Course,
}

/// The reason why a text or numbers are not a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StageError {
    /// The text does not have the form of a stage.
    #[error(
        "expected a duration and a load, such as 1m:2000/s, 30s:0->2000/s, '30s:0->50 arrivals/s', '30s:1000 seekers' or \
         '2m:sine 200..1000/s every 30s'"
    )]
    Form,
    /// A time is zero or too long.
    #[error("expected a time above 0 and at most 365 days, for the stage and for the period of a sine")]
    Time,
    /// An amount is out of range.
    #[error("expected amounts of at most {}{}", .0.most(), .0.unit())]
    Amount(LoadKind),
    /// The ends of a sine are in the wrong order.
    #[error("expected the lower value of a sine first, such as sine 200..1000/s every 30s")]
    Swing,
}

/// The maximum time of a stage or of a whole load.
pub const TIME_MAX: Duration = Duration::from_hours(365 * 24);

impl Stage {
    /// Creates a stage.
    ///
    /// # Errors
    ///
    /// [`StageError`] when a time is 0 or above 365 days, or an amount negative or too large.
    pub fn new(duration: Duration, kind: LoadKind, course: Course) -> Result<Self, StageError> {
        let period = if let Course::Sine { period, .. } = course { period } else { duration };
        for time in [duration, period] {
            if time.is_zero() || time > TIME_MAX {
                return Err(StageError::Time);
            }
        }
        let (one, other) = course.ends();
        if ![one, other].iter().all(|amount| (0.0..=kind.most()).contains(amount)) {
            return Err(StageError::Amount(kind));
        }
        if matches!(course, Course::Sine { low, high, .. } if low > high) {
            return Err(StageError::Swing);
        }
        Ok(Self { duration, kind, course })
    }

    /// Returns the length of the stage.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// Returns the kind of load.
    pub fn kind(&self) -> LoadKind {
        self.kind
    }

    /// Adds a stage of the same length and kind; `None` if the sum has no course.
    pub fn plus(self, other: Self) -> Option<Self> {
        let course = match (self.course, other.course) {
            (Course::Hold(one), Course::Hold(other)) => Course::Hold(sum(one, other)),
            (Course::Sine { low, high, period }, Course::Hold(amount))
            | (Course::Hold(amount), Course::Sine { low, high, period }) => {
                Course::Sine { low: sum(low, amount), high: sum(high, amount), period }
            }
            (Course::Sine { low, high, period }, Course::Sine { low: low_of_other, high: high_of_other, period: other }) => {
                if period != other {
                    return None;
                }
                Course::Sine { low: sum(low, low_of_other), high: sum(high, high_of_other), period }
            }
            (Course::Sine { .. }, Course::Ramp { .. }) | (Course::Ramp { .. }, Course::Sine { .. }) => return None,
            (Course::Hold(_) | Course::Ramp { .. }, Course::Hold(_) | Course::Ramp { .. }) => {
                let ((from, to), (from_of_other, to_of_other)) = (self.course.ends(), other.course.ends());
                Course::Ramp { from: sum(from, from_of_other), to: sum(to, to_of_other) }
            }
        };
        let is_alike = (self.duration, self.kind) == (other.duration, other.kind);
        is_alike.then(|| Self::new(self.duration, self.kind, course).ok()).flatten()
    }

    /// Returns the stage with this part of its amounts.
    pub(super) fn divided_by(self, parts: u64) -> Self {
        let part = |amount: f64| amount / as_float(parts);
        let course = match self.course {
            Course::Hold(amount) => Course::Hold(part(amount)),
            Course::Ramp { from, to } => Course::Ramp { from: part(from), to: part(to) },
            Course::Sine { low, high, period } => Course::Sine { low: part(low), high: part(high), period },
        };
        Self { course, ..self }
    }

    /// Returns the highest amount of the stage.
    pub(super) fn peak(&self) -> f64 {
        let (one, other) = self.course.ends();
        one.max(other)
    }

    /// Returns the amount `seconds` after the beginning. `seconds` must not be after the end.
    pub(super) fn level_at(&self, seconds: f64) -> f64 {
        match self.course {
            Course::Hold(amount) => amount,
            Course::Ramp { from, to } => from + (to - from) * (seconds / self.duration.as_secs_f64()),
            Course::Sine { low, high, period } => {
                f64::midpoint(low, high) - (high - low) / 2.0 * (TAU * seconds / period.as_secs_f64()).cos()
            }
        }
    }

    /// Returns the integral of the amount over the first `seconds` seconds: exact, in closed form.
    pub(super) fn integral_by(&self, seconds: f64) -> f64 {
        match self.course {
            Course::Hold(amount) => amount * seconds,
            Course::Ramp { from, .. } => f64::midpoint(from, self.level_at(seconds)) * seconds,
            Course::Sine { low, high, period } => {
                let period = period.as_secs_f64();
                f64::midpoint(low, high) * seconds - (high - low) / 2.0 * period / TAU * (TAU * seconds / period).sin()
            }
        }
    }
}

impl Course {
    /// Returns the two amounts of the course.
    const fn ends(self) -> (f64, f64) {
        match self {
            Self::Hold(amount) => (amount, amount),
            Self::Ramp { from, to } => (from, to),
            Self::Sine { low, high, .. } => (low, high),
        }
    }
}

/// Adds two amounts and removes the last digits, which only the addition has made. People read the result.
fn sum(one: f64, other: f64) -> f64 {
    ((one + other) * 1e6).round() / 1e6
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Stages of a kind with amounts of at most `most`, up to 20 s long.
    pub(crate) fn stages(kind: LoadKind, most: f64) -> impl Strategy<Value = Stage> {
        let amount = move || prop_oneof![Just(0.0), 0.0..=most];
        let duration = || (1_u64..20_000).prop_map(Duration::from_millis);
        let course = prop_oneof![
            amount().prop_map(Course::Hold),
            (amount(), amount()).prop_map(|(from, to)| Course::Ramp { from, to }),
            (amount(), amount(), duration()).prop_map(|(one, other, period)| Course::Sine {
                low: one.min(other),
                high: one.max(other),
                period
            }),
        ];
        (duration(), course).prop_map(move |(duration, course)| Stage::new(duration, kind, course).unwrap())
    }

    pub(crate) fn kinds() -> impl Strategy<Value = LoadKind> {
        prop::sample::select(vec![LoadKind::Rate, LoadKind::Arrivals, LoadKind::Seekers])
    }

    proptest! {
        /// For all stages, writing and reading returns the same stage.
        #[test]
        fn written_text_is_read_back(stage in kinds().prop_flat_map(|kind| stages(kind, 1e6))) {
            prop_assert_eq!(stage.to_string().parse(), Ok(stage), "{}", stage);
        }

        /// For all pairs of stages of the same kind and length that have a sum, the amount of the sum at each moment is the
        /// total of both.
        #[test]
        fn a_sum_has_the_amount_of_both(stage in stages(LoadKind::Rate, 1e4), other in stages(LoadKind::Rate, 1e4), part in 0.0_f64..=1.0) {
            prop_assert!(stage.plus(other).is_none() || stage.duration() == other.duration());
            let other = Stage::new(stage.duration, other.kind, other.course).unwrap();
            let moment = stage.duration().as_secs_f64() * part;
            if let Some(sum) = stage.plus(other) {
                let both = stage.level_at(moment) + other.level_at(moment);
                prop_assert!((sum.level_at(moment) - both).abs() <= 1e-5, "{} {} {}", stage, other, sum);
            }
            let twice = stage.plus(stage).unwrap();
            prop_assert!((twice.level_at(moment) - 2.0 * stage.level_at(moment)).abs() <= 1e-5, "{} {}", stage, twice);
        }

        /// For all stages and moments, the closed form equals the sum of small pieces.
        #[test]
        fn the_integral_is_exact(stage in stages(LoadKind::Rate, 1e4), part in 0.0_f64..=1.0) {
            const PIECES: u32 = 20_000;
            let end = stage.duration().as_secs_f64() * part;
            let piece = end / f64::from(PIECES);
            let sum: f64 = (0..PIECES).map(|number| stage.level_at((f64::from(number) + 0.5) * piece) * piece).sum();
            let integral = stage.integral_by(end);
            // The error of the midpoint rule, for periods that are not much shorter than the pieces.
            let is_smooth = !matches!(stage.course, Course::Sine { period, .. } if period.as_secs_f64() < piece * 100.0);
            prop_assert!(!is_smooth || (integral - sum).abs() <= 1e-3 * (1.0 + sum), "{} {} {}", stage, integral, sum);
        }
    }

    #[test]
    fn texts() {
        let seconds = Duration::from_secs;
        let ramp = |from, to| Course::Ramp { from, to };
        for (text, duration, kind, course) in [
            ("1m:2000/s", 60, LoadKind::Rate, Course::Hold(2000.0)),
            ("1m:2000", 60, LoadKind::Rate, Course::Hold(2000.0)),
            ("30s:0->2000/s", 30, LoadKind::Rate, ramp(0.0, 2000.0)),
            ("20s: 120 -> 60 /min", 20, LoadKind::Rate, ramp(2.0, 1.0)),
            ("30s:0->50 arrivals/s", 30, LoadKind::Arrivals, ramp(0.0, 50.0)),
            ("30s:3000 events/min", 30, LoadKind::Rate, Course::Hold(50.0)),
            ("1m 30s:1000 seekers", 90, LoadKind::Seekers, Course::Hold(1000.0)),
            (
                "2m:sine 200..1000/s every 30s",
                120,
                LoadKind::Rate,
                Course::Sine { low: 200.0, high: 1000.0, period: seconds(30) },
            ),
            (
                "2m:sine 1..2.5 seekers every 1m",
                120,
                LoadKind::Seekers,
                Course::Sine { low: 1.0, high: 2.5, period: seconds(60) },
            ),
        ] {
            assert_eq!(text.parse(), Ok(Stage::new(seconds(duration), kind, course).unwrap()), "{text:?}");
        }
        for (text, error) in [
            ("", StageError::Form),
            ("30s", StageError::Form),
            ("30:5/s", StageError::Form),
            ("30s:", StageError::Form),
            ("30s:fast", StageError::Form),
            ("30s:5->", StageError::Form),
            ("30s:5->10 people", StageError::Form),
            ("30s:-5->10/s", StageError::Form),
            ("30s:5/0s", StageError::Form),
            ("30s:5 seekers/s", StageError::Form),
            ("30s:sine 5..10/s", StageError::Form),
            ("30s:sine 5->10/s every 5s", StageError::Form),
            ("0s:5/s", StageError::Time),
            ("366days:5/s", StageError::Time),
            ("30s:sine 5..10/s every 0s", StageError::Time),
            ("30s:0->10000001/s", StageError::Amount(LoadKind::Rate)),
            ("30s:100000001 seekers", StageError::Amount(LoadKind::Seekers)),
            ("30s:sine 10..5/s every 5s", StageError::Swing),
        ] {
            assert_eq!(text.parse::<Stage>(), Err(error), "{text:?}");
        }
        assert_eq!(StageError::Amount(LoadKind::Seekers).to_string(), "expected amounts of at most 100000000 seekers");
    }
}
