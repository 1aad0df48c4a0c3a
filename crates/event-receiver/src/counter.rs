//! A counter that several threads increment.

use std::sync::atomic::{AtomicU64, Ordering};

/// A counter that several threads increment. Relaxed ordering is enough, because no count depends on another one.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
