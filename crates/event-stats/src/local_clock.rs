//! The offset of local time from UTC.

use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The clock of a time zone. It remembers the last offset and its validity, since events come in time order and offsets seldom change.
///
/// ```
/// use event_stats::LocalClock;
/// use jiff::tz::TimeZone;
///
/// let mut clock = LocalClock::new(TimeZone::get("Europe/Berlin")?);
/// assert_eq!(clock.offset_millis("2026-07-01T12:00:00Z".parse()?), 2 * 3_600_000);
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug)]
pub struct LocalClock {
    zone: TimeZone,
    offset_millis: i64,
    /// The times with this offset, in milliseconds since 1970.
    valid: Range<i64>,
}

impl LocalClock {
    /// The clock of this time zone.
    pub fn new(zone: TimeZone) -> Self {
        Self { zone, offset_millis: 0, valid: 0..0 }
    }

    /// The offset of local time from UTC at this time, in milliseconds.
    pub fn offset_millis(&mut self, at: Timestamp) -> i64 {
        let at_millis = at.as_millisecond();
        if !self.valid.contains(&at_millis) {
            self.offset_millis = i64::from(self.zone.to_offset(at).seconds()) * 1000;
            let next_change = self.zone.following(at).next();
            self.valid = at_millis..next_change.map_or(i64::MAX, |change| change.timestamp().as_millisecond());
        }
        self.offset_millis
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::timestamp_from_millis;

    proptest! {
        /// For all times, in any order, the offset is that of the time zone.
        #[test]
        fn offsets_are_those_of_the_zone(
            name in prop::sample::select(&["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
            times in prop::collection::vec(prop_oneof![-4_000_000_000_000..8_000_000_000_000_i64, any::<i64>()], 1..50),
        ) {
            let zone = TimeZone::get(name).unwrap();
            let mut local = LocalClock::new(zone.clone());
            for millis in times {
                let at = timestamp_from_millis(millis);
                prop_assert_eq!(local.offset_millis(at), i64::from(zone.to_offset(at).seconds()) * 1000);
            }
        }
    }

    /// 2023-10-29, 01:00 UTC: clocks in Berlin go back from 3 to 2.
    #[test]
    fn clocks_go_back() {
        let change_millis = 1_698_541_200_000;
        let mut berlin = LocalClock::new(TimeZone::get("Europe/Berlin").unwrap());
        for (millis, hours) in [(change_millis - 1, 2), (change_millis, 1), (change_millis - 1, 2)] {
            assert_eq!(berlin.offset_millis(timestamp_from_millis(millis)), hours * 3_600_000);
        }
    }
}
