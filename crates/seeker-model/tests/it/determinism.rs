//! The determinism law: a journey is a pure function of the model, the seed and the seeker's number.

use proptest::prelude::*;
use seeker_model::{Model, Playback, SimTime};

use crate::{DEFAULT_MODEL, messages};

proptest! {
    /// For all seeds and seekers, the journey is the same in another model made alike, whatever was played before it.
    #[test]
    fn journeys_are_repeatable(seed: u64, seeker: u64, other: u64) {
        let again = Model::with_defaults();
        let before = messages(&again, seed, other);
        prop_assert_eq!(messages(&DEFAULT_MODEL, seed, seeker), messages(&again, seed, seeker));
        if other != seeker {
            prop_assert_ne!(&before[0].event_id, &messages(&again, seed, seeker)[0].event_id);
        }
    }

    /// For all seeds, seekers and starts, starting later shifts the journey and changes nothing else.
    #[test]
    fn the_start_only_shifts(seed: u64, seeker: u64, start_micros in 0_u64..1 << 50) {
        let start = SimTime::from_micros(start_micros);
        let shifted = Playback::new(&DEFAULT_MODEL, seed, seeker, start);
        for (event, mut shifted) in Playback::new(&DEFAULT_MODEL, seed, seeker, SimTime::ZERO).zip(shifted) {
            shifted.at = SimTime::ZERO + (shifted.at - start);
            prop_assert_eq!(event, shifted);
        }
    }
}
