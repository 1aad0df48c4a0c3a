//! A hash table of 32-bit indices for tables that are larger than the processor's cache. Everything about a hash is in one cache line,
//! so a lookup followed by an insertion costs one memory access, rarely two. The table stores a part of the hash; the caller compares
//! the rest.

/// The number of slots in a line.
const SLOTS_PER_LINE: usize = 10;

/// The average number of slots in use per line at which the table is full.
const LOAD_PER_LINE_MAX: usize = 8;

/// A cache line.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
struct Line {
    /// How many insertions found this line full and went on to the next line. If 0, a search ends here.
    overflowed: u32,
    numbers: [u32; SLOTS_PER_LINE],
    /// A part of each hash; [`FREE`] for a free slot.
    tags: [u16; SLOTS_PER_LINE],
}

const FREE: u16 = 0;

impl Line {
    /// A bit mask of the slots with this tag.
    fn slots_with(&self, tag: u16) -> u32 {
        self.tags.iter().rev().fold(0, |slots, other| slots << 1 | u32::from(*other == tag))
    }
}

/// The slots of a bit mask, in order.
fn each_slot(mut slots: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let slot = slots.trailing_zeros() as usize;
        let found = slots != 0;
        slots &= slots.wrapping_sub(1);
        found.then_some(slot)
    })
}

/// Indices by hash. A hash may have several indices.
#[derive(Debug, Default)]
pub(super) struct NumberTable {
    /// The number of lines is 0 or a power of two.
    lines: Vec<Line>,
    len: usize,
}

impl NumberTable {
    /// The first index of this hash for which `is_match` returns true.
    pub(super) fn find(&self, hash: u64, mut is_match: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = self.first_line(hash);
        while let Some(line) = self.lines.get(at) {
            if let Some(slot) = each_slot(line.slots_with(tag(hash))).find(|slot| is_match(line.numbers[*slot])) {
                return Some(line.numbers[slot]);
            }
            if line.overflowed == 0 {
                break;
            }
            at = self.next_line(at);
        }
        None
    }

    /// Whether the table must be [enlarged](Self::enlarge) before the next insertion.
    pub(super) fn is_full(&self) -> bool {
        self.len >= self.lines.len() * LOAD_PER_LINE_MAX
    }

    /// Doubles the size of the table and fills it with all its indices and their hashes.
    pub(super) fn enlarge(&mut self, numbers: impl Iterator<Item = (u64, u32)>) {
        let lines = (2 * self.lines.len()).max(1);
        // Drops the old lines first, so that both are never in memory at the same time.
        self.lines = Vec::new();
        self.lines.resize(lines, Line::default());
        self.len = 0;
        for (hash, number) in numbers {
            self.insert(hash, number);
        }
    }

    /// Adds an index to a table that is not full.
    pub(super) fn insert(&mut self, hash: u64, number: u32) {
        let mut at = self.first_line(hash);
        loop {
            let line = &mut self.lines[at];
            if let Some(slot) = line.tags.iter().position(|tag| *tag == FREE) {
                line.tags[slot] = tag(hash);
                line.numbers[slot] = number;
                self.len += 1;
                return;
            }
            line.overflowed += 1;
            at = self.next_line(at);
        }
    }

    /// Removes an index, which must be in the table.
    pub(super) fn remove(&mut self, hash: u64, number: u32) {
        let mut at = self.first_line(hash);
        loop {
            let line = &mut self.lines[at];
            if let Some(slot) = each_slot(line.slots_with(tag(hash))).find(|slot| line.numbers[*slot] == number) {
                line.tags[slot] = FREE;
                self.len -= 1;
                return;
            }
            line.overflowed -= 1;
            at = self.next_line(at);
        }
    }

    /// Removes all indices and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.lines.fill(Line::default());
        self.len = 0;
    }

    /// The bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        self.lines.capacity() * size_of::<Line>()
    }

    fn first_line(&self, hash: u64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "only the lowest bits are used")]
        let low = hash as usize;
        low & self.lines.len().wrapping_sub(1)
    }

    fn next_line(&self, at: usize) -> usize {
        (at + 1) & (self.lines.len() - 1)
    }
}

/// The part of a hash that the table stores: the upper bits, because the lower bits select the line.
const fn tag(hash: u64) -> u16 {
    let upper = (hash >> 48) as u16;
    if upper == FREE { 1 } else { upper }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_a_cache_line() {
        assert_eq!((size_of::<Line>(), align_of::<Line>()), (64, 64));
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Insert(u64),
        /// Removes the element of the model at this index.
        Remove(usize),
        Clear,
    }

    /// Hashes that often share their line, their tag or both.
    fn hash() -> impl Strategy<Value = u64> {
        prop_oneof![any::<u64>(), (0_u64..3, 0_u64..3).prop_map(|(tag, line)| tag << 48 | line), Just(u64::MAX)]
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            20 => hash().prop_map(Step::Insert),
            8 => any::<usize>().prop_map(Step::Remove),
            1 => Just(Step::Clear),
        ];
        prop_oneof![vec(step, 0..300), vec(hash().prop_map(Step::Insert), 0..300)]
    }

    proptest! {
        /// For all insertions and removals, the table holds the same indices as a list and no others, and when it is empty again no line
        /// counts an overflow.
        #[test]
        fn has_what_a_list_has(steps in steps(), other in hash()) {
            let mut table = NumberTable::default();
            let mut list: Vec<(u64, u32)> = Vec::new();
            for (step, number) in steps.into_iter().zip(0..) {
                match step {
                    Step::Insert(hash) => {
                        if table.is_full() {
                            table.enlarge(list.iter().copied());
                        }
                        table.insert(hash, number);
                        list.push((hash, number));
                    }
                    Step::Remove(index) if !list.is_empty() => {
                        let (hash, number) = list.swap_remove(index % list.len());
                        table.remove(hash, number);
                        prop_assert_eq!(table.find(hash, |found| found == number), None);
                    }
                    Step::Remove(_) => {}
                    Step::Clear => {
                        table.clear();
                        list.clear();
                    }
                }
                prop_assert!(list.len() <= table.lines.len() * LOAD_PER_LINE_MAX);
            }
            for (hash, number) in &list {
                prop_assert_eq!(table.find(*hash, |found| found == *number), Some(*number));
            }
            let mut found = Vec::new();
            prop_assert_eq!(table.find(other, |number| { found.push(number); false }), None);
            let of_tag = |hash: u64| tag(hash) == tag(other);
            prop_assert!(found.iter().all(|number| list.iter().any(|(hash, known)| known == number && of_tag(*hash))));
            for (hash, number) in list {
                table.remove(hash, number);
            }
            prop_assert!(table.lines.iter().all(|line| line.overflowed == 0 && line.tags == [FREE; SLOTS_PER_LINE]));
        }
    }
}
