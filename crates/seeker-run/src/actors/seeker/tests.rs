//! Tests of the accounts of seekers for every kind of end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use actix::Message;
use actor_slab::panics::contain;
use client_event::EventTimestamp;
use event_request::{BodyForm, EventForm};
use load_plan::load::{Load, LoadSpec, Rate, Share};
use load_plan::{EventOutcome, Moment};
use measure::ledger_account::LedgerAccount;
use measure::live_seekers::LiveSeekers;
use proptest::prelude::*;
use scenario::Timestamps;

use super::*;
use crate::delivery::dispatch::Sending;
use crate::delivery::receipt::Receipt;
use crate::delivery::retries::RetryPolicy;

/// Makes the handler panic.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
struct Fail;

impl Handler<Fail> for Seeker {
    type Result = ();

    fn handle(&mut self, _: Fail, _: &mut Self::Context) {
        panic!("a bug in the model");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Start,
    /// Real time passes.
    Pass(u32),
    /// This many events are taken and settled.
    Settle(usize),
    /// A seeker gets a message.
    Stop(prop::sample::Index),
    Fail(prop::sample::Index),
    /// The load ends.
    Close,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => Just(Step::Start),
        8 => (0_u32..2_000).prop_map(Step::Pass),
        4 => (0_usize..8).prop_map(Step::Settle),
        2 => any::<prop::sample::Index>().prop_map(Step::Stop),
        2 => any::<prop::sample::Index>().prop_map(Step::Fail),
        1 => Just(Step::Close),
    ];
    prop::collection::vec(step, 0..60)
}

/// A load of this many events or, if not `is_rate`, seekers per second.
fn load(per_second: u32, is_rate: bool) -> Load {
    let amount = Rate::per_second(f64::from(per_second)).ok();
    let none = LoadSpec { duration: Some(Duration::from_hours(1)), ..LoadSpec::default() };
    let spec = if is_rate { LoadSpec { rate: amount, ..none } } else { LoadSpec { arrivals: amount, ..none } };
    spec.check().unwrap()
}

fn context(load: Load, live: &Arc<LiveSeekers>) -> Rc<SeekerContext> {
    let model = Arc::new(Model::with_defaults());
    let clock = RunClock::start(60.0, Timestamps::Wall, EventTimestamp::from_millis(0));
    let sending = Sending {
        model: Arc::clone(&model),
        form: BodyForm::Lines(EventForm::Message),
        batch_max: 1,
        batch_wait: None,
        streams: None,
        awaits_acks: true,
        is_traced: false,
        gzip: false,
        clock,
        timeout: Duration::from_secs(1),
        retry: RetryPolicy { retries: 0, seed: 0 },
        measured_from: Moment::default(),
        end: load.end(),
        check_sent: false,
    };
    let (observations, seekers) = (Rc::<RefCell<_>>::default(), Rc::<ActorSlab<_>>::default());
    let dispatch = Rc::new(Dispatch::new(sending, Rc::clone(&observations), Box::new(Rc::clone(&seekers))));
    let ledger = Ledger::new(Share { load, part: 0, of: 1 }, Arc::clone(live), observations);
    Rc::new(SeekerContext { model, clock, ledger, dispatch, seekers, searcher: None })
}

fn receipt(outcome: EventOutcome, at: Moment) -> Receipt {
    Receipt { outcome, at, answered_after: None, error: None, again_after: None }
}

proptest! {
    /// For all loads and all sequences of steps: each started seeker has finished, left early, panicked, or was live at the end. Each begun
    /// event was turned away, settled, or is in the outbox. No reference to any seeker is left.
    #[test]
    fn every_seeker_and_every_event_is_accounted_for(per_second in 1_u32..200, is_rate in any::<bool>(), steps in steps()) {
        let live = Arc::<LiveSeekers>::default();
        let around = context(load(per_second, is_rate), &live);
        let (mut keys, mut now, mut settled, mut failed) = (Vec::new(), Moment::default(), 0, 0);
        for step in steps {
            match step {
                Step::Start => {
                    let number = keys.len() as u64;
                    let party = Party::arriving(&around.model, 1, number);
                    around.ledger.seeker_started(now);
                    keys.push(around.seekers.start(Seeker::new(party, Rc::clone(&around)), around.clock.sim_time_of(now)));
                }
                Step::Pass(millis) => {
                    now = now.plus(u64::from(millis) * 1_000);
                    around.seekers.wake_before(around.clock.sim_time_of(now), Seeker::prefetch);
                }
                Step::Settle(events) => {
                    around.dispatch.release(now);
                    for _ in 0..events {
                        let mut flights = Vec::new();
                        if around.dispatch.take(&mut flights) {
                            settled += flights.len() as u64;
                            let outcome = if settled % 2 == 0 { EventOutcome::Acknowledged } else { EventOutcome::Unknown };
                            around.dispatch.conclude_all(&mut flights, &receipt(outcome, now), BTreeMap::new(), || None);
                        }
                    }
                }
                Step::Stop(seeker) if !keys.is_empty() => around.seekers.deliver(*seeker.get(&keys), Stop::RunOver),
                Step::Fail(seeker) if !keys.is_empty() => {
                    let before = around.seekers.len();
                    around.seekers.deliver(*seeker.get(&keys), Fail);
                    failed += (before - around.seekers.len()) as u64;
                }
                Step::Stop(_) | Step::Fail(_) => {}
                Step::Close => around.ledger.close(now),
            }
        }
        let there = around.ledger.live_seekers();
        around.seekers.deliver_to_all(&Stop::RunOver);
        prop_assert!(around.seekers.is_empty());
        around.seekers.terminate_all();
        let account = around.ledger.account();
        let gone = account.seekers_finished + account.seekers_left_early + account.panicked;
        prop_assert_eq!(account.seekers_started, gone + there);
        prop_assert_eq!(live.now(), there);
        prop_assert_eq!(account.panicked, failed);
        prop_assert_eq!(account.panic_message.is_some_and(|message| message.starts_with("a bug in the model (")), failed > 0);
        prop_assert_eq!(around.ledger.arriving(), 0);
        around.dispatch.give_up();
        let observations = around.dispatch.take_last_notes();
        let not_sent = observations.settled.iter().filter(|settled| settled.outcome == EventOutcome::NotSent).count() as u64;
        prop_assert_eq!(account.begun, settled + not_sent);
        // Seekers whose events were given up held the context too.
        prop_assert_eq!(Rc::strong_count(&around), 1);
    }
}

/// A seeker with an event to send stops as soon as its last event is settled after the end of the load, and not before.
#[test]
fn a_seeker_stops_when_its_event_is_settled_after_the_end() {
    let around = context(load(1_000, false), &Arc::default());
    around.ledger.seeker_started(Moment::default());
    // The number of a seeker that has more to do after its first event.
    let party = Party::arriving(&around.model, 1, 0);
    let key = around.seekers.start(Seeker::new(party, Rc::clone(&around)), SimTime::ZERO);
    let now = Moment::from_micros(1);
    around.dispatch.release(now);
    let mut flights = Vec::new();
    assert!(around.dispatch.take(&mut flights));
    assert_eq!(flights[0].delivery.sender, Some(key));
    around.ledger.close(now);
    assert_eq!(around.seekers.len(), 1);
    around.dispatch.conclude_all(&mut flights, &receipt(EventOutcome::Acknowledged, now), BTreeMap::new(), || None);
    assert!(around.seekers.is_empty());
    // Outcomes of events whose seeker has ended are dropped.
    around.seekers.deliver(key, Settled { outcome: EventOutcome::Acknowledged });
    assert_eq!(around.ledger.account().seekers_finished, 0);
}

/// An event that is begun when the handler panics counts as turned away.
#[test]
fn a_panic_loses_no_event() {
    let around = context(load(10, true), &Arc::default());
    for is_handed_over in [true, false] {
        let panicked = contain(|| {
            let Admission::Begun(phase) = around.ledger.begin_event(Moment::default(), true) else { return };
            let begun = BegunEvent { around: &around, event_type: EventType::View, scheduled: Moment::default(), phase };
            if is_handed_over {
                begun.hand_over();
            } else {
                panic!("while {} is held", begun.event_type);
            }
        });
        assert_eq!(panicked.is_ok(), is_handed_over);
    }
    let LedgerAccount { begun, begun_at_full_outbox, .. } = around.ledger.account();
    assert_eq!((begun, begun_at_full_outbox), (2, 1));
}

/// The memory of a waiting seeker in the slab, in addition to its party and 16 bytes in the timing wheel.
#[test]
fn a_seeker_is_small() {
    assert_eq!((size_of::<Seeker>(), ActorSlab::<Seeker>::BYTES_PER_ACTOR), (40, 48));
}
