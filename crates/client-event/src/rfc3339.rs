//! The times of versions 3 and 4 (`google.protobuf.Timestamp`) in RFC 3339 as ProtoJSON restricts it: upper-case T and Z, offsets with a
//! colon, at most 9 digits after the point. Written by hand because the crates for times (`jiff`, `time`, `chrono`) also accept lower case,
//! a space in place of the T, more digits or a leap second. They would need an additional check of the form. Tests compare the result with
//! such a crate.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::timestamp::EventTimestamp;

const SECONDS_PER_DAY: i64 = 86_400;
const MIN_SECONDS: i64 = -62_135_596_800;
const MAX_SECONDS: i64 = 253_402_300_799;
const NANOS_PER_MILLI: u32 = 1_000_000;

/// An instant from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z, to the nanosecond, on a time scale without leap
/// seconds (`google.protobuf.Timestamp`).
///
/// ```
/// use client_event::EventTimestamp;
/// use client_event::api_versions::Timestamp;
///
/// let time: Timestamp = "2023-11-14T23:13:20.5+01:00".parse()?;
/// assert_eq!(time.to_string(), "2023-11-14T22:13:20.500Z");
/// assert_eq!(time.to_event_timestamp(), EventTimestamp::from_millis(1_700_000_000_500));
/// assert!("2023-11-14 22:13:20z".parse::<Timestamp>().is_err());
/// # Ok::<(), client_event::api_versions::TimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp {
    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    seconds: i64,
    /// Nanoseconds after that second, below 10^9.
    nanos: u32,
}

/// The error for a text that is not a [`Timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TimestampError {
    /// Not of the form `2024-02-29T12:00:00.5+01:00` or `...Z`, with at most 9 digits after the point.
    #[error("not a time of the form 2024-02-29T12:00:00.5Z (RFC 3339)")]
    Form,
    /// A month, day, hour, minute, second or offset that does not exist. A leap second (`:60`) is refused too: the time scale
    /// has none.
    #[error("not a valid date and time")]
    NoSuchTime,
    /// Outside the years 0001 to 9999, UTC.
    #[error("outside the years 0001 to 9999")]
    OutOfRange,
}

impl Timestamp {
    /// 0001-01-01T00:00:00Z
    pub const MIN: Self = Self { seconds: MIN_SECONDS, nanos: 0 };
    /// 9999-12-31T23:59:59.999999999Z
    pub const MAX: Self = Self { seconds: MAX_SECONDS, nanos: 999_999_999 };

    /// The time this many seconds after (negative: before) 1970-01-01T00:00:00Z, plus nanoseconds.
    ///
    /// # Errors
    ///
    /// [`TimestampError::NoSuchTime`] for 10^9 nanoseconds or more, [`TimestampError::OutOfRange`] outside the years 0001 to 9999.
    pub const fn new(seconds: i64, nanos: u32) -> Result<Self, TimestampError> {
        if nanos >= 1_000_000_000 {
            return Err(TimestampError::NoSuchTime);
        }
        if seconds < MIN_SECONDS || seconds > MAX_SECONDS {
            return Err(TimestampError::OutOfRange);
        }
        Ok(Self { seconds, nanos })
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after [`Timestamp::seconds`], 0 to 999,999,999.
    pub const fn nanos(self) -> u32 {
        self.nanos
    }

    /// The time of an event, rounded down to the millisecond.
    pub const fn to_event_timestamp(self) -> EventTimestamp {
        EventTimestamp::from_millis(self.seconds * 1000 + (self.nanos / NANOS_PER_MILLI) as i64)
    }

    /// The nanoseconds that [`Timestamp::to_event_timestamp`] loses: 0 to 999,999.
    pub const fn nanos_below_millisecond(self) -> u32 {
        self.nanos % NANOS_PER_MILLI
    }
}

impl TryFrom<EventTimestamp> for Timestamp {
    type Error = TimestampError;

    /// The same time; [`TimestampError::OutOfRange`] outside -62135596800000 to 253402300799999 ms.
    fn try_from(time: EventTimestamp) -> Result<Self, Self::Error> {
        let millis = time.as_millis();
        let below_second = u32::try_from(millis.rem_euclid(1000)).expect("a remainder below 1000");
        Self::new(millis.div_euclid(1000), below_second * NANOS_PER_MILLI)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTimeParts::parse(text.as_bytes()).ok_or(TimestampError::Form)?.instant()
    }
}

impl fmt::Display for Timestamp {
    /// In UTC, with the smallest of 0, 3, 6 or 9 digits after the point that is exact.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.seconds.div_euclid(SECONDS_PER_DAY));
        let second = self.seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        match self.nanos {
            0 => {}
            nanos if nanos % 1_000_000 == 0 => write!(f, ".{:03}", nanos / 1_000_000)?,
            nanos if nanos % 1000 == 0 => write!(f, ".{:06}", nanos / 1000)?,
            nanos => write!(f, ".{nanos:09}")?,
        }
        f.write_str("Z")
    }
}

/// The numbers in a text of the right form.
struct DateTimeParts {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: u32,
    offset_sign: i64,
    offset_hour: i64,
    offset_minute: i64,
}

impl DateTimeParts {
    fn parse(text: &[u8]) -> Option<Self> {
        let rest = &mut { text };
        let year = digits(rest, 4)?;
        let month = expect(rest, b'-').and_then(|()| digits(rest, 2))?;
        let day = expect(rest, b'-').and_then(|()| digits(rest, 2))?;
        let hour = expect(rest, b'T').and_then(|()| digits(rest, 2))?;
        let minute = expect(rest, b':').and_then(|()| digits(rest, 2))?;
        let second = expect(rest, b':').and_then(|()| digits(rest, 2))?;
        let nanos = match expect(rest, b'.') {
            Some(()) => fraction(rest)?,
            None => 0,
        };
        let (sign, after_sign) = rest.split_first()?;
        *rest = after_sign;
        let offset_sign = match sign {
            b'Z' => 0,
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let (mut offset_hour, mut offset_minute) = (0, 0);
        if offset_sign != 0 {
            offset_hour = digits(rest, 2)?;
            offset_minute = expect(rest, b':').and_then(|()| digits(rest, 2))?;
        }
        rest.is_empty().then_some(Self { year, month, day, hour, minute, second, nanos, offset_sign, offset_hour, offset_minute })
    }

    fn instant(&self) -> Result<Timestamp, TimestampError> {
        if self.year == 0 {
            return Err(TimestampError::OutOfRange);
        }
        let exists = (1..=12).contains(&self.month)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
            && self.offset_hour < 24
            && self.offset_minute < 60;
        if !exists {
            return Err(TimestampError::NoSuchTime);
        }
        let local =
            day_number(self.year, self.month, self.day) * SECONDS_PER_DAY + (self.hour * 60 + self.minute) * 60 + self.second;
        let offset = self.offset_sign * (self.offset_hour * 60 + self.offset_minute) * 60;
        Timestamp::new(local - offset, self.nanos)
    }
}

/// Reads this number of digits.
fn digits(rest: &mut &[u8], count: usize) -> Option<i64> {
    let (digits, after) = rest.split_at_checked(count)?;
    *rest = after;
    digits.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

/// Reads this byte.
fn expect(rest: &mut &[u8], byte: u8) -> Option<()> {
    *rest = rest.strip_prefix(&[byte])?;
    Some(())
}

/// Reads 1 to 9 digits as nanoseconds.
fn fraction(rest: &mut &[u8]) -> Option<u32> {
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&count) {
        return None;
    }
    let (digits, after) = rest.split_at(count);
    *rest = after;
    let padded = digits.iter().chain(std::iter::repeat(&b'0')).take(9);
    Some(padded.fold(0, |value, digit| value * 10 + u32::from(digit - b'0')))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. The year is counted from March, so that the leap day is its last
/// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`).
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a day counted from 1970-01-01 (same source, `civil_from_days`).
fn date_of(day_number: i64) -> (i64, i64, i64) {
    let shifted = day_number + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edge() {
        use TimestampError::{Form, NoSuchTime, OutOfRange};
        for (text, read) in [
            ("1970-01-01T00:00:00Z", Ok((0, 0))),
            ("1969-12-31T23:59:59.999999999Z", Ok((-1, 999_999_999))),
            ("0001-01-01T00:00:00Z", Ok((MIN_SECONDS, 0))),
            ("9999-12-31T23:59:59.999999999Z", Ok((MAX_SECONDS, 999_999_999))),
            ("2000-02-29T00:00:00Z", Ok((951_782_400, 0))),
            ("2024-02-29T12:00:00.5+23:59", Ok((1_709_121_660, 500_000_000))),
            ("1970-01-01T00:00:00-00:00", Ok((0, 0))),
            ("1970-01-01T00:00:00.1Z", Ok((0, 100_000_000))),
            ("1970-01-01T00:00:00.000000001Z", Ok((0, 1))),
            ("0001-01-01T00:00:00-00:01", Ok((MIN_SECONDS + 60, 0))),
            ("0001-01-01T00:00:00+00:01", Err(OutOfRange)),
            ("9999-12-31T23:59:59-00:01", Err(OutOfRange)),
            ("0000-12-31T23:59:59-12:00", Err(OutOfRange)),
            ("2023-02-29T00:00:00Z", Err(NoSuchTime)),
            ("1900-02-29T00:00:00Z", Err(NoSuchTime)),
            ("2023-04-31T00:00:00Z", Err(NoSuchTime)),
            ("2023-00-01T00:00:00Z", Err(NoSuchTime)),
            ("2023-13-01T00:00:00Z", Err(NoSuchTime)),
            ("2023-01-00T00:00:00Z", Err(NoSuchTime)),
            ("2023-01-01T24:00:00Z", Err(NoSuchTime)),
            ("2023-01-01T00:60:00Z", Err(NoSuchTime)),
            ("2016-12-31T23:59:60Z", Err(NoSuchTime)),
            ("2023-01-01T00:00:00+24:00", Err(NoSuchTime)),
            ("2023-01-01T00:00:00+00:60", Err(NoSuchTime)),
            ("", Err(Form)),
            ("2023-01-01", Err(Form)),
            ("2023-01-01T00:00:00", Err(Form)),
            ("2023-01-01T00:00Z", Err(Form)),
            ("2023-01-01 00:00:00Z", Err(Form)),
            ("2023-01-01t00:00:00Z", Err(Form)),
            ("2023-01-01T00:00:00z", Err(Form)),
            ("2023-01-01T00:00:00+0100", Err(Form)),
            ("2023-01-01T00:00:00+01", Err(Form)),
            ("2023-01-01T00:00:00.Z", Err(Form)),
            ("2023-01-01T00:00:00,5Z", Err(Form)),
            ("2023-01-01T00:00:00.1234567890Z", Err(Form)),
            ("2023-01-01T00:00:00Z ", Err(Form)),
            (" 2023-01-01T00:00:00Z", Err(Form)),
            ("2023-1-01T00:00:00Z", Err(Form)),
            ("+2023-01-01T00:00:00Z", Err(Form)),
            ("10000-01-01T00:00:00Z", Err(Form)),
            ("2023-01-01T00:00:00\u{2212}01:00", Err(Form)),
            ("２023-01-01T00:00:00Z", Err(Form)),
        ] {
            assert_eq!(text.parse().map(|time: Timestamp| (time.seconds(), time.nanos())), read, "{text}");
        }
    }

    #[test]
    fn as_few_digits_as_show_it_exactly() {
        for (nanos, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (500_000_000, "1970-01-01T00:00:00.500Z"),
            (1_000_000, "1970-01-01T00:00:00.001Z"),
            (1_001_000, "1970-01-01T00:00:00.001001Z"),
            (1, "1970-01-01T00:00:00.000000001Z"),
        ] {
            assert_eq!(Timestamp::new(0, nanos).unwrap().to_string(), text);
        }
        assert_eq!(Timestamp::MIN.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59.999999999Z");
        assert_eq!(Timestamp::new(0, 1_000_000_000), Err(TimestampError::NoSuchTime));
    }

    #[test]
    fn the_range_in_milliseconds() {
        for (millis, inside) in [
            (-62_135_596_800_000, true),
            (-62_135_596_800_001, false),
            (253_402_300_799_999, true),
            (253_402_300_800_000, false),
            (i64::MIN, false),
            (i64::MAX, false),
        ] {
            assert_eq!(Timestamp::try_from(EventTimestamp::from_millis(millis)).is_ok(), inside, "{millis}");
        }
    }
}
