//! Recognizes repeated events among the most recent ones. Two generations of two million hashes each bound the memory.

use std::collections::HashSet;

/// The minimum number of distinct events that are remembered.
const REMEMBERED_MIN: usize = 2_000_000;

/// The hashes of the most recent events.
#[derive(Debug)]
pub(crate) struct RecentEvents {
    young: HashSet<u64>,
    old: HashSet<u64>,
    capacity: usize,
}

impl Default for RecentEvents {
    fn default() -> Self {
        Self { young: HashSet::default(), old: HashSet::default(), capacity: REMEMBERED_MIN }
    }
}

impl RecentEvents {
    /// Remembers the hash of an event. Returns whether the hash was remembered before.
    pub(crate) fn insert_is_repeated(&mut self, event: u64) -> bool {
        if self.old.contains(&event) || !self.young.insert(event) {
            return true;
        }
        if self.young.len() > self.capacity {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all streams, an event is repeated if it is among the last distinct events up to the capacity, and never if it is new.
        #[test]
        fn the_most_recent_events_are_remembered(capacity in 1..6_usize, events in prop::collection::vec(0..30_u64, 0..100)) {
            let mut recent = RecentEvents { capacity, ..RecentEvents::default() };
            let mut fresh: Vec<u64> = Vec::new();
            for event in events {
                let is_repeated = recent.insert_is_repeated(event);
                prop_assert!(is_repeated || !fresh.iter().rev().take(capacity).any(|known| *known == event));
                prop_assert!(!is_repeated || fresh.contains(&event));
                if !is_repeated {
                    fresh.push(event);
                }
                prop_assert!(recent.young.len() <= capacity && recent.old.len() <= capacity + 1);
            }
        }
    }
}
