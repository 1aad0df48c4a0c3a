//! What the driver of a journey may rely on.

use proptest::prelude::*;
use seeker_model::{Input, Journey, Next, SimTime};

use crate::{DEFAULT_MODEL, model};

proptest! {
    /// For all models and seeds, events happen at the time of the call, sleeps do not lead back, and the seeker leaves in the end.
    #[test]
    fn time_goes_forward(model in model(), seed: u64) {
        let mut journey = Journey::new(&model, seed, 0);
        let (mut input, mut now) = (Input::Started, SimTime::from_micros(7));
        for _ in 0..100_000 {
            let step = journey.handle(input, now, &model);
            if let Some(event) = &step.event {
                prop_assert_eq!(event.at, now);
            }
            input = match step.next {
                Next::Search(query) => Input::SearchAnswered(model.catalogue().search(&query)),
                Next::SleepUntil(time) => {
                    prop_assert!(time >= now);
                    now = time;
                    Input::Woke
                }
                Next::Leave => return Ok(()),
            };
        }
        prop_assert!(false, "the seeker never leaves");
    }

    /// For all seeds and moments, a seeker whose event was not taken on leaves without another.
    #[test]
    fn a_refused_delivery_ends_the_journey(seed: u64, after in 0_usize..20) {
        let mut journey = Journey::new(&DEFAULT_MODEL, seed, 0);
        let (mut input, mut now) = (Input::Started, SimTime::ZERO);
        for _ in 0..after {
            input = match journey.handle(input, now, &DEFAULT_MODEL).next {
                Next::Search(query) => Input::SearchAnswered(DEFAULT_MODEL.catalogue().search(&query)),
                Next::SleepUntil(time) => {
                    now = time;
                    Input::Woke
                }
                Next::Leave => break,
            };
        }
        let step = journey.handle(Input::DeliveryRefused, now, &DEFAULT_MODEL);
        prop_assert!(step.event.is_none());
        prop_assert_eq!(step.next, Next::Leave);
    }
}

/// A live seeker's own memory; a hundred thousand of them are nothing special.
#[test]
fn a_journey_is_small() {
    assert!(size_of::<Journey>() <= 128, "{} bytes", size_of::<Journey>());
}
