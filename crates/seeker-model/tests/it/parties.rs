//! The guarantees that a party gives to its driver.

use proptest::prelude::*;
use seeker_model::{EventJobs, Input, Next, Party, Playback, Session, SimTime, Source};

use crate::{DEFAULT_MODEL, model};

proptest! {
    /// For all models and seeds, events happen at the time of the call, time never goes back, and the party leaves in the end.
    #[test]
    fn time_goes_forward(model in model(), seed: u64, number: u64) {
        let mut party = Party::arriving(&model, seed, number);
        let (mut input, mut now) = (Input::Started, SimTime::from_micros(7));
        for _ in 0..100_000 {
            let step = party.handle(input, now, &model);
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
        prop_assert!(false, "the party never leaves");
    }

    /// For all seeds, and answers that take up to an hour: results are shown in the session that the search named.
    #[test]
    fn results_belong_to_the_session_of_their_search(seed: u64, number: u64, delays_s in prop::collection::vec(0_u32..3_600, 1..20)) {
        let mut party = Party::arriving(&DEFAULT_MODEL, seed, number);
        let (mut input, mut now, mut searched) = (Input::Started, SimTime::ZERO, None);
        let mut delays_s = delays_s.into_iter().cycle();
        for _ in 0..1_000 {
            let step = party.handle(input, now, &DEFAULT_MODEL);
            if let Some(event) = &step.event
                && let EventJobs::Page(_) = event.jobs
            {
                prop_assert_eq!(Some(event.session), searched);
            }
            input = match step.next {
                Next::Search(query) => {
                    searched = Some(party.search_context(now, &DEFAULT_MODEL).session);
                    now = now.after_seconds(delays_s.next().map_or(0.0, f64::from));
                    Input::SearchAnswered(DEFAULT_MODEL.catalogue().search(&query))
                }
                Next::SleepUntil(time) => {
                    now = time;
                    Input::Woke
                }
                Next::Leave => break,
            };
        }
    }

    /// For all seeds and moments, a party whose event was refused leaves without another event, and starts no other party.
    #[test]
    fn a_refused_delivery_ends_it(seed: u64, number: u64, after in 0_usize..20) {
        let mut party = Party::arriving(&DEFAULT_MODEL, seed, number);
        let (mut input, mut now) = (Input::Started, SimTime::ZERO);
        for _ in 0..after {
            input = match party.handle(input, now, &DEFAULT_MODEL).next {
                Next::Search(query) => Input::SearchAnswered(DEFAULT_MODEL.catalogue().search(&query)),
                Next::SleepUntil(time) => {
                    now = time;
                    Input::Woke
                }
                Next::Leave => break,
            };
        }
        let step = party.handle(Input::DeliveryRefused, now, &DEFAULT_MODEL);
        prop_assert!(step.event.is_none() && step.new_party.is_none());
        prop_assert_eq!(step.next, Next::Leave);
    }
}

proptest! {
    /// For all models and seeds, pauses divide the visits of a seeker into sessions: two consecutive events are in the same session exactly if
    /// the pause between them is at most the timeout.
    #[test]
    fn pauses_divide_sessions(model in model(), seed: u64, number: u64) {
        let events: Vec<_> = Playback::new(&model, seed, number, SimTime::ZERO)
            .filter(|event| event.source == Source::Search && matches!(event.session, Session::Visit(_)))
            .collect();
        for pair in events.windows(2) {
            let pause_s = (pair[1].at - pair[0].at).as_secs_f64();
            prop_assert_eq!(pair[0].session == pair[1].session, pause_s <= model.behaviour().session_timeout_s, "{}", pause_s);
        }
    }
}
