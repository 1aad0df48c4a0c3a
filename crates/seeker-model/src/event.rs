//! An event of a seeker in compact form: numbers and positions instead of texts, which are made only while it is written.

use std::sync::Arc;

use client_event::{EventTimestamp, EventType, MessageParts, write_message};

use crate::catalogue::PostingId;
use crate::ids::{EventKey, RequestKey};
use crate::model::Model;
use crate::time::SimTime;

/// What the seeker holds in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Device {
    /// A computer.
    Desktop,
    /// A telephone or tablet.
    Mobile,
}

impl Device {
    /// The value of the detail `device`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
        }
    }
}

/// The jobs that an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventJobs {
    /// One, and its rank on the page of results, from 1.
    One(PostingId, u16),
    /// All of a page, from the top.
    Page(Arc<[PostingId]>),
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeekerEvent {
    /// The number of the seeker.
    pub seeker: u64,
    /// The event's id.
    pub event: EventKey,
    /// What happened.
    pub event_type: EventType,
    /// The answer of the search that it follows from.
    pub request: RequestKey,
    /// The jobs.
    pub jobs: EventJobs,
    /// When it happens.
    pub at: SimTime,
    /// The seeker's device.
    pub device: Device,
}

impl SeekerEvent {
    /// Appends the event as a message in JSON, with this time. Details: `device`, `position` (where the event is about one posting of
    /// the page), `seekerId`, `sessionId`, `source`.
    pub fn write_json(&self, model: &Model, timestamp: EventTimestamp, out: &mut Vec<u8>) {
        let catalogue = model.catalogue();
        let (mut event_id, mut request_id) = ([0; 36], [0; 73]);
        let (mut position_digits, mut seeker_digits) = (itoa::Buffer::new(), itoa::Buffer::new());
        let parts = MessageParts {
            event_id: self.event.write(&mut event_id),
            event_type: self.event_type,
            request_id: self.request.write(&mut request_id),
            timestamp,
        };
        let (one, page, position) = match &self.jobs {
            EventJobs::One(posting, position) => (Some(*posting), &[][..], Some(*position)),
            EventJobs::Page(postings) => (None, &postings[..], None),
        };
        let jobs = one.iter().chain(page).map(|posting| catalogue.job_name(*posting));
        let seeker = seeker_digits.format(self.seeker);
        let position = position.map(|position| ("position", position_digits.format(position)));
        let details = [("device", self.device.name())].into_iter().chain(position).chain([
            ("seekerId", seeker),
            ("sessionId", seeker),
            ("source", "search"),
        ]);
        write_message(out, &parts, jobs, details);
    }
}
