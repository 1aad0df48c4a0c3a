//! The figures of a run that a threshold can be about, by the names that they have in the report.

use std::fmt;

use super::amount::Unit;
use crate::report::Percentiles;
use crate::tally::Fates;

/// A figure of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A quantile of a time.
    Time(TimeFigure, Quantile),
    /// How many events.
    Count(Counted),
    /// Which part of the events: of those that were sent; with `not_sent`, of those that were planned.
    Ratio(Counted),
    /// The load as it came by the load as planned.
    AchievedRatio,
    /// Events a second whose sending began.
    Rate,
}

/// A time of which quantiles are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFigure {
    /// From the intended time of sending to the answer.
    Latency,
    /// From sending to the answer.
    ServiceTime,
    /// From the intended time of sending to sending.
    ScheduleLag,
}

/// A quantile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantile {
    /// Half of the values are at most this.
    P50,
    /// 90 % are.
    P90,
    /// 99 % are.
    P99,
    /// 99.9 % are.
    P99_9,
    /// All are.
    Max,
}

/// What became of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Answered with 2xx.
    Acknowledged,
    /// Answered otherwise, below 500.
    Refused,
    /// Answered with 5xx, or no connection.
    Failed,
    /// Sent, and no answer in time.
    Unknown,
    /// Never sent.
    NotSent,
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
    pub const ALL: [Self; 3] = [Self::Latency, Self::ServiceTime, Self::ScheduleLag];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::ServiceTime => "service_time",
            Self::ScheduleLag => "schedule_lag",
        }
    }
}

impl Quantile {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::P50, Self::P90, Self::P99, Self::P99_9, Self::Max];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P99 => "p99",
            Self::P99_9 => "p99.9",
            Self::Max => "max",
        }
    }

    /// Which part of the values lies at or below it.
    pub(super) const fn part(self) -> f64 {
        match self {
            Self::P50 => 0.5,
            Self::P90 => 0.9,
            Self::P99 => 0.99,
            Self::P99_9 => 0.999,
            Self::Max => 1.0,
        }
    }

    /// This one of them.
    pub(crate) const fn of(self, percentiles: &Percentiles) -> Option<f64> {
        match self {
            Self::P50 => percentiles.p50,
            Self::P90 => percentiles.p90,
            Self::P99 => percentiles.p99,
            Self::P99_9 => percentiles.p99_9,
            Self::Max => percentiles.max,
        }
    }
}

impl Counted {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Acknowledged, Self::Refused, Self::Failed, Self::Unknown, Self::NotSent];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotSent => "not_sent",
        }
    }

    /// How many of the events that were sent had this fate; none of those that were not sent.
    pub(super) const fn of(self, fates: Fates) -> Option<u64> {
        match self {
            Self::Acknowledged => Some(fates.acknowledged),
            Self::Refused => Some(fates.refused),
            Self::Failed => Some(fates.failed),
            Self::Unknown => Some(fates.unknown),
            Self::NotSent => None,
        }
    }
}

impl Figure {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let times = TimeFigure::ALL.into_iter().flat_map(|time| Quantile::ALL.map(|quantile| Self::Time(time, quantile)));
        let counts = Counted::ALL.into_iter().flat_map(|counted| [Self::Count(counted), Self::Ratio(counted)]);
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
        !matches!(self, Self::Count(Counted::NotSent) | Self::Ratio(Counted::NotSent) | Self::AchievedRatio)
    }

    /// Whether it is known of each type of event.
    pub const fn is_by_type(self) -> bool {
        matches!(self, Self::Count(_) | Self::Ratio(_) | Self::Time(TimeFigure::Latency, _))
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time(time, quantile) => write!(f, "{}.{}", time.name(), quantile.name()),
            Self::Count(counted) => f.write_str(counted.name()),
            Self::Ratio(counted) => write!(f, "{}_ratio", counted.name()),
            Self::AchievedRatio => f.write_str("achieved_ratio"),
            Self::Rate => f.write_str("rate"),
        }
    }
}
