//! Observes whole messages: reduces each to an [`Observation`].

use std::hash::{DefaultHasher, Hash, Hasher};

use client_event::EventFields;

use crate::local_clock::LocalClock;
use crate::observation::Observation;
use crate::source::Source;
use crate::statistics::Statistics;
use crate::time::timestamp_from_millis;

impl Statistics {
    /// Counts the next event of the stream. A repeated event counts as repeated and changes no other figure.
    ///
    /// The details `seekerId`, `source` and `position` name the seeker, the origin and the rank on the results page.
    pub fn observe(&mut self, event: &impl EventFields, clock: &mut LocalClock) {
        let (mut seeker, mut source, mut position) = (None, None, None);
        for (key, value) in event.details() {
            match key {
                "seekerId" => seeker = Some(hash_of(value)),
                "source" => source = Source::from_name(value),
                "position" => position = value.parse().ok().filter(|rank| *rank > 0),
                _ => {}
            }
        }
        let at = timestamp_from_millis(event.timestamp().as_millis());
        let mut jobs = std::mem::take(&mut self.job_hashes);
        jobs.clear();
        jobs.extend(event.jobs().map(hash_of));
        self.observe_hashed(&Observation {
            event: hash_of(&(event.event_id(), event.event_type(), event.request_id(), event.timestamp())),
            seeker,
            source: source.unwrap_or_else(|| Source::of_type(event.event_type())),
            event_type: event.event_type(),
            request: hash_of(event.request_id()),
            jobs: &jobs,
            position,
            at_millis: at.as_millisecond(),
            local_offset_millis: clock.offset_millis(at),
        });
        self.job_hashes = jobs;
    }
}

fn hash_of<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
