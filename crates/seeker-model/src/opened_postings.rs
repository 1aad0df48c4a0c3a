//! What a seeker remembers of postings: the ones opened last, and all that were applied to.

use std::hint::black_box;

use crate::catalogue::PostingId;

/// How many opened postings a seeker remembers. Own estimate; it bounds a seeker's memory too.
const REMEMBERED: u8 = 16;

/// The postings that a seeker opened last, and those that the seeker applied to.
#[derive(Debug, Default)]
pub(crate) struct OpenedPostings {
    /// A bit for each of the remembered postings, by the end of its number. A seeker asks this of every line looked at, mostly of one
    /// never seen before, and then need not look at those remembered.
    bits: u64,
    known: Option<Box<Known>>,
}

#[derive(Debug)]
struct Known {
    /// The first so many places are taken.
    postings: [PostingId; REMEMBERED as usize],
    taken: u8,
    /// The place of the next one: that of the one remembered longest, once all are taken.
    next: u8,
    /// Never forgotten: a job site shows a seeker what the seeker applied to, and takes no second application.
    applied: Vec<PostingId>,
}

impl OpenedPostings {
    /// Whether none is remembered.
    pub(crate) const fn is_empty(&self) -> bool {
        self.bits == 0
    }

    /// Has the processor fetch what is remembered.
    pub(crate) fn prefetch(&self) {
        black_box(self.known.as_ref().map(|known| known.taken));
    }

    /// Remembers an opened posting; the one that has been remembered longest makes room.
    pub(crate) fn opened(&mut self, posting: PostingId) {
        let known = self.known.get_or_insert_with(|| Box::new(Known::none()));
        if known.opened().contains(&posting) {
            return;
        }
        let place = usize::from(known.next);
        known.next = (known.next + 1) % REMEMBERED;
        known.taken = REMEMBERED.min(known.taken + 1);
        known.postings[place] = posting;
        let all = known.opened().iter().chain(&known.applied);
        self.bits = all.fold(0, |bits, posting| bits | bit_of(*posting));
    }

    /// Remembers a posting that is applied to, opened or not.
    pub(crate) fn applied(&mut self, posting: PostingId) {
        let known = self.known.get_or_insert_with(|| Box::new(Known::none()));
        if !known.applied.contains(&posting) {
            known.applied.push(posting);
            self.bits |= bit_of(posting);
        }
    }

    /// Whether a posting that is remembered was applied to; `None` when it is not remembered.
    pub(crate) fn applied_to(&self, posting: PostingId) -> Option<bool> {
        if self.bits & bit_of(posting) == 0 {
            return None;
        }
        let known = self.known.as_deref()?;
        if known.applied.contains(&posting) { Some(true) } else { known.opened().contains(&posting).then_some(false) }
    }
}

impl Known {
    fn none() -> Self {
        let postings = [PostingId::from_position(0); REMEMBERED as usize];
        Self { postings, taken: 0, next: 0, applied: Vec::new() }
    }

    fn opened(&self) -> &[PostingId] {
        &self.postings[..self.taken.into()]
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
        /// For all postings opened and applied to in turn, what is remembered is what a list of the last sixteen different ones opened and a
        /// list of all that were applied to hold.
        #[test]
        fn the_last_opened_and_all_applied_to_are_remembered(steps in prop::collection::vec((0_u32..100, any::<bool>()), 0..100)) {
            let (mut remembered, mut opened, mut applied) = (OpenedPostings::default(), Vec::new(), Vec::new());
            for (position, applies) in steps {
                let posting = PostingId::from_position(position);
                if applies {
                    remembered.applied(posting);
                    applied.push(position);
                } else {
                    remembered.opened(posting);
                    if !opened.contains(&position) {
                        opened.push(position);
                    }
                    if opened.len() > 16 {
                        opened.remove(0);
                    }
                }
                for position in 0..100 {
                    let expected =
                        if applied.contains(&position) { Some(true) } else { opened.contains(&position).then_some(false) };
                    prop_assert_eq!(remembered.applied_to(PostingId::from_position(position)), expected);
                }
            }
        }
    }
}
