//! One event, reduced to the fields that the statistics need.

use client_event::EventType;

use crate::source::Source;

/// One event, reduced to the fields that the statistics need. Hashes stand for texts.
///
/// A caller with events in another form can build this directly. For messages, use
/// [`Statistics::observe`](crate::Statistics::observe).
#[derive(Clone, Copy, Debug)]
pub struct Observation<'a> {
    /// The hash of the event's id and content. An event with the hash of an earlier event is a repeated event.
    pub event: u64,
    /// The hash of the detail `seekerId`. An event without this detail belongs to no seeker.
    pub seeker: Option<u64>,
    /// The origin.
    pub source: Source,
    /// The type.
    pub event_type: EventType,
    /// The hash of the request id.
    pub request: u64,
    /// The hashes of the job names.
    pub jobs: &'a [u64],
    /// The rank on the results page, from 1.
    pub position: Option<u16>,
    /// The time of the event, in milliseconds since 1970.
    pub at_millis: i64,
    /// The offset of local time from UTC at that time, in milliseconds.
    pub local_offset_millis: i64,
}

impl Observation<'_> {
    /// Whether a job seeker caused the event. Sites, recruiters, agencies and employers cause the others.
    pub(crate) fn is_of_seeker(&self) -> bool {
        let is_of_others = matches!(
            self.event_type,
            EventType::Notification
                | EventType::SentCv
                | EventType::ApplicationCompanySubmit
                | EventType::InterviewGranted
                | EventType::Hired
        );
        !is_of_others && matches!(self.source, Source::Search | Source::Alert)
    }
}
