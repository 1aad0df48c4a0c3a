//! Virtual time. The driver advances it and relates it to a clock.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A time of the simulation, in microseconds since its start. The range is half a million years.
///
/// ```
/// use seeker_model::SimTime;
///
/// let time = SimTime::start_of_day(1).after_seconds(1.5);
/// assert_eq!(time.as_micros(), 86_401_500_000);
/// assert_eq!(time.day(), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SimTime(u64);

impl SimTime {
    /// The start of the simulation.
    pub const ZERO: Self = Self(0);

    /// The time this many microseconds after the start.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the start.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The time since the start of the simulation.
    pub const fn since_start(self) -> Duration {
        Duration::from_micros(self.0)
    }

    /// The time this many seconds later. Fractions of a microsecond are dropped. A negative number counts as 0.
    #[must_use]
    pub fn after_seconds(self, seconds: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates at both ends")]
        Self(self.0.saturating_add((seconds * 1e6) as u64))
    }

    /// The day of the simulation, from 0.
    pub const fn day(self) -> u64 {
        self.0 / (24 * 3600 * 1_000_000)
    }

    /// The start of that day of the simulation.
    pub const fn start_of_day(day: u64) -> Self {
        Self(day.saturating_mul(24 * 3600 * 1_000_000))
    }
}

impl Add<Duration> for SimTime {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}

impl Sub for SimTime {
    type Output = Duration;

    /// The time from the other time to this one. 0 if the other time is later.
    fn sub(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}
