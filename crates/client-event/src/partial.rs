//! A message with missing fields, for services that process every event as far as it is readable.

use std::borrow::Cow;

use crate::borrowed::{BorrowedEvent, Details, Jobs};
use crate::check::{NoSpans, Parts};
use crate::event_fields::EventFields;
use crate::event_type::EventType;
use crate::field_names::FieldNames;
use crate::message::ClientEvent;
use crate::problem::{Problem, Problems};
use crate::timestamp::EventTimestamp;

/// A message whose required fields may be missing: a missing id is empty, a missing list has no job, a missing type is
/// [`EventType::Unspecified`], and a missing time is [`EventTimestamp::UNKNOWN`]. Created by
/// [`Reader::read_partial`](crate::Reader::read_partial) and by the events of other API versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialEvent<'a>(BorrowedEvent<'a>);

/// The fields that may be missing.
#[derive(Default)]
pub(crate) struct PartialFields<'a> {
    pub(crate) event_id: Option<Cow<'a, str>>,
    pub(crate) event_type: Option<EventType>,
    pub(crate) request_id: Option<Cow<'a, str>>,
    /// Includes empty names.
    pub(crate) jobs: Vec<Cow<'a, str>>,
    pub(crate) timestamp: Option<EventTimestamp>,
    pub(crate) details: Option<Details<'a>>,
}

impl<'a> PartialEvent<'a> {
    pub(crate) fn of(fields: PartialFields<'a>) -> Self {
        // A list with only empty names has no job.
        let jobs = if fields.jobs.iter().all(|job| job.is_empty()) { Vec::new() } else { fields.jobs };
        Self(BorrowedEvent {
            event_id: fields.event_id.unwrap_or_default(),
            event_type: fields.event_type.unwrap_or(EventType::Unspecified),
            request_id: fields.request_id.unwrap_or_default(),
            related_job_names: Jobs::Several(jobs),
            event_timestamp_millis: fields.timestamp.unwrap_or(EventTimestamp::UNKNOWN),
            details: fields.details.unwrap_or(Details::NONE),
        })
    }

    /// Checks the content of the fields that are present. Missing fields are not reported.
    pub fn check_as(&self, names: FieldNames, now: Option<EventTimestamp>) -> Vec<Problem> {
        let jobs = self.0.related_job_names.as_slice();
        let parts = Parts {
            names,
            event_type: Some(self.0.event_type).filter(|_| !jobs.is_empty()),
            jobs: Some(jobs).filter(|jobs| jobs.iter().all(|job| !job.is_empty())),
            timestamp: Some(self.0.event_timestamp_millis).filter(|time| *time != EventTimestamp::UNKNOWN),
        };
        let mut problems = Problems::default();
        parts.check(now, &NoSpans, &mut problems);
        problems.into_kept()
    }
}

impl<'a> From<BorrowedEvent<'a>> for PartialEvent<'a> {
    fn from(event: BorrowedEvent<'a>) -> Self {
        Self(event)
    }
}

impl From<ClientEvent> for PartialEvent<'static> {
    fn from(event: ClientEvent) -> Self {
        let jobs = event.related_job_names.into_iter().map(|job| Cow::Owned(job.into_string()));
        let details = event.details.into_iter().map(|(key, value)| (Cow::Owned(key), Cow::Owned(value)));
        Self(BorrowedEvent {
            event_id: Cow::Owned(event.event_id.into_string()),
            event_type: event.event_type,
            request_id: Cow::Owned(event.request_id.into_string()),
            related_job_names: Jobs::Several(jobs.collect()),
            event_timestamp_millis: event.event_timestamp_millis,
            details: Details::Entries(details.collect()),
        })
    }
}

impl EventFields for PartialEvent<'_> {
    #[inline]
    fn event_id(&self) -> &str {
        self.0.event_id()
    }

    #[inline]
    fn event_type(&self) -> EventType {
        self.0.event_type()
    }

    #[inline]
    fn request_id(&self) -> &str {
        self.0.request_id()
    }

    #[inline]
    fn jobs(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.0.job_names()
    }

    #[inline]
    fn timestamp(&self) -> EventTimestamp {
        self.0.timestamp()
    }

    #[inline]
    fn details(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.details()
    }

    #[inline]
    fn details_json(&self) -> Option<&str> {
        self.0.details_json()
    }
}
