//! The actor of one party, mostly a job seeker: a loop around its state machine. It decides nothing; it waits until the party's next
//! time, has searches answered by the catalogue, hands events to the outbox a few milliseconds before they are due, and starts an
//! actor for whoever its party begins: the seeker's alerts, the employer that decides on an application. When the load wants less
//! than is going on, it leaves in the place of its next event.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, Addr, AsyncContext, Context};
use seeker_model::{Input, Model, Next, Party, SimTime};

use crate::clock::RunClock;
use crate::delivery::queue::Delivery;
use crate::ledger::{Admission, Ledger};
use crate::messages::Deliver;
use crate::outbox::Outbox;

/// How far seekers run ahead of the clock, in microseconds. An actor's timer is late by one to two milliseconds by nature, and by more on a busy
/// machine; the outbox has to know an event before it is due.
pub(crate) const LEAD_MICROS: u64 = 8_000;

/// What the seekers of an arbiter share.
pub(crate) struct Surroundings {
    pub(crate) model: Arc<Model>,
    pub(crate) clock: RunClock,
    pub(crate) ledger: Ledger,
    pub(crate) outbox: Addr<Outbox>,
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
}

impl Seeker {
    /// Who comes of their own accord.
    pub(crate) fn new(party: Party, start: SimTime, surroundings: Rc<Surroundings>) -> Self {
        Self { party, start, origin: Origin::Population, surroundings }
    }

    /// Goes on until the party has to wait.
    fn advance(&mut self, input: Input, now: SimTime, ctx: &mut Context<Self>) {
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
                let delivery = Delivery::new(event, intended, phase);
                if around.outbox.try_send(Deliver(delivery)).is_err() {
                    around.ledger.turn_away(event_type, phase);
                    input = Input::DeliveryRefused;
                    continue;
                }
                around.ledger.hand();
            }
            if let Some(party) = step.begins {
                around.ledger.party_begun();
                Self { party, start: now, origin: Origin::Party, surroundings: Rc::clone(&around) }.start();
            }
            match step.next {
                Next::Search(query) => input = Input::SearchAnswered(around.model.catalogue().search(&query)),
                Next::SleepUntil(time) => {
                    let wait_micros = around.clock.moment_of(time).micros_since(around.clock.now().plus(LEAD_MICROS));
                    if wait_micros > 0 {
                        let wait = Duration::from_micros(wait_micros);
                        ctx.run_later(wait, move |seeker, ctx| seeker.advance(Input::Woke, time, ctx));
                        return;
                    }
                    (input, now) = (Input::Woke, time);
                }
                Next::Leave => return self.leave(Ledger::seeker_finished, ctx),
            }
        }
    }

    /// Ends, and has the ledger note why, if this is one of the seekers that it counts.
    fn leave(&self, note: fn(&Ledger), ctx: &mut Context<Self>) {
        match self.origin {
            Origin::Population => note(&self.surroundings.ledger),
            Origin::Party => self.surroundings.ledger.party_finished(),
        }
        ctx.stop();
    }
}

impl Actor for Seeker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if self.origin == Origin::Population {
            self.surroundings.ledger.seeker_arrived();
        }
        self.advance(Input::Started, self.start, ctx);
    }
}
