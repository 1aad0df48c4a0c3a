//! Which events came before: the last two million of them at least are known, in two generations of so many, so memory is bounded.

use std::collections::HashSet;

/// How many events are known at least.
const KNOWN: usize = 2_000_000;

/// The hashes of the events that came before.
#[derive(Debug)]
pub(super) struct Repeated {
    young: HashSet<u64>,
    old: HashSet<u64>,
    capacity: usize,
}

impl Default for Repeated {
    fn default() -> Self {
        Self { young: HashSet::default(), old: HashSet::default(), capacity: KNOWN }
    }
}

impl Repeated {
    /// Takes the hash of an event. Returns whether it is known.
    pub(super) fn is_repeated(&mut self, event: u64) -> bool {
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
        /// For all events, one is known if it is among the last so-many distinct ones, and never if it has not come.
        #[test]
        fn the_last_ones_are_known(capacity in 1..6_usize, events in prop::collection::vec(0..30_u64, 0..100)) {
            let mut repeated = Repeated { capacity, ..Repeated::default() };
            let mut fresh: Vec<u64> = Vec::new();
            for event in events {
                let is_repeated = repeated.is_repeated(event);
                prop_assert!(is_repeated || !fresh.iter().rev().take(capacity).any(|known| *known == event));
                prop_assert!(!is_repeated || fresh.contains(&event));
                if !is_repeated {
                    fresh.push(event);
                }
                prop_assert!(repeated.young.len() <= capacity && repeated.old.len() <= capacity + 1);
            }
        }
    }
}
