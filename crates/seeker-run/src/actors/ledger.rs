//! The account of one arbiter: the number of events and seekers begun, and the outcomes of the events that never reached the outbox. Each
//! number has one writer, named beside it; all other actors only read it. Together with the counts of the outbox it adds up to the plan:
//! this is the account law.

mod admission;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use client_event::EventType;
use load_plan::load::gaps::Gaps;
use load_plan::load::{GapRange, Load, LoadKind, Phase, Share};
use load_plan::{EventOutcome, Moment};

use measure::ledger_account::{BlockedStarts, LedgerAccount, WarmUpAccount};
use measure::live_seekers::LiveSeekers;
use measure::observations::{Observations, Settled};

pub(crate) use admission::Admission;

/// The numbers of one arbiter. Shared by its actors, which all run on one thread.
#[derive(Debug)]
pub(crate) struct Ledger {
    kind: LoadKind,
    measured_from: Moment,
    end: Moment,
    /// The share of the load with its changes. Written by the population.
    share: RefCell<Share>,
    /// The total of the share, cached because it is read with each event. Written by the population.
    total: Cell<u64>,
    /// Events that seekers began; with a rate, at most the total of the share. Written by the seekers.
    begun: Cell<u64>,
    /// The begun events that belong to the warm-up. Written by the seekers.
    begun_in_warm_up: Cell<u64>,
    /// Events that the outbox rejected. Written by the seekers.
    begun_at_full_outbox: Cell<u64>,
    /// Seekers that were started and have not acted yet, although they may have searched. Written by the population and the seekers.
    arriving: Cell<u64>,
    /// Seekers that act now for the first time and have not begun an event. Written by the seekers.
    acting: Cell<u64>,
    /// The moments at which seekers are missing. Written by the population and, for the events that they begin, by the seekers.
    gaps: RefCell<Gaps>,
    /// While fewer events than this have begun, the lead needs no check. Written by the seekers.
    bound: Cell<u64>,
    /// Seekers that began an event after waiting for their first search. Written by the seekers.
    found: Cell<u64>,
    /// Seekers started. Written by the population.
    started: Cell<u64>,
    /// The started seekers that begin after the warm-up. Written by the population.
    started_measured: Cell<u64>,
    /// Seekers whose journey ended. Written by the seekers.
    finished: Cell<u64>,
    /// Seekers that left because the load decreased. Written by the seekers.
    left_early: Cell<u64>,
    /// Seekers whose actor has panicked. Written by the seekers.
    panicked: Cell<u64>,
    /// Parties begun by other parties whose actor has panicked. Written by the seekers.
    others_panicked: Cell<u64>,
    /// The message of the first of these panics. Written by the seekers.
    panic_message: RefCell<Option<String>>,
    /// Live parties that were begun by other parties. Written by the seekers.
    others: Cell<u64>,
    /// The number of wanted seekers that were live, integrated over time in microseconds, without the warm-up. Written by the population.
    seeker_micros: Cell<u64>,
    /// How often missing seekers could not begin, by reason. Written by the population.
    blocked_starts: Cell<BlockedStarts>,
    /// When the plan was closed. Written by the population.
    closed: Cell<Option<Moment>>,
    /// The number of live seekers on all arbiters.
    live: Arc<LiveSeekers>,
    /// Receives the begun events, for the windows.
    observations: Rc<RefCell<Observations>>,
}

impl Ledger {
    pub(crate) fn new(share: Share, live: Arc<LiveSeekers>, observations: Rc<RefCell<Observations>>) -> Self {
        Self {
            kind: share.load.kind(),
            measured_from: share.load.measured_from(),
            end: share.load.end(),
            total: Cell::new(share.total()),
            gaps: RefCell::new(Gaps::new(share.clone())),
            share: RefCell::new(share),
            begun: Cell::default(),
            begun_in_warm_up: Cell::default(),
            begun_at_full_outbox: Cell::default(),
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
            seeker_micros: Cell::default(),
            blocked_starts: Cell::default(),
            closed: Cell::default(),
            live,
            observations,
        }
    }

    /// Continues with a changed load. Nothing may have looked as far as the change.
    pub(crate) fn change_load(&self, load: Load) {
        self.gaps.borrow_mut().change_load(load.clone());
        let mut share = self.share.borrow_mut();
        share.load = load;
        self.total.set(share.total());
        self.bound.set(0);
    }

    /// Starts a check for missing seekers up to `horizon`. If the load is a number of seekers, missing seekers are due from `since` on,
    /// the moment of the last check. If the load is a rate, `expected` is the number of events expected from live seekers in the
    /// look-ahead time.
    pub(crate) fn look(&self, since: Moment, horizon: Moment, expected: u64) {
        let mut gaps = self.gaps.borrow_mut();
        match self.kind {
            LoadKind::Rate => gaps.expect(expected),
            LoadKind::Arrivals => {}
            LoadKind::Seekers => {
                let (wanted, coming) = (self.share.borrow().wanted_at(horizon), self.live_seekers() + gaps.waiting());
                gaps.add_range(GapRange { from: since, to: horizon, count: wanted.saturating_sub(coming) });
                gaps.cancel_newest(coming.saturating_sub(wanted));
            }
        }
    }

    /// Whether a seeker is missing up to `horizon`. With a rate, no seeker is missing after all planned events have begun, even if some
    /// of these events are scheduled after the last point of the plan: an additional event would not be admitted.
    pub(crate) fn has_gap_by(&self, horizon: Moment) -> bool {
        if self.looks_ahead() && self.begun.get() + self.arriving() >= self.total.get() {
            return false;
        }
        let mut gaps = self.gaps.borrow_mut();
        if self.has_points() { gaps.has_gap_by(horizon) } else { gaps.waiting() > 0 }
    }

    /// Records a seeker that is started now. The seeker begins at the earliest moment at which a seeker was missing, even if that moment
    /// is long past.
    pub(crate) fn start_seeker(&self) -> Option<Moment> {
        let start = self.gaps.borrow_mut().take_oldest()?;
        self.seeker_started(start);
        Some(start)
    }

    /// Records the start of a seeker that was due at `start`.
    pub(crate) fn seeker_started(&self, start: Moment) {
        if self.looks_ahead() {
            self.gaps.borrow_mut().started(start);
        }
        self.started.update(|count| count + 1);
        self.arriving.update(|count| count + 1);
        if self.phase_of(start) == Phase::Measured {
            self.started_measured.update(|count| count + 1);
        }
        self.live.enter();
    }

    /// Handles started seekers that acted immediately and began no event: with a rate, another seeker must start for each of them.
    pub(crate) fn settle_start(&self) {
        for _ in 0..self.acting.take() {
            self.gaps.borrow_mut().first_failed();
        }
    }

    /// Records the seekers that are missing up to `horizon` and were not started.
    pub(crate) fn end_look(&self, horizon: Moment) {
        if self.has_points() {
            self.gaps.borrow_mut().merge_by(horizon);
        }
    }

    /// Whether the plan contains due times of single events or seekers.
    pub(crate) fn has_points(&self) -> bool {
        self.kind != LoadKind::Seekers
    }

    /// Records that a seeker acts for the first time: it begins the event that it was started for.
    pub(crate) fn seeker_arrived(&self) {
        self.arriving.set(self.arriving.get().saturating_sub(1));
        if self.looks_ahead() {
            self.acting.update(|count| count + 1);
        }
    }

    /// Records that a seeker acts after its first search. `found`: whether the seeker can begin an event.
    pub(crate) fn seeker_answered(&self, found: bool) {
        self.seeker_arrived();
        if found {
            self.found.update(|count| count + 1);
        } else if let Some(left) = self.acting.get().checked_sub(1) {
            self.acting.set(left);
            self.gaps.borrow_mut().first_failed();
        }
    }

    /// The number of begun events, without the first events of seekers that waited for a search.
    pub(crate) fn begun_by_live(&self) -> u64 {
        self.begun.get().saturating_sub(self.found.get())
    }

    /// The planned events per second, or the planned seekers, at `moment`. `None` with arrivals, where exactly the due seekers are
    /// started.
    pub(crate) fn wanted_at(&self, moment: Moment) -> Option<f64> {
        let share = self.share.borrow();
        #[expect(clippy::cast_precision_loss, reason = "a number of arbiters")]
        let of = share.of as f64;
        (self.kind != LoadKind::Arrivals).then(|| share.load.level_at(moment) / of)
    }

    /// Whether missing seekers are known ahead of time: with a rate.
    pub(crate) fn looks_ahead(&self) -> bool {
        self.kind == LoadKind::Rate
    }

    pub(crate) fn seeker_finished(&self) {
        self.finished.update(|count| count + 1);
        self.live.leave();
    }

    pub(crate) fn seeker_left_early(&self) {
        self.left_early.update(|count| count + 1);
        self.live.leave();
    }

    /// Records that the actor of a seeker has panicked, or, if not `is_seeker`, the actor of a party that a seeker began.
    pub(crate) fn seeker_panicked(&self, message: &str, is_seeker: bool) {
        self.panic_message.borrow_mut().get_or_insert_with(|| message.to_owned());
        if is_seeker {
            self.panicked.update(|count| count + 1);
            self.live.leave();
        } else {
            self.others_panicked.update(|count| count + 1);
            self.party_finished();
        }
    }

    /// Records that another party was begun: alerts or an employer.
    pub(crate) fn party_begun(&self) {
        self.others.update(|count| count + 1);
    }

    pub(crate) fn party_finished(&self) {
        self.others.set(self.others.get().saturating_sub(1));
    }

    /// The live seekers of this arbiter.
    pub(crate) fn live_seekers(&self) -> u64 {
        self.started.get() - self.finished.get() - self.left_early.get() - self.panicked.get()
    }

    /// The live parties of this arbiter that seekers began.
    pub(crate) fn live_others(&self) -> u64 {
        self.others.get()
    }

    /// Records how many of the planned seekers were live between `since` and `now`.
    pub(crate) fn hold(&self, since: Moment, now: Moment) {
        let (since, now) = (since.max(self.measured_from), now.min(self.end));
        if self.kind == LoadKind::Seekers {
            let held = self.live_seekers().min(self.share.borrow().wanted_at(now)).saturating_mul(now.micros_since(since));
            self.seeker_micros.set(self.seeker_micros.get().saturating_add(held));
        }
    }

    /// Records that missing seekers could not begin: the maximum number of live seekers is reached.
    pub(crate) fn withheld_by_bound(&self) {
        let blocked_starts = self.blocked_starts.get();
        self.blocked_starts.set(BlockedStarts {
            by_bound: blocked_starts.by_bound + 1,
            seekers_at_bound: blocked_starts.seekers_at_bound + self.live_seekers(),
            others_at_bound: blocked_starts.others_at_bound + self.live_others(),
            ..blocked_starts
        });
    }

    /// Records that missing seekers could not begin: the outbox has no room for their events.
    pub(crate) fn withheld_by_outbox(&self) {
        let blocked_starts = self.blocked_starts.get();
        self.blocked_starts.set(BlockedStarts { by_outbox: blocked_starts.by_outbox + 1, ..blocked_starts });
    }

    /// Records that missing seekers could not begin: too many earlier searches found nothing.
    pub(crate) fn withheld_by_search(&self) {
        let blocked_starts = self.blocked_starts.get();
        self.blocked_starts.set(BlockedStarts { by_search: blocked_starts.by_search + 1, ..blocked_starts });
    }

    fn phase_of(&self, scheduled: Moment) -> Phase {
        if scheduled < self.measured_from { Phase::WarmUp } else { Phase::Measured }
    }

    /// The number of seekers that were started and have not acted yet: each will begin an event.
    pub(crate) fn arriving(&self) -> u64 {
        self.arriving.get()
    }

    /// Counts an event that the outbox rejected: the event is given up immediately.
    pub(crate) fn turn_away(&self, event_type: EventType, scheduled: Moment, phase: Phase, now: Moment) {
        self.begun_at_full_outbox.update(|count| count + 1);
        let mut observations = self.observations.borrow_mut();
        match phase {
            Phase::WarmUp => observations.warm_up.not_sent += 1,
            Phase::Measured => {
                let (at, outcome) = (now.max(scheduled), EventOutcome::NotSent);
                observations.settled.push(Settled { at, scheduled, event_type, outcome, answered_request: None });
            }
        }
    }

    /// Closes the ledger: no event begins from now on.
    pub(crate) fn close(&self, now: Moment) {
        if self.is_closed() {
            return;
        }
        self.closed.set(Some(now));
        if self.has_points() {
            self.gaps.borrow_mut().close(now.min(self.end));
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get().is_some()
    }

    /// The account, once the ledger is closed.
    pub(crate) fn account(&self) -> LedgerAccount {
        let begun = self.begun.get();
        let begun_measured = begun - self.begun_in_warm_up.get();
        // A load that is a number of seekers plans no events, so it has no gaps.
        let gaps = if self.has_points() { self.gaps.borrow().ranges().collect() } else { Vec::new() };
        let (gaps_in_warm_up, gaps): (Vec<_>, Vec<_>) =
            gaps.into_iter().partition(|range| self.phase_of(range.from) == Phase::WarmUp);
        let count = |ranges: &[GapRange]| ranges.iter().map(|range| range.count).sum();
        LedgerAccount {
            begun: begun_measured,
            never_begun: count(&gaps),
            gaps,
            begun_at_full_outbox: self.begun_at_full_outbox.get(),
            warm_up: WarmUpAccount { begun: self.begun_in_warm_up.get(), never_begun: count(&gaps_in_warm_up) },
            arrived: self.started_measured.get(),
            seeker_micros: self.seeker_micros.get(),
            blocked_starts: self.blocked_starts.get(),
            seekers_started: self.started.get(),
            seekers_finished: self.finished.get(),
            seekers_left_early: self.left_early.get(),
            panicked: self.panicked.get() + self.others_panicked.get(),
            panic_message: self.panic_message.borrow().clone(),
            actor_panic: None,
        }
    }
}

#[cfg(test)]
mod tests;
