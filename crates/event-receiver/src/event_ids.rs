//! The recent event ids and the content of each. Only hashes are kept, in a [`RecentMap`], so memory is bounded (about 18 MB at most).
//!
//! Ids are distributed over shards by their hash. Each shard has its own map and lock, so threads rarely wait for each other.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Mutex, PoisonError};

use client_event::RecentMap;

/// The minimum number of distinct event ids that a receiver remembers, if the ids are spread evenly over the shards.
pub const EVENT_IDS_REMEMBERED: usize = SHARDS * IDS_PER_SHARD_GENERATION;

/// A power of two, so that a few bits of the hash select the shard.
const SHARDS: usize = 64;

/// A hash map with 8,192 slots holds 7/8 as many entries before it doubles its size.
const IDS_PER_SHARD_GENERATION: usize = 7_168;

/// The result of looking up the event id of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sighting {
    /// The id was not used recently.
    New,
    /// The id was used with the same content.
    Repeated,
    /// The id was used with different content.
    Conflicting,
}

/// The recent event ids. Threads can share this value.
pub(crate) struct EventIds {
    /// Randomly keyed, so that a sender cannot choose ids that collide.
    hasher: RandomState,
    shards: Box<[Shard]>,
}

/// Aligned to a pair of cache lines, so that threads that use different shards do not slow each other down.
#[repr(align(128))]
struct Shard(Mutex<RecentMap<u64>>);

impl Default for Shard {
    fn default() -> Self {
        Self(Mutex::new(RecentMap::with_capacity(IDS_PER_SHARD_GENERATION)))
    }
}

impl Default for EventIds {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| Shard::default()).collect() }
    }
}

impl EventIds {
    /// Looks up the id, and remembers it if it is new. A conflict keeps the first content.
    pub(crate) fn see(&self, event_id: &str, content: &[u8]) -> Sighting {
        let (id, content) = (self.hash(event_id.as_bytes()), self.hash(content));
        // The lowest and highest bits of the hash select the slot in the map, so the shard uses other bits.
        let shard = usize::from(id.to_le_bytes()[4]) % SHARDS;
        // No panic leaves a map in an invalid state, so a poisoned lock still guards valid data.
        let mut contents = self.shards[shard].0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = contents.get(id) {
            return if *known == content { Sighting::Repeated } else { Sighting::Conflicting };
        }
        contents.insert(id, content);
        Sighting::New
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(bytes);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all sequences shorter than the window, the index gives the same results as a single map.
        #[test]
        fn the_index_agrees_with_a_map(messages in vec(("[a-c]{1,3}", "[xy]"), 0..200)) {
            let ids = EventIds::default();
            let mut model: HashMap<String, String> = HashMap::new();
            for (id, content) in messages {
                let sighting = ids.see(&id, content.as_bytes());
                let known = match model.get(&id) {
                    None => Sighting::New,
                    Some(first) if *first == content => Sighting::Repeated,
                    Some(_) => Sighting::Conflicting,
                };
                prop_assert_eq!(sighting, known);
                model.entry(id).or_insert(content);
            }
        }
    }

    #[test]
    fn memory_stays_bounded_and_the_latest_ids_are_remembered() {
        let ids = EventIds::default();
        let count = 3 * EVENT_IDS_REMEMBERED;
        for number in 0..count {
            assert_eq!(ids.see(&number.to_string(), b"content"), Sighting::New);
        }
        // The shards hold different numbers of ids, so only nine tenths are certain.
        for number in count - EVENT_IDS_REMEMBERED / 10 * 9..count {
            assert_eq!(ids.see(&number.to_string(), b"content"), Sighting::Repeated);
        }
        for shard in &ids.shards {
            let bytes = shard.0.lock().unwrap().heap_bytes();
            assert!(
                bytes < 2 * 8_192 * (size_of::<(u64, u64)>() + 1) + 200,
                "{bytes} bytes: a generation grew beyond its capacity"
            );
        }
    }

    #[test]
    fn of_threads_that_bring_the_same_id_one_is_first() {
        let ids = EventIds::default();
        let bring_all = || (0..1_000).filter(|number: &u32| ids.see(&number.to_string(), b"content") == Sighting::New).count();
        let new: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(bring_all)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(new, 1_000);
    }
}
