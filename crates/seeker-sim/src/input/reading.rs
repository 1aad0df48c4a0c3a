//! Reads events of any form, with every problem of each, named by its path in the text as it is written.

use client_event::relatives::{v3, v4};
use client_event::{
    BorrowedEvent, ClientEvent, EventTimestamp, Problem, ReadOptions, Reason, Refusal, read_and_check_borrowed, read_borrowed,
};

use crate::input::{Format, is_wrapped};

/// What was read.
pub(crate) struct Reading<E> {
    /// The event, if it could be read, whatever else is wrong with it.
    pub(crate) event: Option<E>,
    /// Everything that is wrong with it on its own.
    pub(crate) problems: Vec<Problem>,
    /// It is an event of version 3 of a type that the message does not have, so no rule is about it.
    pub(crate) is_foreign: bool,
}

impl<E> Reading<E> {
    pub(crate) const fn of(event: Option<E>, problems: Vec<Problem>) -> Self {
        Self { event, problems, is_foreign: false }
    }
}

/// Reads a message, and leaves its texts where they are.
pub(crate) fn read_message(json: &[u8], now: EventTimestamp) -> Reading<BorrowedEvent<'_>> {
    let options = ReadOptions::default();
    match read_and_check_borrowed(json, &options, Some(now)) {
        Ok(event) => Reading::of(Some(event), Vec::new()),
        // What is wrong may be in the content alone.
        Err(refusal) => Reading::of(read_borrowed(json, &options).ok(), refusal.problems().to_vec()),
    }
}

/// Reads an event of version 3 or 4 of the API as a message.
pub(crate) fn read_relative(json: &[u8], format: Format, now: EventTimestamp) -> Reading<ClientEvent> {
    let options = ReadOptions::default();
    let wrapped = format == Format::V3 && is_wrapped(json);
    let read = if wrapped {
        v3::ClientEvent::read_request_as_message(json, &options)
    } else if format == Format::V3 {
        v3::ClientEvent::read(json, &options).and_then(|event| event.to_message())
    } else {
        v4::ClientEvent::read_as_message(json, &options)
    };
    match read {
        Ok(message) => {
            let mut problems = message.value.check(Some(now));
            for problem in &mut problems {
                problem.path = relative_path(&problem.path, wrapped);
            }
            Reading::of(Some(message.value), problems)
        }
        Err(refusal) => {
            let is_foreign = format == Format::V3 && is_foreign(json, wrapped, &refusal);
            let problems = if is_foreign { Vec::new() } else { refusal.problems().to_vec() };
            Reading { event: None, problems, is_foreign }
        }
    }
}

/// Whether all that keeps an event of version 3 from being a message is its type, which the message does not have.
fn is_foreign(json: &[u8], wrapped: bool, refusal: &Refusal) -> bool {
    let [problem] = refusal.problems() else {
        return false;
    };
    let options = ReadOptions::default();
    let read = if wrapped { v3::ClientEvent::read_request(json, &options) } else { v3::ClientEvent::read(json, &options) };
    problem.reason == Reason::UnknownEventType
        && read.is_ok_and(|event| event.job_event.is_some_and(|event| event.event_type == v3::JobEventType::NotInterested))
}

/// Where the part of a message is in its relatives.
pub(crate) fn relative_path(path: &str, wrapped: bool) -> String {
    let above = if wrapped { "clientEvent." } else { "" };
    let path = match path {
        "eventType" => "jobEvent.type".to_owned(),
        "eventTimestampMillis" => "createTime".to_owned(),
        "details" => "extraInfo".to_owned(),
        _ => path.replacen("relatedJobNames", "jobEvent.jobs", 1),
    };
    format!("{above}{path}")
}
