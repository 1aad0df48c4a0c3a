//! Pauses of the generator.

use load_plan::Moment;

/// A period in which the generator did not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Time at which the generator should have continued.
    pub from: Moment,
    /// Time at which the generator continued.
    pub to: Moment,
}

impl Pause {
    /// Returns the length of the pause, in microseconds.
    pub const fn micros(self) -> u64 {
        self.to.micros_since(self.from)
    }
}

/// The pauses of the generator in the measured time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PauseTimes {
    /// Number of pauses.
    pub count: u64,
    /// Total length of the pauses, in microseconds.
    pub sum: u64,
    /// Length of the longest pause, in microseconds.
    pub longest: u64,
    /// Start of the longest pause.
    pub longest_from: Moment,
}

impl PauseTimes {
    /// Adds a pause if it ends after `measured_from`.
    pub fn add(&mut self, pause: Pause, measured_from: Moment) {
        if pause.to <= measured_from {
            return;
        }
        self.count += 1;
        self.sum += pause.micros();
        if pause.micros() > self.longest {
            (self.longest, self.longest_from) = (pause.micros(), pause.from);
        }
    }
}
