//! A stage as text, such as `30s:0->2000/s`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::super::rate::{RateUnit, plain_number, time_of_rate};
use super::{Course, LoadKind, Stage, StageError};

/// Parses a time, a colon, a course and a unit: `1m:2000/s` is constant, `30s:0->2000/s` is a ramp, `2m:sine 200..1000/s
/// every 30s` is a sine. The unit is `/s` (or any time, `/min`) for events, ` arrivals/s` for arriving seekers, ` seekers`
/// for live seekers.
impl FromStr for Stage {
    type Err = StageError;

    fn from_str(text: &str) -> Result<Self, StageError> {
        let (duration, course) = text.split_once(':').ok_or(StageError::Form)?;
        let duration = time(duration)?;
        let course = course.trim();
        let (kind, course) = if let Some(swing) = course.strip_prefix("sine") {
            let (amounts, period) = swing.split_once("every").ok_or(StageError::Form)?;
            let (low, high) = amounts.split_once("..").ok_or(StageError::Form)?;
            let (high, unit) = amount_with_unit(high)?;
            let low = unit.amount(low)?;
            (unit.kind, Course::Sine { low, high, period: time(period)? })
        } else if let Some((from, to)) = course.split_once("->") {
            let (to, unit) = amount_with_unit(to)?;
            (unit.kind, Course::Ramp { from: unit.amount(from)?, to })
        } else {
            let (amount, unit) = amount_with_unit(course)?;
            (unit.kind, Course::Hold(amount))
        };
        Self::new(duration, kind, course)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, other) = self.course.ends();
        let per = match self.kind {
            LoadKind::Rate | LoadKind::Arrivals => Some(RateUnit::of(&[one, other])),
            LoadKind::Seekers => None,
        };
        let number = |amount| per.map_or(amount, |per| per.number(amount));
        let unit = match (self.kind, per) {
            (LoadKind::Arrivals, Some(per)) => format!(" arrivals/{}", per.name),
            (_, Some(per)) => format!("/{}", per.name),
            (kind, None) => kind.unit().to_owned(),
        };
        write!(f, "{}:", humantime::format_duration(self.duration))?;
        match self.course {
            Course::Hold(amount) => write!(f, "{}{unit}", number(amount)),
            Course::Ramp { from, to } => write!(f, "{}->{}{unit}", number(from), number(to)),
            Course::Sine { low, high, period } => {
                let period = humantime::format_duration(period);
                write!(f, "sine {}..{}{unit} every {period}", number(low), number(high))
            }
        }
    }
}

/// The kind of an amount, and the number of seconds to which it applies.
struct Unit {
    kind: LoadKind,
    seconds: f64,
}

impl Unit {
    fn amount(&self, text: &str) -> Result<f64, StageError> {
        plain_number(text).map(|number| number / self.seconds).ok_or(StageError::Form)
    }
}

/// Parses `2000/s`, `50 arrivals/s`, `1000 seekers`. A bare number is a rate of events per second.
fn amount_with_unit(text: &str) -> Result<(f64, Unit), StageError> {
    let text = text.trim();
    let number_ends = text.find(|char: char| !char.is_ascii_digit() && char != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(number_ends);
    let unit = match unit.trim() {
        "" => Unit { kind: LoadKind::Rate, seconds: 1.0 },
        "seekers" => Unit { kind: LoadKind::Seekers, seconds: 1.0 },
        per_time => {
            let (what, time) = per_time.split_once('/').ok_or(StageError::Form)?;
            let kind = match what.trim() {
                "" | "events" => LoadKind::Rate,
                "arrivals" => LoadKind::Arrivals,
                _ => return Err(StageError::Form),
            };
            let time = time_of_rate(time).filter(|time| !time.is_zero()).ok_or(StageError::Form)?;
            Unit { kind, seconds: time.as_secs_f64() }
        }
    };
    Ok((unit.amount(number)?, unit))
}

fn time(text: &str) -> Result<Duration, StageError> {
    humantime::parse_duration(text.trim()).map_err(|_| StageError::Form)
}
