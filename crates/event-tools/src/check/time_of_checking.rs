//! The time of checking: what lies after it lies in the future.

use std::time::{SystemTime, UNIX_EPOCH};

use client_event::EventTimestamp;

/// Where the time of checking comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeOfChecking {
    /// This time, whenever the events are read.
    Fixed(EventTimestamp),
    /// The time at which a block of events was read, by the system's clock: a live stream can be followed for months.
    Clock,
}

impl TimeOfChecking {
    /// The time for events that were read just now.
    pub fn get(self) -> EventTimestamp {
        match self {
            Self::Fixed(time) => time,
            Self::Clock => {
                // A clock before 1970 tells nothing of what is in the future.
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                EventTimestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
        }
    }
}
