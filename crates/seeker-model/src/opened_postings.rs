//! What a seeker remembers of postings: the ones opened last, and which of them were applied to.

use crate::catalogue::PostingId;

/// How many postings a seeker remembers. Own estimate; it bounds a seeker's memory too.
const REMEMBERED: usize = 16;

/// The postings that a seeker opened last.
#[derive(Debug, Default)]
pub(crate) struct OpenedPostings(Vec<Opened>);

#[derive(Clone, Copy, Debug)]
struct Opened {
    posting: PostingId,
    applied: bool,
}

impl OpenedPostings {
    /// Remembers a posting; the one that has been remembered longest makes room.
    pub(crate) fn remember(&mut self, posting: PostingId, applied: bool) {
        if let Some(opened) = self.0.iter_mut().find(|opened| opened.posting == posting) {
            opened.applied |= applied;
            return;
        }
        if self.0.len() == REMEMBERED {
            self.0.remove(0);
        }
        self.0.push(Opened { posting, applied });
    }

    /// Whether a posting that is remembered was applied to; `None` when it is not remembered.
    pub(crate) fn applied_to(&self, posting: PostingId) -> Option<bool> {
        self.0.iter().find(|opened| opened.posting == posting).map(|opened| opened.applied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_remembered() {
        let mut opened = OpenedPostings::default();
        let posting = PostingId::from_position;
        for position in 0..=16 {
            opened.remember(posting(position), position == 3);
        }
        assert_eq!(opened.applied_to(posting(0)), None);
        assert_eq!((opened.applied_to(posting(1)), opened.applied_to(posting(3))), (Some(false), Some(true)));
        // What was applied to stays so, and is not remembered twice.
        opened.remember(posting(3), false);
        opened.remember(posting(1), true);
        assert_eq!((opened.applied_to(posting(1)), opened.applied_to(posting(3))), (Some(true), Some(true)));
        assert_eq!(opened.applied_to(posting(2)), Some(false));
    }
}
