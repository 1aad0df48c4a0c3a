//! Moments of a run.

use std::time::Duration;

/// A moment of a run: microseconds of real time since its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment(u64);

impl Moment {
    /// Returns the moment `micros` microseconds after the start of the run.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Returns the moment `duration` after the start of the run.
    pub fn from_duration(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
    }

    /// Returns the microseconds since the start of the run.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Returns the microseconds from `earlier` to this moment; 0 if `earlier` is later.
    pub const fn micros_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns the time from `earlier` to this moment; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.micros_since(earlier))
    }

    /// Returns the moment that much earlier, but not before the start of the run.
    #[must_use]
    pub const fn minus(self, duration_micros: u64) -> Self {
        Self(self.0.saturating_sub(duration_micros))
    }

    /// Returns the moment that much later.
    #[must_use]
    pub const fn plus(self, duration_micros: u64) -> Self {
        Self(self.0.saturating_add(duration_micros))
    }
}
