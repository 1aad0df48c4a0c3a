//! Distributions over the days of the week and the hours of the day, with the published shares.

use serde::Serialize;

use crate::published::{HOUR_WEIGHTS, WEEKDAY_WEIGHTS};
use crate::sample::{is_large_enough, ratio};

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Events of seekers by local weekday.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WeekdayShares {
    /// The number of events, impressions not counted.
    pub cases: u64,
    /// The weekdays from Monday; empty with too few cases.
    pub weekdays: Vec<WeekdayShare>,
}

/// The events of one weekday.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WeekdayShare {
    /// The English name of the weekday.
    pub weekday: &'static str,
    /// The number of events.
    pub events: u64,
    /// Their share of all events.
    pub share: f64,
    /// The published share.
    pub published: f64,
}

/// Session starts by local hour.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HourShares {
    /// The number of sessions.
    pub cases: u64,
    /// The hours from midnight; empty with too few cases.
    pub hours: Vec<HourShare>,
}

/// The session starts of one hour.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HourShare {
    /// The hour of the day, from 0.
    pub hour: usize,
    /// The number of sessions.
    pub sessions: u64,
    /// Their share of all sessions.
    pub share: f64,
    /// The published share.
    pub published: f64,
}

impl WeekdayShares {
    pub(crate) fn new(counts: &[u64; 7]) -> Self {
        let cases = counts.iter().sum();
        let weekdays = WEEKDAYS.into_iter().zip(shares(cases, counts, &WEEKDAY_WEIGHTS));
        let share = |(weekday, (events, share, published))| WeekdayShare { weekday, events, share, published };
        Self { cases, weekdays: weekdays.map(share).collect() }
    }
}

impl HourShares {
    pub(crate) fn new(counts: &[u64; 24]) -> Self {
        let cases = counts.iter().sum();
        let hours = shares(cases, counts, &HOUR_WEIGHTS).enumerate();
        let share = |(hour, (sessions, share, published))| HourShare { hour, sessions, share, published };
        Self { cases, hours: hours.map(share).collect() }
    }
}

/// For each weekday or hour: the count, the share and the published share. Empty with too few cases.
fn shares(cases: u64, counts: &[u64], weights: &[f64]) -> impl Iterator<Item = (u64, f64, f64)> {
    let weight: f64 = weights.iter().sum();
    let counts = if is_large_enough(cases) { counts } else { &[] };
    counts.iter().zip(weights).map(move |(count, of_part)| (*count, ratio(*count, cases), of_part / weight))
}
