//! Moments of a run.

use std::time::Duration;

/// A moment of a run: microseconds of real time since its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment(u64);

impl Moment {
    /// This many microseconds after the start of the run.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// This long after the start of the run.
    pub fn from_duration(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
    }

    /// Microseconds since the start of the run.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Microseconds from the other moment to this one; 0 if it comes later.
    pub const fn micros_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The time from the other moment to this one; none if it comes later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.micros_since(earlier))
    }

    /// That much earlier; the beginning of the run at the earliest.
    #[must_use]
    pub const fn minus(self, duration_micros: u64) -> Self {
        Self(self.0.saturating_sub(duration_micros))
    }

    /// That much later.
    #[must_use]
    pub const fn plus(self, duration_micros: u64) -> Self {
        Self(self.0.saturating_add(duration_micros))
    }
}
