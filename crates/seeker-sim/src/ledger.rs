//! The account of one arbiter: how many events and seekers were begun, and what became of those events that never reached the
//! outbox. One number has one writer, named beside it; all others only read. With the outbox's tally it adds up to the
//! plan: that is the account law.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use client_event::EventType;

use crate::clock::Moment;
use crate::load::Share;

/// The numbers of one arbiter. Shared by its actors, which all run on one thread.
#[derive(Debug)]
pub(crate) struct Ledger {
    share: Share,
    /// Events that seekers began, at most the share's total; written by the seekers.
    begun: Cell<u64>,
    /// Events that the outbox would not take, by type; written by the seekers.
    turned_away: [Cell<u64>; 16],
    /// Seekers that were started and have not acted yet; written by the population and the seekers.
    arriving: Cell<u64>,
    /// Seekers started; written by the population.
    started: Cell<u64>,
    /// Seekers whose journey ended; written by the seekers.
    finished: Cell<u64>,
    /// Parties that others began and that are live; written by the seekers.
    others: Cell<u64>,
    /// When the plan was closed; written by the population.
    closed: Cell<Option<Moment>>,
    /// How many seekers are live on all arbiters.
    live: Arc<LiveSeekers>,
}

impl Ledger {
    pub(crate) fn new(share: Share, live: Arc<LiveSeekers>) -> Self {
        Self {
            share,
            begun: Cell::default(),
            turned_away: Default::default(),
            arriving: Cell::default(),
            started: Cell::default(),
            finished: Cell::default(),
            others: Cell::default(),
            closed: Cell::default(),
            live,
        }
    }

    /// How many more seekers the plan needs for events up to that moment: each brings an event at once.
    pub(crate) fn missing_by(&self, moment: Moment) -> u64 {
        self.share.planned_by(moment).saturating_sub(self.begun.get() + self.arriving.get())
    }

    pub(crate) fn seeker_started(&self) {
        add_one(&self.started);
        add_one(&self.arriving);
        self.live.enter();
    }

    pub(crate) fn seeker_arrived(&self) {
        self.arriving.set(self.arriving.get().saturating_sub(1));
    }

    pub(crate) fn seeker_finished(&self) {
        add_one(&self.finished);
        self.live.leave();
    }

    /// Another party was begun: alerts, an employer.
    pub(crate) fn party_begun(&self) {
        add_one(&self.others);
    }

    pub(crate) fn party_finished(&self) {
        self.others.set(self.others.get().saturating_sub(1));
    }

    /// Seekers of this arbiter that are live, and the parties that they began: those take memory too, so both count against the bound.
    pub(crate) fn live(&self) -> u64 {
        self.started.get() - self.finished.get() + self.others.get()
    }

    /// Enters an event into the account, unless the plan is fulfilled or closed: then the event is no part of it.
    pub(crate) fn begin_event(&self) -> bool {
        let begins = self.closed.get().is_none() && self.begun.get() < self.share.total();
        self.begun.set(self.begun.get() + u64::from(begins));
        begins
    }

    pub(crate) fn turn_away(&self, event_type: EventType) {
        add_one(&self.turned_away[event_type.index()]);
    }

    /// No event is begun from now on.
    pub(crate) fn close(&self, now: Moment) {
        self.closed.set(self.closed.get().or(Some(now)));
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get().is_some()
    }

    /// The account so far.
    pub(crate) fn account(&self) -> LedgerAccount {
        let planned_by_clock = match self.closed.get() {
            Some(moment) => self.share.planned_by(moment),
            None => self.share.total(),
        };
        let begun = self.begun.get();
        // Seekers act a little ahead of the clock, so an interrupted run may have begun more than was due.
        let planned = planned_by_clock.max(begun);
        LedgerAccount {
            planned,
            never_begun: planned - begun,
            turned_away: std::array::from_fn(|position| self.turned_away[position].get()),
            seekers_started: self.started.get(),
            seekers_finished: self.finished.get(),
        }
    }
}

fn add_one(cell: &Cell<u64>) {
    cell.set(cell.get() + 1);
}

/// A [`Ledger`] at the end of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LedgerAccount {
    pub(crate) planned: u64,
    /// Planned, but there was no seeker to begin it.
    pub(crate) never_begun: u64,
    /// Begun, but the outbox was full; by type.
    pub(crate) turned_away: [u64; 16],
    pub(crate) seekers_started: u64,
    pub(crate) seekers_finished: u64,
}

impl LedgerAccount {
    pub(crate) fn add(&mut self, other: &Self) {
        self.planned += other.planned;
        self.never_begun += other.never_begun;
        for (sum, count) in self.turned_away.iter_mut().zip(other.turned_away) {
            *sum += count;
        }
        self.seekers_started += other.seekers_started;
        self.seekers_finished += other.seekers_finished;
    }
}

/// How many seekers are live on all arbiters, and the most that ever were.
#[derive(Debug, Default)]
pub(crate) struct LiveSeekers {
    now: AtomicU64,
    max: AtomicU64,
}

impl LiveSeekers {
    fn enter(&self) {
        let now = self.now.fetch_add(1, Ordering::Relaxed) + 1;
        self.max.fetch_max(now, Ordering::Relaxed);
    }

    fn leave(&self) {
        self.now.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    pub(crate) fn max(&self) -> u64 {
        self.max.load(Ordering::Relaxed)
    }
}
