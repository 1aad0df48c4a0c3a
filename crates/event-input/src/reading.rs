//! Reads events in any format and reports all problems of each event. The path of a problem is the path in the original
//! text.

use client_event::api_versions::{v3, v4};
use client_event::{ClientEvent, EventTimestamp, FieldNames, PartialEvent, Problem, ReadOptions, Reader, Reason, Refusal};

use crate::{Format, is_wrapped};

/// The result of reading an event.
pub struct Reading<E> {
    /// The event, if the text is an event, even if required fields are missing.
    pub event: Option<E>,
    /// All problems of the single event.
    pub problems: Vec<Problem>,
    /// Whether the event is of version 3 and of a type that the message does not have, so no rule applies.
    pub is_foreign: bool,
}

impl<E> Reading<E> {
    /// Creates a result from an event and the problems of its text.
    pub const fn of(event: Option<E>, problems: Vec<Problem>) -> Self {
        Self { event, problems, is_foreign: false }
    }

    /// Returns the event if all its required fields are present.
    pub fn complete(self) -> Option<E> {
        let is_complete = self.problems.iter().all(|problem| problem.reason != Reason::RequiredField);
        self.event.filter(|_| is_complete)
    }
}

/// Reads a message. The event borrows its texts from `json`.
pub fn read_message(json: &[u8], now: EventTimestamp) -> Reading<PartialEvent<'_>> {
    let (event, problems) = Reader::new().check(now).read_partial(json);
    Reading::of(event, problems)
}

/// Reads an event of version 3 or 4 of the API as a message.
pub fn read_other_version(json: &[u8], format: Format, now: EventTimestamp) -> Reading<PartialEvent<'static>> {
    if format == Format::V3 { read_v3(json, now) } else { read_v4(json, now) }
}

fn read_v3(json: &[u8], now: EventTimestamp) -> Reading<PartialEvent<'static>> {
    let options = ReadOptions::default();
    let wrapped = is_wrapped(json);
    let read = if wrapped { v3::ClientEvent::read_request(json, &options) } else { v3::ClientEvent::read(json, &options) };
    let event = match read {
        Ok(event) => event,
        Err(refusal) => {
            // Reports missing fields together with problems of the form.
            let both = v3::ClientEvent::read_request_as_message(json, &options).err().filter(|_| wrapped);
            return Reading::of(None, both.unwrap_or(refusal).into_problems());
        }
    };
    let mut reading = match event.to_message() {
        Ok(message) => complete(message.value, now),
        Err(refusal) => {
            if let Some(partial) = event.to_partial() {
                incomplete(partial, refusal, now)
            } else {
                // Only the type prevents the event from being a message.
                let is_foreign = refusal.problems().len() == 1;
                let problems = if is_foreign { Vec::new() } else { refusal.into_problems() };
                Reading { event: None, problems, is_foreign }
            }
        }
    };
    reading.problems.extend(event.check_limits());
    if wrapped {
        for problem in &mut reading.problems {
            problem.path.insert_str(0, WRAPPER);
        }
    }
    reading
}

fn read_v4(json: &[u8], now: EventTimestamp) -> Reading<PartialEvent<'static>> {
    let options = ReadOptions::default();
    match v4::ClientEvent::read(json, &options) {
        Ok(event) => match event.to_message() {
            Ok(message) => complete(message.value, now),
            Err(refusal) => incomplete(event.to_partial(), refusal, now),
        },
        Err(refusal) => {
            let both = v4::ClientEvent::read_as_message(json, &options).err();
            Reading::of(None, both.unwrap_or(refusal).into_problems())
        }
    }
}

fn complete(message: ClientEvent, now: EventTimestamp) -> Reading<PartialEvent<'static>> {
    let problems = message.check_as(FieldNames::Api, Some(now));
    Reading::of(Some(message.into()), problems)
}

fn incomplete(event: PartialEvent<'static>, refusal: Refusal, now: EventTimestamp) -> Reading<PartialEvent<'static>> {
    let mut problems = refusal.into_problems();
    problems.extend(event.check_as(FieldNames::Api, Some(now)));
    Reading::of(Some(event), problems)
}

/// The prefix of the paths in a wrapped event.
const WRAPPER: &str = "clientEvent.";

/// Converts the path of a message's field to the path in an API version.
pub fn path_in_other_version(path: &str, wrapped: bool) -> String {
    let above = if wrapped { WRAPPER } else { "" };
    let path = match path {
        "eventType" => "jobEvent.type".to_owned(),
        "eventTimestampMillis" => "createTime".to_owned(),
        "details" => "extraInfo".to_owned(),
        _ => path.replacen("relatedJobNames", "jobEvent.jobs", 1),
    };
    format!("{above}{path}")
}
