//! Loads events and parties into the cache of the processor before they are used.
//!
//! Safe Rust has no prefetch instruction. These functions read a value from each cache line and do not use it, so the processor continues
//! before the value arrives. Loading a dozen values together takes little longer than loading one value.

use std::hint::black_box;

use crate::event::{EventJobs, SeekerEvent};
use crate::party::Party;
use crate::seeker::Seeker;

/// Loads what the JSON writer needs of these events.
pub(crate) fn prefetch_events<'a>(events: impl Iterator<Item = &'a SeekerEvent> + Clone) {
    // The events have to be in the cache before the addresses of their pages are known.
    events.clone().for_each(|event| {
        black_box((event.seeker, event.source));
    });
    events.for_each(|event| {
        black_box(if let EventJobs::Page(postings) = &event.jobs { postings.first().copied() } else { None });
    });
}

/// Loads what [`Party::handle`] needs of these parties.
pub(crate) fn prefetch_parties<'a>(parties: impl Iterator<Item = &'a Party> + Clone) {
    // Nearly all parties are seekers.
    let seekers = parties.filter_map(Party::as_seeker);
    seekers.clone().for_each(Seeker::prefetch);
    seekers.for_each(Seeker::prefetch_results);
}
