//! The due moments of an arbiter's planned events or arrivals, in order.

use super::points::PointCursor;
use super::{Load, Share};
use crate::Moment;

/// Iterates over the due moments of a share, in order.
#[derive(Debug)]
pub(crate) struct DueMoments {
    share: Share,
    cursor: PointCursor,
    next: Option<Moment>,
}

impl DueMoments {
    pub(crate) fn new(share: Share) -> Self {
        let cursor = PointCursor::new(share.part, share.of);
        let mut due = Self { share, cursor, next: None };
        due.find_next(Moment::default());
        due
    }

    /// Returns the next moment; `None` after the last one.
    pub(crate) fn peek(&self) -> Option<Moment> {
        self.next
    }

    /// Takes the next moment if it is at or before `moment`.
    pub(crate) fn take_until(&mut self, moment: Moment) -> Option<Moment> {
        let due = self.next.filter(|due| *due <= moment)?;
        self.cursor.advance();
        self.find_next(due);
        Some(due)
    }

    /// Continues with a changed load. All taken moments must be before the change.
    pub(crate) fn change_load(&mut self, load: Load) {
        self.share.load = load;
        self.cursor.restart();
        self.find_next(Moment::default());
    }

    fn find_next(&mut self, after: Moment) {
        let load = &self.share.load;
        self.next = self.cursor.place(&load.points).map(|place| load.moment_of(place, after));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::load::tests::loads;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// For all loads and numbers of arbiters: the number of moments taken up to any moment equals the planned number,
        /// and none is left at the end.
        #[test]
        fn moments_are_those_of_the_plan(load in loads(), of in 1_u64..4, steps in prop::collection::vec(1_u64..3_000_000, 1..20)) {
            for part in 0..of {
                let share = Share { load: load.clone(), part, of };
                let mut due = DueMoments::new(share.clone());
                let (mut now, mut taken, mut last) = (Moment::default(), 0, Moment::default());
                let mut take_until = |now: Moment| {
                    while let Some(moment) = due.take_until(now) {
                        prop_assert!(last <= moment && moment <= now);
                        (last, taken) = (moment, taken + 1);
                    }
                    prop_assert_eq!(taken, share.planned_by(now));
                    Ok(())
                };
                for step in &steps {
                    now = now.plus(*step).min(load.end());
                    take_until(now)?;
                }
                take_until(load.end())?;
                prop_assert_eq!(due.peek(), None);
            }
        }
    }
}
