//! The actor that keeps the load of one arbiter: on every tick it wakes the seekers whose time it is, and starts as many new ones as are missing. With a rate those are the
//! events missing between the plan and what the live seekers have begun: each brings its first event at once, so the rate holds from
//! the first second, and no seeker is ever hurried or held back. With arrivals they are those who are due, with a number of
//! seekers those who have left.
//!
//! Where a search service answers searches, a seeker's first event comes as much later as that takes; how that is reckoned with is in
//! [`crate::search::ahead`].

use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, ResponseActFuture, WrapFuture};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use seeker_model::{Model, Party};

use crate::clock::{Moment, RunClock, every};
use crate::cpu;
use crate::delivery::dispatch::{Dispatch, Sending};
use crate::ledger::{Ledger, LiveSeekers};
use crate::load::Share;
use crate::messages::{ArbiterAccount, Drain, Remainder, StopRun};
use crate::outbox::Outbox;
use crate::recorder::Recorder;
use crate::search::ahead::Ahead;
use crate::search::searcher::{Searcher, Searching};
use crate::seeker::{LEAD_MICROS, Seeker, Surroundings};
use crate::sleepers::Sleepers;

/// How often missing seekers are looked for.
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
    /// What it takes to have searches answered by a service, if one does.
    pub(crate) searching: Option<Searching>,
    /// The most connections of the outbox.
    pub(crate) connections: NonZeroUsize,
    pub(crate) recorder: Addr<Recorder>,
}

/// Starts seekers.
pub(crate) struct Population {
    surroundings: Rc<Surroundings>,
    outbox: Addr<Outbox>,
    /// When the load ends.
    end: Moment,
    seed: u64,
    seekers_max: u64,
    next_seeker: u64,
    /// How many arbiters there are: seekers are numbered through.
    of: u64,
    /// Up to here missing seekers were looked for.
    horizon: Moment,
    /// When that was.
    looked: Moment,
    /// How far missing seekers are looked for ahead of their time.
    ahead: Ahead,
    /// What the arbiter's thread had used of the processor before.
    cpu_at_start: Option<Duration>,
    /// Where in a tick a seeker starts. Not part of any journey, so it needs no stable values.
    scatter: SmallRng,
}

impl Population {
    /// The population and its outbox; called on the arbiter that they run on.
    pub(crate) fn new(setup: PopulationSetup) -> Self {
        let notes = Rc::default();
        let searcher = setup.searching.map(|searching| Searcher::new(searching, Rc::clone(&notes)));
        let dispatch = Rc::new(Dispatch::new(setup.sending, Rc::clone(&notes)));
        let outbox = Outbox::new(Rc::clone(&dispatch), setup.connections, setup.recorder).start();
        let (part, of, end) = (setup.share.part, setup.share.of, setup.share.load.end());
        let ledger = Ledger::new(setup.share, setup.live, notes);
        let surroundings =
            Surroundings { model: setup.model, clock: setup.clock, ledger, dispatch, sleepers: Sleepers::default(), searcher };
        Self {
            surroundings: Rc::new(surroundings),
            outbox,
            end,
            seed: setup.seed,
            seekers_max: setup.seekers_max,
            next_seeker: part,
            of,
            horizon: Moment::default(),
            looked: Moment::default(),
            ahead: Ahead::default(),
            cpu_at_start: cpu::of_thread(),
            scatter: SmallRng::seed_from_u64(setup.seed ^ part),
        }
    }

    fn tick(&mut self) {
        let around = &self.surroundings;
        if around.ledger.is_closed() {
            return;
        }
        let (from, now) = (self.horizon, around.clock.now());
        let woken_before = around.clock.sim_time_of(now.plus(LEAD_MICROS));
        around.sleepers.wake_before(woken_before, Seeker::prefetch, Seeker::wake);
        around.ledger.hold(self.looked, now);
        self.looked = now;
        let soon = now.plus(LEAD_MICROS).min(self.end);
        self.horizon = soon.max(from);
        let (mut expected, mut allowed) = (0, u64::MAX);
        if let Some(searcher) = &around.searcher {
            let wanted = around.ledger.wanted_at(now);
            self.ahead.look(now, searcher.usual_micros(), around.ledger.begun_by_live(), wanted.unwrap_or_default());
            allowed = wanted.map_or(u64::MAX, |_| self.ahead.allowed());
            if around.ledger.looks_ahead() {
                self.horizon = soon.plus(self.ahead.micros()).min(self.end).max(from);
                expected = self.ahead.expected(self.horizon.micros_since(soon));
            }
        }
        // What seekers begin takes memory too, so it counts against the bound.
        let may_live = self.seekers_max.saturating_sub(around.ledger.live_seekers() + around.ledger.live_others());
        // Seekers that find the outbox full would leave at once, and cost the time that sending needs.
        let missing = around.ledger.missing_by(self.horizon, expected);
        let room = around.dispatch.room().saturating_sub(around.ledger.arriving());
        let starts = missing.min(may_live).min(room).min(allowed).min(STARTS_PER_TICK_MAX);
        self.ahead.started(starts);
        if starts < missing && starts == allowed {
            around.ledger.withheld_by_search();
        } else if starts < missing && starts == room {
            around.ledger.withheld_by_outbox();
        } else if starts < missing && starts == may_live {
            around.ledger.withheld_by_bound();
        }
        for _ in 0..starts {
            let start = from.plus(self.scatter.random_range(0..=self.horizon.micros_since(from)));
            let party = Party::arriving(&around.model, self.seed, self.next_seeker);
            self.next_seeker += self.of;
            around.ledger.seeker_started(start);
            Seeker::new(party, around.clock.sim_time_of(start), Rc::clone(around)).start();
        }
    }
}

impl Actor for Population {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.tick();
        ctx.spawn(every(TICK, |population: &mut Self, _| population.tick()));
    }
}

impl Handler<StopRun> for Population {
    type Result = ResponseActFuture<Self, ArbiterAccount>;

    fn handle(&mut self, StopRun(grace): StopRun, _: &mut Self::Context) -> Self::Result {
        let around = &self.surroundings;
        let now = around.clock.now();
        around.ledger.hold(self.looked, now);
        around.ledger.close(now);
        if let Some(searcher) = &around.searcher {
            searcher.close();
        }
        let drained = self.outbox.send(Drain(grace));
        Box::pin(drained.into_actor(self).map(|remainder, population, ctx| {
            // The outbox answers unless it is gone, and then it holds nothing.
            let remainder: Remainder = remainder.unwrap_or_default();
            ctx.stop();
            let cpu = population.cpu_at_start.zip(cpu::of_thread()).map(|(before, after)| after.saturating_sub(before));
            let around = &population.surroundings;
            let searches = around.searcher.as_ref().map(Searcher::figures);
            // Who sleeps has the surroundings, and these have who sleeps.
            around.sleepers.clear();
            ArbiterAccount { ledger: around.ledger.account(), remainder, searches, cpu }
        }))
    }
}
