//! The ids of the rules, their names, and the rule of each [`Reason`].

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::{Rule, TABLE};
use crate::problem::Reason;

/// The id of a rule. Its code is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum RuleId {
    /// F1: the text is one message in ProtoJSON.
    MessageForm,
    /// D1: required fields are there, the event type is a real one.
    RequiredFields,
    /// D2: an event id names one event.
    UniqueEventId,
    /// D3: the request id is that of a search.
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
    /// W1: a request has one IMPRESSION.
    OneImpressionPerRequest,
    /// W2: a request with events has an IMPRESSION or a NOTIFICATION.
    RequestHasImpression,
    /// I1: the job of an event was shown under its request.
    JobWasShown,
    /// I2: `APPLICATION_FINISH` needs a start.
    FinishAfterStart,
    /// I3: times are possible, and none is before its cause's.
    TimeOrder,
    /// I4: how many jobs an event names.
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

    /// The rule in the table.
    pub fn rule(self) -> &'static Rule {
        &TABLE[self.index()]
    }

    /// The stable kebab-case code.
    pub fn code(self) -> &'static str {
        self.rule().code
    }

    /// The label, such as `D4`.
    pub fn label(self) -> &'static str {
        self.rule().label
    }

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

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// The error for a name that is not a rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error(
    "{name:?} is not a rule{}; expected a code such as unique-event-id or a label: F1, D1 to D9, W1, W2, I1 to I6",
    match .meant { Some(meant) => format!(" (did you mean {meant}?)"), None => String::new() }
)]
pub struct UnknownRule {
    /// The name.
    pub name: String,
    /// A rule with a similar name.
    pub meant: Option<RuleId>,
}

/// Parses a code or a label, in upper or lower case.
impl FromStr for RuleId {
    type Err = UnknownRule;

    fn from_str(name: &str) -> Result<Self, UnknownRule> {
        let named = |id: &Self| name.eq_ignore_ascii_case(id.code()) || name.eq_ignore_ascii_case(id.label());
        let found = Self::ALL.into_iter().find(named);
        found.ok_or_else(|| UnknownRule { name: name.to_owned(), meant: find_similar(name) })
    }
}

/// The rule with the most similar code; `None` if none is similar.
fn find_similar(name: &str) -> Option<RuleId> {
    /// Allows one or two typing errors in a long code, but not a different word.
    const SIMILARITY_MIN: f64 = 0.7;
    let name = name.to_ascii_lowercase().replace('_', "-");
    let similarity = |id: RuleId| strsim::normalized_damerau_levenshtein(&name, id.code());
    let (id, most) = RuleId::ALL.map(|id| (id, similarity(id))).into_iter().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (most >= SIMILARITY_MIN).then_some(id)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn rows_positions_codes_and_labels_lead_back_to_their_rule() {
        let mut names = HashSet::new();
        for (position, id) in RuleId::ALL.into_iter().enumerate() {
            assert_eq!((id.index(), id.rule().id), (position, id));
            for name in [id.code().to_owned(), id.label().to_owned(), id.label().to_lowercase(), id.to_string().to_uppercase()] {
                assert_eq!(name.parse(), Ok(id));
            }
            assert!(id.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id} is kebab-case");
            for text in [id.rule().sentence, id.rule().source, id.rule().why] {
                assert!(!text.contains("- ") && !text.contains("  "), "{id}: a word is broken by a line break: {text}");
            }
            assert!(names.insert(id.code()) && names.insert(id.label()));
        }
    }

    #[test]
    fn an_unknown_name_says_what_was_meant() {
        let error = "uniqe_event_id".parse::<RuleId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"uniqe_event_id\" is not a rule (did you mean unique-event-id?); \
             expected a code such as unique-event-id or a label: F1, D1 to D9, W1, W2, I1 to I6"
        );
        for name in ["", "D10", "event"] {
            assert_eq!(name.parse::<RuleId>().unwrap_err().meant, None, "{name}");
        }
    }
}
