//! The problems of one message: a [`Problem`] has a path, a [`Reason`] and an explanation. A [`Refusal`] is the error with all problems of
//! a message.

use std::fmt;
use std::ops::Range;

use thiserror::Error;

/// The reason why a message is refused. The code of a reason is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[non_exhaustive]
pub enum Reason {
    /// The text is not JSON (RFC 8259), or is nested deeper than 128 levels.
    NotJson,
    /// The text is not UTF-8.
    NotUtf8,
    /// The JSON value is not an object.
    NotAnObject,
    /// A field that the message does not have (ProtoJSON).
    UnknownField,
    /// A repeated field or key of `details`; the camelCase and `snake_case` names of a field are the same field (ProtoJSON).
    DuplicateField,
    /// A value of another JSON type than the field's, or, in other API versions, a string that is not the time or the base64
    /// that the field holds (ProtoJSON).
    WrongType,
    /// A text that is not a JSON number, or a number with a fraction (ProtoJSON, int64).
    NotAnInt64,
    /// A number outside the range of int64 (ProtoJSON).
    Int64OutOfRange,
    /// A name that is none of the 16 event types (specification of the message).
    UnknownEventType,
    /// A required field is missing, null or empty (specification of the message; rule D1).
    RequiredField,
    /// `EVENT_TYPE_UNSPECIFIED` was sent (inferred; rule D1).
    UnspecifiedEventType,
    /// The time is before 1971: often seconds instead of milliseconds (inferred; rule I3).
    TimestampTooEarly,
    /// The time is in the future by more than the allowed clock skew: often microseconds (inferred; rule I3).
    TimestampInFuture,
    /// Several jobs in an event of a type that names one job (inferred; rule I4).
    SeveralJobs,
    /// The same job twice in one event (inferred; rule I4).
    RepeatedJob,
    /// A job name without a known form (inferred; rule I6).
    JobNameForm,
    /// A field exceeds its limit: `extraInfo` of version 3 (discovery document). The message has no field with a limit.
    FieldTooLarge,
}

impl Reason {
    /// All reasons: first the reasons of the wire form, then the reasons of the checks.
    pub const ALL: [Self; 17] = [
        Self::NotJson,
        Self::NotUtf8,
        Self::NotAnObject,
        Self::UnknownField,
        Self::DuplicateField,
        Self::WrongType,
        Self::NotAnInt64,
        Self::Int64OutOfRange,
        Self::UnknownEventType,
        Self::RequiredField,
        Self::UnspecifiedEventType,
        Self::TimestampTooEarly,
        Self::TimestampInFuture,
        Self::SeveralJobs,
        Self::RepeatedJob,
        Self::JobNameForm,
        Self::FieldTooLarge,
    ];

    /// The reasons for which a message can be refused: all except the reasons of other API versions.
    pub const OF_MESSAGES: [Self; 16] = {
        let mut reasons = [Self::NotJson; 16];
        let mut number = 0;
        while number < reasons.len() {
            reasons[number] = Self::ALL[number];
            number += 1;
        }
        reasons
    };

    /// The stable kebab-case code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotJson => "not-json",
            Self::NotUtf8 => "not-utf8",
            Self::NotAnObject => "not-an-object",
            Self::UnknownField => "unknown-field",
            Self::DuplicateField => "duplicate-field",
            Self::WrongType => "wrong-type",
            Self::NotAnInt64 => "not-an-int64",
            Self::Int64OutOfRange => "int64-out-of-range",
            Self::UnknownEventType => "unknown-event-type",
            Self::RequiredField => "required-field",
            Self::UnspecifiedEventType => "unspecified-event-type",
            Self::TimestampTooEarly => "timestamp-too-early",
            Self::TimestampInFuture => "timestamp-in-future",
            Self::SeveralJobs => "several-jobs",
            Self::RepeatedJob => "repeated-job",
            Self::JobNameForm => "job-name-form",
            Self::FieldTooLarge => "field-too-large",
        }
    }

    /// The position in [`Reason::ALL`], for tables of counts.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A problem of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The path of the field: `relatedJobNames[1]`, `details["device"]`; empty for the message as a whole.
    pub path: String,
    /// The reason.
    pub reason: Reason,
    /// An explanation: the value that was found and what was expected.
    pub message: String,
    /// The bytes of the text that the problem is about: a value, or the key of an unknown or repeated field. `None` for a missing field, and
    /// if the problem was not found in a text.
    pub span: Option<Range<usize>>,
}

impl Problem {
    /// A problem without a span.
    pub fn new(path: impl Into<String>, reason: Reason, message: impl Into<String>) -> Self {
        Self { path: path.into(), reason, message: message.into(), span: None }
    }

    pub(crate) fn with_span(self, span: impl Into<Option<Range<usize>>>) -> Self {
        Self { span: span.into(), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// The number of problems of one message that are kept. A message of 1 MiB can have 350,000.
///
/// Beyond this number only the first problem of each [`Reason`] is kept, so the reasons are always complete.
pub const PROBLEMS_MAX: usize = 100;

/// Collects the problems of one message. Keeps at most [`PROBLEMS_MAX`] of them, and one more of each reason.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    kept: Vec<Problem>,
    omitted: usize,
    /// One bit for each reason in `kept`.
    reasons: u32,
}

impl Problems {
    pub(crate) fn push(&mut self, problem: Problem) {
        self.add(problem.reason, || problem);
    }

    /// Adds a problem, which is only created if it is kept.
    pub(crate) fn add(&mut self, reason: Reason, problem: impl FnOnce() -> Problem) {
        let bit = 1 << reason.index();
        if self.kept.len() >= PROBLEMS_MAX && self.reasons & bit != 0 {
            self.omitted += 1;
            return;
        }
        self.reasons |= bit;
        self.kept.push(problem());
    }

    pub(crate) fn has(&self, reason: Reason) -> bool {
        self.reasons & 1 << reason.index() != 0
    }

    /// The number of problems that are kept.
    pub(crate) fn kept(&self) -> usize {
        self.kept.len()
    }

    /// Sets the span of the problems that have none, from this one on.
    pub(crate) fn set_span(&mut self, first: usize, span: &Range<usize>) {
        for problem in &mut self.kept[first..] {
            problem.span.get_or_insert_with(|| span.clone());
        }
    }

    pub(crate) fn into_kept(self) -> Vec<Problem> {
        self.kept
    }
}

/// The error for a message that is refused: its problems, at least one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}", RefusalDisplay(self))]
pub struct Refusal {
    problems: Vec<Problem>,
    omitted: usize,
}

impl Refusal {
    /// A refusal with one problem.
    pub(crate) fn from_problem(problem: Problem) -> Self {
        Self { problems: vec![problem], omitted: 0 }
    }

    /// A refusal with these problems; `None` without problems.
    pub(crate) fn of(problems: Vec<Problem>) -> Option<Self> {
        (!problems.is_empty()).then_some(Self { problems, omitted: 0 })
    }

    /// A refusal with the collected problems; `None` without problems.
    pub(crate) fn from_found(problems: Problems) -> Option<Self> {
        let Problems { kept, omitted, .. } = problems;
        (!kept.is_empty()).then_some(Self { problems: kept, omitted })
    }

    /// The problems, in the order in which they were found: the first [`PROBLEMS_MAX`], and the first of each reason.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Converts into the problems.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// The number of problems that [`problems`](Self::problems) leaves out.
    pub fn omitted(&self) -> usize {
        self.omitted
    }
}

struct RefusalDisplay<'a>(&'a Refusal);

impl fmt::Display for RefusalDisplay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.0.problems.iter().enumerate() {
            if position > 0 {
                f.write_str("; ")?;
            }
            problem.fmt(f)?;
        }
        if self.0.omitted > 0 {
            write!(f, "; and {} more", self.0.omitted)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_distinct_and_positions_hold() {
        for (position, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason.index(), position);
            assert_eq!(Reason::OF_MESSAGES.contains(&reason), reason != Reason::FieldTooLarge);
            assert!(Reason::ALL[..position].iter().all(|other| other.code() != reason.code()));
        }
    }

    #[test]
    fn a_refusal_lists_every_problem() {
        let refusal = Refusal::of(vec![
            Problem::new("eventId", Reason::RequiredField, "is missing"),
            Problem::new("", Reason::NotJson, "expected `}`"),
        ]);
        assert_eq!(refusal.unwrap().to_string(), "eventId: is missing; expected `}`");
        assert_eq!(Refusal::of(Vec::new()), None);
        assert_eq!(Refusal::from_found(Problems::default()), None);
    }

    proptest! {
        /// For all sequences of problems, the first ones and the first of each reason are kept; the others are not created.
        #[test]
        fn the_number_of_problems_is_bounded(reasons in prop::collection::vec(prop::sample::select(Reason::ALL.to_vec()), 0..400)) {
            let mut problems = Problems::default();
            let mut made = 0;
            for (position, reason) in reasons.iter().enumerate() {
                problems.add(*reason, || {
                    made += 1;
                    Problem::new(position.to_string(), *reason, "is wrong")
                });
            }
            let is_first = |position: usize| !reasons[..position].contains(&reasons[position]);
            let expected: Vec<_> = (0..reasons.len()).filter(|position| *position < PROBLEMS_MAX || is_first(*position)).collect();
            prop_assert_eq!(made, expected.len());
            let Some(refusal) = Refusal::from_found(problems) else {
                prop_assert!(reasons.is_empty());
                return Ok(());
            };
            let kept: Vec<_> = refusal.problems().iter().map(|problem| problem.path.parse::<usize>().unwrap()).collect();
            prop_assert_eq!(refusal.omitted(), reasons.len() - expected.len());
            prop_assert_eq!(kept, expected);
            prop_assert!(refusal.problems().len() <= PROBLEMS_MAX + Reason::ALL.len());
        }
    }
}
