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

/// Where an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A search of a job seeker.
    Search,
    /// An alert, or what a job seeker did after it.
    Alert,
    /// A recruiter.
    Recruiter,
    /// A staffing agency.
    Agency,
    /// An employer.
    Employer,
}

impl Source {
    /// The value of the detail `source`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Alert => "alert",
            Self::Recruiter => "recruiter",
            Self::Agency => "agency",
            Self::Employer => "employer",
        }
    }
}

/// Which visit of a seeker an event belongs to, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Session {
    /// A visit of the seeker's own.
    Visit(u32),
    /// What followed from an alert.
    Alert(u32),
}

/// The jobs that an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventJobs {
    /// One, and its rank on the page of results, from 1, where it comes from one.
    One(PostingId, Option<u16>),
    /// All of a page, from the top.
    Page(Arc<[PostingId]>),
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeekerEvent {
    /// The number of the seeker; of an employer's event, the one of the applicant.
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
    /// The device, of those who hold one.
    pub device: Option<Device>,
    /// The visit.
    pub session: Session,
    /// Where it comes from.
    pub source: Source,
}

impl SeekerEvent {
    /// Appends the event as a message in JSON, with this time. Details: `device` (of those who hold one), `position` (where the event
    /// is about one posting of a page), `seekerId`, `sessionId`, `source`.
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
            EventJobs::One(posting, position) => (Some(*posting), &[][..], *position),
            EventJobs::Page(postings) => (None, &postings[..], None),
        };
        let jobs = one.iter().chain(page).map(|posting| catalogue.job_name(*posting));
        let seeker = seeker_digits.format(self.seeker);
        let mut session_bytes = [0; SESSION_LENGTH_MAX];
        let session = self.session.write(seeker, &mut session_bytes);
        let device = self.device.map(|device| ("device", device.name()));
        let position = position.map(|position| ("position", position_digits.format(position)));
        let details = device.into_iter().chain(position).chain([
            ("seekerId", seeker),
            ("sessionId", session),
            ("source", self.source.name()),
        ]);
        write_message(out, &parts, jobs, details);
    }
}

/// Two numbers, a hyphen and a letter.
const SESSION_LENGTH_MAX: usize = 20 + 10 + 2;

impl Session {
    /// `17-3` for the fourth visit of seeker 17, `17-a3` for its fourth alert.
    fn write<'a>(self, seeker: &str, buffer: &'a mut [u8; SESSION_LENGTH_MAX]) -> &'a str {
        let mut digits = itoa::Buffer::new();
        let (separator, number) = match self {
            Self::Visit(number) => ("-", number),
            Self::Alert(number) => ("-a", number),
        };
        let mut length = 0;
        for part in [seeker, separator, digits.format(number)] {
            buffer[length..length + part.len()].copy_from_slice(part.as_bytes());
            length += part.len();
        }
        std::str::from_utf8(&buffer[..length]).expect("digits, a hyphen and a letter")
    }
}
