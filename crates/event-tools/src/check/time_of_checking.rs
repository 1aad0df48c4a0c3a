//! The time of checking: later times are in the future.

use std::time::{SystemTime, UNIX_EPOCH};

use client_event::EventTimestamp;

/// The source of the time of checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeOfChecking {
    /// A fixed time, independent of the time of reading.
    Fixed(EventTimestamp),
    /// The system time at which a block of events was read, so that a check can follow a live stream for months.
    Clock,
}

impl TimeOfChecking {
    /// The time for events that were just read.
    pub fn get(self) -> EventTimestamp {
        match self {
            Self::Fixed(time) => time,
            Self::Clock => {
                // A clock before 1970 is wrong, so no time counts as in the future.
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                EventTimestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
        }
    }
}
