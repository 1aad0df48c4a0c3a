//! The bounds between the clock of the generator and the clock of the target.
//!
//! Let `o` be the target's clock minus the generator's clock. An answer with `Date: D` that was requested at `a` and received at `b` on the
//! generator's clock says that the target's clock was in [D, D + 1 s) at some time between `a` and `b`. So `D - b <= o < D + 1 s - a`. The
//! answers of one connection bound `o` by the intersection of their intervals. Connections may reach servers whose dates turn at different
//! times; their intervals are covered by one interval.
//!
//! Two generators with the offsets `o1` and `o2` from the same target: the clock of the first minus the clock of the second is
//! `o2 - o1`, which lies in `[min2 - max1, max2 - min1]`. A target that shows its date late shows it late to both, so the delay cancels out.

use serde::{Deserialize, Serialize};

/// The bounds of the target's clock minus the generator's clock, from the `Date` of answers before the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TargetClock {
    /// The URL that was requested, without secrets.
    pub url: String,
    /// The lower bound in microseconds.
    pub offset_min_us: i64,
    /// The upper bound in microseconds, at least the lower bound.
    pub offset_max_us: i64,
}

impl TargetClock {
    /// The lower and the upper bound, in microseconds, of this generator's clock minus the clock of the other generator. `None` if the two
    /// asked different targets.
    pub fn ahead_of(&self, other: &Self) -> Option<(i64, i64)> {
        let lower = other.offset_min_us.saturating_sub(self.offset_max_us);
        let upper = other.offset_max_us.saturating_sub(self.offset_min_us);
        (self.url == other.url).then_some((lower, upper))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all offsets of two generators and all bounds around them, the difference of the generators' clocks lies in the interval.
        #[test]
        fn the_difference_is_bounded(offsets in any::<[i32; 2]>(), slack in any::<[u16; 4]>()) {
            let clock = |offset: i32, below: u16, above: u16| TargetClock {
                url: "http://h/".to_owned(),
                offset_min_us: i64::from(offset) - i64::from(below),
                offset_max_us: i64::from(offset) + i64::from(above),
            };
            let (one, other) = (clock(offsets[0], slack[0], slack[1]), clock(offsets[1], slack[2], slack[3]));
            let (lower, upper) = one.ahead_of(&other).unwrap();
            // The target's clock shows t, so the generators' clocks show t - offset.
            let difference = i64::from(offsets[1]) - i64::from(offsets[0]);
            prop_assert!((lower..=upper).contains(&difference));
        }
    }

    #[test]
    fn different_targets_bound_nothing() {
        let one = TargetClock { url: "http://a/".to_owned(), offset_min_us: 0, offset_max_us: 0 };
        let other = TargetClock { url: "http://b/".to_owned(), ..one.clone() };
        assert_eq!(one.ahead_of(&other), None);
    }
}
