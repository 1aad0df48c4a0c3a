//! Tests of the waiting times of retries, and that no event is lost.

use load_plan::EventOutcome;
use load_plan::load::Phase;
use proptest::prelude::*;
use seeker_model::{Model, Playback, SeekerEvent, SimTime};

use super::*;

fn flight(seeker: u64) -> Flight {
    let model = Model::with_defaults();
    let pattern = Playback::new(&model, 1, 0, SimTime::ZERO).next().unwrap();
    Flight::first(Delivery::new(SeekerEvent { seeker, ..pattern }, Moment::default(), Phase::Measured))
}

fn receipt(at: Moment, again_after: Option<Duration>) -> Receipt {
    Receipt { outcome: EventOutcome::Failed, at, answered_after: None, error: None, again_after }
}

#[test]
fn the_bound_of_a_wait_doubles_up_to_ten_seconds() {
    let bounds = [0, 1, 2, 5, 6, 7, 63, 64, 100].map(|retries| back_off_micros(retries, |most| most));
    assert_eq!(bounds, [100_000, 200_000, 400_000, 3_200_000, 6_400_000, 10_000_000, 10_000_000, 10_000_000, 10_000_000]);
}

#[test]
fn waits_are_spread_over_the_whole_range() {
    let mut retries = Retries::new(RetryPolicy { retries: 1, seed: 1 });
    let (flight, receipt) = (flight(0), receipt(Moment::default(), Some(Duration::ZERO)));
    let waits: Vec<_> = (0..1_000).map(|_| retries.due_after(&flight, &receipt).unwrap().as_micros()).collect();
    let below = |bound| waits.iter().filter(|wait| **wait < bound).count();
    // Each tenth of the range holds a tenth of the values, 100; 5 standard deviations of that count are 47.
    for tenth in 1..=10 {
        let count = below(tenth * 10_000) - below((tenth - 1) * 10_000);
        assert!((53..=147).contains(&count), "{count} of 1000 in tenth {tenth}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// An attempt ends. The target asks to wait this long, or the event is not to be retried.
    Fail {
        flight: prop::sample::Index,
        again_after_millis: Option<u64>,
    },
    /// Time passes.
    Pass {
        micros: u64,
    },
    Take,
}

proptest! {
    /// For all orders of calls: no event is retried too early or too often. The target's requested wait is honoured up to a limit. Every
    /// event is in flight, waiting or settled.
    #[test]
    fn no_event_is_lost_or_early(
        steps in prop::collection::vec(prop_oneof![
            (any::<prop::sample::Index>(), prop::option::weighted(0.8, 0_u64..200_000))
                .prop_map(|(flight, again_after_millis)| Step::Fail { flight, again_after_millis }),
            (0_u64..30_000_000).prop_map(|micros| Step::Pass { micros }),
            Just(Step::Take),
        ], 0..80),
        most in 0_u32..5,
        seed in any::<u64>(),
    ) {
        let mut retries = Retries::new(RetryPolicy { retries: most, seed });
        let mut flights: Vec<_> = (0..5).map(flight).collect();
        let mut due_of = [Moment::default(); 5];
        let (mut now, mut ended) = (Moment::default(), 0);
        let number = |flight: &Flight| usize::try_from(flight.delivery.event.seeker).unwrap();
        for step in steps {
            match step {
                Step::Fail { flight, again_after_millis } if !flights.is_empty() => {
                    let flight = flights.swap_remove(flight.index(flights.len()));
                    let again_after = again_after_millis.map(Duration::from_millis);
                    let receipt = receipt(now, again_after);
                    let due = retries.due_after(&flight, &receipt);
                    prop_assert_eq!(due.is_some(), again_after.is_some() && flight.retry < most);
                    if let (Some(due), Some(left_alone)) = (due, again_after) {
                        let wait = Duration::from_micros(due.micros_since(now));
                        let left_alone = left_alone.min(RETRY_AFTER_MAX);
                        let back_off = Duration::from_micros(back_off_micros(flight.retry, |most| most));
                        prop_assert!((left_alone..=left_alone + back_off).contains(&wait), "{wait:?}");
                        due_of[number(&flight)] = due;
                        retries.take_on(due, flight, receipt);
                    } else {
                        ended += 1;
                    }
                }
                Step::Fail { .. } => {}
                Step::Pass { micros } => {
                    now = now.plus(micros);
                    retries.release(now);
                    prop_assert!(retries.next_due().is_none_or(|due| due > now));
                }
                Step::Take => {
                    let was_ready = retries.ready() > 0;
                    let flight = retries.take().map(|(flight, _)| flight);
                    prop_assert_eq!(flight.is_some(), was_ready);
                    if let Some(flight) = flight {
                        prop_assert!(due_of[number(&flight)] <= now);
                        prop_assert!((1..=most).contains(&flight.retry));
                        flights.push(flight);
                    }
                }
            }
            prop_assert_eq!(flights.len() + retries.len() + ended, 5);
        }
        let waiting = retries.len();
        prop_assert_eq!(retries.give_up().len(), waiting);
        prop_assert_eq!(retries.len(), 0);
        prop_assert_eq!(retries.due_after(&flight(0), &receipt(now, Some(Duration::ZERO))), None);
    }
}
