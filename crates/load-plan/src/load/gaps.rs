//! The gaps of the plan: the moments at which no live seeker begins the planned event. A seeker is started for each. A pure data
//! structure: no clock, no actors.
//!
//! Live seekers begin events at the times of their own journeys. This module matches these events with the points of the
//! plan in chronological order, as in a queue: each event of a live seeker joins the queue (it is *in hand*), and each
//! point of the plan removes one event. A point that finds no event in hand is a *gap*. A new seeker is started for each
//! gap, and its first event is scheduled for the moment of the gap, even if the seeker starts later.
//!
//! So the begun events are the events of live seekers plus the unused services of the queue. If the plan and the events of
//! live seekers are independent Poisson processes, the sum is again a Poisson process with the plan's rate: Burke's theorem
//! for the M/M/1 queue, in the form of N. O'Connell and M. Yor, "Brownian analogues of Burke's theorem", Stochastic
//! Processes and their Applications 96 (2001), section 1.
//!
//! Invariant: points so far = events begun - in hand + waiting gaps + gaps of started seekers that have not begun + points
//! reserved for expected events.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::backlog::{Backlog, GapRange};
use super::due::DueMoments;
use super::points::mixed;
use super::{Load, Share};
use crate::Moment;

/// The maximum number of events in hand while gaps wait. Above it, an event in hand replaces the newest gap.
const IN_HAND_MAX: u64 = 16;

/// The gaps of one arbiter.
#[derive(Debug)]
pub struct Gaps {
    due: DueMoments,
    /// Points and events are matched up to this moment.
    merged: Moment,
    /// Events of live seekers that are not matched with points yet.
    begun: BinaryHeap<Reverse<Moment>>,
    /// Number of events of live seekers without a point so far.
    in_hand: u64,
    /// Points reserved for events that live seekers are expected to begin. Empty unless seekers are started ahead of the
    /// schedule.
    expecting: VecDeque<Moment>,
    /// Maximum length of `expecting`.
    expected: u64,
    /// Gaps without a started seeker.
    backlog: Backlog,
    /// Gaps of started seekers that have not begun their first event.
    arriving: VecDeque<Moment>,
}

impl Gaps {
    /// Creates the gaps of an arbiter that has begun no event.
    pub fn new(share: Share) -> Self {
        let seed = mixed(share.load.seed ^ mixed(share.number()));
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

    /// Continues with a changed load. The gaps must not have been searched as far as the change.
    pub fn change_load(&mut self, load: Load) {
        self.due.change_load(load);
    }

    /// Records that a live seeker began an event.
    pub fn begun_by_live(&mut self, scheduled: Moment) {
        self.begun.push(Reverse(scheduled));
    }

    /// From now on, expects `events` events of live seekers in the look-ahead time.
    pub fn expect(&mut self, events: u64) {
        self.expected = events;
        while self.expecting.len() as u64 > events
            && let Some(point) = self.expecting.pop_front()
        {
            self.backlog.add(point);
        }
    }

    /// Whether there is a gap up to `horizon`. Searches only as far as the first gap.
    pub fn has_gap_by(&mut self, horizon: Moment) -> bool {
        // Late events fill gaps before seekers are started for them.
        self.hold_until(self.merged);
        !self.backlog.is_empty() || self.merge_to_next(horizon)
    }

    /// Finds all gaps up to `horizon`.
    pub fn merge_by(&mut self, horizon: Moment) {
        while self.merge_to_next(horizon) {}
        let surplus = self.in_hand.saturating_sub(IN_HAND_MAX);
        self.in_hand -= self.backlog.cancel_newest(surplus);
    }

    /// Adds the gaps of a load that is a number of seekers, which has no points.
    pub fn add_range(&mut self, range: GapRange) {
        self.backlog.add_range(range);
    }

    /// Cancels the newest `count` gaps.
    pub fn cancel_newest(&mut self, count: u64) {
        self.backlog.cancel_newest(count);
    }

    /// Returns the number of gaps without a started seeker.
    pub fn waiting(&self) -> u64 {
        self.backlog.len()
    }

    /// Takes the oldest gap, for a seeker that is started now.
    pub fn take_oldest(&mut self) -> Option<Moment> {
        self.backlog.take_oldest()
    }

    /// Records that a seeker was started for `gap` and will begin an event.
    pub fn started(&mut self, gap: Moment) {
        self.arriving.push_back(gap);
    }

    /// Records that the first started seeker without an event has begun its event.
    pub fn first_begun(&mut self) {
        self.arriving.pop_front();
    }

    /// Records that this seeker will not begin an event. Its gap waits for another seeker.
    pub fn first_failed(&mut self) {
        if let Some(gap) = self.arriving.pop_front() {
            self.backlog.add(gap);
        }
    }

    /// Ends the plan at `ends`. Events that were due by then and not begun are final gaps.
    pub fn close(&mut self, ends: Moment) {
        self.merge_by(ends);
        for gap in self.arriving.drain(..).chain(self.expecting.drain(..)) {
            self.backlog.add(gap);
        }
        self.backlog.cut_after(ends);
        // Events that were begun slightly early are part of the plan too.
        let surplus = std::mem::take(&mut self.in_hand) + self.begun.len() as u64;
        self.begun.clear();
        self.backlog.cancel_newest(surplus);
    }

    /// Returns the gaps in chronological order. No range spans the end of the warm-up.
    pub fn ranges(&self) -> impl Iterator<Item = GapRange> {
        self.backlog.ranges()
    }

    /// Continues to the next gap, or to `horizon`. Returns whether there was a gap.
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

    /// Matches events of live seekers with the plan. An event fills an expected point, or comes late and fills a later gap,
    /// or else is in hand.
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
