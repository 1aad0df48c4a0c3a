//! The number of live seekers, shared by all arbiters.

use std::sync::atomic::{AtomicU64, Ordering};

/// The number of live seekers on all arbiters, and its maximum.
#[derive(Debug, Default)]
pub struct LiveSeekers {
    now: AtomicU64,
    max: AtomicU64,
}

impl LiveSeekers {
    /// Counts a seeker that starts.
    pub fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.max.fetch_max(now, Ordering::Relaxed);
    }

    /// Counts a seeker that ends.
    pub fn leave(&self) {
        self.now.fetch_sub(1, Ordering::Relaxed);
    }

    /// Returns the number of live seekers.
    pub fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Returns the highest number of seekers that were live at the same time.
    pub fn max(&self) -> u64 {
        self.max.load(Ordering::Relaxed)
    }
}
