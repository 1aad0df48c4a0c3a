//! The memory that all workers of a receiver share for requests and responses. This module counts memory and does not allocate it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of bytes. Several threads can reserve and release parts of it concurrently.
#[derive(Debug)]
pub(crate) struct Memory {
    bytes: usize,
    reserved: AtomicUsize,
    /// The number of bytes that could not be reserved since the last check.
    missing: AtomicUsize,
}

impl Memory {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { bytes, reserved: AtomicUsize::new(0), missing: AtomicUsize::new(0) }
    }

    /// Reserves bytes. Returns whether there was enough memory.
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

    /// Reports to all workers that bytes were missing.
    pub(crate) fn report_missing(&self, bytes: usize) {
        self.missing.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The number of bytes that were missing since the last call.
    pub(crate) fn take_missing(&self) -> usize {
        self.missing.swap(0, Ordering::Relaxed)
    }

    #[cfg(test)]
    pub(crate) fn reserved(&self) -> usize {
        self.reserved.load(Ordering::Relaxed)
    }
}

/// A part of the memory. It is released on drop.
#[derive(Debug)]
pub(crate) struct Reservation {
    memory: Arc<Memory>,
    bytes: usize,
}

impl Reservation {
    /// Reserves bytes. `None` if there is not enough memory.
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
        /// For all sequences of reservations and releases, no more memory is reserved than exists, and all of it can be reserved again.
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
