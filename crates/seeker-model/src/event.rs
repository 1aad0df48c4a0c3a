//! An event in compact form: numbers in place of texts.

use std::sync::Arc;

use client_event::EventType;

use crate::device::Device;
use crate::ids::{EventKey, RequestKey};
use crate::posting::PostingId;
use crate::session::Session;
use crate::sim_time::SimTime;
use crate::source::Source;

/// The jobs of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventJobs {
    /// One posting, and its rank on the results page, from 1, if it is on one.
    One(PostingId, Option<u16>),
    /// All postings of a results page, from the top.
    Page(Arc<[PostingId]>),
}

/// An event in compact form: numbers in place of texts.
///
/// [`SeekerEvent::to_message`] makes the message that a job site sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeekerEvent {
    /// The number of the seeker. An event of an employer has the number of the applicant.
    pub seeker: u64,
    /// The id of the event.
    pub event: EventKey,
    /// The type.
    pub event_type: EventType,
    /// The id of the search result that the event follows from.
    pub request: RequestKey,
    /// The jobs.
    pub jobs: EventJobs,
    /// The time of the event.
    pub at: SimTime,
    /// The device, if the event comes from a person with a device.
    pub device: Option<Device>,
    /// The session.
    pub session: Session,
    /// The origin.
    pub source: Source,
}
