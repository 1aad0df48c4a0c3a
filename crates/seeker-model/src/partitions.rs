//! An offline driver: simulates partitions of a population in virtual time. The numbers of the parties divide a population into a fixed
//! number of partitions. The partitions can run on any number of threads or machines; together they produce the same events.

use std::cmp::Reverse;

use crate::event::SeekerEvent;
use crate::model::Model;
use crate::party::Party;
use crate::sim_time::SimTime;
use crate::step::{Input, Next};
use crate::timing_wheel::TimingWheel;

/// The number of partitions of a population.
pub const PARTITIONS: u64 = 64;

/// Some partitions of a population, simulated together.
///
/// ```
/// use seeker_model::{Model, PARTITIONS, Partitions};
///
/// let model = Model::with_defaults();
/// let all: Vec<_> = (0..PARTITIONS).collect();
/// let mut partitions = Partitions::new(&model, 7, 10, &all);
/// let mut events = Vec::new();
/// partitions.advance(model.end(), &mut events);
/// assert!(events.is_sorted_by_key(|event| event.at));
/// ```
#[derive(Debug)]
pub struct Partitions<'m> {
    model: &'m Model,
    seed: u64,
    /// The times and numbers of the arriving parties, the next one last.
    arrivals: Vec<(SimTime, u64)>,
    /// The live parties. The places of parties that left are used again.
    parties: Vec<Option<Party>>,
    free: Vec<u32>,
    /// The time of the next input of each party.
    upcoming: TimingWheel<u32>,
}

impl<'m> Partitions<'m> {
    /// The partitions with these numbers of a population with this many parties. The numbers must be distinct and below [`PARTITIONS`].
    pub fn new(model: &'m Model, seed: u64, population: u64, numbers: &[u64]) -> Self {
        let all = usize::try_from(PARTITIONS).expect("a small number");
        let mut arrivals: Vec<_> = numbers
            .iter()
            .flat_map(|number| (*number..population).step_by(all))
            .map(|party| (Party::arriving(model, seed, party).first_arrival(model, seed, party), party))
            .collect();
        arrivals.sort_unstable_by_key(|arrival| Reverse(*arrival));
        Self { model, seed, arrivals, parties: Vec::new(), free: Vec::new(), upcoming: TimingWheel::default() }
    }

    /// Simulates up to this time, and appends the events in time order.
    pub fn advance(&mut self, until: SimTime, events: &mut Vec<SeekerEvent>) {
        loop {
            let arrival = self.arrivals.last().map(|(time, _)| *time).filter(|time| *time < until);
            if let Some((now, place)) = self.upcoming.take_before(arrival.unwrap_or(until)) {
                self.advance_party(place, Input::Woke, now, events);
            } else if let Some(now) = arrival {
                let (_, number) = self.arrivals.pop().expect("an arrival");
                self.start(Party::arriving(self.model, self.seed, number), now, events);
            } else {
                return;
            }
        }
    }

    /// The time of the next step. `None` once all parties have left.
    pub fn next_time(&self) -> Option<SimTime> {
        let arrival = self.arrivals.last().map(|(time, _)| *time);
        arrival.into_iter().chain(self.upcoming.next_time()).min()
    }

    /// The number of live parties.
    pub fn live(&self) -> usize {
        self.parties.len() - self.free.len()
    }

    fn start(&mut self, party: Party, now: SimTime, events: &mut Vec<SeekerEvent>) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.parties.push(None);
            u32::try_from(self.parties.len() - 1).expect("partitions have fewer parties")
        });
        self.parties[place as usize] = Some(party);
        self.advance_party(place, Input::Started, now, events);
    }

    /// Advances a party until it sleeps or leaves.
    fn advance_party(&mut self, place: u32, mut input: Input, now: SimTime, events: &mut Vec<SeekerEvent>) {
        loop {
            let party = self.parties[place as usize].as_mut().expect("a live party");
            let step = party.handle(input, now, self.model);
            events.extend(step.event);
            if let Some(party) = step.new_party {
                self.start(party, now, events);
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
