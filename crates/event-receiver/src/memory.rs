//! The memory that all workers of a receiver share for what their clients send and await. It is only counted here, not allocated.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of bytes of which parts can be reserved and released, by several threads at once.
#[derive(Debug)]
pub(crate) struct Memory {
    bytes: usize,
    reserved: AtomicUsize,
    /// How much was asked for in vain since the last look.
    missing: AtomicUsize,
}

impl Memory {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { bytes, reserved: AtomicUsize::new(0), missing: AtomicUsize::new(0) }
    }

    /// Reserves that many bytes; whether there were as many.
    pub(crate) fn reserve(&self, bytes: usize) -> bool {
        let reserved = self.reserved.fetch_add(bytes, Ordering::Relaxed);
        let is_enough = reserved.checked_add(bytes).is_some_and(|reserved| reserved <= self.bytes);
        if !is_enough {
            self.release(bytes);
        }
        is_enough
    }

    pub(crate) fn release(&self, bytes: usize) {
        self.reserved.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Tells all workers that so many bytes were missing.
    pub(crate) fn miss(&self, bytes: usize) {
        self.missing.fetch_add(bytes, Ordering::Relaxed);
    }

    /// How many bytes were missing since the last call.
    pub(crate) fn take_missing(&self) -> usize {
        self.missing.swap(0, Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(crate) fn reserved(&self) -> usize {
        self.reserved.load(Ordering::Relaxed)
    }
}

/// A part of the memory that is released when this is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    memory: Arc<Memory>,
    bytes: usize,
}

impl Reservation {
    /// Reserves that many bytes, if there are as many.
    pub(crate) fn new(memory: &Arc<Memory>, bytes: usize) -> Option<Self> {
        memory.reserve(bytes).then(|| Self { memory: Arc::clone(memory), bytes })
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.memory.release(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all sequences of reservations and releases, no more is reserved than there is, and everything can be reserved again.
        #[test]
        fn no_more_is_reserved_than_there_is(bytes in 0_usize..1_000, steps in prop::collection::vec((any::<bool>(), 0_usize..400), 0..100)) {
            let memory = Arc::new(Memory::new(bytes));
            let mut held = Vec::new();
            for (reserves, asked) in steps {
                if reserves {
                    let sum: usize = held.iter().map(|reservation: &Reservation| reservation.bytes).sum();
                    let reservation = Reservation::new(&memory, asked);
                    prop_assert_eq!(reservation.is_some(), sum + asked <= bytes);
                    held.extend(reservation);
                } else if !held.is_empty() {
                    held.swap_remove(asked % held.len());
                }
            }
            drop(held);
            prop_assert_eq!(memory.reserved(), 0);
        }
    }

    #[test]
    fn an_absurd_size_is_refused() {
        let memory = Memory::new(10);
        assert!(memory.reserve(1) && !memory.reserve(usize::MAX) && memory.reserve(9) && !memory.reserve(1));
    }
}
