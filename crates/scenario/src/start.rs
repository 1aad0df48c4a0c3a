//! The start of simulated time: a date and a time of day on local clocks.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A date and a time of day, in the years 1970 to 9000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalStart(DateTime);

/// The reason why a text is not a date with a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected a date from 1970 to 9000 and a time of day, such as 2026-01-05T08:30:00")]
pub struct LocalStartError;

impl LocalStart {
    /// Returns the moment in a time zone. A time that the clocks skip counts as if the clocks were not changed. For a time
    /// that occurs twice, the first occurrence counts.
    pub fn in_zone(self, zone: &TimeZone) -> Timestamp {
        zone.to_timestamp(self.0).expect("the years 1970 to 9000 are within the range of a timestamp")
    }

    /// Returns the seconds since Monday 00:00 of the week.
    pub fn second_of_week(self) -> u32 {
        let since_midnight_s = [(self.0.hour(), 3600), (self.0.minute(), 60), (self.0.second(), 1)];
        let days = self.0.weekday().to_monday_zero_offset().unsigned_abs();
        let seconds = since_midnight_s.into_iter().map(|(count, seconds)| u32::from(count.unsigned_abs()) * seconds);
        u32::from(days) * 24 * 3600 + seconds.sum::<u32>()
    }
}

/// Monday, 2026-01-05, at midnight. Not the current time, so that the same options produce the same bytes.
impl Default for LocalStart {
    fn default() -> Self {
        Self(date(2026, 1, 5).at(0, 0, 0, 0))
    }
}

impl FromStr for LocalStart {
    type Err = LocalStartError;

    fn from_str(text: &str) -> Result<Self, LocalStartError> {
        let start: DateTime = text.parse().map_err(|_| LocalStartError)?;
        let is_plain = !text.ends_with(['Z', 'z', ']']) && text.contains(['T', 't', ' ']);
        if is_plain && (1970..=9000).contains(&start.year()) { Ok(Self(start)) } else { Err(LocalStartError) }
    }
}

impl fmt::Display for LocalStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for LocalStart {
    type Error = LocalStartError;

    fn try_from(text: String) -> Result<Self, LocalStartError> {
        text.parse()
    }
}

impl From<LocalStart> for String {
    fn from(start: LocalStart) -> Self {
        start.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_starts() {
        for (text, second_of_week) in [
            ("2026-01-05T00:00:00", Some(0)),
            ("2026-01-06 08:30:01", Some(24 * 3600 + 8 * 3600 + 1801)),
            ("2026-01-11T23:59", Some(7 * 24 * 3600 - 60)),
            ("2026-01-05", None),
            ("2026-01-05T00:00:00Z", None),
            ("2026-02-30T00:00:00", None),
            ("1969-12-31T23:59:59", None),
            ("Monday", None),
        ] {
            let start = text.parse::<LocalStart>();
            assert_eq!(start.map(LocalStart::second_of_week).ok(), second_of_week, "{text}");
            if let Ok(start) = start {
                assert_eq!(start.to_string().parse(), Ok(start));
            }
        }
    }
}
