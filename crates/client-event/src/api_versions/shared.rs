//! What versions 3 and 4 convert alike: request, event, time, type and jobs, with every problem named at once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::api_versions::job_event::{JobEvent, JobEventType};
use crate::api_versions::lossy::{Lossy, Lost};
use crate::api_versions::rfc3339::{Timestamp, TimestampError};
use crate::borrowed::Details;
use crate::ids::{EventId, RequestId};
use crate::job_name::JobName;
use crate::message::ClientEvent;
use crate::non_empty_text::EmptyText;
use crate::partial::{PartialEvent, PartialFields};
use crate::problem::{Problem, Problems, Reason, Refusal};
use crate::timestamp::EventTimestamp;
use crate::wire::lexer::{Lexer, SyntaxError, ValueKind};
use crate::wire::object_reader::ObjectReader;

/// The time of a message as a relative's `createTime`.
pub(crate) fn create_time(message: &ClientEvent) -> Result<Timestamp, Refusal> {
    let time = message.event_timestamp_millis;
    Timestamp::try_from(time).map_err(|error| {
        // Too large to be written is as far in the future as times go, and the other way round.
        let past = time < EventTimestamp::from_millis(0);
        let reason = if past { Reason::TimestampTooEarly } else { Reason::TimestampInFuture };
        let problem = Problem::new("eventTimestampMillis", reason, format!("is {time}, {error}, so createTime cannot hold it"));
        Refusal::of(vec![problem]).expect("it has a problem")
    })
}

pub(crate) fn job_names(message: &ClientEvent) -> Vec<String> {
    message.related_job_names.iter().map(|job| job.as_str().to_owned()).collect()
}

pub(crate) fn read_create_time(
    reader: &mut ObjectReader,
    kind: ValueKind,
    lexer: &mut Lexer<'_>,
) -> Result<Option<Timestamp>, SyntaxError> {
    let Some(text) = reader.read_string(kind, lexer)? else {
        return Ok(None);
    };
    let time = text.parse();
    Ok(time.map_err(|error: TimestampError| reader.add_problem(Reason::WrongType, format!("{text:?} is {error}"))).ok())
}

/// The fields from which a message is made.
pub(crate) struct SharedFields<'a, T> {
    pub(crate) request_id: &'a str,
    pub(crate) event_id: &'a str,
    pub(crate) create_time: Option<Timestamp>,
    pub(crate) job_event: Option<&'a JobEvent<T>>,
}

impl<T: JobEventType> SharedFields<'_, T> {
    pub(crate) fn to_message(&self, details: BTreeMap<String, String>) -> Result<Lossy<ClientEvent>, Refusal> {
        let mut problems = Problems::default();
        let request_id = filled("requestId", RequestId::new(self.request_id), &mut problems);
        let event_id = filled("eventId", EventId::new(self.event_id), &mut problems);
        if self.create_time.is_none() {
            problems.push(missing("createTime"));
        }
        let (event_type, jobs) = if let Some(event) = self.job_event {
            (known_type(event.event_type, &mut problems), names(&event.jobs, &mut problems))
        } else {
            problems.push(missing("jobEvent"));
            (None, Vec::new())
        };
        if let Some(refusal) = Refusal::from_found(problems) {
            return Err(refusal);
        }
        let present = "a field without a problem is there";
        let time = self.create_time.expect(present);
        let value = ClientEvent {
            event_id: event_id.expect(present),
            event_type: event_type.expect(present),
            request_id: request_id.expect(present),
            related_job_names: jobs,
            event_timestamp_millis: time.to_event_timestamp(),
            details,
        };
        let nanos = time.nanos_below_millisecond();
        let lost = if nanos == 0 { Vec::new() } else { vec![Lost::NanosBelowMillisecond(nanos)] };
        Ok(Lossy { value, lost })
    }
}

impl<T: JobEventType> SharedFields<'_, T> {
    /// The message as far as it is there; `None` if the event is of a type that the message does not have.
    pub(crate) fn to_partial(&self, details: BTreeMap<String, String>) -> Option<PartialEvent<'static>> {
        let event_type = match self.job_event {
            Some(event) => Some(event.event_type.event_type()?),
            None => None,
        };
        let owned = |text: &str| Some(Cow::Owned(text.to_owned()));
        let jobs = self.job_event.map_or(&[][..], |event| &event.jobs);
        let details = details.into_iter().map(|(key, value)| (Cow::Owned(key), Cow::Owned(value)));
        Some(PartialEvent::of(PartialFields {
            event_id: owned(self.event_id),
            event_type,
            request_id: owned(self.request_id),
            jobs: jobs.iter().map(|job| Cow::Owned(job.clone())).collect(),
            timestamp: self.create_time.map(Timestamp::to_event_timestamp),
            details: Some(Details::Entries(details.collect())),
        }))
    }
}

fn missing(path: &str) -> Problem {
    Problem::new(path, Reason::RequiredField, "is missing")
}

fn filled<T>(path: &str, text: Result<T, EmptyText>, problems: &mut Problems) -> Option<T> {
    // Empty and missing are the same in ProtoJSON.
    text.map_err(|_| problems.push(missing(path))).ok()
}

fn known_type<T: JobEventType>(event_type: T, problems: &mut Problems) -> Option<crate::EventType> {
    let known = event_type.event_type();
    if known.is_none() {
        let message = format!("is {}, a type that the message does not have", event_type.wire_name());
        problems.push(Problem::new("jobEvent.type", Reason::UnknownEventType, message));
    }
    known
}

fn names(jobs: &[String], problems: &mut Problems) -> Vec<JobName> {
    if jobs.is_empty() {
        let message = "names no job; an event is about one job or more";
        problems.push(Problem::new("jobEvent.jobs", Reason::RequiredField, message));
    }
    let mut names = Vec::with_capacity(jobs.len());
    for (position, job) in jobs.iter().enumerate() {
        if let Ok(name) = JobName::new(job.as_str()) {
            names.push(name);
        } else {
            problems.add(Reason::RequiredField, || {
                Problem::new(format!("jobEvent.jobs[{position}]"), Reason::RequiredField, "is empty; expected a job name")
            });
        }
    }
    names
}

/// The value, if the text had no problem of form.
pub(crate) fn without_problems<T>((value, problems): (T, Vec<Problem>)) -> Result<T, Refusal> {
    match Refusal::of(problems) {
        Some(refusal) => Err(refusal),
        None => Ok(value),
    }
}

/// Converts what could be read, so that problems of form and of content are named at once. `above` is the path in the text of what
/// is converted.
pub(crate) fn converted<T, M>(
    (value, mut problems): (T, Vec<Problem>),
    above: &str,
    convert: impl FnOnce(&T) -> Result<M, Refusal>,
) -> Result<M, Refusal> {
    match convert(&value) {
        Ok(message) if problems.is_empty() => return Ok(message),
        Ok(_) => {}
        Err(refusal) => {
            let of_form = problems.len();
            for problem in refusal.problems() {
                let path = path_below(above, &problem.path);
                if !problems[..of_form].iter().any(|found| concerns(found, &path)) {
                    problems.push(Problem { path, ..problem.clone() });
                }
            }
        }
    }
    Err(Refusal::of(problems).expect("a problem of form or of content"))
}

/// Whether a value was found at fault there, above it or below it, so that it need not be called missing too.
fn concerns(found: &Problem, path: &str) -> bool {
    found.reason != Reason::UnknownField && (path.starts_with(&found.path) || found.path.starts_with(path))
}

pub(crate) fn path_below(above: &str, path: &str) -> String {
    let dot = if above.is_empty() || path.is_empty() || path.starts_with('[') { "" } else { "." };
    format!("{above}{dot}{path}")
}
