//! Determinism: the events of a party are a pure function of the model, the seed and the number of the party.

use proptest::prelude::*;
use seeker_model::Model;

use crate::{DEFAULT_MODEL, messages};

proptest! {
    /// For all seeds and seekers, the journey is the same in another model with the same parameters, also after another journey.
    #[test]
    fn journeys_are_repeatable(seed: u64, seeker: u64, other: u64) {
        let again = Model::with_defaults();
        let before = messages(&again, seed, other);
        prop_assert_eq!(messages(&DEFAULT_MODEL, seed, seeker), messages(&again, seed, seeker));
        if other != seeker {
            prop_assert_ne!(&before[0].event_id, &messages(&again, seed, seeker)[0].event_id);
        }
    }
}
