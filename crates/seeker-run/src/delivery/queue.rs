//! The sending order of one arbiter: each event when it is due, and the events of a seeker one after the other. A pure data structure: no
//! clock, no I/O.
//!
//! An event waits until it is due (`waiting`), then for a free sender (`ready`), then it is in flight. If its seeker has an event in flight
//! at that time, the event waits behind that one (`in_flight`) and goes next. A flight starts with [`Queue::take`] and ends with
//! [`Queue::settle`]. Only events in flight are looked up by seeker. Their number stays small when a target stalls and everything else
//! grows.

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

/// An event to deliver.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) event: SeekerEvent,
    /// When the event is due. Latency is measured from this moment, even if the event is delayed.
    pub(crate) scheduled: Moment,
    /// Whether the event counts for the statistics.
    pub(crate) phase: Phase,
    /// The response of the search service that led to the event; `None` for the built-in catalogue.
    answer: Option<Arc<Answer>>,
    /// The seeker to notify when the event is settled.
    pub(crate) sender: Option<ActorKey>,
}

impl Delivery {
    pub(crate) fn new(event: SeekerEvent, scheduled: Moment, phase: Phase) -> Self {
        Self { event, scheduled, phase, answer: None, sender: None }
    }

    /// Returns the event with the sender to notify of the outcome.
    pub(crate) fn with_sender(self, sender: ActorKey) -> Self {
        Self { sender: Some(sender), ..self }
    }

    /// Returns the event with the search response that led to it.
    pub(crate) fn after(self, answer: Option<Arc<Answer>>) -> Self {
        Self { answer, ..self }
    }

    /// Appends the event as a JSON message with this timestamp.
    pub(crate) fn write_json(&self, model: &Model, timestamp: EventTimestamp, out: &mut Vec<u8>) {
        match &self.answer {
            None => seeker_model::simulator::write_json(&self.event, model, timestamp, out),
            Some(answer) => answer.write_json(&self.event, model, timestamp, out),
        }
    }
}

/// The properties of an event that is given up.
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

/// The events that one arbiter has accepted and not settled.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// The events that are not due yet. They stay in place; the heap moves only their slot numbers.
    unreleased: Slab<UnreleasedEvent>,
    /// The due time, acceptance number and slot of each unreleased event: the earliest first, and in order of acceptance for the same moment.
    waiting: BinaryHeap<Reverse<(Moment, u64, usize)>>,
    taken_on: u64,
    /// The time of the last release.
    released: Moment,
    /// Under overload this holds many events. They are read in order, which suits the cache.
    ready: VecDeque<ReadyEvent>,
    /// The number of events at the front that are in the cache or on their way to it.
    prefetched: usize,
    /// Every seeker with an event in flight.
    in_flight: RapidHashMap<u64, InFlightEvent>,
    /// The number of events that wait behind events in flight.
    behind: usize,
}

/// An event that is not released yet.
#[derive(Debug)]
struct UnreleasedEvent {
    delivery: Delivery,
    /// When the event was accepted: it could not have been released earlier.
    came: Moment,
}

/// An event in flight.
#[derive(Debug)]
struct InFlightEvent {
    event: GivenUpEvent,
    /// The events of the same seeker that became ready meanwhile.
    behind: Vec<ReadyEvent>,
}

/// An event that waits for a sender.
#[derive(Debug)]
struct ReadyEvent {
    delivery: Delivery,
    since: Moment,
}

impl Queue {
    /// The number of events that are accepted and not yet sent.
    pub(crate) fn unsent(&self) -> usize {
        self.unreleased.len() + self.ready.len() + self.behind
    }

    /// The number of events that are sent and not yet settled.
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight.len() as u64
    }

    /// The number of events that wait for a sender.
    pub(crate) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Whether ready events can fill a request of this size: one event per seeker, and none whose seeker has an event in flight.
    pub(crate) fn fills(&self, request: usize) -> bool {
        let mut seekers = RapidHashSet::default();
        let ready = self.ready.iter().map(|ready| ready.delivery.event.seeker);
        ready.filter(|seeker| !self.in_flight.contains_key(seeker) && seekers.insert(*seeker)).take(request).count() == request
    }

    /// The time since which the first ready event has waited.
    pub(crate) fn ready_since(&self) -> Option<Moment> {
        self.ready.front().map(|first| first.since)
    }

    /// The due time of the next event that is not due yet.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.waiting.peek().map(|Reverse((due, ..))| *due)
    }

    /// Accepts an event.
    pub(crate) fn offer(&mut self, delivery: Delivery) {
        let due = delivery.scheduled;
        let place = self.unreleased.insert(UnreleasedEvent { delivery, came: self.released });
        self.waiting.push(Reverse((due, self.taken_on, place)));
        self.taken_on += 1;
    }

    /// Releases the events that are due. Reports the phase of each and its lag: how long, in microseconds, it could have been released
    /// before. A delay before the event was accepted, such as a full queue, does not count.
    pub(crate) fn release(&mut self, now: Moment, mut released: impl FnMut(Phase, u64)) {
        while self.next_due().is_some_and(|due| due <= now) {
            let Some(Reverse((due, _, place))) = self.waiting.pop() else { return };
            let UnreleasedEvent { delivery, came } = self.unreleased.remove(place);
            released(delivery.phase, now.micros_since(due.max(came)));
            self.ready.push_back(ReadyEvent { delivery, since: now });
        }
        self.released = now;
    }

    /// Takes the next event whose seeker has no event in flight, if any. From now on it is in flight.
    pub(crate) fn take(&mut self) -> Option<Delivery> {
        loop {
            let ready = self.ready.pop_front()?;
            self.prefetch();
            match self.in_flight.entry(ready.delivery.event.seeker) {
                Entry::Occupied(mut in_flight) => {
                    in_flight.get_mut().behind.push(ready);
                    self.behind += 1;
                }
                Entry::Vacant(free) => {
                    free.insert(InFlightEvent { event: GivenUpEvent::from(&ready.delivery), behind: Vec::new() });
                    return Some(ready.delivery);
                }
            }
        }
    }

    /// Prefetches the next events: under overload, events lie here longer than the cache keeps them.
    fn prefetch(&mut self) {
        const PREFETCH_EVENTS: usize = 16;
        if self.prefetched == 0 {
            seeker_model::simulator::prefetch_events(self.ready.iter().take(PREFETCH_EVENTS).map(|ready| &ready.delivery.event));
            self.prefetched = PREFETCH_EVENTS;
        }
        self.prefetched -= 1;
    }

    /// Ends the flight of an event. The next event of its seeker goes first, because it was ready earlier.
    pub(crate) fn settle(&mut self, delivery: &Delivery) {
        let in_flight = self.in_flight.remove(&delivery.event.seeker);
        for ready in in_flight.into_iter().flat_map(|in_flight| in_flight.behind).rev() {
            self.behind -= 1;
            self.ready.push_front(ready);
        }
    }

    /// Gives up the unsent events.
    pub(crate) fn give_up(&mut self) -> Vec<GivenUpEvent> {
        let behind = self.in_flight.values_mut().flat_map(|in_flight| in_flight.behind.drain(..));
        let ready = self.ready.drain(..).chain(behind).map(|ready| ready.delivery);
        let unreleased = self.unreleased.drain().map(|unreleased| unreleased.delivery);
        let unsent = unreleased.chain(ready).map(|delivery| GivenUpEvent::from(&delivery)).collect();
        self.waiting.clear();
        self.behind = 0;
        unsent
    }

    /// Gives up the events in flight.
    pub(crate) fn give_up_flights(&mut self) -> Vec<GivenUpEvent> {
        self.in_flight.drain().map(|(_, in_flight)| in_flight.event).collect()
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
        /// The next event of a seeker, due after this many microseconds.
        Offer {
            seeker: u64,
            after_micros: u64,
        },
        /// Time passes.
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
        /// For all orders of calls, every event is accounted for, and no event is sent before it is due. The events of a seeker are sent in
        /// order, one at a time.
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
