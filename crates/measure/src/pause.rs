//! Pauses of the generator.

use load_plan::Moment;

/// A time in which the generator stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// When it should have gone on.
    pub from: Moment,
    /// When it did.
    pub to: Moment,
}

impl Pause {
    /// How long it was, in microseconds.
    pub const fn micros(self) -> u64 {
        self.to.micros_since(self.from)
    }
}

/// The pauses of the generator in the measured time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PauseTimes {
    /// How many pauses there were.
    pub count: u64,
    /// How long they were together, in microseconds.
    pub sum: u64,
    /// How long the longest was, in microseconds.
    pub longest: u64,
    /// When the longest began.
    pub longest_from: Moment,
}

impl PauseTimes {
    /// Adds a pause, if it lies in the time from that moment on.
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
