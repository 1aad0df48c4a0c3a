//! The account of one arbiter: how many events and seekers were begun, and what became of those events that never reached the
//! outbox. One number has one writer, named beside it; all others only read. With the outbox's tally it adds up to the
//! plan: that is the account law.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use client_event::EventType;
use load_plan::load::lack::Lacks;
use load_plan::load::{LackedRun, LoadKind, Phase, Share};
use load_plan::{EventOutcome, Moment};

use measure::ledger_account::{LedgerAccount, WarmUpAccount, Withheld};
use measure::live_seekers::LiveSeekers;
use measure::observations::{Observations, Settled};

/// A rate is exceeded for a moment whenever several seekers go on at once, and then fewer begin. Only when a seeker's next event lies
/// further ahead of the plan than that, because the rate falls or is lower than a single seeker's pace, the seeker leaves. It is more than
/// seekers are started ahead of the clock.
const AHEAD_MICROS: u64 = 10_000;

/// The same in events, where they come to more: what is due in a second, at most so many.
const AHEAD_EVENTS_MAX: u64 = 16;

/// The numbers of one arbiter. Shared by its actors, which all run on one thread.
#[derive(Debug)]
pub(crate) struct Ledger {
    share: Share,
    /// What the share comes to in all, kept because it is asked for with each event.
    total: u64,
    /// Events that seekers began; with a rate at most the share's total. Written by the seekers.
    begun: Cell<u64>,
    /// Those of them that belong to the warm-up; written by the seekers.
    begun_in_warm_up: Cell<u64>,
    /// Events that the outbox would not take; written by the seekers.
    turned_away: Cell<u64>,
    /// Seekers that were started and have not acted yet, but perhaps searched; written by the population and the seekers.
    arriving: Cell<u64>,
    /// Seekers that act now for the first time, and have not begun an event; written by the seekers.
    acting: Cell<u64>,
    /// The moments at which seekers are missing; written by the population and, for the events that they begin, by the seekers.
    lacks: RefCell<Lacks>,
    /// Fewer events than that are not too many: it is checked again from there on; written by the seekers.
    bound: Cell<u64>,
    /// Seekers who began an event when they had waited for their first search; written by the seekers.
    found: Cell<u64>,
    /// Seekers started; written by the population.
    started: Cell<u64>,
    /// Those of them that begin after the warm-up; written by the population.
    started_measured: Cell<u64>,
    /// Seekers whose journey ended; written by the seekers.
    finished: Cell<u64>,
    /// Seekers who were too many for the load and left; written by the seekers.
    left_early: Cell<u64>,
    /// Seekers whose actor has panicked; written by the seekers.
    panicked: Cell<u64>,
    /// Parties that others began and whose actor has panicked; written by the seekers.
    others_panicked: Cell<u64>,
    /// The message of the first of these panics; written by the seekers.
    panic_message: RefCell<Option<String>>,
    /// Parties that others began and that are live; written by the seekers.
    others: Cell<u64>,
    /// How many of the wanted seekers were there, times for how long, in microseconds, warm-up excluded; written by the population.
    held_micros: Cell<u64>,
    /// When missing seekers could not begin, and why; written by the population.
    withheld: Cell<Withheld>,
    /// When the plan was closed; written by the population.
    closed: Cell<Option<Moment>>,
    /// How many seekers are live on all arbiters.
    live: Arc<LiveSeekers>,
    /// Where events that are begun are noted, for the windows.
    observations: Rc<RefCell<Observations>>,
}

/// Whether an event may be begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is part of the account, and this is what it is for.
    Begun(Phase),
    /// More is going on than the load wants: its seeker leaves.
    TooMany,
    /// The plan is fulfilled or closed.
    Over,
}

impl Ledger {
    pub(crate) fn new(share: Share, live: Arc<LiveSeekers>, observations: Rc<RefCell<Observations>>) -> Self {
        Self {
            total: share.total(),
            lacks: RefCell::new(Lacks::new(share.clone())),
            share,
            begun: Cell::default(),
            begun_in_warm_up: Cell::default(),
            turned_away: Cell::default(),
            arriving: Cell::default(),
            acting: Cell::default(),
            bound: Cell::default(),
            found: Cell::default(),
            started: Cell::default(),
            started_measured: Cell::default(),
            finished: Cell::default(),
            left_early: Cell::default(),
            panicked: Cell::default(),
            others_panicked: Cell::default(),
            panic_message: RefCell::default(),
            others: Cell::default(),
            held_micros: Cell::default(),
            withheld: Cell::default(),
            closed: Cell::default(),
            live,
            observations,
        }
    }

    /// Begins to look for missing seekers, up to a moment: those of a number of seekers are due since the last look. With a rate, so many events
    /// are expected of live seekers in the time that is looked ahead.
    pub(crate) fn look(&self, since: Moment, horizon: Moment, expected: u64) {
        let mut lacks = self.lacks.borrow_mut();
        match self.share.load.kind() {
            LoadKind::Rate => lacks.expect(expected),
            LoadKind::Arrivals => {}
            LoadKind::Seekers => {
                let (wanted, coming) = (self.share.wanted_at(horizon), self.live_seekers() + lacks.waiting());
                lacks.add_run(LackedRun { from: since, to: horizon, count: wanted.saturating_sub(coming) });
                lacks.cancel_newest(coming.saturating_sub(wanted));
            }
        }
    }

    /// Whether a seeker is missing up to that moment. With a rate nobody is once all planned events are begun, even if some of them were
    /// begun for a moment later than the last point of the plan: an event too many would not be admitted.
    pub(crate) fn is_lacking_by(&self, horizon: Moment) -> bool {
        if self.looks_ahead() && self.begun.get() + self.arriving() >= self.total {
            return false;
        }
        let mut lacks = self.lacks.borrow_mut();
        if self.has_points() { lacks.is_lacking_by(horizon) } else { lacks.waiting() > 0 }
    }

    /// Enters a seeker that is started now. It begins at the moment at which one was missing first, however long ago that is.
    pub(crate) fn start_seeker(&self) -> Option<Moment> {
        let start = self.lacks.borrow_mut().take_oldest()?;
        self.seeker_started(start);
        Some(start)
    }

    /// A seeker is started whose start was due at that moment.
    pub(crate) fn seeker_started(&self, start: Moment) {
        if self.looks_ahead() {
            self.lacks.borrow_mut().started(start);
        }
        add_one(&self.started);
        add_one(&self.arriving);
        if self.share.phase_of(start) == Phase::Measured {
            add_one(&self.started_measured);
        }
        self.live.enter();
    }

    /// A seeker that was started, and has acted at once, has begun no event: with a rate, another one is missing in its place.
    pub(crate) fn settle_start(&self) {
        for _ in 0..self.acting.take() {
            self.lacks.borrow_mut().first_failed();
        }
    }

    /// Observations which seekers are missing up to that moment and were not started.
    pub(crate) fn end_look(&self, horizon: Moment) {
        if self.has_points() {
            self.lacks.borrow_mut().merge_by(horizon);
        }
    }

    /// Whether the plan says when single events or seekers are due.
    pub(crate) fn has_points(&self) -> bool {
        self.share.load.kind() != LoadKind::Seekers
    }

    /// Records that a seeker acts for the first time: it begins the event that it was started for.
    pub(crate) fn seeker_arrived(&self) {
        self.arriving.set(self.arriving.get().saturating_sub(1));
        if self.looks_ahead() {
            add_one(&self.acting);
        }
    }

    /// Records that a seeker who has waited for the first search acts now; `found` if there is anything to begin an event about.
    pub(crate) fn seeker_answered(&self, found: bool) {
        self.seeker_arrived();
        if found {
            add_one(&self.found);
        } else if let Some(left) = self.acting.get().checked_sub(1) {
            self.acting.set(left);
            self.lacks.borrow_mut().first_failed();
        }
    }

    /// Events of seekers who were there already, where seekers wait for their first search.
    pub(crate) fn begun_by_live(&self) -> u64 {
        self.begun.get().saturating_sub(self.found.get())
    }

    /// How many events a second or seekers are wanted at that moment, if as many may be started as it takes; nothing if exactly as many are
    /// started as are due.
    pub(crate) fn wanted_at(&self, moment: Moment) -> Option<f64> {
        let (load, of) = (&self.share.load, self.share.of);
        #[expect(clippy::cast_precision_loss, reason = "a number of arbiters")]
        let of = of as f64;
        (load.kind() != LoadKind::Arrivals).then(|| load.level_at(moment) / of)
    }

    /// Whether what is missing is known ahead: with a rate.
    pub(crate) fn looks_ahead(&self) -> bool {
        self.share.load.kind() == LoadKind::Rate
    }

    pub(crate) fn seeker_finished(&self) {
        add_one(&self.finished);
        self.live.leave();
    }

    pub(crate) fn seeker_left_early(&self) {
        add_one(&self.left_early);
        self.live.leave();
    }

    /// Records that the actor of a seeker has panicked, or, if not `is_seeker`, that of a party which a seeker began.
    pub(crate) fn seeker_panicked(&self, message: &str, is_seeker: bool) {
        self.panic_message.borrow_mut().get_or_insert_with(|| message.to_owned());
        if is_seeker {
            add_one(&self.panicked);
            self.live.leave();
        } else {
            add_one(&self.others_panicked);
            self.party_finished();
        }
    }

    /// Another party was begun: alerts, an employer.
    pub(crate) fn party_begun(&self) {
        add_one(&self.others);
    }

    pub(crate) fn party_finished(&self) {
        self.others.set(self.others.get().saturating_sub(1));
    }

    /// Seekers of this arbiter that are live.
    pub(crate) fn live_seekers(&self) -> u64 {
        self.started.get() - self.finished.get() - self.left_early.get() - self.panicked.get()
    }

    /// Parties of this arbiter that seekers began and that are live.
    pub(crate) fn live_others(&self) -> u64 {
        self.others.get()
    }

    /// Records how many of the wanted seekers were there up to now, since a moment not long ago.
    pub(crate) fn hold(&self, since: Moment, now: Moment) {
        let load = &self.share.load;
        let (since, now) = (since.max(load.measured_from()), now.min(load.end()));
        if load.kind() == LoadKind::Seekers {
            let held = self.live_seekers().min(self.share.wanted_at(now)).saturating_mul(now.micros_since(since));
            self.held_micros.set(self.held_micros.get().saturating_add(held));
        }
    }

    /// Records that missing seekers could not begin: as many live as may.
    pub(crate) fn withheld_by_bound(&self) {
        let withheld = self.withheld.get();
        self.withheld.set(Withheld {
            by_bound: withheld.by_bound + 1,
            seekers_at_bound: withheld.seekers_at_bound + self.live_seekers(),
            others_at_bound: withheld.others_at_bound + self.live_others(),
            ..withheld
        });
    }

    /// Records that missing seekers could not begin: the outbox has no room for their events.
    pub(crate) fn withheld_by_outbox(&self) {
        let withheld = self.withheld.get();
        self.withheld.set(Withheld { by_outbox: withheld.by_outbox + 1, ..withheld });
    }

    /// Records that missing seekers could not begin: too many found nothing before.
    pub(crate) fn withheld_by_search(&self) {
        let withheld = self.withheld.get();
        self.withheld.set(Withheld { by_search: withheld.by_search + 1, ..withheld });
    }

    /// Enters an event into the account, unless it is no part of the load.
    pub(crate) fn begin_event(&self, scheduled: Moment, of_seeker: bool) -> Admission {
        let begun = self.begun.get();
        let is_first = self.acting.get() > 0;
        let admission = if self.is_closed() {
            Admission::Over
        } else {
            match self.share.load.kind() {
                LoadKind::Rate if begun >= self.total => Admission::Over,
                LoadKind::Rate if !is_first && self.is_ahead(begun, scheduled) => Admission::TooMany,
                LoadKind::Arrivals | LoadKind::Seekers if scheduled > self.share.load.end() => Admission::Over,
                LoadKind::Seekers if of_seeker && self.live_seekers() > self.wanted_from(scheduled) => Admission::TooMany,
                _ => Admission::Begun(self.share.phase_of(scheduled)),
            }
        };
        if let Admission::Begun(phase) = admission {
            self.begun.set(begun + 1);
            if is_first {
                self.acting.set(self.acting.get() - 1);
                self.lacks.borrow_mut().first_begun();
            } else if self.looks_ahead() {
                self.lacks.borrow_mut().begun_by_live(scheduled);
            }
            match phase {
                Phase::WarmUp => add_one(&self.begun_in_warm_up),
                Phase::Measured => self.observations.borrow_mut().begun.push(scheduled),
            }
        }
        admission
    }

    /// How many seekers are wanted at that moment or soon after it: while the number rises, the population has started those already
    /// who are wanted soon.
    fn wanted_from(&self, moment: Moment) -> u64 {
        self.share.wanted_at(moment).max(self.share.wanted_at(moment.plus(AHEAD_MICROS)))
    }

    /// Whether more events were begun than the plan has some time after that moment. What is planned only grows, so a bound that was
    /// calculated once holds for all later moments.
    fn is_ahead(&self, begun: u64, scheduled: Moment) -> bool {
        const SECOND_MICROS: u64 = 1_000_000;
        if begun < self.bound.get() {
            return false;
        }
        let planned_by = |ahead_micros| self.share.planned_by(scheduled.plus(ahead_micros));
        let bound = planned_by(AHEAD_MICROS).max(planned_by(SECOND_MICROS).min(planned_by(0) + AHEAD_EVENTS_MAX));
        self.bound.set(bound.max(self.bound.get()));
        begun >= bound
    }

    /// How many seekers were started and have not acted yet: each brings an event.
    pub(crate) fn arriving(&self) -> u64 {
        self.arriving.get()
    }

    /// Counts an event that the outbox would not take: it is given up at once.
    pub(crate) fn turn_away(&self, event_type: EventType, scheduled: Moment, phase: Phase, now: Moment) {
        add_one(&self.turned_away);
        let mut observations = self.observations.borrow_mut();
        match phase {
            Phase::WarmUp => observations.warm_up.not_sent += 1,
            Phase::Measured => {
                let (at, outcome) = (now.max(scheduled), EventOutcome::NotSent);
                observations.settled.push(Settled { at, scheduled, event_type, outcome, answered_request: None });
            }
        }
    }

    /// No event is begun from now on.
    pub(crate) fn close(&self, now: Moment) {
        if self.is_closed() {
            return;
        }
        self.closed.set(Some(now));
        if self.has_points() {
            self.lacks.borrow_mut().close(now.min(self.share.load.end()));
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get().is_some()
    }

    /// The account, once the ledger is closed.
    pub(crate) fn account(&self) -> LedgerAccount {
        let begun = self.begun.get();
        let begun_measured = begun - self.begun_in_warm_up.get();
        // A number of seekers plans no events: what seekers do not begin was not wanted.
        let lacked = if self.has_points() { self.lacks.borrow().runs().collect() } else { Vec::new() };
        let (lacked_in_warm_up, lacked): (Vec<_>, Vec<_>) =
            lacked.into_iter().partition(|run| self.share.phase_of(run.from) == Phase::WarmUp);
        let count = |runs: &[LackedRun]| runs.iter().map(|run| run.count).sum();
        LedgerAccount {
            begun: begun_measured,
            never_begun: count(&lacked),
            lacked,
            turned_away: self.turned_away.get(),
            warm_up: WarmUpAccount { begun: self.begun_in_warm_up.get(), never_begun: count(&lacked_in_warm_up) },
            arrived: self.started_measured.get(),
            held_micros: self.held_micros.get(),
            withheld: self.withheld.get(),
            seekers_started: self.started.get(),
            seekers_finished: self.finished.get(),
            seekers_left_early: self.left_early.get(),
            panicked: self.panicked.get() + self.others_panicked.get(),
            panic_message: self.panic_message.borrow().clone(),
            actor_panic: None,
        }
    }
}

fn add_one(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
}

#[cfg(test)]
mod tests;
