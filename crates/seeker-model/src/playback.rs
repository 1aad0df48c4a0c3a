//! A minimal driver: simulates one party, and the parties that it starts, in virtual time. Sleeps take no time, and the catalogue answers
//! searches immediately.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::event::SeekerEvent;
use crate::model::Model;
use crate::party::Party;
use crate::sim_time::SimTime;
use crate::step::{Input, Next};

/// The events of one party and of the parties that it starts, in time order.
///
/// ```
/// use seeker_model::{Model, Playback, SimTime};
///
/// let model = Model::with_defaults();
/// let events: Vec<_> = Playback::new(&model, 7, 0, SimTime::ZERO).collect();
/// assert!(events.is_sorted_by_key(|event| event.at));
/// ```
#[derive(Debug)]
pub struct Playback<'m> {
    model: &'m Model,
    /// The live parties by number, each with its next input.
    parties: Vec<Option<(Party, Input)>>,
    /// The time of the next input of each party.
    upcoming: BinaryHeap<Reverse<(SimTime, usize)>>,
}

impl<'m> Playback<'m> {
    /// The party with this number under this seed, started at this time.
    pub fn new(model: &'m Model, seed: u64, number: u64, start_time: SimTime) -> Self {
        let mut playback = Self { model, parties: Vec::new(), upcoming: BinaryHeap::new() };
        playback.start(Party::arriving(model, seed, number), start_time);
        playback
    }

    fn start(&mut self, party: Party, at: SimTime) {
        self.upcoming.push(Reverse((at, self.parties.len())));
        self.parties.push(Some((party, Input::Started)));
    }
}

impl Iterator for Playback<'_> {
    type Item = SeekerEvent;

    fn next(&mut self) -> Option<SeekerEvent> {
        while let Some(Reverse((now, number))) = self.upcoming.pop() {
            let (mut party, input) = self.parties[number].take().expect("a party has one next input");
            let step = party.handle(input, now, self.model);
            let next = match step.next {
                Next::Search(query) => Some((now, Input::SearchAnswered(self.model.catalogue().search(&query)))),
                Next::SleepUntil(time) => Some((time, Input::Woke)),
                Next::Leave => None,
            };
            if let Some((time, input)) = next {
                self.parties[number] = Some((party, input));
                self.upcoming.push(Reverse((time, number)));
            }
            if let Some(party) = step.new_party {
                self.start(party, now);
            }
            if step.event.is_some() {
                return step.event;
            }
        }
        None
    }
}
