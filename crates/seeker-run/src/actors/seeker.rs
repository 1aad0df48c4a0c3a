//! The actor of one party, usually a job seeker: a loop around its state machine. It makes no decisions. It waits until the party's next
//! time, has the catalogue or a search service respond to searches, and hands events to the outbox a few milliseconds before they are due.
//! It starts an actor for each party that its party begins: the seeker's alerts, the employer that decides on an application.
//!
//! The messages are in [`crate::messages`]; seekers have the context of an [`ActorSlab`]. The ledger records the end of a seeker once it has
//! stopped, for any cause:
//!
//! | cause | how the seeker is stopped |
//! |---|---|
//! | the journey is over, or the outbox is full | by its state machine |
//! | the load requires fewer seekers or events | [`Stop::LoadDecreased`] in place of its next event |
//! | the run is over | [`Stop::RunOver`] at the end, or earlier with the next message: when its event is settled, at the latest |
//! | a panic, here or in the model | by the slab; the other seekers continue |
//!
//! The party continues when the response of the search service arrives. The response goes with each event that follows from it, and with
//! each party that such an event begins. The seeker keeps the response until the next one.

#[cfg(test)]
mod tests;

use std::rc::Rc;
use std::sync::Arc;

use actix::{Actor, ActorContext, Handler};
use actor_slab::{ActorKey, ActorSlab, SlabContext, Wake};
use client_event::EventType;
use load_plan::load::Phase;
use load_plan::{EventOutcome, Moment};
use seeker_model::{Input, Model, Next, Party, Query, RequestKey, ResultsPage, SimTime};

use crate::actors::ledger::{Admission, Ledger};
use crate::clock::RunClock;
use crate::delivery::dispatch::{Dispatch, OutcomeListener};
use crate::delivery::queue::Delivery;
use crate::messages::{SearchAnswered, Settled, Stop};
use crate::search::answer::Answer;
use crate::search::searcher::Searcher;

/// The shared state of the seekers of an arbiter.
pub(crate) struct SeekerContext {
    pub(crate) model: Arc<Model>,
    pub(crate) clock: RunClock,
    pub(crate) ledger: Ledger,
    pub(crate) dispatch: Rc<Dispatch>,
    pub(crate) seekers: Rc<ActorSlab<Seeker>>,
    /// The search service; `None` for the model's catalogue.
    pub(crate) searcher: Option<Searcher>,
}

impl OutcomeListener for Rc<ActorSlab<Seeker>> {
    fn settled(&self, sender: ActorKey, outcome: EventOutcome) {
        self.deliver(sender, Settled { outcome });
    }
}

/// The reason an actor was started.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The population started it.
    Population,
    /// Another party began it.
    Party,
}

/// The reason an actor ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The actor has not stopped itself or been stopped by a message.
    None,
    Finished,
    LoadDecreased,
    RunOver,
}

/// One live party.
pub(crate) struct Seeker {
    party: Party,
    context: Rc<SeekerContext>,
    /// The last response of the search service.
    answer: Option<Arc<Answer>>,
    origin: Origin,
    /// Whether the ledger still waits for the first event.
    is_arriving: bool,
    ending: Ending,
    /// The number of events that were handed over and are not settled.
    unsettled: u16,
}

impl Seeker {
    /// Creates a seeker that the population starts.
    pub(crate) fn new(party: Party, context: Rc<SeekerContext>) -> Self {
        Self { party, context, answer: None, origin: Origin::Population, is_arriving: true, ending: Ending::None, unsettled: 0 }
    }

    /// Prefetches the state that these seekers need when they wake.
    pub(crate) fn prefetch(seekers: &[Option<&Self>]) {
        seeker_model::simulator::prefetch_parties(seekers.iter().flatten().map(|seeker| &seeker.party));
    }

    /// Advances the party until it has to wait.
    fn advance(&mut self, input: Input, now: SimTime, ctx: &mut SlabContext<Self>) {
        let (mut input, mut now) = (input, now);
        let around = Rc::clone(&self.context);
        loop {
            if around.ledger.is_closed() {
                return self.handle(Stop::RunOver, ctx);
            }
            let step = self.party.handle(input, now, &around.model);
            if let Some(event) = step.event {
                let scheduled = around.clock.moment_of(now);
                let phase = match around.ledger.begin_event(scheduled, self.origin == Origin::Population) {
                    Admission::Begun(phase) => phase,
                    Admission::TooMany => return self.handle(Stop::LoadDecreased, ctx),
                    Admission::Over => return self.handle(Stop::RunOver, ctx),
                };
                let begun = BegunEvent { around: &around, event_type: event.event_type, scheduled, phase };
                let delivery = Delivery::new(event, scheduled, phase).after(self.answer.clone()).with_sender(ctx.key());
                if !around.dispatch.offer(delivery) {
                    drop(begun);
                    input = Input::DeliveryRefused;
                    continue;
                }
                begun.hand_over();
                self.unsettled = self.unsettled.saturating_add(1);
            }
            if let Some(party) = step.new_party {
                self.begin(party, now);
            }
            match step.next {
                Next::Search(query) => match &around.searcher {
                    None => input = Input::SearchAnswered(around.model.catalogue().search(&query)),
                    Some(_) => return self.search(query, now, ctx),
                },
                Next::SleepUntil(time) => {
                    if !around.seekers.is_over(time) {
                        return ctx.wake_at(time);
                    }
                    (input, now) = (Input::Woke, time);
                }
                Next::Leave => return self.end(Ending::Finished, ctx),
            }
        }
    }

    /// Starts an actor for a party that this party begins.
    fn begin(&self, party: Party, now: SimTime) {
        let context = Rc::clone(&self.context);
        context.ledger.party_begun();
        let answer = self.answer.clone();
        let begun = Self { answer, origin: Origin::Party, is_arriving: false, ..Self::new(party, context) };
        self.context.seekers.start(begun, now);
    }

    /// Sends a search to the service.
    fn search(&self, query: Query, now: SimTime, ctx: &mut SlabContext<Self>) {
        let around = Rc::clone(&self.context);
        let who = self.party.search_context(now, &around.model);
        ctx.notify_when(async move {
            let answer = match &around.searcher {
                Some(searcher) => searcher.search(query, who).await,
                None => None,
            };
            SearchAnswered { searched: now, answer }
        });
    }

    /// Records in the ledger that the seeker acts after its first search, if it has not acted yet.
    fn arrive(&mut self, found: bool) {
        if self.is_arriving {
            self.is_arriving = false;
            self.context.ledger.seeker_answered(found);
        }
    }

    fn end(&mut self, ending: Ending, ctx: &mut SlabContext<Self>) {
        self.ending = ending;
        ctx.stop();
    }
}

impl Actor for Seeker {
    type Context = SlabContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // Each party begins with a search. If the search takes time, the first event comes after the response.
        if self.is_arriving && self.context.searcher.is_none() {
            self.is_arriving = false;
            self.context.ledger.seeker_arrived();
        }
        self.advance(Input::Started, ctx.start_time(), ctx);
    }

    fn stopped(&mut self, ctx: &mut Self::Context) {
        self.arrive(false);
        let ledger = &self.context.ledger;
        let is_counted = self.origin == Origin::Population;
        match (ctx.panic_message(), self.ending) {
            (Some(message), _) => ledger.seeker_panicked(message, is_counted),
            // Seekers that are live at the end of the run have neither finished nor left early.
            (None, Ending::RunOver | Ending::None) => {}
            (None, Ending::Finished) if is_counted => ledger.seeker_finished(),
            (None, Ending::LoadDecreased) if is_counted => ledger.seeker_left_early(),
            (None, Ending::Finished | Ending::LoadDecreased) => ledger.party_finished(),
        }
    }
}

impl Handler<Wake> for Seeker {
    type Result = ();

    fn handle(&mut self, Wake { scheduled }: Wake, ctx: &mut Self::Context) {
        fail_point::hit("seeker");
        self.advance(Input::Woke, scheduled, ctx);
    }
}

impl Handler<SearchAnswered> for Seeker {
    type Result = ();

    /// The search was sent slightly ahead of its time, so the response may arrive before that time.
    fn handle(&mut self, SearchAnswered { searched, answer }: SearchAnswered, ctx: &mut Self::Context) {
        let clock = &self.context.clock;
        let now = searched.max(clock.sim_time_of(clock.now()));
        self.arrive(answer.is_some());
        let nothing = || ResultsPage { request: RequestKey::from_bits(0), postings: Arc::new([]) };
        let page = answer.as_ref().map_or_else(nothing, |answer| answer.page());
        self.answer = answer;
        self.advance(Input::SearchAnswered(page), now, ctx);
    }
}

impl Handler<Settled> for Seeker {
    type Result = ();

    /// A party does not react to the outcome of its events. After the end of the load, a seeker waits only for its events.
    fn handle(&mut self, _: Settled, ctx: &mut Self::Context) {
        self.unsettled = self.unsettled.saturating_sub(1);
        if self.unsettled == 0 && self.context.ledger.is_closed() {
            self.handle(Stop::RunOver, ctx);
        }
    }
}

impl Handler<Stop> for Seeker {
    type Result = ();

    fn handle(&mut self, stop: Stop, ctx: &mut Self::Context) {
        let ending = match stop {
            Stop::LoadDecreased => Ending::LoadDecreased,
            Stop::RunOver => Ending::RunOver,
        };
        self.end(ending, ctx);
    }
}

/// An event that is in the account but not yet in the outbox. If it never gets there, because of a full outbox or a panic, it counts as
/// turned away.
struct BegunEvent<'a> {
    around: &'a SeekerContext,
    event_type: EventType,
    scheduled: Moment,
    phase: Phase,
}

impl BegunEvent<'_> {
    fn hand_over(self) {
        std::mem::forget(self);
    }
}

impl Drop for BegunEvent<'_> {
    fn drop(&mut self) {
        let SeekerContext { ledger, clock, .. } = self.around;
        ledger.turn_away(self.event_type, self.scheduled, self.phase, clock.now());
    }
}
