//! The figures of a run that a threshold can use, with their names in the report.

use std::fmt;

use super::amount::Unit;
use super::statistic::Statistic;
use crate::EventOutcome;

/// A figure of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A statistic of a time.
    Time(TimeFigure, Statistic),
    /// The number of events with an outcome.
    Count(EventOutcome),
    /// The share of the planned events with an outcome.
    Ratio(EventOutcome),
    /// The achieved load divided by the planned load.
    AchievedRatio,
    /// Events per second whose sending began.
    Rate,
}

/// A time with statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFigure {
    /// From the scheduled time to the answer, of all planned events.
    Latency,
    /// From the scheduled time to the answer, of answered events only.
    AnsweredLatency,
    /// From sending to the answer.
    ServiceTime,
    /// From the scheduled time to sending.
    ScheduleLag,
}

/// The dimension of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// Milliseconds.
    Time,
    /// Events.
    Count,
    /// A ratio, 1 for the whole.
    Ratio,
    /// Events per second.
    Rate,
}

impl FigureKind {
    /// Returns the units in which amounts can be written.
    pub const fn units(self) -> &'static [Unit] {
        match self {
            Self::Time => &[Unit::Micros, Unit::Millis, Unit::Seconds],
            Self::Count => &[Unit::None],
            Self::Ratio => &[Unit::None, Unit::Percent],
            Self::Rate => &[Unit::None, Unit::PerSecond],
        }
    }
}

impl TimeFigure {
    /// All times.
    pub const ALL: [Self; 4] = [Self::Latency, Self::AnsweredLatency, Self::ServiceTime, Self::ScheduleLag];

    /// Returns the meaning of the time, for the documentation.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Latency => {
                "From the scheduled time to the answer, of all planned events. An event without an answer ranks above all answered events."
            }
            Self::AnsweredLatency => "From the scheduled time to the answer, of answered events only.",
            Self::ServiceTime => "From the actual send to the answer, of answered events.",
            Self::ScheduleLag => "From the scheduled time to the actual send, of sent events.",
        }
    }

    /// Returns the name of the time.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::AnsweredLatency => "answered_latency",
            Self::ServiceTime => "service_time",
            Self::ScheduleLag => "schedule_lag",
        }
    }
}

impl Figure {
    /// Returns all figures, with the statistics of times that reports show.
    pub fn all() -> impl Iterator<Item = Self> {
        let times = TimeFigure::ALL.into_iter().flat_map(|time| Statistic::SHOWN.map(|statistic| Self::Time(time, statistic)));
        let counts = EventOutcome::ALL.into_iter().flat_map(|counted| [Self::Count(counted), Self::Ratio(counted)]);
        times.chain(counts).chain([Self::AchievedRatio, Self::Rate])
    }

    /// Returns the dimension of the figure.
    pub const fn kind(self) -> FigureKind {
        match self {
            Self::Time(..) => FigureKind::Time,
            Self::Count(_) => FigureKind::Count,
            Self::Ratio(_) | Self::AchievedRatio => FigureKind::Ratio,
            Self::Rate => FigureKind::Rate,
        }
    }

    /// Whether the figure is measured over any part of a run, and not only over the whole run.
    pub const fn is_of_any_time(self) -> bool {
        !matches!(self, Self::AchievedRatio)
    }

    /// Whether the figure is measured by event type.
    pub const fn is_by_type(self) -> bool {
        matches!(self, Self::Count(_) | Self::Ratio(_) | Self::Time(TimeFigure::Latency | TimeFigure::AnsweredLatency, _))
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time, statistic) => write!(f, "{}.{statistic}", time.name()),
            Self::Count(counted) => f.write_str(counted.name()),
            Self::Ratio(counted) => write!(f, "{}_ratio", counted.name()),
            Self::AchievedRatio => f.write_str("achieved_ratio"),
            Self::Rate => f.write_str("rate"),
        }
    }
}
