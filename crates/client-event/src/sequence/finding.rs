//! What the checker finds, as data, and in one sentence for a person.

use std::borrow::Cow;
use std::fmt;

use crate::event_type::EventType;
use crate::rules::{RuleId, Severity};

/// A breach of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// How grave it is, by the checker's settings.
    pub severity: Severity,
    /// Where it is: of two events, the one that arrived later.
    pub place: Place,
    /// The part of the message at that place that shows it.
    pub part: Part,
    /// The position of the other event, where there is one: what the event at the place conflicts with, is out of order with, or
    /// repeats.
    pub related: Option<u64>,
    /// The id of the event at the place; empty for a search.
    pub event_id: Box<str>,
    /// The type of the event at the place; `None` for a search.
    pub event_type: Option<EventType>,
    /// The type of the related event.
    pub related_type: Option<EventType>,
    /// The request.
    pub request_id: Box<str>,
    /// The job, where the rule is about one.
    pub job: Option<Box<str>>,
}

/// Where a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// At the event with this position.
    Event(u64),
    /// At the search with this position.
    Search(u64),
}

impl Place {
    /// The position, of an event or of a search.
    pub const fn position(self) -> u64 {
        match self {
            Self::Event(at) | Self::Search(at) => at,
        }
    }
}

/// A part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// `eventId`
    EventId,
    /// `eventType`
    EventType,
    /// `requestId`
    RequestId,
    /// An element of `relatedJobNames`, from 0.
    Job(usize),
    /// `eventTimestampMillis`
    Timestamp,
}

impl Part {
    /// Where the part is in the message, as in a [`Problem`](crate::Problem): `relatedJobNames[2]`.
    pub fn path(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::EventId => "eventId",
            Self::EventType => "eventType",
            Self::RequestId => "requestId",
            Self::Job(number) => return Cow::Owned(format!("relatedJobNames[{number}]")),
            Self::Timestamp => "eventTimestampMillis",
        })
    }
}

/// One sentence with the names, and without the positions: what they mean is the caller's.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (event_id, request_id) = (&self.event_id, &self.request_id);
        let job = self.job.as_deref().unwrap_or_default();
        let of_type = self.event_type.map_or("the event", EventType::name);
        let other = self.related_type.map_or("another event", EventType::name);
        match self.rule {
            RuleId::UniqueEventId => {
                write!(f, "event id {event_id:?} was used before, for a {other} with other content")
            }
            RuleId::RequestIdFromSearch => {
                write!(f, "request id {request_id:?} of {of_type} {event_id:?} is that of no search")
            }
            RuleId::QuickSubmissionExcludesStart
            | RuleId::StartFromStartExcludesView
            | RuleId::RedirectFromStartExcludesOthers
            | RuleId::ViewDirectExcludesView => {
                write!(
                    f,
                    "{of_type} {event_id:?} and the {other} before it exclude each other for job {job:?} of request {request_id:?}"
                )
            }
            RuleId::HiredAfterApplication | RuleId::InterviewAfterApplication => {
                write!(f, "{of_type} {event_id:?} has no submitted application for job {job:?} of request {request_id:?}")
            }
            RuleId::ConsistentWithSearches => match self.place {
                Place::Event(_) => {
                    write!(f, "job {job:?} of {of_type} {event_id:?} is not among the results of search {request_id:?}")
                }
                Place::Search(_) => {
                    write!(f, "search {request_id:?} returned jobs, but no IMPRESSION or NOTIFICATION shows them")
                }
            },
            RuleId::OneImpressionPerRequest => {
                write!(f, "IMPRESSION {event_id:?} is not the first of request {request_id:?}")
            }
            RuleId::RequestHasImpression => {
                write!(
                    f,
                    "request {request_id:?} has events, {of_type} {event_id:?} the first of them, but no IMPRESSION or NOTIFICATION"
                )
            }
            RuleId::JobWasShown => {
                write!(f, "job {job:?} of {of_type} {event_id:?} is in no IMPRESSION or NOTIFICATION of request {request_id:?}")
            }
            RuleId::FinishAfterStart => {
                write!(f, "{of_type} {event_id:?} has no start of an application for job {job:?} of request {request_id:?}")
            }
            RuleId::TimeOrder => {
                write!(
                    f,
                    "the times of {of_type} {event_id:?} and of the {other} before it contradict their order, for job {job:?} of request {request_id:?}"
                )
            }
            // Rules of a message on its own are no findings of a sequence.
            RuleId::MessageForm | RuleId::RequiredFields | RuleId::JobsOfAnEvent | RuleId::JobNameForm => {
                f.write_str(self.rule.rule().sentence)
            }
        }
    }
}
