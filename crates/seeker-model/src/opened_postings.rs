//! What a seeker remembers of postings: the ones opened last, and which of them were applied to.

use std::hint::black_box;

use crate::catalogue::PostingId;

/// How many postings a seeker remembers. Own estimate; it bounds a seeker's memory too.
const REMEMBERED: u8 = 16;

/// The postings that a seeker opened last.
#[derive(Debug, Default)]
pub(crate) struct OpenedPostings {
    /// A bit for each of the remembered postings, by the end of its number. A seeker asks this of every line looked at, mostly of one
    /// never seen before, and then need not look at those remembered.
    bits: u64,
    last: Option<Box<Last>>,
}

#[derive(Debug)]
struct Last {
    /// The first so many places are taken.
    postings: [PostingId; REMEMBERED as usize],
    taken: u8,
    /// The place of the next one: that of the one remembered longest, once all are taken.
    next: u8,
    /// A bit for each place.
    applied: u16,
}

impl OpenedPostings {
    /// Whether none is remembered.
    pub(crate) const fn is_empty(&self) -> bool {
        self.bits == 0
    }

    /// Has the processor fetch what is remembered.
    pub(crate) fn prefetch(&self) {
        black_box(self.last.as_ref().map(|last| last.taken));
    }

    /// Remembers a posting; the one that has been remembered longest makes room.
    pub(crate) fn remember(&mut self, posting: PostingId, applied: bool) {
        let last = self.last.get_or_insert_with(|| Box::new(Last::none()));
        let place = last.place_of(posting).unwrap_or_else(|| {
            let place = usize::from(last.next);
            last.next = (last.next + 1) % REMEMBERED;
            last.taken = REMEMBERED.min(last.taken + 1);
            last.postings[place] = posting;
            last.applied &= !(1 << place);
            place
        });
        last.applied |= u16::from(applied) << place;
        self.bits = last.postings().iter().fold(0, |bits, posting| bits | bit_of(*posting));
    }

    /// Whether a posting that is remembered was applied to; `None` when it is not remembered.
    pub(crate) fn applied_to(&self, posting: PostingId) -> Option<bool> {
        if self.bits & bit_of(posting) == 0 {
            return None;
        }
        let last = self.last.as_deref()?;
        last.place_of(posting).map(|place| last.applied >> place & 1 == 1)
    }
}

impl Last {
    fn none() -> Self {
        let postings = [PostingId::from_position(0); REMEMBERED as usize];
        Self { postings, taken: 0, next: 0, applied: 0 }
    }

    fn postings(&self) -> &[PostingId] {
        &self.postings[..self.taken.into()]
    }

    fn place_of(&self, posting: PostingId) -> Option<usize> {
        self.postings().iter().position(|remembered| *remembered == posting)
    }
}

fn bit_of(posting: PostingId) -> u64 {
    1 << (posting.number() % 64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all postings opened in turn, what is remembered is what a list of the last sixteen different ones holds.
        #[test]
        fn the_last_ones_are_remembered(opened in prop::collection::vec((0_u32..100, any::<bool>()), 0..100)) {
            let (mut remembered, mut list) = (OpenedPostings::default(), Vec::<(u32, bool)>::new());
            for (position, applied) in opened {
                remembered.remember(PostingId::from_position(position), applied);
                // What was applied to stays so, and is not remembered twice.
                match list.iter_mut().find(|(other, _)| *other == position) {
                    Some((_, applied_before)) => *applied_before |= applied,
                    None => list.push((position, applied)),
                }
                if list.len() > 16 {
                    list.remove(0);
                }
                for position in 0..100 {
                    let applied = list.iter().find(|(other, _)| *other == position).map(|(_, applied)| *applied);
                    prop_assert_eq!(remembered.applied_to(PostingId::from_position(position)), applied);
                }
            }
        }
    }
}
