//! What the clock on the wall showed when an event happened.

use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Tells how far local time is ahead of UTC. Remembers until when that holds, since events come in the order of time and clocks are
/// seldom changed.
#[derive(Debug)]
pub(super) struct LocalTime {
    zone: TimeZone,
    offset_millis: i64,
    /// In milliseconds since 1970.
    holds: Range<i64>,
}

impl LocalTime {
    pub(super) fn new(zone: TimeZone) -> Self {
        Self { zone, offset_millis: 0, holds: 0..0 }
    }

    /// What is added to that time to make it local, in milliseconds.
    pub(super) fn offset_millis(&mut self, at: Timestamp) -> i64 {
        let at_millis = at.as_millisecond();
        if !self.holds.contains(&at_millis) {
            self.offset_millis = i64::from(self.zone.to_offset(at).seconds()) * 1000;
            let next_change = self.zone.following(at).next();
            self.holds = at_millis..next_change.map_or(i64::MAX, |change| change.timestamp().as_millisecond());
        }
        self.offset_millis
    }
}

/// The time that many milliseconds after 1970; times before and after all calendars become the first and the last of them.
pub(super) fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use scenario::time_zone::parse_time_zone;

    proptest! {
        /// For all times, in any order, what is remembered is what the time zone says.
        #[test]
        fn what_is_remembered_holds(
            name in prop::sample::select(&["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
            times in prop::collection::vec(prop_oneof![-4_000_000_000_000..8_000_000_000_000_i64, any::<i64>()], 1..50),
        ) {
            let zone = parse_time_zone(name).unwrap();
            let mut local = LocalTime::new(zone.clone());
            for millis in times {
                let at = timestamp(millis);
                prop_assert_eq!(local.offset_millis(at), i64::from(zone.to_offset(at).seconds()) * 1000);
            }
        }
    }

    /// 2023-10-29, 01:00 UTC: clocks in Berlin go back from 3 to 2.
    #[test]
    fn clocks_go_back() {
        let change_millis = 1_698_541_200_000;
        let mut berlin = LocalTime::new(parse_time_zone("Europe/Berlin").unwrap());
        for (millis, hours) in [(change_millis - 1, 2), (change_millis, 1), (change_millis - 1, 2)] {
            assert_eq!(berlin.offset_millis(timestamp(millis)), hours * 3_600_000);
        }
    }
}
