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
