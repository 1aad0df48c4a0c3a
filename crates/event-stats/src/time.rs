//! Units of time, and the conversion of milliseconds to a calendar time.

use jiff::Timestamp;

/// Milliseconds of an hour.
pub(crate) const HOUR_MILLIS: i64 = 3600 * 1000;

/// Milliseconds of a day.
pub(crate) const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// The time `millis` milliseconds after the start of 1970. A time outside the calendar becomes its first or last moment.
pub(crate) fn timestamp_from_millis(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// Milliseconds as days.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of millennia are below 2^53")]
pub(crate) fn days(millis: i64) -> f64 {
    millis as f64 / DAY_MILLIS as f64
}
