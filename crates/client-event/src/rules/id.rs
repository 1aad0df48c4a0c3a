//! The ids of the rules, and the rule of each [`Reason`].

use crate::problem::Reason;

/// The id of a rule. Its code is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum RuleId {
    /// F1: the text is one message in ProtoJSON.
    MessageForm,
    /// D1: the required fields are present, and the event type is not `EVENT_TYPE_UNSPECIFIED`.
    RequiredFields,
    /// D2: an event id belongs to one event.
    UniqueEventId,
    /// D3: the request id belongs to a search.
    RequestIdFromSearch,
    /// D4: `APPLICATION_QUICK_SUBMISSION` excludes `APPLICATION_START` and `APPLICATION_FINISH`.
    QuickSubmissionExcludesStart,
    /// D5: `APPLICATION_START_FROM_START` excludes VIEW.
    StartFromStartExcludesView,
    /// D6: `APPLICATION_REDIRECT_FROM_START` excludes `APPLICATION_START`, `APPLICATION_FINISH` and VIEW.
    RedirectFromStartExcludesOthers,
    /// D7: HIRED needs a submitted application.
    HiredAfterApplication,
    /// D8: `INTERVIEW_GRANTED` needs a submitted application.
    InterviewAfterApplication,
    /// D9: events agree with the searches.
    ConsistentWithSearches,
    /// W1: a request has at most one IMPRESSION.
    OneImpressionPerRequest,
    /// W2: a request with events has an IMPRESSION or a NOTIFICATION.
    RequestHasImpression,
    /// I1: the job of an event was shown under its request.
    JobWasShown,
    /// I2: `APPLICATION_FINISH` needs a start.
    FinishAfterStart,
    /// I3: times are possible, and no event is earlier than its cause.
    TimeOrder,
    /// I4: the number of jobs of an event.
    JobsOfAnEvent,
    /// I5: `VIEW_DIRECT` excludes VIEW.
    ViewDirectExcludesView,
    /// I6: the forms of job names.
    JobNameForm,
}

impl RuleId {
    /// All rules, in the order of their labels: the wire form, documented, signs of a wrong configuration, inferred.
    pub const ALL: [Self; 18] = [
        Self::MessageForm,
        Self::RequiredFields,
        Self::UniqueEventId,
        Self::RequestIdFromSearch,
        Self::QuickSubmissionExcludesStart,
        Self::StartFromStartExcludesView,
        Self::RedirectFromStartExcludesOthers,
        Self::HiredAfterApplication,
        Self::InterviewAfterApplication,
        Self::ConsistentWithSearches,
        Self::OneImpressionPerRequest,
        Self::RequestHasImpression,
        Self::JobWasShown,
        Self::FinishAfterStart,
        Self::TimeOrder,
        Self::JobsOfAnEvent,
        Self::ViewDirectExcludesView,
        Self::JobNameForm,
    ];

    /// The position in [`RuleId::ALL`], for tables of counts.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The rule that a problem with this reason violates.
    pub const fn of(reason: Reason) -> Self {
        match reason {
            Reason::NotJson
            | Reason::NotUtf8
            | Reason::NotAnObject
            | Reason::UnknownField
            | Reason::DuplicateField
            | Reason::WrongType
            | Reason::NotAnInt64
            | Reason::Int64OutOfRange
            | Reason::UnknownEventType
            | Reason::FieldTooLarge => Self::MessageForm,
            Reason::RequiredField | Reason::UnspecifiedEventType => Self::RequiredFields,
            Reason::TimestampTooEarly | Reason::TimestampInFuture => Self::TimeOrder,
            Reason::SeveralJobs | Reason::RepeatedJob => Self::JobsOfAnEvent,
            Reason::JobNameForm => Self::JobNameForm,
        }
    }
}
