//! The requests that were closed recently: an event of such a request is late. Keeps at least the last [`CAPACITY`] requests, in two
//! generations of at most that size, so memory is bounded.

use std::collections::HashSet;

use super::keys::AlreadyHashed;

/// The smallest number of requests that are kept: the number that a set of a million slots holds before it grows.
const CAPACITY: usize = (1 << 20) / 8 * 7;

/// The requests that were closed recently.
#[derive(Debug)]
pub(super) struct ClosedRequests {
    current: HashSet<u64, AlreadyHashed>,
    previous: HashSet<u64, AlreadyHashed>,
    capacity: usize,
}

impl Default for ClosedRequests {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl ClosedRequests {
    fn with_capacity(capacity: usize) -> Self {
        Self { current: HashSet::default(), previous: HashSet::default(), capacity }
    }

    pub(super) fn insert(&mut self, request: u64) {
        if self.current.len() >= self.capacity {
            std::mem::swap(&mut self.current, &mut self.previous);
            self.current.clear();
        }
        self.current.insert(request);
    }

    pub(super) fn contains(&self, request: u64) -> bool {
        self.current.contains(&request) || self.previous.contains(&request)
    }

    /// The bytes on the heap: each slot is a hash and a control byte.
    pub(super) fn heap_bytes(&self) -> usize {
        (self.current.capacity() + self.previous.capacity()) * 8 / 7 * (size_of::<u64>() + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all capacities and orders of closing, the set contains the last `capacity` distinct requests and no request that was
        /// never closed, and neither generation grows beyond the capacity.
        #[test]
        fn the_last_requests_are_kept(capacity in 1_usize..6, closings in vec(0_u64..30, 0..100)) {
            let mut closed = ClosedRequests::with_capacity(capacity);
            let mut latest: Vec<u64> = Vec::new();
            for request in closings {
                closed.insert(request);
                latest.retain(|other| *other != request);
                latest.push(request);
                prop_assert!(closed.current.len() <= capacity && closed.previous.len() <= capacity);
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
