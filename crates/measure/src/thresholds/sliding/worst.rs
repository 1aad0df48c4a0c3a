//! The worst value of a figure over all windows.

use load_plan::threshold::Threshold;

/// The worst value of a figure over all windows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worst {
    /// The value, in the figure's own unit.
    pub value: f64,
    /// Whether `value` is a lower bound.
    pub is_lower_bound: bool,
    /// First second of the window, counted from the end of the warm-up.
    pub from: u64,
}

impl Worst {
    /// Whether the value meets the threshold. A lower bound of a time never does.
    pub fn holds(&self, threshold: &Threshold) -> bool {
        !self.is_lower_bound && threshold.holds(self.value)
    }

    /// Whether the value is further from meeting the threshold than `other`.
    pub(super) fn is_worse(&self, other: &Self, threshold: &Threshold) -> bool {
        match (self.is_lower_bound, other.is_lower_bound) {
            (true, false) => true,
            (false, true) => false,
            (true, true) => self.value > other.value,
            (false, false) => threshold.is_worse(self.value, other.value),
        }
    }
}
