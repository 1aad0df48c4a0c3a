//! The partitions of a population add up to the whole, for all ways to simulate them.

use proptest::prelude::*;
use seeker_model::{PARTITIONS, Partitions, Party, Playback, SeekerEvent, SimTime};

use crate::model;

/// All events of some partitions, simulated in steps of this length.
fn events_of(partitions: &mut Partitions<'_>, step_micros: u64) -> Vec<SeekerEvent> {
    let mut events = Vec::new();
    while let Some(time) = partitions.next_time() {
        partitions.advance(SimTime::from_micros(time.as_micros().saturating_add(step_micros)), &mut events);
    }
    events
}

fn in_order(events: &mut [SeekerEvent]) {
    events.sort_by_key(|event| (event.at, event.event));
}

proptest! {
    /// For all models, seeds, shares and steps, the events of partitions are in time order, and together equal the events of the single parties.
    #[test]
    fn partitions_make_the_whole(model in model(), seed: u64, population in 0_u64..100, shares in 1..=PARTITIONS, step_micros in 1_000_000_u64..1 << 42) {
        let mut together = Vec::new();
        for share in 0..shares {
            let numbers: Vec<_> = (0..PARTITIONS).filter(|number| number % shares == share).collect();
            let mut partitions = Partitions::new(&model, seed, population, &numbers);
            let events = events_of(&mut partitions, step_micros);
            prop_assert!(events.is_sorted_by_key(|event| event.at));
            prop_assert_eq!(partitions.live(), 0);
            together.extend(events);
        }
        let mut apart: Vec<_> = (0..population)
            .flat_map(|number| {
                let start = Party::arriving(&model, seed, number).first_arrival(&model, seed, number);
                Playback::new(&model, seed, number, start)
            })
            .collect();
        in_order(&mut together);
        in_order(&mut apart);
        prop_assert_eq!(together, apart);
    }
}
