//! The actor of one live job seeker: a loop around its journey. It decides nothing; it waits until the journey's next time, has
//! searches answered by the catalogue, and hands events to the outbox a few milliseconds before they are due.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, Addr, AsyncContext, Context};
use seeker_model::{Input, Journey, Model, Next, SimTime};

use crate::clock::RunClock;
use crate::delivery::queue::Delivery;
use crate::ledger::Ledger;
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

/// One live job seeker.
pub(crate) struct Seeker {
    journey: Journey,
    start: SimTime,
    surroundings: Rc<Surroundings>,
}

impl Seeker {
    pub(crate) fn new(journey: Journey, start: SimTime, surroundings: Rc<Surroundings>) -> Self {
        Self { journey, start, surroundings }
    }

    /// Goes on with the journey until it has to wait.
    fn advance(&mut self, input: Input, now: SimTime, ctx: &mut Context<Self>) {
        let (mut input, mut now) = (input, now);
        let around = &*self.surroundings;
        loop {
            if around.ledger.is_closed() {
                return ctx.stop();
            }
            let step = self.journey.handle(input, now, &around.model);
            if let Some(event) = step.event {
                if !around.ledger.begin_event() {
                    return ctx.stop();
                }
                let event_type = event.event_type;
                let delivery = Delivery::new(event, around.clock.moment_of(now));
                if around.outbox.try_send(Deliver(delivery)).is_err() {
                    around.ledger.turn_away(event_type);
                    input = Input::DeliveryRefused;
                    continue;
                }
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
                Next::Leave => {
                    around.ledger.seeker_finished();
                    return ctx.stop();
                }
            }
        }
    }
}

impl Actor for Seeker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.surroundings.ledger.seeker_arrived();
        self.advance(Input::Started, self.start, ctx);
    }
}
