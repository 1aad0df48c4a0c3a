//! The buckets of the time histograms, by number: three significant digits, from one microsecond. Bucket numbers are small, so counts by
//! bucket are compact.

/// Up to this power of two, each microsecond has a bucket of its own. Above it, each doubling has half as many buckets.
const SINGLE_BITS: u32 = 11;

/// Buckets per doubling.
const PER_DOUBLING: u64 = 1 << (SINGLE_BITS - 1);

/// The number of buckets of all times.
pub(crate) const BUCKETS: u32 = 56_320;

/// Returns the bucket of a time.
pub(crate) fn bucket(micros: u64) -> u32 {
    let doublings = (u64::BITS - micros.leading_zeros()).saturating_sub(SINGLE_BITS);
    let number = u64::from(doublings) * PER_DOUBLING + (micros >> doublings);
    u32::try_from(number).expect("there are 56,320 buckets")
}

/// Returns the shortest time in a bucket.
pub(crate) const fn shortest(bucket: u32) -> u64 {
    let (bucket, doublings) = (bucket as u64, doublings(bucket));
    (bucket - doublings * PER_DOUBLING) << doublings
}

/// Returns the longest time in a bucket.
pub(crate) const fn longest(bucket: u32) -> u64 {
    shortest(bucket) + ((1 << doublings(bucket)) - 1)
}

const fn doublings(bucket: u32) -> u64 {
    ((bucket as u64) / PER_DOUBLING).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time_histogram::time_histogram;

    proptest! {
        /// For all times, the bucket has the bounds of the bucket in a time histogram, and a longer bucket has a greater number.
        #[test]
        fn buckets_are_those_of_the_histograms(micros in prop_oneof![0_u64..10_000, any::<u64>().prop_map(|micros| micros >> 8), any::<u64>()]) {
            let scale = time_histogram::<u64>();
            let own = bucket(micros);
            prop_assert!(own < BUCKETS);
            prop_assert!((shortest(own)..=longest(own)).contains(&micros));
            if micros <= u64::MAX >> 1 {
                prop_assert_eq!((shortest(own), longest(own)), (scale.lowest_equivalent(micros), scale.highest_equivalent(micros)));
            }
            if own + 1 < BUCKETS {
                prop_assert_eq!(shortest(own + 1), longest(own) + 1);
            }
        }
    }

    #[test]
    fn the_longest_time_has_the_last_bucket() {
        assert_eq!((bucket(u64::MAX), longest(BUCKETS - 1)), (BUCKETS - 1, u64::MAX));
    }
}
