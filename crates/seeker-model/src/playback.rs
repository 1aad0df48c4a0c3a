//! Plays one journey in virtual time: the smallest driver there is, for tests, benches and examples. Sleeps take no time,
//! searches are answered at once.

use crate::event::SeekerEvent;
use crate::journey::{Input, Journey, Next};
use crate::model::Model;
use crate::time::SimTime;

/// The events of one seeker, in the order of time.
#[derive(Debug)]
pub struct Playback<'m> {
    model: &'m Model,
    journey: Journey,
    /// What happens next, and when; `None` once the seeker has left.
    upcoming: Option<(Input, SimTime)>,
}

impl<'m> Playback<'m> {
    /// The journey of this seeker under this seed, begun at that time.
    pub fn new(model: &'m Model, seed: u64, seeker: u64, start: SimTime) -> Self {
        Self { model, journey: Journey::new(model, seed, seeker), upcoming: Some((Input::Started, start)) }
    }
}

impl Iterator for Playback<'_> {
    type Item = SeekerEvent;

    fn next(&mut self) -> Option<SeekerEvent> {
        while let Some((input, now)) = self.upcoming.take() {
            let step = self.journey.handle(input, now, self.model);
            self.upcoming = match step.next {
                Next::Search(query) => Some((Input::SearchAnswered(self.model.catalogue().search(&query)), now)),
                Next::SleepUntil(time) => Some((Input::Woke, time)),
                Next::Leave => None,
            };
            if step.event.is_some() {
                return step.event;
            }
        }
        None
    }
}
