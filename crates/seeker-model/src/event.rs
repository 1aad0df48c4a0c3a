//! An event of a seeker in compact form: numbers and positions instead of texts, which are made only while it is written.

use std::hint::black_box;
use std::slice;
use std::sync::Arc;

use client_event::{EventTimestamp, EventType};

use crate::catalogue::PostingId;
use crate::ids::{EventKey, RequestKey};
use crate::job_names::NAME_LENGTH;
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

/// Which session of a seeker an event belongs to, counted from 0. Written as `17-3` for the fourth of seeker 17's own, as `17-a3` for
/// what followed from the fourth alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Session {
    /// Of the seeker's own; a pause ends it.
    Visit(u32),
    /// What followed from an alert.
    Alert(u32),
}

impl Session {
    /// The value of the detail `sessionId` in the events of this seeker.
    pub fn name(self, seeker: u64) -> String {
        match self {
            Self::Visit(visit) => format!("{seeker}-{visit}"),
            Self::Alert(alert) => format!("{seeker}-a{alert}"),
        }
    }
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
    /// Has the processor fetch into its cache what [`SeekerEvent::write_json`] needs of these events. For those who hold more events than a
    /// cache does.
    pub fn prefetch<'a>(events: impl Iterator<Item = &'a Self> + Clone) {
        // A value that nothing is made of is not waited for; once the events are there, so are the addresses of their pages.
        events.clone().for_each(|event| {
            black_box((event.seeker, event.source));
        });
        events.for_each(|event| {
            black_box(if let EventJobs::Page(postings) = &event.jobs { postings.first().copied() } else { None });
        });
    }

    /// Appends the event as a message in JSON, with this time. Details: `device` (of those who hold one), `position` (where the event
    /// is about one posting of a page), `seekerId`, `sessionId`, `source`.
    pub fn write_json(&self, model: &Model, timestamp: EventTimestamp, out: &mut Vec<u8>) {
        // Written out piece by piece, since none of the texts has anything to escape: that takes two thirds of the time of a writer
        // that has to look. What it writes is held to that of the message (`tests/it/main.rs`).
        let mut digits = itoa::Buffer::new();
        let (postings, position) = match &self.jobs {
            EventJobs::One(posting, position) => (slice::from_ref(posting), *position),
            EventJobs::Page(postings) => (&postings[..], None),
        };
        out.reserve(BESIDE_NAMES_MAX + postings.len() * NAME_LENGTH);
        out.extend_from_slice(b"{\"eventId\":\"");
        out.extend_from_slice(&self.event.text());
        out.extend_from_slice(b"\",\"eventType\":\"");
        out.extend_from_slice(self.event_type.name().as_bytes());
        out.extend_from_slice(b"\",\"requestId\":\"");
        out.extend_from_slice(&self.request.text());
        out.extend_from_slice(b"\",\"relatedJobNames\":[");
        model.catalogue().write_job_names(postings, out);
        out.extend_from_slice(b"],\"eventTimestampMillis\":\"");
        out.extend_from_slice(digits.format(timestamp.as_millis()).as_bytes());
        out.extend_from_slice(match self.device {
            None => b"\",\"details\":{",
            Some(Device::Desktop) => b"\",\"details\":{\"device\":\"desktop\",",
            Some(Device::Mobile) => b"\",\"details\":{\"device\":\"mobile\",",
        });
        if let Some(position) = position {
            out.extend_from_slice(b"\"position\":\"");
            out.extend_from_slice(digits.format(position).as_bytes());
            out.extend_from_slice(b"\",");
        }
        out.extend_from_slice(b"\"seekerId\":\"");
        let seeker = digits.format(self.seeker).as_bytes();
        out.extend_from_slice(seeker);
        out.extend_from_slice(b"\",\"sessionId\":\"");
        out.extend_from_slice(seeker);
        let (separator, visit) = match self.session {
            Session::Visit(visit) => (&b"-"[..], visit),
            Session::Alert(alert) => (&b"-a"[..], alert),
        };
        out.extend_from_slice(separator);
        out.extend_from_slice(itoa::Buffer::new().format(visit).as_bytes());
        out.extend_from_slice(b"\",\"source\":\"");
        out.extend_from_slice(self.source.name().as_bytes());
        out.extend_from_slice(b"\"}}");
    }
}

/// More than all of an event but its job names takes, with the line's end.
const BESIDE_NAMES_MAX: usize = 512;
