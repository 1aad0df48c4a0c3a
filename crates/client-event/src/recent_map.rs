//! A map that keeps the most recent keys in bounded memory.

use std::mem;

use hashbrown::HashTable;

/// A map from 64-bit hashes to values that keeps at least the last `capacity` keys, and at most twice as many. It can recognise a
/// repeated event id without keeping every id.
///
/// The keys are in two generations: when the current one has `capacity` keys, it becomes the previous one, and the previous one is
/// dropped. So an insertion takes constant time, and the memory is bounded and reused.
///
/// The keys must already be hashes, because the map does not hash them again.
///
/// ```
/// use client_event::RecentMap;
///
/// let mut counts = RecentMap::with_capacity(2);
/// for key in [1, 2, 3] {
///     counts.insert(key << 57 | key, key);
/// }
/// assert_eq!(counts.get(3 << 57 | 3), Some(&3));
/// assert_eq!(counts.get(4 << 57 | 4), None);
/// ```
#[derive(Clone, Debug)]
pub struct RecentMap<V> {
    current: HashTable<(u64, V)>,
    previous: HashTable<(u64, V)>,
    capacity: usize,
}

impl<V> RecentMap<V> {
    /// An empty map that keeps at least this many keys. Allocates nothing until the first insertion. A hash table holds 7/8 of a power of
    /// two without growing, so such a number uses the memory best.
    pub const fn with_capacity(capacity: usize) -> Self {
        Self { current: HashTable::new(), previous: HashTable::new(), capacity }
    }

    /// The value of a key, unless the key is new or forgotten.
    pub fn get(&self, key: u64) -> Option<&V> {
        let is_key = |(other, _): &(u64, V)| *other == key;
        let entry = self.current.find(key, is_key).or_else(|| self.previous.find(key, is_key));
        entry.map(|(_, value)| value)
    }

    /// Whether the key is in the map.
    pub fn contains(&self, key: u64) -> bool {
        self.get(key).is_some()
    }

    /// Adds a key as the most recent one, or replaces its value.
    pub fn insert(&mut self, key: u64, value: V) {
        if self.current.len() >= self.capacity {
            mem::swap(&mut self.current, &mut self.previous);
            self.current.clear();
        }
        self.current.entry(key, |(other, _)| *other == key, |(key, _)| *key).insert((key, value));
    }

    /// The bytes on the heap, without what the values own.
    pub fn heap_bytes(&self) -> usize {
        self.current.allocation_size() + self.previous.allocation_size()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all capacities and insertions, the map agrees with a map that forgets nothing on the last `capacity` distinct keys, has no
        /// key that was never inserted, and neither generation grows beyond the capacity.
        #[test]
        fn the_last_keys_are_kept(capacity in 1_usize..6, insertions in vec((0_u64..30, any::<u8>()), 0..100)) {
            let mut map = RecentMap::with_capacity(capacity);
            let (mut values, mut latest) = (HashMap::new(), Vec::new());
            for (key, value) in insertions {
                map.insert(key, value);
                values.insert(key, value);
                latest.retain(|other| *other != key);
                latest.push(key);
                prop_assert!(map.current.len() <= capacity && map.previous.len() <= capacity);
                for recent in latest.iter().rev().take(capacity) {
                    prop_assert_eq!(map.get(*recent), values.get(recent));
                }
                for key in 0..30 {
                    prop_assert!(map.get(key).is_none_or(|value| values.get(&key) == Some(value)));
                }
            }
        }

        /// For all keys, a key that was inserted before two generations of distinct keys is forgotten.
        #[test]
        fn old_keys_are_forgotten(capacity in 1_usize..6, key in 100_u64..) {
            let mut map = RecentMap::with_capacity(capacity);
            map.insert(key, ());
            for other in 0..2 * capacity as u64 {
                map.insert(other, ());
            }
            prop_assert!(!map.contains(key));
        }
    }

    #[test]
    fn memory_is_bounded() {
        let mut map = RecentMap::with_capacity(7_168);
        for key in 0_u64..100_000 {
            map.insert(key.wrapping_mul(0x9E37_79B9_7F4A_7C15), key);
        }
        assert!(map.heap_bytes() < 2 * 8_192 * (size_of::<(u64, u64)>() + 1) + 200, "{} bytes", map.heap_bytes());
    }
}
