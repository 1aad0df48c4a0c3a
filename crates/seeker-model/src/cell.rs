//! The offline driver: plays a share of a population in virtual time and hands over what happens in the order of time. A population is
//! divided into a fixed number of cells by the parties' numbers, so that cells can be played on any number of threads, or on
//! different machines, and still make the same whole.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::event::SeekerEvent;
use crate::model::Model;
use crate::party::{Input, Next, Party};
use crate::time::SimTime;

/// How many cells a population has.
pub const CELLS: u64 = 64;

/// A cell of a population.
#[derive(Debug)]
pub struct Cell<'m> {
    model: &'m Model,
    seed: u64,
    /// Who comes, and when, the next one last.
    arrivals: Vec<(SimTime, u64)>,
    /// Who is there; places of those who left are used again.
    parties: Vec<Option<(Party, Input)>>,
    free: Vec<u32>,
    /// When each has its next input.
    upcoming: BinaryHeap<Reverse<(SimTime, u32)>>,
}

impl<'m> Cell<'m> {
    /// The cell with that number, below [`CELLS`], of a population of so many parties.
    pub fn new(model: &'m Model, seed: u64, population: u64, number: u64) -> Self {
        let mut arrivals: Vec<_> = (0..population)
            .skip(usize::try_from(number).expect("a cell's number is small"))
            .step_by(usize::try_from(CELLS).expect("there are few cells"))
            .map(|party| (Party::arriving(model, seed, party).first_arrival(model, seed, party), party))
            .collect();
        arrivals.sort_unstable_by_key(|arrival| Reverse(*arrival));
        Self { model, seed, arrivals, parties: Vec::new(), free: Vec::new(), upcoming: BinaryHeap::new() }
    }

    /// Plays what happens before that time, and appends the events in the order of time.
    pub fn advance(&mut self, until: SimTime, events: &mut Vec<SeekerEvent>) {
        while let Some(now) = self.next_time().filter(|time| *time < until) {
            if self.arrivals.last().is_some_and(|(time, _)| *time == now) {
                let (_, number) = self.arrivals.pop().expect("there is one");
                self.begin(Party::arriving(self.model, self.seed, number), now);
                continue;
            }
            let Reverse((_, place)) = self.upcoming.pop().expect("the next time is somebody's");
            self.step(place, now, events);
        }
    }

    /// When something happens next; `None` when everyone has left.
    pub fn next_time(&self) -> Option<SimTime> {
        let arrival = self.arrivals.last().map(|(time, _)| *time);
        let upcoming = self.upcoming.peek().map(|Reverse((time, _))| *time);
        arrival.into_iter().chain(upcoming).min()
    }

    /// How many parties are there now.
    pub fn live(&self) -> usize {
        self.parties.len() - self.free.len()
    }

    /// Lets a party go on until it sleeps or leaves.
    fn step(&mut self, place: u32, now: SimTime, events: &mut Vec<SeekerEvent>) {
        let (mut party, mut input) = self.parties[place as usize].take().expect("who has a next input is there");
        loop {
            let step = party.handle(input, now, self.model);
            events.extend(step.event);
            if let Some(begun) = step.begins {
                self.begin(begun, now);
            }
            match step.next {
                Next::Search(query) => input = Input::SearchAnswered(self.model.catalogue().search(&query)),
                Next::SleepUntil(time) => {
                    self.parties[place as usize] = Some((party, Input::Woke));
                    self.upcoming.push(Reverse((time, place)));
                    return;
                }
                Next::Leave => {
                    self.free.push(place);
                    return;
                }
            }
        }
    }

    fn begin(&mut self, party: Party, at: SimTime) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.parties.push(None);
            u32::try_from(self.parties.len() - 1).expect("a cell has fewer parties")
        });
        self.parties[place as usize] = Some((party, Input::Started));
        self.upcoming.push(Reverse((at, place)));
    }
}
