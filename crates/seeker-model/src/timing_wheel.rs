//! A hierarchical timing wheel (Varghese and Lauck 1987) with 64 slots a level. The cost of an insertion does not depend on the number of
//! entries. With a hundred thousand entries, a binary heap takes three times as long, since each access misses the cache.

use std::cmp::Reverse;

use crate::sim_time::SimTime;

/// A timing wheel: entries with a due time each, taken out in time order. Time only goes forward. The order of entries of the same time is
/// deterministic but unspecified.
///
/// ```
/// use seeker_model::{SimTime, TimingWheel};
///
/// let mut wheel = TimingWheel::default();
/// wheel.add(SimTime::from_micros(20), "later");
/// wheel.add(SimTime::from_micros(10), "sooner");
/// assert_eq!(wheel.take_before(SimTime::from_micros(15)), Some((SimTime::from_micros(10), "sooner")));
/// assert_eq!(wheel.take_before(SimTime::from_micros(15)), None);
/// ```
#[derive(Debug)]
pub struct TimingWheel<T> {
    /// The entries that are due before `near_end`, the soonest last.
    near: Vec<Entry<T>>,
    near_end: u64,
    /// The start of the slot that was emptied last. No entry is due before it.
    base: u64,
    /// The later entries. A time has digits of six bits. The highest digit that differs from `base` selects the level, and its value selects
    /// the slot. So all entries of a level are due before those of a higher level.
    slots: Box<[Vec<Entry<T>>]>,
    /// A bit for each slot of a level, set if the slot has entries.
    occupied: [u64; LEVELS],
}

#[derive(Debug)]
struct Entry<T> {
    micros: u64,
    value: T,
}

const DIGIT_BITS: u32 = 6;

const SLOTS: usize = 1 << DIGIT_BITS;

/// Enough levels for all times.
const LEVELS: usize = 64_usize.div_ceil(DIGIT_BITS as usize);

/// A slot with more entries is divided by the next digit before its entries are sorted.
const SORTED_MAX: usize = 48;

impl<T> Default for TimingWheel<T> {
    fn default() -> Self {
        let slots = (0..LEVELS * SLOTS).map(|_| Vec::new()).collect();
        Self { near: Vec::new(), near_end: 0, base: 0, slots, occupied: [0; LEVELS] }
    }
}

impl<T> TimingWheel<T> {
    /// Adds an entry. Its time must not lie before an entry that was taken or before a limit that was passed.
    pub fn add(&mut self, time: SimTime, value: T) {
        let entry = Entry { micros: time.as_micros(), value };
        if entry.micros < self.near_end {
            let place = self.near.partition_point(|other| other.micros > entry.micros);
            self.near.insert(place, entry);
        } else {
            self.put(entry);
        }
    }

    /// Takes out the entry that is due first, if it is due before the limit.
    pub fn take_before(&mut self, limit: SimTime) -> Option<(SimTime, T)> {
        while self.near.is_empty() {
            let (level, slot) = self.first_slot()?;
            let span_bits = level * DIGIT_BITS;
            let start = (self.base >> span_bits & !(SLOTS as u64 - 1) | slot as u64) << span_bits;
            // Not beyond the limit: the next entry may be due soon after it.
            if start >= limit.as_micros() {
                return None;
            }
            self.base = start;
            self.occupied[level as usize] &= !(1 << slot);
            let slot = level as usize * SLOTS + slot;
            let entries = &mut self.slots[slot];
            if level > 0 && entries.len() > SORTED_MAX {
                self.near_end = start;
                let mut divided = std::mem::take(entries);
                divided.drain(..).for_each(|entry| self.put(entry));
                // No entry was put there, and the memory will be needed again.
                self.slots[slot] = divided;
            } else {
                self.near_end = start.saturating_add(1 << span_bits);
                std::mem::swap(&mut self.near, entries);
                self.near.sort_unstable_by_key(|entry| Reverse(entry.micros));
            }
        }
        let first = self.near.pop_if(|entry| entry.micros < limit.as_micros())?;
        Some((SimTime::from_micros(first.micros), first.value))
    }

    /// The time of the first entry. `None` without entries.
    pub fn next_time(&self) -> Option<SimTime> {
        let first = self.near.last().map(|entry| entry.micros).or_else(|| {
            let (level, slot) = self.first_slot()?;
            self.slots[level as usize * SLOTS + slot].iter().map(|entry| entry.micros).min()
        });
        first.map(SimTime::from_micros)
    }

    fn put(&mut self, entry: Entry<T>) {
        let differing = entry.micros ^ self.base;
        let level = differing.checked_ilog2().unwrap_or(0) / DIGIT_BITS;
        #[expect(clippy::cast_possible_truncation, reason = "a digit")]
        let slot = (entry.micros >> (level * DIGIT_BITS)) as usize % SLOTS;
        self.occupied[level as usize] |= 1 << slot;
        self.slots[level as usize * SLOTS + slot].push(entry);
    }

    fn first_slot(&self) -> Option<(u32, usize)> {
        let (level, slots) = (0..).zip(&self.occupied).find(|(_, slots)| **slots != 0)?;
        Some((level, slots.trailing_zeros() as usize))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// The steps of a test: entries to add, by the time until they are due, and the time until the limit for taking entries.
    fn steps() -> impl Strategy<Value = Vec<(Vec<u64>, u64)>> {
        let wait = || (0_u32..63, any::<u64>()).prop_map(|(bits, wait)| wait % (1 << bits));
        prop::collection::vec((prop::collection::vec(wait(), 0..200), wait()), 1..30)
    }

    proptest! {
        /// For all times, the entries come in the order of an ordered set, whenever they were added.
        #[test]
        fn entries_come_in_the_order_of_time(steps in steps()) {
            let (mut wheel, mut model) = (TimingWheel::default(), BTreeSet::new());
            let (mut now, mut number) = (0_u64, 0_u32);
            for (waits, further) in steps {
                for wait in waits {
                    let time = SimTime::from_micros(now.saturating_add(wait));
                    wheel.add(time, number);
                    model.insert((time, number));
                    number += 1;
                }
                prop_assert_eq!(wheel.next_time(), model.first().map(|(time, _)| *time));
                let limit = SimTime::from_micros(now.saturating_add(further));
                while let Some((time, number)) = wheel.take_before(limit) {
                    prop_assert_eq!(Some(time), model.first().map(|(time, _)| *time));
                    prop_assert!(time < limit && model.remove(&(time, number)));
                    // Some entries are due again soon.
                    if number % 3 == 0 {
                        let again = SimTime::from_micros(time.as_micros().saturating_add(u64::from(number) << (number % 20)));
                        wheel.add(again, number + 1_000_000);
                        model.insert((again, number + 1_000_000));
                    }
                }
                prop_assert!(model.first().is_none_or(|(time, _)| *time >= limit));
                now = limit.as_micros();
            }
        }
    }
}
