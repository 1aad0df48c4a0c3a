//! The order in which one arbiter sends: each event when it is due, a seeker's events one after the other. A pure data structure:
//! no clock, no I/O.
//!
//! An event waits until it is due (`waiting`), then for a free sender (`ready`), then it is in flight; if an event of its seeker is in flight when
//! its turn comes, it waits behind that (`flying`), and goes next. [`Queue::take`] and [`Queue::settle`] are the two ends of a flight.
//! So all that is looked up by seeker is what is in flight, which stays small when a target stalls and everything else grows.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;

use actor_slab::ActorKey;
use client_event::{EventTimestamp, EventType};
use load_plan::Moment;
use load_plan::load::Phase;
use rapidhash::{RapidHashMap, RapidHashSet};
use seeker_model::{Model, SeekerEvent};
use slab::Slab;

use crate::search::answer::Answer;

/// An event on its way.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) event: SeekerEvent,
    /// When it is to be sent. Latency counts from here, whatever holds it up.
    pub(crate) scheduled: Moment,
    /// Whether it counts for the figures.
    pub(crate) phase: Phase,
    /// The answer of a search service that the event follows from, if it is not the built-in catalogue's.
    answer: Option<Arc<Answer>>,
    /// The seeker that is told when the event is settled.
    pub(crate) sender: Option<ActorKey>,
}

impl Delivery {
    pub(crate) fn new(event: SeekerEvent, scheduled: Moment, phase: Phase) -> Self {
        Self { event, scheduled, phase, answer: None, sender: None }
    }

    /// The same event, whose sender is told what becomes of it.
    pub(crate) fn with_sender(self, sender: ActorKey) -> Self {
        Self { sender: Some(sender), ..self }
    }

    /// The same event, which follows from that answer.
    pub(crate) fn after(self, answer: Option<Arc<Answer>>) -> Self {
        Self { answer, ..self }
    }

    /// Appends the event as a message in JSON, with this time.
    pub(crate) fn write_json(&self, model: &Model, timestamp: EventTimestamp, out: &mut Vec<u8>) {
        match &self.answer {
            None => seeker_model::simulator::write_json(&self.event, model, timestamp, out),
            Some(answer) => answer.write_json(&self.event, model, timestamp, out),
        }
    }
}

/// What is known of an event that is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GivenUpEvent {
    pub(crate) event_type: EventType,
    pub(crate) scheduled: Moment,
    pub(crate) phase: Phase,
}

impl From<&Delivery> for GivenUpEvent {
    fn from(delivery: &Delivery) -> Self {
        Self { event_type: delivery.event.event_type, scheduled: delivery.scheduled, phase: delivery.phase }
    }
}

/// The events that one arbiter has taken on and not settled.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// The events that are not due yet. They lie still; what the heap moves is the number of the place.
    early: Slab<Early>,
    /// When each of them is due, how many were taken on before it, and its place: the earliest first, and of two for the same moment the one
    /// that came first.
    waiting: BinaryHeap<Reverse<(Moment, u64, usize)>>,
    taken_on: u64,
    /// What was due was last let go at that moment.
    released: Moment,
    /// Under overload these are many, and are read from the first to the last, as the cache likes it.
    ready: VecDeque<Ready>,
    /// How many of the first of them are in the cache, or on their way to it.
    prefetched: usize,
    /// Every seeker with an event in flight.
    flying: RapidHashMap<u64, Flying>,
    /// How many events wait behind those.
    behind: usize,
}

/// An event that is not released yet.
#[derive(Debug)]
struct Early {
    delivery: Delivery,
    /// It came no earlier than that, so it could not have been released before.
    came: Moment,
}

/// An event in flight.
#[derive(Debug)]
struct Flying {
    event: GivenUpEvent,
    /// The events of its seeker whose turn came meanwhile.
    behind: Vec<Ready>,
}

/// An event that waits for a sender.
#[derive(Debug)]
struct Ready {
    delivery: Delivery,
    since: Moment,
}

impl Queue {
    /// How many events are taken on and not yet sent.
    pub(crate) fn unsent(&self) -> usize {
        self.early.len() + self.ready.len() + self.behind
    }

    /// How many events are sent and not yet settled.
    pub(crate) fn in_flight(&self) -> u64 {
        self.flying.len() as u64
    }

    /// How many events wait for a sender.
    pub(crate) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Whether so many of them can go in one request: one of each seeker, and none whose seeker has one in flight.
    pub(crate) fn fills(&self, request: usize) -> bool {
        let mut seekers = RapidHashSet::default();
        let ready = self.ready.iter().map(|ready| ready.delivery.event.seeker);
        ready.filter(|seeker| !self.flying.contains_key(seeker) && seekers.insert(*seeker)).take(request).count() == request
    }

    /// Since when the first of them has.
    pub(crate) fn ready_since(&self) -> Option<Moment> {
        self.ready.front().map(|first| first.since)
    }

    /// When the next event is due, of those that are not due yet.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.waiting.peek().map(|Reverse((due, ..))| *due)
    }

    /// Takes an event on.
    pub(crate) fn offer(&mut self, delivery: Delivery) {
        let due = delivery.scheduled;
        let place = self.early.insert(Early { delivery, came: self.released });
        self.waiting.push(Reverse((due, self.taken_on, place)));
        self.taken_on += 1;
    }

    /// Lets go what is due, and tells of each what it is for and for how long it could have been let go before, in microseconds. What kept an
    /// event from coming in time, such as a full queue, is not part of that.
    pub(crate) fn release(&mut self, now: Moment, mut released: impl FnMut(Phase, u64)) {
        while self.next_due().is_some_and(|due| due <= now) {
            let Some(Reverse((due, _, place))) = self.waiting.pop() else { return };
            let Early { delivery, came } = self.early.remove(place);
            released(delivery.phase, now.micros_since(due.max(came)));
            self.ready.push_back(Ready { delivery, since: now });
        }
        self.released = now;
    }

    /// Takes the next event to send, if there is one whose seeker has none in flight; from now on it is in flight.
    pub(crate) fn take(&mut self) -> Option<Delivery> {
        loop {
            let ready = self.ready.pop_front()?;
            self.prefetch();
            match self.flying.entry(ready.delivery.event.seeker) {
                Entry::Occupied(mut flying) => {
                    flying.get_mut().behind.push(ready);
                    self.behind += 1;
                }
                Entry::Vacant(free) => {
                    free.insert(Flying { event: GivenUpEvent::from(&ready.delivery), behind: Vec::new() });
                    return Some(ready.delivery);
                }
            }
        }
    }

    /// Sees to it that what is taken next is in the cache: under overload events lie here for longer than it keeps them.
    fn prefetch(&mut self) {
        const AT_ONCE: usize = 16;
        if self.prefetched == 0 {
            seeker_model::simulator::prefetch_events(self.ready.iter().take(AT_ONCE).map(|ready| &ready.delivery.event));
            self.prefetched = AT_ONCE;
        }
        self.prefetched -= 1;
    }

    /// The flight of an event has ended; the next of its seeker goes first, as its turn came before.
    pub(crate) fn settle(&mut self, delivery: &Delivery) {
        let flying = self.flying.remove(&delivery.event.seeker);
        for ready in flying.into_iter().flat_map(|flying| flying.behind).rev() {
            self.behind -= 1;
            self.ready.push_front(ready);
        }
    }

    /// Gives up what is not sent.
    pub(crate) fn give_up(&mut self) -> Vec<GivenUpEvent> {
        let behind = self.flying.values_mut().flat_map(|flying| flying.behind.drain(..));
        let ready = self.ready.drain(..).chain(behind).map(|ready| ready.delivery);
        let early = self.early.drain().map(|early| early.delivery);
        let unsent = early.chain(ready).map(|delivery| GivenUpEvent::from(&delivery)).collect();
        self.waiting.clear();
        self.behind = 0;
        unsent
    }

    /// Gives up what is in flight.
    pub(crate) fn give_up_flights(&mut self) -> Vec<GivenUpEvent> {
        self.flying.drain().map(|(_, flying)| flying.event).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use seeker_model::{Model, Playback, SimTime};

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        /// A seeker's next event, due after that many microseconds.
        Offer {
            seeker: u64,
            after_micros: u64,
        },
        /// That much time passes.
        Release {
            micros: u64,
        },
        Take,
        /// One of the flights ends.
        Settle(prop::sample::Index),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => (0_u64..4, 0_u64..50).prop_map(|(seeker, after_micros)| Step::Offer { seeker, after_micros }),
            2 => (0_u64..60).prop_map(|micros| Step::Release { micros }),
            3 => Just(Step::Take),
            3 => any::<prop::sample::Index>().prop_map(Step::Settle),
        ];
        prop::collection::vec(step, 0..120)
    }

    proptest! {
        /// For all orders of calls, every event is accounted for, none is sent before it is due, and a seeker's events are sent in
        /// their order, one at a time.
        #[test]
        fn order_and_account_hold(steps in steps()) {
            let model = Model::with_defaults();
            let pattern = Playback::new(&model, 1, 0, SimTime::ZERO).next().unwrap();
            let mut queue = Queue::default();
            let mut now = Moment::default();
            let (mut offered, mut settled) = (0_usize, 0_usize);
            let mut last_of: HashMap<u64, (Moment, Moment)> = HashMap::new();
            let mut flights: Vec<Delivery> = Vec::new();
            for step in steps {
                match step {
                    Step::Offer { seeker, after_micros } => {
                        let (scheduled, _) = last_of.get(&seeker).copied().unwrap_or((now, now));
                        let scheduled = scheduled.max(now).plus(after_micros);
                        last_of.entry(seeker).or_insert((scheduled, Moment::default())).0 = scheduled;
                        let event = SeekerEvent { seeker, ..pattern.clone() };
                        let phase = if offered % 2 == 0 { Phase::WarmUp } else { Phase::Measured };
                        queue.offer(Delivery::new(event, scheduled, phase));
                        offered += 1;
                    }
                    Step::Release { micros } => {
                        now = now.plus(micros);
                        queue.release(now, |_, late| assert!(late <= now.as_micros()));
                    }
                    Step::Take => {
                        let fills = queue.fills(1);
                        let taken = queue.take();
                        prop_assert_eq!(taken.is_some(), fills);
                        if let Some(delivery) = taken {
                            let seeker = delivery.event.seeker;
                            prop_assert!(delivery.scheduled <= now);
                            prop_assert!(flights.iter().all(|flight| flight.event.seeker != seeker));
                            let sent = &mut last_of.get_mut(&seeker).unwrap().1;
                            prop_assert!(*sent <= delivery.scheduled);
                            *sent = delivery.scheduled;
                            flights.push(delivery);
                        }
                    }
                    Step::Settle(index) => {
                        if !flights.is_empty() {
                            let delivery = flights.swap_remove(index.index(flights.len()));
                            queue.settle(&delivery);
                            settled += 1;
                        }
                    }
                }
                prop_assert_eq!(queue.ready_since().is_some(), queue.ready() > 0);
                prop_assert!(queue.ready_since() <= Some(now));
                prop_assert_eq!(queue.in_flight(), flights.len() as u64);
                prop_assert_eq!(queue.unsent() + flights.len() + settled, offered);
            }
            let (unsent, left) = (queue.unsent() as u64, queue.give_up());
            prop_assert_eq!(left.len() as u64, unsent);
            prop_assert_eq!(queue.unsent(), 0);
            let mut in_flight = queue.give_up_flights();
            let mut expected: Vec<_> = flights.iter().map(GivenUpEvent::from).collect();
            in_flight.sort_by_key(|event| event.scheduled);
            expected.sort_by_key(|event| event.scheduled);
            prop_assert_eq!(in_flight.iter().map(|event| event.scheduled).collect::<Vec<_>>(), expected.iter().map(|event| event.scheduled).collect::<Vec<_>>());
            prop_assert_eq!(queue.in_flight(), 0);
        }
    }
}
