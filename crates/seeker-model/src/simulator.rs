//! Fast paths for a simulator that runs hundreds of thousands of seekers concurrently. Feature `simulator`.
//!
//! Everything here is an optimization of the rest of the API and can change in any version.

use client_event::EventTimestamp;

use crate::catalogue::Catalogue;
use crate::event::SeekerEvent;
use crate::model::Model;
use crate::party::Party;
use crate::posting::PostingId;

/// Appends the JSON of [`SeekerEvent::to_message`], three times as fast as the message writes itself.
///
/// ```
/// use client_event::EventTimestamp;
/// use seeker_model::{Model, Playback, SimTime, simulator};
///
/// let model = Model::with_defaults();
/// let event = Playback::new(&model, 7, 0, SimTime::ZERO).next().expect("a seeker starts with a search");
/// let timestamp = EventTimestamp::from_millis(1_700_000_000_000);
/// let (mut fast, mut slow) = (Vec::new(), Vec::new());
/// simulator::write_json(&event, &model, timestamp, &mut fast);
/// event.to_message(&model, timestamp).write_json(&mut slow);
/// assert_eq!(fast, slow);
/// ```
#[inline]
pub fn write_json(event: &SeekerEvent, model: &Model, timestamp: EventTimestamp, out: &mut Vec<u8>) {
    crate::event_json::write_json(event, model, timestamp, out);
}

/// Appends the job names of postings as JSON strings, with commas between them.
#[inline]
pub fn write_job_names(catalogue: &Catalogue, postings: &[PostingId], out: &mut Vec<u8>) {
    catalogue.write_job_names(postings, out);
}

/// Loads what [`write_json`] needs of these events into the cache of the processor.
#[inline]
pub fn prefetch_events<'a>(events: impl Iterator<Item = &'a SeekerEvent> + Clone) {
    crate::prefetch::prefetch_events(events);
}

/// Loads what [`Party::handle`] needs of these parties into the cache of the processor.
#[inline]
pub fn prefetch_parties<'a>(parties: impl Iterator<Item = &'a Party> + Clone) {
    crate::prefetch::prefetch_parties(parties);
}
