//! Which event ids were used, when, and for what content. They are held in two generations of event time, each as long as the window:
//! when the watermark comes to the next one, the younger becomes the older, and the older is forgotten. So an id is known for a window at
//! least and for two at most.

use super::fingerprints::Fingerprints;
use super::number_table::NumberTable;
use crate::event_type::EventType;

/// What is known of an event id when an event brings it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sighting {
    /// It was not used.
    New,
    /// It was used for the same content.
    Repeated,
    /// It was used for other content, first at this position by an event of this type.
    Conflicting(u64, EventType),
}

/// An event id and its first use, in as few bytes as can be: there are as many as events.
#[derive(Clone, Copy, Debug)]
struct Use {
    id: [u32; 2],
    at: [u32; 2],
    /// The event type in the lowest five bits, 27 bits of the content's hash in the others: one conflict in a hundred million is taken
    /// for a retry.
    content: u32,
}

const fn halves(number: u64) -> [u32; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    [(number >> 32) as u32, number as u32]
}

const fn whole([high, low]: [u32; 2]) -> u64 {
    (high as u64) << 32 | low as u64
}

impl Use {
    fn new(fingerprints: &Fingerprints, event_type: EventType, at: u64) -> Self {
        let [content, _] = halves(fingerprints.content);
        let [_, event_type] = halves(event_type.index() as u64);
        Self { id: halves(fingerprints.event_id), at: halves(at), content: content & !0x1F | event_type }
    }

    fn hash(&self) -> u64 {
        whole(self.id)
    }

    fn event_type(&self) -> EventType {
        EventType::ALL[(self.content & 0x1F) as usize]
    }
}

/// The event ids that were used in the current generation of event time and in the one before it.
#[derive(Debug)]
pub(super) struct EventIds {
    young: Generation,
    old: Generation,
    /// The length of a generation; `None` for one that never ends.
    generation_ms: Option<i64>,
    /// The number of the young generation; `None` before any time is known.
    generation: Option<i64>,
}

/// The event ids that were first used in one generation.
#[derive(Debug, Default)]
struct Generation {
    /// In the order in which they came, so that a new one is written where the last one was.
    uses: Vec<Use>,
    /// Their numbers in that order, by their hashes.
    numbers: NumberTable,
}

impl Generation {
    fn find(&self, id: [u32; 2]) -> Option<&Use> {
        let number = self.numbers.find(whole(id), |number| self.uses[number as usize].id == id)?;
        Some(&self.uses[number as usize])
    }

    fn insert(&mut self, new: Use) {
        if self.numbers.is_full() {
            self.numbers.enlarge(self.uses.iter().map(Use::hash).zip(0..));
        }
        let number = u32::try_from(self.uses.len()).expect("four thousand million ids fill any memory");
        self.numbers.insert(new.hash(), number);
        if self.uses.len() == self.uses.capacity() {
            // By a quarter, since there are as many as events.
            self.uses.reserve_exact(16 + self.uses.len() / 4);
        }
        self.uses.push(new);
    }

    fn clear(&mut self) {
        self.uses.clear();
        self.numbers.clear();
    }

    fn heap_bytes(&self) -> usize {
        self.uses.capacity() * size_of::<Use>() + self.numbers.heap_bytes()
    }
}

impl EventIds {
    pub(super) fn new(window_ms: Option<i64>) -> Self {
        let generation_ms = window_ms.map(|window_ms| window_ms.max(1));
        Self { young: Generation::default(), old: Generation::default(), generation_ms, generation: None }
    }

    /// Looks the id up.
    pub(super) fn sighting(&self, fingerprints: &Fingerprints, event_type: EventType) -> Sighting {
        let found = Use::new(fingerprints, event_type, 0);
        match self.young.find(found.id).or_else(|| self.old.find(found.id)) {
            None => Sighting::New,
            Some(known) if known.content == found.content => Sighting::Repeated,
            Some(known) => Sighting::Conflicting(whole(known.at), known.event_type()),
        }
    }

    /// Remembers an id that is new.
    pub(super) fn insert(&mut self, fingerprints: &Fingerprints, event_type: EventType, at: u64) {
        self.young.insert(Use::new(fingerprints, event_type, at));
    }

    /// The bytes that are held.
    pub(super) fn heap_bytes(&self) -> usize {
        self.young.heap_bytes() + self.old.heap_bytes()
    }

    /// Forgets what is too old once the watermark is there.
    pub(super) fn advance(&mut self, watermark: i64) {
        let Some(generation_ms) = self.generation_ms else { return };
        let generation = watermark.div_euclid(generation_ms);
        // What came before any time was known belongs to the first generation.
        let passed = generation - *self.generation.get_or_insert(generation);
        if passed > 0 {
            std::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
            self.generation = Some(generation);
        }
        if passed > 1 {
            self.old.clear();
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
        /// For all windows and uses in the order of time, what is said of an id is what a map says that forgets nothing, as long as the
        /// id is at most a window old; from two windows on it is new.
        #[test]
        fn agree_with_a_map_within_the_window(
            window_ms in prop::option::of(0_i64..20),
            uses in vec((0_u64..6, 0_u64..2, select(&TYPES), 0_i64..8), 0..100),
        ) {
            let mut ids = EventIds::new(window_ms);
            let mut known = HashMap::new();
            let mut watermark = 0;
            for ((id, content, event_type, step), at) in uses.into_iter().zip(0_u64..) {
                watermark += step;
                ids.advance(watermark);
                let fingerprints = Fingerprints { event_id: id << 60 | id, content: content << 63, ..Fingerprints::default() };
                let sighting = ids.sighting(&fingerprints, event_type);
                let expected = match known.get(&id) {
                    None => Sighting::New,
                    Some((_, _, first_content)) if *first_content == (content, event_type) => Sighting::Repeated,
                    Some((_, first, (_, first_type))) => Sighting::Conflicting(*first, *first_type),
                };
                let age = known.get(&id).map_or(0, |(first, ..)| watermark - *first);
                match window_ms {
                    Some(window_ms) if age >= 2 * window_ms.max(1) => prop_assert_eq!(sighting, Sighting::New),
                    Some(window_ms) if age > window_ms => prop_assert!(sighting == Sighting::New || sighting == expected),
                    _ => prop_assert_eq!(sighting, expected),
                }
                if sighting == Sighting::New {
                    ids.insert(&fingerprints, event_type, at);
                    known.insert(id, (watermark, at, (content, event_type)));
                }
            }
        }
    }
}
