//! Detects that a target stopped answering: no event scheduled after the last answered event got an answer, and chance does
//! not explain it.
//!
//! Memory is bounded. Events scheduled after the last answered event are counted per millisecond. Only the sum is kept of
//! events that lie far back.

use std::collections::VecDeque;

use load_plan::{EventOutcome, Moment};

use crate::observations::{Observations, Settled};

/// The maximum number of milliseconds with their own counts.
const CELLS_MAX: usize = 60_000;

/// This many requests in a row without an answer are not chance, even if the target loses many requests.
const REQUESTS_MIN: u64 = 3;

/// A target that stopped answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Time of the last answer; `None` if the target never answered.
    pub since: Option<Moment>,
    /// Number of events scheduled after the last answered event.
    pub events: u64,
}

/// Tracks the last answer of a run.
#[derive(Debug, Default)]
pub struct LastAnswer {
    /// Time of the last answer.
    at: Option<Moment>,
    /// The latest scheduled time of an answered event.
    scheduled: Moment,
    /// Events scheduled after `scheduled`, per millisecond.
    later: VecDeque<Cell>,
    /// Events scheduled after the last answered event, but before the cells in `later`.
    earlier: Events,
}

/// The events of one millisecond.
#[derive(Clone, Copy, Debug)]
struct Cell {
    millisecond: u64,
    events: Events,
}

#[derive(Clone, Copy, Debug, Default)]
struct Events {
    begun: u64,
    /// Events of `begun` that were sent and got no answer in time.
    unknown: u64,
}

impl LastAnswer {
    /// Adds the observations of an arbiter.
    pub fn add(&mut self, observations: &Observations) {
        observations.begun.iter().for_each(|scheduled| self.never_begun(*scheduled, 1));
        observations.settled.iter().for_each(|settled| self.settled(settled));
    }

    /// Counts `count` events scheduled for `scheduled`.
    pub fn never_begun(&mut self, scheduled: Moment, count: u64) {
        if let Some(events) = self.events_at(scheduled) {
            events.begun += count;
        }
    }

    fn settled(&mut self, settled: &Settled) {
        if settled.answered_request.is_some() {
            self.at = self.at.max(Some(settled.at));
            if settled.scheduled > self.scheduled {
                self.scheduled = settled.scheduled;
                let answered = millisecond_of(self.scheduled);
                while self.later.front().is_some_and(|first| first.millisecond <= answered) {
                    self.later.pop_front();
                }
                self.earlier = Events::default();
            }
        } else if settled.outcome == EventOutcome::Unknown
            && let Some(events) = self.events_at(settled.scheduled)
        {
            events.unknown += 1;
        }
    }

    /// Returns the events of the millisecond of `scheduled`, unless a later event was answered.
    fn events_at(&mut self, scheduled: Moment) -> Option<&mut Events> {
        let millisecond = millisecond_of(scheduled);
        if millisecond <= millisecond_of(self.scheduled) && self.at.is_some() {
            return None;
        }
        let after = self.later.iter().rev().take_while(|cell| cell.millisecond > millisecond).count();
        let place = self.later.len() - after;
        if place > 0 && self.later[place - 1].millisecond == millisecond {
            return Some(&mut self.later[place - 1].events);
        }
        if self.later.len() == CELLS_MAX
            && let Some(first) = self.later.pop_front()
        {
            self.earlier.begun += first.events.begun;
            self.earlier.unknown += first.events.unknown;
            if place == 0 {
                return Some(&mut self.earlier);
            }
            self.later.insert(place - 1, Cell { millisecond, events: Events::default() });
            return Some(&mut self.later[place - 1].events);
        }
        self.later.insert(place, Cell { millisecond, events: Events::default() });
        Some(&mut self.later[place].events)
    }

    /// Returns the silence if the target stopped answering before the load ended, or stopped later with requests in flight.
    /// A request carries at most `batch_max` events.
    pub fn silence(&self, end_of_load: Moment, batch_max: u64) -> Option<Silence> {
        let mut events = self.earlier;
        for cell in &self.later {
            events.begun += cell.events.begun;
            events.unknown += cell.events.unknown;
        }
        let of_load = self.at.is_none_or(|at| at < end_of_load);
        let silent = if of_load { events.begun } else { events.unknown };
        let at_least = batch_max.saturating_mul(if batch_max > 1 { REQUESTS_MIN - 1 } else { REQUESTS_MIN });
        (silent >= at_least.max(1) || (self.at.is_none() && silent > 0)).then_some(Silence { since: self.at, events: silent })
    }
}

fn millisecond_of(moment: Moment) -> u64 {
    moment.micros_since(Moment::default()) / 1000
}

#[cfg(test)]
mod tests {
    use client_event::EventType;
    use proptest::prelude::*;

    use super::*;

    fn settled(scheduled: u64, latency: u64, is_answered: bool) -> Settled {
        let scheduled = Moment::from_micros(scheduled);
        Settled {
            at: scheduled.plus(latency),
            scheduled,
            event_type: EventType::View,
            outcome: if is_answered { EventOutcome::Acknowledged } else { EventOutcome::Unknown },
            answered_request: is_answered.then_some(scheduled),
        }
    }

    proptest! {
        /// For all schedules and answers, settled in any order: the silent events are the events scheduled after the last
        /// answered event, to the millisecond.
        #[test]
        fn later_events_than_the_last_answered_one_are_counted(
            events in prop::collection::vec((0_u64..2_000, prop::bool::weighted(0.3)), 1..60),
            order in any::<u64>(),
        ) {
            let mut last = LastAnswer::default();
            let begun = events.iter().map(|(millisecond, _)| Moment::from_micros(millisecond * 1000)).collect();
            last.add(&Observations { begun, ..Observations::default() });
            let mut of = events.clone();
            of.sort_by_key(|(millisecond, is_answered)| (millisecond ^ order, *is_answered));
            let all = of.iter().map(|(millisecond, is_answered)| settled(millisecond * 1000, 5_000, *is_answered)).collect();
            last.add(&Observations { settled: all, ..Observations::default() });
            let answered = events.iter().filter(|(_, is_answered)| *is_answered).map(|(millisecond, _)| *millisecond).max();
            let silent = events.iter().filter(|(millisecond, _)| answered.is_none_or(|answered| *millisecond > answered)).count() as u64;
            let found = last.silence(Moment::from_micros(10_000_000), 1);
            let expected = silent >= REQUESTS_MIN || (answered.is_none() && silent > 0);
            prop_assert_eq!(found.is_some(), expected);
            if let Some(found) = found {
                prop_assert_eq!(found.events, silent);
                prop_assert_eq!(found.since, answered.map(|answered| Moment::from_micros(answered * 1000 + 5_000)));
            }
        }
    }

    /// A target that loses the last one or two events has not stopped. Neither has a target that answers after the load.
    #[test]
    fn chance_is_not_silence() {
        let mut last = LastAnswer::default();
        let begun = (0..102).map(|number| Moment::from_micros(number * 1000)).collect();
        let all = (0..102).map(|number| settled(number * 1000, 3_000, number < 100)).collect();
        last.add(&Observations { begun, settled: all, ..Observations::default() });
        assert_eq!(last.silence(Moment::from_micros(110_000), 1), None);
        assert_eq!(last.silence(Moment::from_micros(50_000), 1), None);
    }

    /// A day of silence at a million events a second.
    #[test]
    fn memory_is_bounded() {
        let mut last = LastAnswer::default();
        for second in 0..200_000_u64 {
            last.never_begun(Moment::from_micros(second * 1000), 1_000);
        }
        assert!(last.later.len() <= CELLS_MAX);
        assert_eq!(last.silence(Moment::from_micros(u64::MAX), 1).map(|silence| silence.events), Some(200_000_000));
    }
}
