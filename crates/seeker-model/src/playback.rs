//! Plays one party, and those that it begins, in virtual time: the smallest driver there is, for tests, benches and examples.
//! Sleeps take no time, searches are answered at once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::event::SeekerEvent;
use crate::model::Model;
use crate::party::{Input, Next, Party};
use crate::time::SimTime;

/// The events of one party and of those that it begins, in the order of time.
#[derive(Debug)]
pub struct Playback<'m> {
    model: &'m Model,
    /// Who is still there, by number.
    parties: Vec<Option<(Party, Input)>>,
    /// When each has its next input.
    upcoming: BinaryHeap<Reverse<(SimTime, usize)>>,
}

impl<'m> Playback<'m> {
    /// The party with this number under this seed, begun at that time.
    pub fn new(model: &'m Model, seed: u64, number: u64, start: SimTime) -> Self {
        let mut playback = Self { model, parties: Vec::new(), upcoming: BinaryHeap::new() };
        playback.begin(Party::arriving(model, seed, number), start);
        playback
    }

    fn begin(&mut self, party: Party, at: SimTime) {
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
            if let Some(begun) = step.begins {
                self.begin(begun, now);
            }
            if step.event.is_some() {
                return step.event;
            }
        }
        None
    }
}
