//! The moments at which the plan lacks an event, and who is started for them. A pure data structure: no clock, no actors.
//!
//! Live seekers begin events whenever their journeys say so. These events and the points of the plan are held against each other in the
//! order of time, as a queue: an event of a live seeker arrives and is in hand, a point of the plan serves one. A point at which none is in
//! hand is a lack; it belongs to a new seeker, whose first event keeps that moment however late the seeker is started.
//!
//! So the events that are begun are those of live seekers and the unused services of the queue. If both the plan and the events of live
//! seekers are Poisson processes and independent, the sum is a Poisson process of the plan's rate again: Burke's theorem for the M/M/1
//! queue, in the form of N. O'Connell and M. Yor, "Brownian analogues of Burke's theorem", Stochastic Processes and their
//! Applications 96 (2001), section 1.
//!
//! Invariant: points so far = events begun - in hand + lacks that wait + lacks that were given to seekers who have not begun + points that are
//! left to expected events.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::Share;
use super::backlog::{Backlog, LackedRun};
use super::due::DueMoments;
use super::points::mixed;
use crate::Moment;

/// The most events in hand while lacks wait. Beyond it, an event in hand takes the place of the newest lack.
const IN_HAND_MAX: u64 = 16;

/// What one arbiter lacks.
#[derive(Debug)]
pub struct Lacks {
    due: DueMoments,
    /// Up to here, points and events were held against each other.
    merged: Moment,
    /// Events of live seekers that were not yet held against points.
    begun: BinaryHeap<Reverse<Moment>>,
    /// Events of live seekers that no point was found for yet.
    in_hand: u64,
    /// Points that are left to events which live seekers are expected to begin, where seekers are started ahead of their time.
    expecting: VecDeque<Moment>,
    /// How many of them there may be.
    expected: u64,
    /// Lacks that nobody was started for.
    backlog: Backlog,
    /// Lacks of seekers that were started and have not begun their first event.
    arriving: VecDeque<Moment>,
}

impl Lacks {
    /// The lack of an arbiter that has begun no event yet.
    pub fn new(share: Share) -> Self {
        let seed = mixed(share.load.seed ^ mixed(share.part));
        Self {
            backlog: Backlog::new(share.load.measured_from(), seed),
            due: DueMoments::new(share),
            merged: Moment::default(),
            begun: BinaryHeap::new(),
            in_hand: 0,
            expecting: VecDeque::new(),
            expected: 0,
            arriving: VecDeque::new(),
        }
    }

    /// A seeker that was there already began an event.
    pub fn begun_by_live(&mut self, scheduled: Moment) {
        self.begun.push(Reverse(scheduled));
    }

    /// From now on, so many events of live seekers are expected of the time that is looked ahead.
    pub fn expect(&mut self, events: u64) {
        self.expected = events;
        while self.expecting.len() as u64 > events
            && let Some(point) = self.expecting.pop_front()
        {
            self.backlog.add(point);
        }
    }

    /// Whether there is a lack up to that moment. Looks no further than to the first.
    pub fn is_lacking_by(&mut self, horizon: Moment) -> bool {
        // Events that come late make up for lacks before anybody is started for those.
        self.hold_until(self.merged);
        !self.backlog.is_empty() || self.merge_to_next(horizon)
    }

    /// Looks for all lacks up to that moment.
    pub fn merge_by(&mut self, horizon: Moment) {
        while self.merge_to_next(horizon) {}
        let surplus = self.in_hand.saturating_sub(IN_HAND_MAX);
        self.in_hand -= self.backlog.cancel_newest(surplus);
    }

    /// Lacks of a number of seekers, which has no points: so many are due between two moments.
    pub fn add_run(&mut self, run: LackedRun) {
        self.backlog.add_run(run);
    }

    /// Takes back so many of the newest lacks.
    pub fn cancel_newest(&mut self, count: u64) {
        self.backlog.cancel_newest(count);
    }

    /// How many lacks nobody was started for.
    pub fn waiting(&self) -> u64 {
        self.backlog.len()
    }

    /// Takes the oldest lack, for a seeker that is started now.
    pub fn take_oldest(&mut self) -> Option<Moment> {
        self.backlog.take_oldest()
    }

    /// A seeker was started for that lack, and will begin an event.
    pub fn started(&mut self, lack: Moment) {
        self.arriving.push_back(lack);
    }

    /// The seeker that was started first, of those that have not begun, began its event.
    pub fn first_begun(&mut self) {
        self.arriving.pop_front();
    }

    /// That seeker will not begin one: its lack waits for another.
    pub fn first_failed(&mut self) {
        if let Some(lack) = self.arriving.pop_front() {
            self.backlog.add(lack);
        }
    }

    /// Ends the plan at that moment: what was due by then and was not begun is what is lacked for good.
    pub fn close(&mut self, ends: Moment) {
        self.merge_by(ends);
        for lack in self.arriving.drain(..).chain(self.expecting.drain(..)) {
            self.backlog.add(lack);
        }
        self.backlog.cut_after(ends);
        // Events that were begun for a little later than that are part of the plan too.
        let surplus = std::mem::take(&mut self.in_hand) + self.begun.len() as u64;
        self.begun.clear();
        self.backlog.cancel_newest(surplus);
    }

    /// What is lacked, in the order of time. No run reaches from the warm-up into the measured time.
    pub fn runs(&self) -> impl Iterator<Item = LackedRun> {
        self.backlog.runs()
    }

    /// Goes on until the next lack waits, or up to that moment; whether there was a lack.
    fn merge_to_next(&mut self, horizon: Moment) -> bool {
        loop {
            let point = self.due.peek().filter(|point| *point <= horizon);
            let until = point.unwrap_or(horizon);
            self.hold_until(until);
            if self.due.take_until(horizon).is_none() {
                self.merged = self.merged.max(horizon);
                return false;
            }
            self.merged = self.merged.max(until);
            if self.in_hand > 0 {
                self.in_hand -= 1;
            } else if (self.expecting.len() as u64) < self.expected {
                self.expecting.push_back(until);
            } else {
                self.backlog.add(until);
                return true;
            }
        }
    }

    /// Holds events of live seekers against the plan. One may have been expected, or come late and make up for a lack after it; else it is
    /// in hand.
    fn hold_until(&mut self, moment: Moment) {
        while let Some(Reverse(scheduled)) = self.begun.peek().copied().filter(|Reverse(scheduled)| *scheduled <= moment) {
            self.begun.pop();
            let has_place =
                self.expecting.pop_front().is_some() || scheduled < self.merged && self.backlog.cancel_first_from(scheduled);
            self.in_hand += u64::from(!has_place);
        }
    }
}

#[cfg(test)]
mod tests;
