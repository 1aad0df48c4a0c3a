//! Which event ids were used lately, and for what content. Only hashes are kept, in two generations: when the young one is full
//! it becomes the old one, and the old one is forgotten. So memory is bounded (about 18 MB at most), and an id is remembered at
//! least until as many others as a generation holds have come after it.
//!
//! Ids are spread over shards by their hash, each with generations and a lock of its own, so that threads seldom meet.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::{Mutex, PoisonError};

/// How many distinct event ids a receiver remembers at least, up to the unevenness of their spread over shards.
pub const EVENT_IDS_REMEMBERED: usize = SHARDS * IDS_PER_SHARD_GENERATION;

/// A power of two, so that some bits of a hash are the shard.
const SHARDS: usize = 64;

/// What a hash map of 8,192 places holds before it grows to twice the size: 7/8 of them.
const IDS_PER_SHARD_GENERATION: usize = 7_168;

/// What is known of an event id when a message brings it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sighting {
    /// The id was not used lately.
    New,
    /// The id was used for the same content.
    Repeated,
    /// The id was used for other content.
    Conflicting,
}

/// The event ids that were used lately. May be shared between threads.
pub(crate) struct EventIds {
    /// Randomly keyed, so that no sender can choose ids that collide.
    hasher: RandomState,
    shards: Box<[Shard]>,
}

/// Aligned to a pair of cache lines, so that threads at work in different shards do not disturb each other.
#[derive(Default)]
#[repr(align(128))]
struct Shard(Mutex<Generations>);

impl Default for EventIds {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: (0..SHARDS).map(|_| Shard::default()).collect() }
    }
}

impl EventIds {
    /// Looks the id up and remembers it when it is new. A conflict leaves what was remembered.
    pub(crate) fn see(&self, event_id: &str, content: &[u8]) -> Sighting {
        let (id, content) = (self.hash(event_id.as_bytes()), self.hash(content));
        // The lowest and the highest bits choose the place inside a hash map; these choose none.
        let shard = usize::from(id.to_le_bytes()[4]) % SHARDS;
        // A panic cannot leave a generation half changed in a way that matters, so a poisoned lock is as good as any.
        let mut generations = self.shards[shard].0.lock().unwrap_or_else(PoisonError::into_inner);
        generations.see(id, content, IDS_PER_SHARD_GENERATION)
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(bytes);
        hasher.finish()
    }
}

/// Hashes of contents by hashes of ids.
type Generation = HashMap<u64, u64, BuildHasherDefault<AlreadyHashed>>;

/// Two generations of ids; an id is in one of them at most.
#[derive(Default)]
struct Generations {
    young: Generation,
    old: Generation,
}

impl Generations {
    /// Looks the id up and remembers it when it is new; no generation grows beyond `capacity`.
    fn see(&mut self, id: u64, content: u64, capacity: usize) -> Sighting {
        if let Some(known) = self.young.get(&id).or_else(|| self.old.get(&id)) {
            return if *known == content { Sighting::Repeated } else { Sighting::Conflicting };
        }
        if self.young.len() >= capacity {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(id, content);
        Sighting::New
    }
}

/// Passes a hash on as it is.
#[derive(Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only hashes are hashed, and they are u64");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
           /// For all sequences of ids and capacities, what two generations say agrees with a map that forgets nothing, as long as
           /// at most `capacity` other ids came between; what came before two generations is forgotten; and neither generation
           /// grows beyond its capacity.
           #[test]
           fn generations_agree_with_a_map_within_the_window(
               capacity in 1_usize..6,
               messages in vec((0_u64..24, 0_u64..2), 0..200),
           ) {
               let mut generations = Generations::default();
               // Of each id: the content remembered, and the ids taken as new since.
               let mut model: HashMap<u64, (u64, HashSet<u64>)> = HashMap::new();
               for (id, content) in messages {
                   let sighting = generations.see(id, content, capacity);
                   let (first, since) = match model.get(&id) {
                       Some((first, since)) => (Some(*first), since.len()),
                       None => (None, 0),
                   };
                   let known = match first {
                       None => Sighting::New,
                       Some(first) if first == content => Sighting::Repeated,
                       Some(_) => Sighting::Conflicting,
                   };
                   if since < capacity {
                       prop_assert_eq!(sighting, known);
                   } else if since >= 2 * capacity {
                       prop_assert_eq!(sighting, Sighting::New);
                   } else {
                       prop_assert!(sighting == known || sighting == Sighting::New);
                   }
                   if sighting == Sighting::New {
                       for (_, since) in model.values_mut() {
    since.insert(id);
    }
                       model.insert(id, (content, HashSet::new()));
                   }
                   prop_assert!(generations.young.len() <= capacity && generations.old.len() <= capacity);
               }
           }

           /// For all sequences shorter than the window, the whole index says what a map says.
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
        // Shards differ in how many of the ids are theirs, hence nine tenths.
        for number in count - EVENT_IDS_REMEMBERED / 10 * 9..count {
            assert_eq!(ids.see(&number.to_string(), b"content"), Sighting::Repeated);
        }
        for shard in &ids.shards {
            let generations = shard.0.lock().unwrap();
            for generation in [&generations.young, &generations.old] {
                assert!(generation.len() <= IDS_PER_SHARD_GENERATION);
                assert!(generation.capacity() <= IDS_PER_SHARD_GENERATION, "the map grew beyond its generation");
            }
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
