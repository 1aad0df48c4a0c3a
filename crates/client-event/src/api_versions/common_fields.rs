//! The fields that versions 3 and 4 have in common: the ids, the time, the event type and the jobs. Reads, writes and converts them, and
//! reports all problems together.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::api_versions::job_event::{JobEvent, JobEventType, read_job_event, write_job_event};
use crate::api_versions::lossy::{Lossy, Lost};
use crate::borrowed::Details;
use crate::ids::{EventId, RequestId};
use crate::job_name::JobName;
use crate::json::lexer::{Lexer, SyntaxError, ValueKind};
use crate::json::object_reader::ObjectReader;
use crate::json::object_writer::{ObjectWriter, write_string};
use crate::message::ClientEvent;
use crate::non_empty_text::EmptyText;
use crate::partial::{PartialEvent, PartialFields};
use crate::problem::{Problem, Problems, Reason, Refusal};
use crate::rfc3339::{Timestamp, TimestampError};
use crate::timestamp::EventTimestamp;

/// The time of a message as `createTime`.
fn create_time(message: &ClientEvent) -> Result<Timestamp, Refusal> {
    let time = message.event_timestamp_millis;
    Timestamp::try_from(time).map_err(|error| {
        // A time after the year 9999 is in the future. A time before the year 1 is too early.
        let past = time < EventTimestamp::from_millis(0);
        let reason = if past { Reason::TimestampTooEarly } else { Reason::TimestampInFuture };
        let problem = Problem::new("eventTimestampMillis", reason, format!("is {time}, {error}, so createTime cannot hold it"));
        Refusal::of(vec![problem]).expect("it has a problem")
    })
}

fn job_names(message: &ClientEvent) -> Vec<String> {
    message.related_job_names.iter().map(|job| job.as_str().to_owned()).collect()
}

fn read_create_time(reader: &mut ObjectReader, kind: ValueKind, lexer: &mut Lexer<'_>) -> Result<Option<Timestamp>, SyntaxError> {
    let Some(text) = reader.read_string(kind, lexer)? else {
        return Ok(None);
    };
    let time = text.parse();
    Ok(time.map_err(|error: TimestampError| reader.add_problem(Reason::WrongType, format!("{text:?} is {error}"))).ok())
}

/// A field that both versions have.
#[derive(Clone, Copy)]
pub(crate) enum CommonField {
    RequestId,
    EventId,
    CreateTime,
    JobEvent,
}

/// The common fields of an event that is being created.
pub(crate) struct CommonFieldsMut<'a, T> {
    pub(crate) request_id: &'a mut String,
    pub(crate) event_id: &'a mut String,
    pub(crate) create_time: &'a mut Option<Timestamp>,
    pub(crate) job_event: &'a mut Option<JobEvent<T>>,
}

impl<T: JobEventType> CommonFieldsMut<'_, T> {
    /// Reads the value of a field.
    pub(crate) fn read(
        self,
        field: CommonField,
        reader: &mut ObjectReader,
        kind: ValueKind,
        lexer: &mut Lexer<'_>,
    ) -> Result<(), SyntaxError> {
        match field {
            CommonField::RequestId => reader.read_string_into(kind, lexer, self.request_id),
            CommonField::EventId => reader.read_string_into(kind, lexer, self.event_id),
            CommonField::CreateTime => {
                *self.create_time = read_create_time(reader, kind, lexer)?;
                Ok(())
            }
            CommonField::JobEvent => {
                *self.job_event = Some(read_job_event(reader, lexer)?);
                Ok(())
            }
        }
    }

    /// Sets the fields from a message.
    pub(crate) fn set(self, message: &ClientEvent, event_type: T) -> Result<(), Refusal> {
        *self.create_time = Some(create_time(message)?);
        message.request_id.as_str().clone_into(self.request_id);
        message.event_id.as_str().clone_into(self.event_id);
        *self.job_event = Some(JobEvent { event_type, jobs: job_names(message) });
        Ok(())
    }
}

/// The common fields of an event.
pub(crate) struct CommonFields<'a, T> {
    pub(crate) request_id: &'a str,
    pub(crate) event_id: &'a str,
    pub(crate) create_time: Option<Timestamp>,
    pub(crate) job_event: Option<&'a JobEvent<T>>,
}

impl<T: JobEventType> CommonFields<'_, T> {
    /// Writes the ids.
    pub(crate) fn write_ids(&self, object: &mut ObjectWriter<'_>) {
        object.write_string("requestId", self.request_id);
        object.write_string("eventId", self.event_id);
    }

    /// Writes the time, the event type and the jobs.
    pub(crate) fn write_event(&self, object: &mut ObjectWriter<'_>) {
        if let Some(time) = self.create_time {
            write_string(object.member("createTime"), &time.to_string());
        }
        if let Some(event) = self.job_event {
            write_job_event(object.member("jobEvent"), event);
        }
    }

    /// The message, or all problems.
    pub(crate) fn to_message(&self, details: BTreeMap<String, String>) -> Result<Lossy<ClientEvent>, Refusal> {
        let mut problems = Problems::default();
        let request_id = required("requestId", RequestId::new(self.request_id), &mut problems);
        let event_id = required("eventId", EventId::new(self.event_id), &mut problems);
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
        let present = "a missing field is a problem";
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

    /// The message as far as its fields are present; `None` if the message does not have the event type.
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

fn required<T>(path: &str, text: Result<T, EmptyText>, problems: &mut Problems) -> Option<T> {
    // In ProtoJSON, empty and missing are the same.
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
        let message = "names no job; expected at least one job";
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

/// The value, or a refusal with the problems of the wire form.
pub(crate) fn without_problems<T>((value, problems): (T, Vec<Problem>)) -> Result<T, Refusal> {
    match Refusal::of(problems) {
        Some(refusal) => Err(refusal),
        None => Ok(value),
    }
}

/// Converts a value with problems, so that the problems of the wire form and of the content are reported together. `above` is the path of
/// the value in the text.
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

/// Whether a problem is about this path, a part of it or a value that contains it. Then the path is not reported as missing too.
fn concerns(found: &Problem, path: &str) -> bool {
    found.reason != Reason::UnknownField && (path.starts_with(&found.path) || found.path.starts_with(path))
}

pub(crate) fn path_below(above: &str, path: &str) -> String {
    let dot = if above.is_empty() || path.is_empty() || path.starts_with('[') { "" } else { "." };
    format!("{above}{dot}{path}")
}
