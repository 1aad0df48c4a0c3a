//! The figures of a run that a threshold can be about, by the names that they have in the report.

use std::fmt;

use super::amount::Unit;
use super::statistic::Statistic;
use crate::EventOutcome;

/// A figure of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A statistic of a time.
    Time(TimeFigure, Statistic),
    /// How many events.
    Count(EventOutcome),
    /// Which part of the planned events.
    Ratio(EventOutcome),
    /// The load as it came by the load as planned.
    AchievedRatio,
    /// Events a second whose sending began.
    Rate,
}

/// A time of which statistics are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFigure {
    /// From the scheduled time to the answer, of all planned events.
    Latency,
    /// The same, of answered events alone.
    AnsweredLatency,
    /// From sending to the answer.
    ServiceTime,
    /// From the scheduled time to sending.
    ScheduleLag,
}

/// What a figure is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// In milliseconds.
    Time,
    /// In events.
    Count,
    /// In parts of one.
    Ratio,
    /// In events a second.
    Rate,
}

impl FigureKind {
    /// The units in which its amounts can be written.
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
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Latency, Self::AnsweredLatency, Self::ServiceTime, Self::ScheduleLag];

    /// The name.
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
    /// All of them, with those statistics of times that reports show.
    pub fn all() -> impl Iterator<Item = Self> {
        let times = TimeFigure::ALL.into_iter().flat_map(|time| Statistic::SHOWN.map(|statistic| Self::Time(time, statistic)));
        let counts = EventOutcome::ALL.into_iter().flat_map(|counted| [Self::Count(counted), Self::Ratio(counted)]);
        times.chain(counts).chain([Self::AchievedRatio, Self::Rate])
    }

    /// What it is measured in.
    pub const fn kind(self) -> FigureKind {
        match self {
            Self::Time(..) => FigureKind::Time,
            Self::Count(_) => FigureKind::Count,
            Self::Ratio(_) | Self::AchievedRatio => FigureKind::Ratio,
            Self::Rate => FigureKind::Rate,
        }
    }

    /// Whether it is known of any part of a run, and not of the whole alone.
    pub const fn is_of_any_time(self) -> bool {
        !matches!(self, Self::AchievedRatio)
    }

    /// Whether it is known of each type of event.
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
