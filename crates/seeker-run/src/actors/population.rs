//! The actor that keeps the load of one arbiter. On every tick it wakes the seekers that are due, and starts the seekers that the
//! [`Ledger`] finds missing. With a rate, a seeker is missing at each gap of the plan, and begins the event of that moment.
//! With arrivals, a seeker is missing at each planned moment. With a number of seekers, a seeker is missing from the moment another
//! seeker leaves.
//!
//! A seeker begins at the moment at which it was missing, even if it is started later, for example because the outbox was full. Its events
//! keep the moments of its journey and are sent late.
//!
//! With a search service, the first event of a seeker comes later by the time of the search. [`crate::search::look_ahead`] compensates for that.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, ResponseActFuture, WrapFuture};
use actor_slab::ActorSlab;
use load_plan::Moment;
use load_plan::load::Share;
use measure::live_seekers::LiveSeekers;
use measure::run_record::ArbiterAccount;
use seeker_model::{Model, Party, Shard};

use crate::actors::ledger::Ledger;
use crate::actors::outbox::Outbox;
use crate::actors::recorder::Recorder;
use crate::actors::seeker::{Seeker, SeekerContext};
use crate::clock::{LEAD_MICROS, RunClock, every};
use crate::delivery::dispatch::{Dispatch, Sending};
use crate::delivery::transport::Transport;
use crate::live_load::Follower;
use crate::messages::{Drain, Stop, StopRun};
use crate::process::cpu;
use crate::search::look_ahead::LookAhead;
use crate::search::searcher::{Searcher, Searching};

/// How often the population looks for missing seekers.
const TICK: Duration = Duration::from_millis(1);

/// The maximum time per tick for starting seekers, so that a tick after a pause does not itself become a pause. A tick starts at least a
/// hundred seekers.
const STARTING_MICROS_MAX: u64 = 1_000;

/// The number of starts between two readings of the clock.
const STARTS_BETWEEN_LOOKS: u64 = 100;

/// The maximum part of the plan that one tick processes, for the same reason.
const LOOK_MICROS_MAX: u64 = 250_000;

/// The settings of an arbiter's population.
pub(crate) struct PopulationSetup {
    pub(crate) model: Arc<Model>,
    pub(crate) clock: RunClock,
    pub(crate) share: Share,
    /// Receives the changes of the load.
    pub(crate) follower: Follower,
    pub(crate) seed: u64,
    /// The part of the run that this generator has. The same shard of a generated stream has the same seekers.
    pub(crate) shard: Shard,
    /// The maximum number of live seekers of this arbiter.
    pub(crate) seekers_max: u64,
    pub(crate) live: Arc<LiveSeekers>,
    /// Sends the events.
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) sending: Sending,
    /// The settings of the search service, if there is one.
    pub(crate) searching: Option<Searching>,
    /// The maximum number of connections of the outbox.
    pub(crate) connections: NonZeroUsize,
    pub(crate) recorder: Addr<Recorder>,
}

/// Starts seekers.
pub(crate) struct Population {
    context: Rc<SeekerContext>,
    outbox: Addr<Outbox>,
    follower: Follower,
    /// When the load ends.
    end: Moment,
    seed: u64,
    seekers_max: u64,
    shard: Shard,
    /// The index of the next seeker among the seekers of the shard.
    next_seeker: u64,
    /// The number of arbiters: seekers are numbered across all of them.
    of: u64,
    /// The moment up to which missing seekers were looked for.
    horizon: Moment,
    /// The time of the last look.
    looked: Moment,
    /// How far ahead of their scheduled time seekers are started.
    look_ahead: LookAhead,
    /// The CPU time that the arbiter's thread had used before.
    cpu_at_start: Option<Duration>,
    /// Whether a tick has panicked. The run then ends; the account is kept for the report.
    has_failed: bool,
}

impl Population {
    /// Creates the population and its outbox. Must be called on the arbiter that they run on.
    pub(crate) fn new(setup: PopulationSetup) -> Self {
        let observations = Rc::default();
        let searcher = setup.searching.map(|searching| Searcher::new(searching, Rc::clone(&observations)));
        let seekers = Rc::<ActorSlab<Seeker>>::default();
        let dispatch = Rc::new(Dispatch::new(setup.sending, Rc::clone(&observations), Box::new(Rc::clone(&seekers))));
        let outbox = Outbox::new(setup.transport, Rc::clone(&dispatch), setup.connections, setup.recorder).start();
        let (part, of, end) = (setup.share.part, setup.share.of, setup.share.load.end());
        let ledger = Ledger::new(setup.share, setup.live, observations);
        let context = SeekerContext { model: setup.model, clock: setup.clock, ledger, dispatch, seekers, searcher };
        Self {
            context: Rc::new(context),
            outbox,
            follower: setup.follower,
            end,
            seed: setup.seed,
            seekers_max: setup.seekers_max,
            shard: setup.shard,
            next_seeker: part,
            of,
            horizon: Moment::default(),
            looked: Moment::default(),
            look_ahead: LookAhead::default(),
            cpu_at_start: cpu::of_thread(),
            has_failed: false,
        }
    }

    /// Adopts changes of the load, before anything looks as far as `horizon`.
    fn follow_load(&mut self, horizon: Moment) {
        if let Some(load) = self.follower.look_until(horizon) {
            self.context.ledger.change_load(load);
        }
    }

    /// Ticks unless an earlier tick has panicked.
    fn try_to_tick(&mut self) {
        if !self.has_failed {
            self.has_failed = catch_unwind(AssertUnwindSafe(|| self.tick())).is_err();
        }
    }

    /// Ticks until nothing more of the plan can begin. A machine that was busy at the end of the load has missed the last ticks. Events
    /// that were due then are sent late.
    fn catch_up(&mut self) {
        loop {
            let before = (self.horizon, self.next_seeker);
            self.try_to_tick();
            if self.has_failed || (self.horizon, self.next_seeker) == before {
                return;
            }
        }
    }

    fn tick(&mut self) {
        fail_point::hit("population");
        let around = Rc::clone(&self.context);
        if around.ledger.is_closed() {
            return;
        }
        let (from, now) = (self.horizon, around.clock.now());
        self.follow_load(now.plus(LEAD_MICROS));
        let woken_before = around.clock.sim_time_of(now.plus(LEAD_MICROS));
        around.seekers.wake_before(woken_before, Seeker::prefetch);
        around.ledger.hold(self.looked, now);
        self.looked = now;
        let soon = now.plus(LEAD_MICROS).min(self.end);
        let furthest = from.plus(LOOK_MICROS_MAX);
        self.horizon = soon.min(furthest).max(from);
        let (mut expected, mut allowed) = (0, u64::MAX);
        if let Some(searcher) = &around.searcher {
            let wanted = around.ledger.wanted_at(now);
            self.look_ahead.look(now, searcher.usual_micros(), around.ledger.begun_by_live(), wanted.unwrap_or_default());
            allowed = wanted.map_or(u64::MAX, |_| self.look_ahead.allowed());
            if around.ledger.looks_ahead() {
                self.horizon = soon.plus(self.look_ahead.micros()).min(self.end).min(furthest).max(from);
                expected = self.look_ahead.expected(self.horizon.micros_since(soon));
                self.follow_load(self.horizon);
            }
        }
        around.ledger.look(from, self.horizon, expected);
        let starts = self.start_missing(now, allowed);
        self.look_ahead.started(starts);
        around.ledger.end_look(self.horizon);
    }

    /// Starts seekers that are missing up to the horizon, the longest missing first, within all limits. Returns how many.
    fn start_missing(&mut self, now: Moment, allowed: u64) -> u64 {
        let SeekerContext { ledger, dispatch, clock, .. } = &*self.context;
        let mut starts = 0;
        while ledger.has_gap_by(self.horizon) {
            if starts >= allowed {
                ledger.withheld_by_search();
                break;
            }
            // Seekers that find the outbox full would leave immediately, and use processor time that sending needs.
            if dispatch.room() <= ledger.arriving() {
                ledger.withheld_by_outbox();
                break;
            }
            // Parties begun by seekers take memory too, so they count towards the maximum.
            if ledger.live_seekers() + ledger.live_others() >= self.seekers_max {
                ledger.withheld_by_bound();
                break;
            }
            let is_look = starts % STARTS_BETWEEN_LOOKS == 0 && starts > 0;
            if is_look && clock.now().micros_since(now) > STARTING_MICROS_MAX {
                break;
            }
            let Some(start) = ledger.start_seeker() else { break };
            let party = Party::arriving(&self.context.model, self.seed, self.shard.party(self.next_seeker));
            self.next_seeker += self.of;
            starts += 1;
            self.context.seekers.start(Seeker::new(party, Rc::clone(&self.context)), clock.sim_time_of(start));
            if self.context.searcher.is_none() {
                ledger.settle_start();
            }
        }
        starts
    }
}

impl Actor for Population {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.try_to_tick();
        ctx.spawn(every(TICK, |population: &mut Self, _| population.try_to_tick()));
    }
}

impl Handler<StopRun> for Population {
    type Result = ResponseActFuture<Self, ArbiterAccount>;

    fn handle(&mut self, StopRun(grace): StopRun, _: &mut Self::Context) -> Self::Result {
        fail_point::hit("stop");
        if self.context.clock.now() >= self.end && self.context.ledger.has_points() {
            self.catch_up();
        }
        let now = self.context.clock.now();
        self.follow_load(now);
        let around = &self.context;
        around.ledger.hold(self.looked, now);
        around.ledger.close(now);
        if let Some(searcher) = &around.searcher {
            searcher.close();
        }
        let drained = self.outbox.send(Drain(grace));
        Box::pin(drained.into_actor(self).map(|remainder, population, ctx| {
            // The outbox answers unless it has panicked. In that case nothing more is sent, and observations that have not reached the
            // recorder are lost.
            let dispatch = &population.context.dispatch;
            let mut remainder = remainder.unwrap_or_else(|_| {
                dispatch.give_up();
                dispatch.finish()
            });
            // Findings about sent events quote the ids and names in search responses.
            if let (Some(findings), Some(searcher)) = (&mut remainder.findings, &population.context.searcher) {
                findings.show_as(|example| searcher.said(example));
            }
            ctx.stop();
            let cpu = population.cpu_at_start.zip(cpu::of_thread()).map(|(before, after)| after.saturating_sub(before));
            let around = &population.context;
            let searches = around.searcher.as_ref().map(Searcher::figures);
            around.seekers.deliver_to_all(&Stop::RunOver);
            // Breaks a reference cycle: seekers hold the context, which hold the seekers.
            around.seekers.terminate_all();
            ArbiterAccount { ledger: around.ledger.account(), remainder, searches, cpu }
        }))
    }
}
