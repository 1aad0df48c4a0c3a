//! The event ids of the stream, with the position and the content of their first use. Ids are kept in two generations of event time,
//! each as long as the window: when the watermark reaches the next generation, the previous one is dropped. An id is therefore kept
//! for at least one window and at most two.

use hashbrown::HashTable;

use super::fingerprints::Fingerprints;
use crate::event_type::EventType;

/// The result of looking up the id of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdLookup {
    /// The id is new.
    New,
    /// The id was used before, with the same content.
    Repeated,
    /// The id was used before with other content: first at this position, by an event of this type.
    Conflicting(u64, EventType),
}

/// An event id and its first use. Packed into as few bytes as possible, because there is one record per event.
#[derive(Clone, Copy, Debug)]
struct IdRecord {
    id: [u32; 2],
    position: [u32; 2],
    /// The event type in the lowest five bits and 27 bits of the content's hash in the others: one conflict in a hundred million
    /// passes as a retry.
    content: u32,
}

const fn halves(number: u64) -> [u32; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    [(number >> 32) as u32, number as u32]
}

const fn whole([high, low]: [u32; 2]) -> u64 {
    (high as u64) << 32 | low as u64
}

impl IdRecord {
    fn new(fingerprints: &Fingerprints, event_type: EventType, position: u64) -> Self {
        let [content, _] = halves(fingerprints.content);
        let [_, event_type] = halves(event_type.index() as u64);
        Self { id: halves(fingerprints.event_id), position: halves(position), content: content & !0x1F | event_type }
    }

    fn hash(&self) -> u64 {
        whole(self.id)
    }

    fn event_type(&self) -> EventType {
        EventType::ALL[(self.content & 0x1F) as usize]
    }
}

/// The event ids of the current generation of event time and of the previous one.
#[derive(Debug)]
pub(super) struct EventIds {
    current: Generation,
    previous: Generation,
    /// The length of a generation; `None` if it never ends.
    generation_ms: Option<i64>,
    /// The number of the current generation; `None` before any time is known.
    generation: Option<i64>,
}

/// The event ids that were first used in one generation.
#[derive(Debug, Default)]
struct Generation {
    /// In the order of arrival, so that new records are written to adjacent memory.
    records: Vec<IdRecord>,
    /// The indices of the records, by hash.
    indices: HashTable<u32>,
}

impl Generation {
    fn find(&self, id: [u32; 2]) -> Option<&IdRecord> {
        let index = self.indices.find(whole(id), |index| self.records[*index as usize].id == id)?;
        Some(&self.records[*index as usize])
    }

    fn insert(&mut self, new: IdRecord) {
        let index = u32::try_from(self.records.len()).expect("memory holds fewer than 2^32 ids");
        self.indices.insert_unique(new.hash(), index, |index| self.records[*index as usize].hash());
        if self.records.len() == self.records.capacity() {
            // Grow by a quarter, because there is one record per event.
            self.records.reserve_exact(16 + self.records.len() / 4);
        }
        self.records.push(new);
    }

    fn clear(&mut self) {
        self.records.clear();
        self.indices.clear();
    }

    fn heap_bytes(&self) -> usize {
        self.records.capacity() * size_of::<IdRecord>() + self.indices.allocation_size()
    }
}

impl EventIds {
    pub(super) fn new(window_ms: Option<i64>) -> Self {
        let generation_ms = window_ms.map(|window_ms| window_ms.max(1));
        Self { current: Generation::default(), previous: Generation::default(), generation_ms, generation: None }
    }

    /// Looks up the id of an event.
    pub(super) fn lookup(&self, fingerprints: &Fingerprints, event_type: EventType) -> IdLookup {
        let found = IdRecord::new(fingerprints, event_type, 0);
        match self.current.find(found.id).or_else(|| self.previous.find(found.id)) {
            None => IdLookup::New,
            Some(known) if known.content == found.content => IdLookup::Repeated,
            Some(known) => IdLookup::Conflicting(whole(known.position), known.event_type()),
        }
    }

    /// Adds an id that is new.
    pub(super) fn insert(&mut self, fingerprints: &Fingerprints, event_type: EventType, position: u64) {
        self.current.insert(IdRecord::new(fingerprints, event_type, position));
    }

    /// The bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.current.heap_bytes() + self.previous.heap_bytes()
    }

    /// Advances the watermark and drops the ids that are too old.
    pub(super) fn advance(&mut self, watermark: i64) {
        let Some(generation_ms) = self.generation_ms else { return };
        let generation = watermark.div_euclid(generation_ms);
        // Ids from before the first known time belong to the first generation.
        let passed = generation - *self.generation.get_or_insert(generation);
        if passed > 0 {
            std::mem::swap(&mut self.current, &mut self.previous);
            self.current.clear();
            self.generation = Some(generation);
        }
        if passed > 1 {
            self.previous.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    const TYPES: [EventType; 3] = [EventType::View, EventType::Bookmark, EventType::ViewDirect];

    proptest! {
        /// For all windows and uses in the order of time, a lookup agrees with a map that forgets nothing if the id is at most one window
        /// old; from two windows on, the id is new.
        #[test]
        fn agree_with_a_map_within_the_window(
            window_ms in prop::option::of(0_i64..20),
            uses in vec((0_u64..6, 0_u64..2, select(&TYPES), 0_i64..8), 0..100),
        ) {
            let mut ids = EventIds::new(window_ms);
            let mut known = HashMap::new();
            let mut watermark = 0;
            for ((id, content, event_type, step), position) in uses.into_iter().zip(0_u64..) {
                watermark += step;
                ids.advance(watermark);
                let fingerprints = Fingerprints { event_id: id << 60 | id, content: content << 63, ..Fingerprints::default() };
                let lookup = ids.lookup(&fingerprints, event_type);
                let expected = match known.get(&id) {
                    None => IdLookup::New,
                    Some((_, _, first_content)) if *first_content == (content, event_type) => IdLookup::Repeated,
                    Some((_, first, (_, first_type))) => IdLookup::Conflicting(*first, *first_type),
                };
                let age = known.get(&id).map_or(0, |(first, ..)| watermark - *first);
                match window_ms {
                    Some(window_ms) if age >= 2 * window_ms.max(1) => prop_assert_eq!(lookup, IdLookup::New),
                    Some(window_ms) if age > window_ms => prop_assert!(lookup == IdLookup::New || lookup == expected),
                    _ => prop_assert_eq!(lookup, expected),
                }
                if lookup == IdLookup::New {
                    ids.insert(&fingerprints, event_type, position);
                    known.insert(id, (watermark, position, (content, event_type)));
                }
            }
        }
    }
}
