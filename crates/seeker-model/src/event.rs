//! An event of a seeker in compact form: numbers and positions instead of texts, which are made only while it is written.

use std::sync::Arc;

use client_event::{EventTimestamp, EventType};

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

/// Which visit of a seeker an event belongs to, counted from 0. Written as `17-3` for the fourth visit of seeker 17, as `17-a3` for
/// the fourth alert.
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
        // Written out piece by piece, since none of the texts has anything to escape: that takes two thirds of the time of a writer
        // that has to look. What it writes is held to that of the message (`tests/it/main.rs`).
        let mut digits = itoa::Buffer::new();
        let text = |out: &mut Vec<u8>, text: &str| out.extend_from_slice(text.as_bytes());
        text(out, "{\"eventId\":\"");
        text(out, self.event.write(&mut [0; 36]));
        text(out, "\",\"eventType\":\"");
        text(out, self.event_type.name());
        text(out, "\",\"requestId\":\"");
        text(out, self.request.write(&mut [0; 73]));
        text(out, "\",\"relatedJobNames\":[");
        let (one, page, position) = match &self.jobs {
            EventJobs::One(posting, position) => (Some(*posting), &[][..], *position),
            EventJobs::Page(postings) => (None, &postings[..], None),
        };
        model.catalogue().write_job_names(one.iter().chain(page), out);
        text(out, "],\"eventTimestampMillis\":\"");
        text(out, digits.format(timestamp.as_millis()));
        text(out, "\",\"details\":{");
        if let Some(device) = self.device {
            text(out, "\"device\":\"");
            text(out, device.name());
            text(out, "\",");
        }
        if let Some(position) = position {
            text(out, "\"position\":\"");
            text(out, digits.format(position));
            text(out, "\",");
        }
        text(out, "\"seekerId\":\"");
        let seeker = digits.format(self.seeker);
        text(out, seeker);
        text(out, "\",\"sessionId\":\"");
        text(out, seeker);
        let (separator, visit) = match self.session {
            Session::Visit(visit) => ("-", visit),
            Session::Alert(alert) => ("-a", alert),
        };
        text(out, separator);
        text(out, itoa::Buffer::new().format(visit));
        text(out, "\",\"source\":\"");
        text(out, self.source.name());
        text(out, "\"}}");
    }
}
