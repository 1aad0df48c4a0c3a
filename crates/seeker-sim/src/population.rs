//! The actor that keeps the rate of one arbiter: on every tick it starts as many new seekers as events are missing between the plan
//! and what the live seekers have begun. Each brings its first event at once, so the rate holds from the first second, and no
//! seeker is ever hurried or held back.

use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, ResponseActFuture, WrapFuture};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use seeker_model::{Model, Party};

use crate::clock::{Moment, RunClock};
use crate::delivery::dispatch::{Dispatch, Sending};
use crate::ledger::{Ledger, LiveSeekers};
use crate::load::Share;
use crate::messages::{ArbiterAccount, Drain, Remainder, StopRun};
use crate::outbox::Outbox;
use crate::recorder::Recorder;
use crate::seeker::{LEAD_MICROS, Seeker, Surroundings};

/// How often missing events are looked for.
const TICK: Duration = Duration::from_millis(1);

/// The most seekers that one tick starts, so that a tick after a pause does not become a pause itself.
const STARTS_PER_TICK_MAX: u64 = 1_000;

/// What an arbiter's population is made from.
pub(crate) struct PopulationSetup {
    pub(crate) model: Arc<Model>,
    pub(crate) clock: RunClock,
    pub(crate) share: Share,
    pub(crate) seed: u64,
    /// The most seekers that may be live here.
    pub(crate) seekers_max: u64,
    pub(crate) live: Arc<LiveSeekers>,
    pub(crate) sending: Sending,
    /// The most connections of the outbox.
    pub(crate) connections: NonZeroUsize,
    pub(crate) recorder: Addr<Recorder>,
}

/// Starts seekers.
pub(crate) struct Population {
    surroundings: Rc<Surroundings>,
    dispatch: Rc<Dispatch>,
    share: Share,
    seed: u64,
    seekers_max: u64,
    next_seeker: u64,
    /// Up to here events were looked for.
    horizon: Moment,
    /// Where in a tick a seeker starts. Not part of any journey, so it needs no stable values.
    scatter: SmallRng,
}

impl Population {
    /// The population and its outbox; called on the arbiter that they run on.
    pub(crate) fn new(setup: PopulationSetup) -> Self {
        let dispatch = Rc::new(Dispatch::new(setup.sending));
        let outbox = Outbox::new(Rc::clone(&dispatch), setup.connections, setup.recorder).start();
        let surroundings =
            Surroundings { model: setup.model, clock: setup.clock, ledger: Ledger::new(setup.share, setup.live), outbox };
        Self {
            surroundings: Rc::new(surroundings),
            dispatch,
            share: setup.share,
            seed: setup.seed,
            seekers_max: setup.seekers_max,
            next_seeker: setup.share.part,
            horizon: Moment::default(),
            scatter: SmallRng::seed_from_u64(setup.seed ^ setup.share.part),
        }
    }

    fn tick(&mut self) {
        let around = &self.surroundings;
        if around.ledger.is_closed() {
            return;
        }
        let from = self.horizon;
        self.horizon = around.clock.now().plus(LEAD_MICROS).min(self.share.end());
        let may_live = self.seekers_max.saturating_sub(around.ledger.live());
        // Seekers that find the outbox full would leave at once, and cost the time that sending needs.
        let starts = around.ledger.missing_by(self.horizon).min(may_live).min(self.dispatch.room()).min(STARTS_PER_TICK_MAX);
        for _ in 0..starts {
            let start = from.plus(self.scatter.random_range(0..=self.horizon.micros_since(from)));
            let party = Party::arriving(&around.model, self.seed, self.next_seeker);
            self.next_seeker += self.share.of;
            around.ledger.seeker_started();
            Seeker::new(party, around.clock.sim_time_of(start), Rc::clone(around)).start();
        }
    }
}

impl Actor for Population {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.tick();
        ctx.run_interval(TICK, |population, _| population.tick());
    }
}

impl Handler<StopRun> for Population {
    type Result = ResponseActFuture<Self, ArbiterAccount>;

    fn handle(&mut self, StopRun(grace): StopRun, _: &mut Self::Context) -> Self::Result {
        let around = &self.surroundings;
        around.ledger.close(around.clock.now());
        let drained = around.outbox.send(Drain(grace));
        Box::pin(drained.into_actor(self).map(|remainder, population, ctx| {
            // The outbox answers unless it is gone, and then it holds nothing.
            let remainder: Remainder = remainder.unwrap_or_default();
            ctx.stop();
            ArbiterAccount { ledger: population.surroundings.ledger.account(), remainder }
        }))
    }
}
