//! The due moments of an arbiter's planned events or arrivals, in order.

use super::Share;
use super::points::PointCursor;
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
        let cursor = PointCursor::new(share.number(), share.stride());
        let mut due = Self { share, cursor, next: None };
        due.advance(Moment::default());
        due
    }

    /// Returns the next moment; `None` after the last one.
    pub(crate) fn peek(&self) -> Option<Moment> {
        self.next
    }

    /// Takes the next moment if it is at or before `moment`.
    pub(crate) fn take_until(&mut self, moment: Moment) -> Option<Moment> {
        let due = self.next.filter(|due| *due <= moment)?;
        self.advance(due);
        Some(due)
    }

    fn advance(&mut self, after: Moment) {
        let load = &self.share.load;
        self.next = self.cursor.next(&load.points).map(|place| load.moment_of(place, after));
    }
}

#[cfg(test)]
mod tests {
    use std::iter;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::load::Load;
    use crate::load::shard::tests::shards;
    use crate::load::tests::loads;

    /// Returns all due moments of the arbiters of a load, in order.
    fn moments_of(load: &Load, arbiters: u64) -> Vec<Moment> {
        let moments = (0..arbiters).flat_map(|part| {
            let mut due = DueMoments::new(Share { load: load.clone(), part, of: arbiters });
            iter::from_fn(move || due.take_until(Moment::from_duration(Duration::MAX)))
        });
        let mut moments: Vec<_> = moments.collect();
        moments.sort_unstable();
        moments
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// For all loads, shards and numbers of arbiters: the number of moments taken up to any moment equals the planned
        /// number, and none is left at the end.
        #[test]
        fn moments_are_those_of_the_plan(load in shards(), of in 1_u64..4, steps in prop::collection::vec(1_u64..3_000_000, 1..20)) {
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

        /// For all loads, numbers of shards and numbers of arbiters, which differ between shards: the due moments of the shards
        /// together are the due moments of the whole.
        #[test]
        fn moments_of_shards_make_the_whole(load in loads(), arbiters in prop::collection::vec(1_u64..5, 1..6)) {
            prop_assume!(load.total() < 100_000);
            let of = arbiters.len() as u64;
            let mut moments: Vec<_> =
                (0..).zip(&arbiters).flat_map(|(part, arbiters)| moments_of(&load.shard(part, of), *arbiters)).collect();
            moments.sort_unstable();
            prop_assert_eq!(moments, moments_of(&load, 1));
        }
    }
}
