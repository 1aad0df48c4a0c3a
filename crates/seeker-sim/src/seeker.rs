//! The actor of one party, mostly a job seeker: a loop around its state machine. It decides nothing; it waits until the party's next
//! time, has searches answered by the catalogue or by a search service, hands events to the outbox a few milliseconds before they are due,
//! and starts an actor for whoever its party begins: the seeker's alerts, the employer that decides on an application. When the load wants
//! less than is going on, it leaves in the place of its next event.
//!
//! What a search service answers is there when it is there: the party goes on at that time. The answer goes with each event that follows
//! from it, and with whoever is begun by one; it is given up with the next answer, or with the actor.

mod context;

use std::rc::Rc;
use std::sync::Arc;

use actix::{Actor, ActorContext};
use seeker_model::{Input, Model, Next, Party, Query, RequestKey, ResultsPage, SimTime};

use crate::clock::RunClock;
use crate::delivery::dispatch::Dispatch;
use crate::delivery::queue::Delivery;
use crate::ledger::{Admission, Ledger};
use crate::search::answer::Answer;
use crate::search::searcher::Searcher;
use crate::sleepers::Sleepers;
use context::SeekerContext;

/// How far seekers run ahead of the clock, in microseconds. They are woken once a millisecond, and later on a busy machine; the outbox has to
/// know an event before it is due.
pub(crate) const LEAD_MICROS: u64 = 8_000;

/// What the seekers of an arbiter share.
pub(crate) struct Surroundings {
    pub(crate) model: Arc<Model>,
    pub(crate) clock: RunClock,
    pub(crate) ledger: Ledger,
    pub(crate) dispatch: Rc<Dispatch>,
    pub(crate) sleepers: Sleepers<Seeker>,
    /// What answers searches, if not the model's catalogue.
    pub(crate) searcher: Option<Searcher>,
}

/// Why an actor is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The population started it.
    Population,
    /// Another party began it.
    Party,
}

/// One live party.
pub(crate) struct Seeker {
    party: Party,
    start: SimTime,
    origin: Origin,
    surroundings: Rc<Surroundings>,
    /// What the search service answered last.
    answer: Option<Arc<Answer>>,
    /// Whether the ledger still waits for the first event.
    is_arriving: bool,
}

impl Seeker {
    /// Who comes of their own accord.
    pub(crate) fn new(party: Party, start: SimTime, surroundings: Rc<Surroundings>) -> Self {
        Self { party, start, origin: Origin::Population, surroundings, answer: None, is_arriving: true }
    }

    /// Has the cache fetch what these seekers need when they are woken.
    pub(crate) fn prefetch(sleepers: &[(SimTime, Self)]) {
        Party::prefetch(sleepers.iter().map(|(_, seeker)| &seeker.party));
    }

    /// Goes on until the party has to wait.
    fn advance(&mut self, input: Input, now: SimTime, ctx: &mut SeekerContext) {
        let (mut input, mut now) = (input, now);
        let around = Rc::clone(&self.surroundings);
        loop {
            if around.ledger.is_closed() {
                return ctx.stop();
            }
            let step = self.party.handle(input, now, &around.model);
            if let Some(event) = step.event {
                let intended = around.clock.moment_of(now);
                let phase = match around.ledger.begin_event(intended, self.origin == Origin::Population) {
                    Admission::Begun(phase) => phase,
                    Admission::TooMany => return self.leave(Ledger::seeker_left_early, ctx),
                    Admission::Over => return ctx.stop(),
                };
                let event_type = event.event_type;
                let delivery = Delivery::new(event, intended, phase).after(self.answer.clone());
                if !around.dispatch.offer(delivery) {
                    around.ledger.turn_away(event_type, intended, phase, around.clock.now());
                    input = Input::DeliveryRefused;
                    continue;
                }
            }
            if let Some(party) = step.begins {
                around.ledger.party_begun();
                self.begin(party, now);
            }
            match step.next {
                Next::Search(query) => match &around.searcher {
                    None => input = Input::SearchAnswered(around.model.catalogue().search(&query)),
                    Some(_) => return self.search(query, now, ctx),
                },
                Next::SleepUntil(time) => {
                    if !around.sleepers.is_over(time) {
                        return ctx.sleep_until(time);
                    }
                    (input, now) = (Input::Woke, time);
                }
                Next::Leave => return self.leave(Ledger::seeker_finished, ctx),
            }
        }
    }

    /// Starts an actor for a party that begins because of this one.
    fn begin(&self, party: Party, now: SimTime) {
        let (surroundings, answer) = (Rc::clone(&self.surroundings), self.answer.clone());
        Self { party, start: now, origin: Origin::Party, surroundings, answer, is_arriving: false }.start();
    }

    /// Has a search answered by the service.
    fn search(&self, query: Query, now: SimTime, ctx: &mut SeekerContext) {
        let around = Rc::clone(&self.surroundings);
        let who = self.party.who(now, &around.model);
        let answer = async move {
            match &around.searcher {
                Some(searcher) => searcher.search(query, who).await,
                None => None,
            }
        };
        ctx.wait_for_answer(answer, now);
    }

    /// Goes on with what a search found. It was made a little ahead of its time, so the answer may come before that.
    fn see(&mut self, answer: Option<Arc<Answer>>, searched: SimTime, ctx: &mut SeekerContext) {
        let Surroundings { clock, ledger, .. } = &*self.surroundings;
        let now = searched.max(clock.sim_time_of(clock.now()));
        if self.is_arriving {
            self.is_arriving = false;
            ledger.seeker_answered(answer.is_some());
        }
        let nothing = || ResultsPage { request: RequestKey::from_bits(0), postings: Arc::new([]) };
        let page = answer.as_ref().map_or_else(nothing, |answer| answer.page());
        self.answer = answer;
        self.advance(Input::SearchAnswered(page), now, ctx);
    }

    /// Ends, and has the ledger note why, if this is one of the seekers that it counts.
    fn leave(&self, note: fn(&Ledger), ctx: &mut SeekerContext) {
        match self.origin {
            Origin::Population => note(&self.surroundings.ledger),
            Origin::Party => self.surroundings.ledger.party_finished(),
        }
        ctx.stop();
    }
}

impl Actor for Seeker {
    type Context = SeekerContext;

    fn started(&mut self, ctx: &mut Self::Context) {
        // Everyone begins with a search; if that takes its time, the first event comes when it is answered.
        if self.is_arriving && self.surroundings.searcher.is_none() {
            self.is_arriving = false;
            self.surroundings.ledger.seeker_arrived();
        }
        self.advance(Input::Started, self.start, ctx);
    }
}
