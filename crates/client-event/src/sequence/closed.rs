//! Which requests were closed lately, so that an event that comes for one of them is known to be late. The last
//! [`CLOSED_REMEMBERED`] are known, in two generations of at most that many, so memory is bounded.

use std::collections::HashSet;

use super::keys::AlreadyHashed;

/// How many closed requests are remembered at least: what a set of a million places holds before it grows.
const CLOSED_REMEMBERED: usize = (1 << 20) / 8 * 7;

/// The requests that were closed lately.
#[derive(Debug)]
pub(super) struct ClosedRequests {
    young: HashSet<u64, AlreadyHashed>,
    old: HashSet<u64, AlreadyHashed>,
    capacity: usize,
}

impl Default for ClosedRequests {
    fn default() -> Self {
        Self::with_capacity(CLOSED_REMEMBERED)
    }
}

impl ClosedRequests {
    fn with_capacity(capacity: usize) -> Self {
        Self { young: HashSet::default(), old: HashSet::default(), capacity }
    }

    pub(super) fn insert(&mut self, request: u64) {
        if self.young.len() >= self.capacity {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(request);
    }

    pub(super) fn contains(&self, request: u64) -> bool {
        self.young.contains(&request) || self.old.contains(&request)
    }

    /// The bytes that are held: of each place the hash and a byte.
    pub(super) fn heap_bytes(&self) -> usize {
        (self.young.capacity() + self.old.capacity()) * 8 / 7 * (size_of::<u64>() + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all capacities and orders of closing, the last so-many distinct requests are known, none is that was never closed, and
        /// neither generation grows beyond the capacity.
        #[test]
        fn the_last_ones_are_known(capacity in 1_usize..6, closings in vec(0_u64..30, 0..100)) {
            let mut closed = ClosedRequests::with_capacity(capacity);
            let mut latest: Vec<u64> = Vec::new();
            for request in closings {
                closed.insert(request);
                latest.retain(|other| *other != request);
                latest.push(request);
                prop_assert!(closed.young.len() <= capacity && closed.old.len() <= capacity);
                for known in latest.iter().rev().take(capacity) {
                    prop_assert!(closed.contains(*known));
                }
                for request in 0..30 {
                    prop_assert!(latest.contains(&request) || !closed.contains(request));
                }
            }
        }
    }
}
