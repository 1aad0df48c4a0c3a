//! A finding of the checker, as data and as a sentence.

use std::borrow::Cow;
use std::fmt;

use super::relations::{CauseKind, is_display};
use crate::event_type::EventType;
use crate::field_names::FieldNames;
use crate::rules::{RuleId, Severity};

/// A violation of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that is violated.
    pub rule: RuleId,
    /// The severity, from the settings of the checker.
    pub severity: Severity,
    /// The event or search with the finding. Of two events, the event that arrived later.
    pub place: Place,
    /// The field of the message that shows the violation.
    pub part: Part,
    /// The position of the other event, if there is one: the event that this one conflicts with, is out of order with, or repeats.
    pub related: Option<u64>,
    /// The id of the event; empty for a search.
    pub event_id: Box<str>,
    /// The type of the event; `None` for a search.
    pub event_type: Option<EventType>,
    /// The type of the related event.
    pub related_type: Option<EventType>,
    /// The request id.
    pub request_id: Box<str>,
    /// The job, if the rule is about a job.
    pub job: Option<Box<str>>,
}

/// The event or search that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// The event at this position.
    Event(u64),
    /// The search at this position.
    Search(u64),
}

impl Place {
    /// The position of the event or of the search.
    pub const fn position(self) -> u64 {
        match self {
            Self::Event(position) | Self::Search(position) => position,
        }
    }
}

/// A field of a message.
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
    /// The path of the field, as in a [`Problem`](crate::Problem): `relatedJobNames[2]`.
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

/// One sentence with the field names of the message. The sentence has no positions, because only the caller knows what they refer to.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(FieldNames::Message, f)
    }
}

/// Displays a finding with the field names of one form of the event.
struct FindingDisplay<'a>(&'a Finding, FieldNames);

impl fmt::Display for FindingDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(self.1, f)
    }
}

impl Finding {
    /// The sentence of [`Display`](fmt::Display), with the field names of another form of the event.
    pub fn display(&self, names: FieldNames) -> impl fmt::Display {
        FindingDisplay(self, names)
    }

    fn write(&self, names: FieldNames, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (event_id, request_id) = (&self.event_id, &self.request_id);
        let job = self.job.as_deref().unwrap_or_default();
        let name = |event_type: Option<EventType>| event_type.map_or("event", |event_type| names.of_type(event_type));
        let (of_type, other) = (name(self.event_type), name(self.related_type));
        match self.rule {
            RuleId::UniqueEventId => {
                write!(f, "event id {event_id:?} was used before, for {} with other content", with_article(other))
            }
            RuleId::RequestIdFromSearch => write!(f, "{of_type} has request id {request_id:?}, which belongs to no search"),
            RuleId::QuickSubmissionExcludesStart
            | RuleId::StartFromStartExcludesView
            | RuleId::RedirectFromStartExcludesOthers
            | RuleId::ViewDirectExcludesView => {
                write!(
                    f,
                    "{of_type} for job {job:?} of request {request_id:?}, which already has {}: one excludes the other",
                    with_article(other)
                )
            }
            RuleId::HiredAfterApplication | RuleId::InterviewAfterApplication => {
                write!(f, "{of_type} for job {job:?} of request {request_id:?}, which has no submitted application")
            }
            RuleId::ConsistentWithSearches if self.event_type.is_none() => {
                write!(f, "search {request_id:?} returned jobs that no IMPRESSION or NOTIFICATION shows")
            }
            RuleId::ConsistentWithSearches => {
                write!(f, "{of_type} names job {job:?}, which search {request_id:?} did not return")
            }
            RuleId::OneImpressionPerRequest => write!(f, "request {request_id:?} already has an IMPRESSION"),
            RuleId::RequestHasImpression => {
                write!(f, "request {request_id:?} has {} but no IMPRESSION or NOTIFICATION", with_article(of_type))
            }
            RuleId::JobWasShown => {
                write!(f, "{of_type} for job {job:?}, which no IMPRESSION or NOTIFICATION of request {request_id:?} shows")
            }
            RuleId::FinishAfterStart => {
                write!(f, "{of_type} for job {job:?} of request {request_id:?}, which has no started application")
            }
            RuleId::TimeOrder => {
                let (event_type, cause) = if self.is_cause() { (other, of_type) } else { (of_type, other) };
                write!(
                    f,
                    "{event_type} for job {job:?} of request {request_id:?} is earlier than the {cause} that it follows from"
                )
            }
            // Rules for a single message have no findings in a sequence.
            RuleId::MessageForm | RuleId::RequiredFields | RuleId::JobsOfAnEvent | RuleId::JobNameForm => {
                f.write_str(self.rule.rule().sentence)
            }
        }
    }

    /// Whether the event is the cause of the related one. The types of the two events decide this.
    fn is_cause(&self) -> bool {
        let Some((event_type, related_type)) = self.event_type.zip(self.related_type) else { return false };
        let kind = CauseKind::of(event_type);
        let needed = CauseKind::needed_by(related_type).map(|(needed, _)| needed);
        kind.is_some() && kind == needed || is_display(event_type) && !is_display(related_type)
    }
}

/// An event type with its article.
fn with_article(name: &str) -> String {
    let article = if name.starts_with(['A', 'E', 'I']) { "an" } else { "a" };
    format!("{article} {name}")
}

#[cfg(test)]
mod tests {
    use crate::rules::RuleId;
    use crate::sequence::{Finding, Search, Searches, SequenceChecker};
    use crate::{ClientEvent, FieldNames};

    /// The sentences on the bad example of a rule.
    fn sentences(rule: RuleId, reversed: bool) -> Vec<String> {
        findings(rule, reversed).iter().map(ToString::to_string).collect()
    }

    fn findings(rule: RuleId, reversed: bool) -> Vec<Finding> {
        let rule = rule.rule();
        let mut searches = Searches::default();
        for line in rule.searches.into_iter().flat_map(str::lines) {
            let search = Search::from_json(line.as_bytes()).unwrap();
            searches.add(&search.request_id, search.jobs.iter().map(|job| &**job), 0);
        }
        let options = SequenceChecker::builder().searches(rule.searches.map(|_| searches));
        let (mut checker, mut findings) = (options.build(), Vec::new());
        let mut lines: Vec<_> = rule.bad.lines().collect();
        if reversed {
            lines.reverse();
        }
        for line in lines {
            checker.observe(&ClientEvent::from_json(line.as_bytes()).unwrap(), &mut findings);
        }
        checker.finish(&mut findings);
        findings
    }

    #[test]
    fn a_sentence_for_each_rule() {
        for (rule, sentence) in [
            ("D2", r#"event id "e-2" was used before, for a VIEW with other content"#),
            ("D3", r#"IMPRESSION has request id "r-2", which belongs to no search"#),
            (
                "D4",
                "APPLICATION_QUICK_SUBMISSION for job \"jobs/1\" of request \"r-1\", which already has an APPLICATION_START: \
                 one excludes the other",
            ),
            ("D7", r#"HIRED for job "jobs/1" of request "r-1", which has no submitted application"#),
            ("D9", r#"IMPRESSION names job "jobs/2", which search "r-1" did not return"#),
            ("W1", r#"request "r-1" already has an IMPRESSION"#),
            ("W2", r#"request "r-1" has a VIEW but no IMPRESSION or NOTIFICATION"#),
            ("I1", r#"VIEW for job "jobs/2", which no IMPRESSION or NOTIFICATION of request "r-1" shows"#),
            ("I2", r#"APPLICATION_FINISH for job "jobs/1" of request "r-1", which has no started application"#),
            ("I3", r#"VIEW for job "jobs/1" of request "r-1" is earlier than the IMPRESSION that it follows from"#),
        ] {
            assert_eq!(sentences(rule.parse().unwrap(), false), [sentence], "{rule}");
        }
        let found = findings(RuleId::ViewDirectExcludesView, false);
        let sentence = found[0].display(FieldNames::Api).to_string();
        assert!(
            sentence.starts_with("VIEW_REDIRECT for job") || sentence.ends_with("a VIEW_REDIRECT: one excludes the other"),
            "{sentence}"
        );
        let in_time = sentences(RuleId::TimeOrder, false);
        assert_eq!(sentences(RuleId::TimeOrder, true), in_time, "the same, whichever of the two arrived later");
    }
}
