//! A table from hashes to numbers, for so many of them that the memory is what takes the time: all that is kept of a hash lies in one
//! line of the processor's cache, so that to look it up, and then to add it, takes one access to the memory, or two for few of them.
//! What a number stands for, the whole hash included, is known to whoever uses the table.

/// How many numbers a line has room for.
const PLACES: usize = 10;

/// How many of a line's places are taken, all lines on average, when there are as many as the table takes.
const TAKEN_MAX: usize = 8;

/// A line of the processor's cache.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
struct Line {
    /// How many hashes belong here, or in a line before, and found room in a line behind this one only. As long as there are none, no
    /// search goes on behind this line.
    passed: u32,
    numbers: [u32; PLACES],
    /// Part of each number's hash, and [`FREE`] where there is no number.
    tags: [u16; PLACES],
}

const FREE: u16 = 0;

impl Line {
    /// The places that have this tag, one bit each.
    fn places_of(&self, tag: u16) -> u32 {
        self.tags.iter().rev().fold(0, |places, other| places << 1 | u32::from(*other == tag))
    }
}

/// The places of so many bits, in order.
fn each_place(mut places: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = places.trailing_zeros() as usize;
        let found = places != 0;
        places &= places.wrapping_sub(1);
        found.then_some(place)
    })
}

/// Numbers by hashes. A hash may have several.
#[derive(Debug, Default)]
pub(super) struct NumberTable {
    /// None, or a power of two.
    lines: Vec<Line>,
    len: usize,
}

impl NumberTable {
    /// The number of that hash for which the answer is yes.
    pub(super) fn find(&self, hash: u64, mut is_meant: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = self.first_line(hash);
        while let Some(line) = self.lines.get(at) {
            if let Some(place) = each_place(line.places_of(tag(hash))).find(|place| is_meant(line.numbers[*place])) {
                return Some(line.numbers[place]);
            }
            if line.passed == 0 {
                break;
            }
            at = self.line_behind(at);
        }
        None
    }

    /// Whether the table must be made [larger](Self::enlarge) before a number is added.
    pub(super) fn is_full(&self) -> bool {
        self.len >= self.lines.len() * TAKEN_MAX
    }

    /// Makes the table twice as large. The numbers that are in it have to be given anew, with their hashes.
    pub(super) fn enlarge(&mut self, numbers: impl Iterator<Item = (u64, u32)>) {
        let lines = (2 * self.lines.len()).max(1);
        // So that the smaller one and the larger one are not there at the same time.
        self.lines = Vec::new();
        self.lines.resize(lines, Line::default());
        self.len = 0;
        for (hash, number) in numbers {
            self.insert(hash, number);
        }
    }

    /// Adds a number to a table that is not full.
    pub(super) fn insert(&mut self, hash: u64, number: u32) {
        let mut at = self.first_line(hash);
        loop {
            let line = &mut self.lines[at];
            if let Some(place) = line.tags.iter().position(|tag| *tag == FREE) {
                line.tags[place] = tag(hash);
                line.numbers[place] = number;
                self.len += 1;
                return;
            }
            line.passed += 1;
            at = self.line_behind(at);
        }
    }

    /// Takes a number out that is in the table.
    pub(super) fn remove(&mut self, hash: u64, number: u32) {
        let mut at = self.first_line(hash);
        loop {
            let line = &mut self.lines[at];
            if let Some(place) = each_place(line.places_of(tag(hash))).find(|place| line.numbers[*place] == number) {
                line.tags[place] = FREE;
                self.len -= 1;
                return;
            }
            line.passed -= 1;
            at = self.line_behind(at);
        }
    }

    /// Forgets all numbers, and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.lines.fill(Line::default());
        self.len = 0;
    }

    /// The bytes that are held.
    pub(super) fn heap_bytes(&self) -> usize {
        self.lines.capacity() * size_of::<Line>()
    }

    fn first_line(&self, hash: u64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "the lowest bits are what is taken")]
        let low = hash as usize;
        low & self.lines.len().wrapping_sub(1)
    }

    fn line_behind(&self, at: usize) -> usize {
        (at + 1) & (self.lines.len() - 1)
    }
}

/// The part of a hash that is kept: the upper bits, since the lower ones choose the line.
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
    fn a_line_is_one_of_the_cache() {
        assert_eq!((size_of::<Line>(), align_of::<Line>()), (64, 64));
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Insert(u64),
        /// Of those that are there, the one with this index.
        Remove(usize),
        Clear,
    }

    /// Hashes of which many have their line, their tag or both in common.
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
        /// For all numbers that are added and taken out, the table has those that a list has, and those alone, and under no other hash;
        /// it has room for them, and in the end no line was passed by hashes that are gone.
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
                prop_assert!(list.len() <= table.lines.len() * TAKEN_MAX);
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
            prop_assert!(table.lines.iter().all(|line| line.passed == 0 && line.tags == [FREE; PLACES]));
        }
    }
}
