//! The postings that a seeker remembers: the last opened ones, and all with an application.

use crate::posting::PostingId;

/// The number of opened postings that a seeker remembers. Own estimate. It also bounds the memory of a seeker.
const REMEMBERED: u8 = 16;

/// The postings that a seeker opened last, and the postings that the seeker applied to.
#[derive(Debug, Default)]
pub(crate) struct OpenedPostings {
    /// A bit for each remembered posting, by the lowest bits of its number. Most postings on a page are new to the seeker, and for them this
    /// saves the search in the lists.
    bits: u64,
    known: Option<Box<Known>>,
}

#[derive(Debug)]
struct Known {
    /// The first `taken` places are in use.
    postings: [PostingId; REMEMBERED as usize],
    taken: u8,
    /// The place of the next posting. When all places are in use, this place holds the oldest posting.
    next: u8,
    /// Never forgotten, because a job site accepts no second application.
    applied: Vec<PostingId>,
}

impl OpenedPostings {
    /// Whether no posting is remembered.
    #[cfg(feature = "simulator")]
    pub(crate) const fn is_empty(&self) -> bool {
        self.bits == 0
    }

    /// Loads the remembered postings into the cache of the processor.
    #[cfg(feature = "simulator")]
    pub(crate) fn prefetch(&self) {
        std::hint::black_box(self.known.as_ref().map(|known| known.taken));
    }

    /// Remembers an opened posting in place of the oldest one.
    pub(crate) fn add_opened(&mut self, posting: PostingId) {
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

    /// Remembers a posting with an application, opened or not.
    pub(crate) fn add_applied(&mut self, posting: PostingId) {
        let known = self.known.get_or_insert_with(|| Box::new(Known::none()));
        if !known.applied.contains(&posting) {
            known.applied.push(posting);
            self.bits |= bit_of(posting);
        }
    }

    /// Whether a remembered posting has an application. `None` if the posting is not remembered.
    pub(crate) fn has_application(&self, posting: PostingId) -> Option<bool> {
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
        /// For all sequences of postings opened and applied to, the memory agrees with a list of the last sixteen distinct opened postings and a
        /// list of all postings with an application.
        #[test]
        fn the_last_opened_and_all_applied_to_are_remembered(steps in prop::collection::vec((0_u32..100, any::<bool>()), 0..100)) {
            let (mut remembered, mut opened, mut applied) = (OpenedPostings::default(), Vec::new(), Vec::new());
            for (position, applies) in steps {
                let posting = PostingId::from_position(position);
                if applies {
                    remembered.add_applied(posting);
                    applied.push(position);
                } else {
                    remembered.add_opened(posting);
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
                    prop_assert_eq!(remembered.has_application(PostingId::from_position(position)), expected);
                }
            }
        }
    }
}
