//! The offline driver: plays a share of a population in virtual time and hands over what happens in the order of time. A population is
//! divided into a fixed number of cells by the parties' numbers, so that cells can be played on any number of threads, or on
//! different machines, and still make the same whole.

use std::cmp::Reverse;

use crate::event::SeekerEvent;
use crate::model::Model;
use crate::party::{Input, Next, Party};
use crate::time::SimTime;
use crate::timing_wheel::TimingWheel;

/// How many cells a population has.
pub const CELLS: u64 = 64;

/// Some cells of a population, played as one.
#[derive(Debug)]
pub struct Cells<'m> {
    model: &'m Model,
    seed: u64,
    /// Who comes, and when, the next one last.
    arrivals: Vec<(SimTime, u64)>,
    /// Who is there; places of those who left are used again.
    parties: Vec<Option<Party>>,
    free: Vec<u32>,
    /// When each wakes.
    upcoming: TimingWheel<u32>,
}

impl<'m> Cells<'m> {
    /// The cells with those numbers, all different and below [`CELLS`], of a population of so many parties.
    pub fn new(model: &'m Model, seed: u64, population: u64, numbers: &[u64]) -> Self {
        let all = usize::try_from(CELLS).expect("there are few cells");
        let mut arrivals: Vec<_> = numbers
            .iter()
            .flat_map(|number| (*number..population).step_by(all))
            .map(|party| (Party::arriving(model, seed, party).first_arrival(model, seed, party), party))
            .collect();
        arrivals.sort_unstable_by_key(|arrival| Reverse(*arrival));
        Self { model, seed, arrivals, parties: Vec::new(), free: Vec::new(), upcoming: TimingWheel::default() }
    }

    /// Plays what happens before that time, and appends the events in the order of time.
    pub fn advance(&mut self, until: SimTime, events: &mut Vec<SeekerEvent>) {
        loop {
            let arrival = self.arrivals.last().map(|(time, _)| *time).filter(|time| *time < until);
            if let Some((now, place)) = self.upcoming.take_before(arrival.unwrap_or(until)) {
                self.go_on(place, Input::Woke, now, events);
            } else if let Some(now) = arrival {
                let (_, number) = self.arrivals.pop().expect("there is one");
                self.begin(Party::arriving(self.model, self.seed, number), now, events);
            } else {
                return;
            }
        }
    }

    /// When something happens next; `None` when everyone has left.
    pub fn next_time(&self) -> Option<SimTime> {
        let arrival = self.arrivals.last().map(|(time, _)| *time);
        arrival.into_iter().chain(self.upcoming.next_time()).min()
    }

    /// How many parties are there now.
    pub fn live(&self) -> usize {
        self.parties.len() - self.free.len()
    }

    fn begin(&mut self, party: Party, now: SimTime, events: &mut Vec<SeekerEvent>) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.parties.push(None);
            u32::try_from(self.parties.len() - 1).expect("cells have fewer parties")
        });
        self.parties[place as usize] = Some(party);
        self.go_on(place, Input::Started, now, events);
    }

    /// Lets a party go on until it sleeps or leaves.
    fn go_on(&mut self, place: u32, mut input: Input, now: SimTime, events: &mut Vec<SeekerEvent>) {
        loop {
            let party = self.parties[place as usize].as_mut().expect("who is woken is there");
            let step = party.handle(input, now, self.model);
            events.extend(step.event);
            if let Some(begun) = step.begins {
                self.begin(begun, now, events);
            }
            match step.next {
                Next::Search(query) => input = Input::SearchAnswered(self.model.catalogue().search(&query)),
                Next::SleepUntil(time) => return self.upcoming.add(time, place),
                Next::Leave => {
                    self.parties[place as usize] = None;
                    return self.free.push(place);
                }
            }
        }
    }
}
