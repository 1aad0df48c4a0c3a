//! Reads a message from ProtoJSON in one pass over the text, or in two where it is not spelled as usual ([`usual`]). All problems of
//! form are found, not the first; only a text that is not JSON ends the reading, since nothing can be said of what follows.

use std::borrow::Cow;

use crate::borrowed::{BorrowedEvent, Details, Jobs};
use crate::check::{Parts, missing_jobs};
use crate::event_type::EventType;
use crate::field_names::FieldNames;
use crate::message::ClientEvent;
use crate::partial::{PartialEvent, PartialFields};
use crate::problem::{Problem, Problems, Reason, Refusal};
use crate::rules::RuleId;
use crate::timestamp::EventTimestamp;
use crate::wire::containers::{Entries, document_of, elements, member_path, members, not_an_object, string_map, utf8};
use crate::wire::fast_reader;
use crate::wire::int64::{Int64Error, parse_int64};
use crate::wire::lexer::{Kind, Lexer, SyntaxError};

/// How a message is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Skip fields that the message does not have instead of refusing it.
    pub ignore_unknown_fields: bool,
}

impl ClientEvent {
    /// Reads a message from ProtoJSON: camelCase or `snake_case` names, the time as a string or a number in any form, null for a
    /// field that is not set. Unknown fields are refused. The same as [`read`] with the default [`ReadOptions`].
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem of the wire form and every required field that is missing. Whether the content makes
    /// sense is left to [`ClientEvent::check`].
    pub fn from_json(json: &[u8]) -> Result<Self, Refusal> {
        read(json, &ReadOptions::default())
    }
}

/// Reads one message; white space around it is allowed, anything else is not.
///
/// # Errors
///
/// A [`Refusal`] with every problem of the wire form and every required field that is missing or empty.
pub fn read(json: &[u8], options: &ReadOptions) -> Result<ClientEvent, Refusal> {
    read_borrowed(json, options).map(BorrowedEvent::into_owned)
}

/// Reads as [`read`] does, but leaves the texts where they are. For readers that look at many events and keep few of them.
///
/// # Errors
///
/// Those of [`read`].
pub fn read_borrowed<'a>(json: &'a [u8], options: &ReadOptions) -> Result<BorrowedEvent<'a>, Refusal> {
    let text = utf8(json)?;
    fast_reader::read(text).map_or_else(|| read_any(text, *options), Ok)
}

/// Reads a message in any spelling.
pub(crate) fn read_any(text: &str, options: ReadOptions) -> Result<BorrowedEvent<'_>, Refusal> {
    Draft::read(text, options)?.finish()
}

/// Reads one message and checks it as [`ClientEvent::check`] does, so that a message with an unreadable part is still checked in
/// its other parts and every problem is named at once.
///
/// # Errors
///
/// A [`Refusal`] with every problem that [`read`] or the checks find.
pub fn read_and_check(json: &[u8], options: &ReadOptions, now: Option<EventTimestamp>) -> Result<ClientEvent, Refusal> {
    read_and_check_borrowed(json, options, now).map(BorrowedEvent::into_owned)
}

/// Reads and checks as [`read_and_check`] does, but leaves the texts where they are.
///
/// # Errors
///
/// Those of [`read_and_check`].
pub fn read_and_check_borrowed<'a>(
    json: &'a [u8],
    options: &ReadOptions,
    now: Option<EventTimestamp>,
) -> Result<BorrowedEvent<'a>, Refusal> {
    let text = utf8(json)?;
    if let Some(event) = fast_reader::read(text) {
        return Refusal::of_found(event.find_problems(now)).map_or(Ok(event), Err);
    }
    let mut draft = Draft::read(text, *options)?;
    draft.check(now);
    draft.finish()
}

/// Reads one message as far as its required fields are there, and checks it in these. Returns the event, unless the text is no message at
/// all ([`RuleId::MessageForm`]), and everything that is wrong with it.
pub fn read_partial<'a>(
    json: &'a [u8],
    options: &ReadOptions,
    now: Option<EventTimestamp>,
) -> (Option<PartialEvent<'a>>, Vec<Problem>) {
    let text = match utf8(json) {
        Ok(text) => text,
        Err(refusal) => return (None, refusal.into_problems()),
    };
    if let Some(event) = fast_reader::read(text) {
        let problems = event.check(now);
        return (Some(event.into()), problems);
    }
    let mut draft = match Draft::read(text, *options) {
        Ok(draft) => draft,
        Err(refusal) => return (None, refusal.into_problems()),
    };
    draft.check(now);
    draft.finish_partial()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    EventId,
    EventType,
    RequestId,
    RelatedJobNames,
    EventTimestampMillis,
    Details,
}

impl Field {
    /// ProtoJSON reads a field by its camelCase name and by its original one.
    fn from_key(key: &str) -> Option<Self> {
        Some(match key {
            "eventId" | "event_id" => Self::EventId,
            "eventType" | "event_type" => Self::EventType,
            "requestId" | "request_id" => Self::RequestId,
            "relatedJobNames" | "related_job_names" => Self::RelatedJobNames,
            "eventTimestampMillis" | "event_timestamp_millis" => Self::EventTimestampMillis,
            "details" => Self::Details,
            _ => return None,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::EventId => "eventId",
            Self::EventType => "eventType",
            Self::RequestId => "requestId",
            Self::RelatedJobNames => "relatedJobNames",
            Self::EventTimestampMillis => "eventTimestampMillis",
            Self::Details => "details",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A message while it is read: what was found so far, and what was wrong with it.
#[derive(Default)]
struct Draft<'a> {
    event_id: Option<Cow<'a, str>>,
    event_type: Option<EventType>,
    request_id: Option<Cow<'a, str>>,
    jobs: Option<Vec<Cow<'a, str>>>,
    /// An element was no name: empty, or no text, so that positions in `jobs` are not those of the text.
    jobs_at_fault: bool,
    timestamp: Option<EventTimestamp>,
    details: Entries<'a>,
    /// Fields whose key was there, one bit each.
    seen: u8,
    /// Fields that have a problem of their own, one bit each, so that they are not called missing too.
    at_fault: u8,
    problems: Problems,
}

impl<'a> Draft<'a> {
    fn read(text: &'a str, options: ReadOptions) -> Result<Self, Refusal> {
        let mut draft = Self::default();
        document_of(text, |lexer| draft.object(lexer, options))?;
        Ok(draft)
    }

    fn object(&mut self, lexer: &mut Lexer<'a>, options: ReadOptions) -> Result<(), SyntaxError> {
        let kind = lexer.peek_kind()?;
        if kind != Kind::Object {
            self.problems.push(not_an_object(kind));
            return lexer.skip_value();
        }
        members(lexer, |key, lexer| self.member(&key, lexer, options))
    }

    fn member(&mut self, key: &str, lexer: &mut Lexer<'a>, options: ReadOptions) -> Result<(), SyntaxError> {
        let Some(field) = Field::from_key(key) else {
            if !options.ignore_unknown_fields {
                self.problems.add(Reason::UnknownField, || unknown_field(key));
            }
            return lexer.skip_value();
        };
        if self.seen & field.bit() != 0 {
            self.fault(field, field.name(), Reason::DuplicateField, "is given twice");
            return lexer.skip_value();
        }
        self.seen |= field.bit();
        let kind = lexer.peek_kind()?;
        if kind == Kind::Null {
            return lexer.null();
        }
        match field {
            Field::EventId => {
                if let Some(text) = self.string(field, kind, lexer)? {
                    self.event_id = self.filled(field, text);
                }
            }
            Field::RequestId => {
                if let Some(text) = self.string(field, kind, lexer)? {
                    self.request_id = self.filled(field, text);
                }
            }
            Field::EventType => self.event_type(kind, lexer)?,
            Field::RelatedJobNames => self.jobs(kind, lexer)?,
            Field::EventTimestampMillis => self.timestamp(kind, lexer)?,
            Field::Details => self.details(kind, lexer)?,
        }
        Ok(())
    }

    fn string(&mut self, field: Field, kind: Kind, lexer: &mut Lexer<'a>) -> Result<Option<Cow<'a, str>>, SyntaxError> {
        if kind == Kind::String {
            return lexer.string().map(Some);
        }
        self.wrong_type(field, field.name(), kind, "a string");
        lexer.skip_value()?;
        Ok(None)
    }

    fn filled(&mut self, field: Field, text: Cow<'a, str>) -> Option<Cow<'a, str>> {
        if text.is_empty() {
            self.fault(field, field.name(), Reason::RequiredField, "is empty");
            return None;
        }
        Some(text)
    }

    fn event_type(&mut self, kind: Kind, lexer: &mut Lexer<'a>) -> Result<(), SyntaxError> {
        let field = Field::EventType;
        if kind == Kind::Number {
            let number = lexer.number()?;
            let message = format!("is the number {number}; expected a name: the types of this message have no numbers");
            self.fault(field, field.name(), Reason::WrongType, message);
            return Ok(());
        }
        let Some(name) = self.string(field, kind, lexer)? else {
            return Ok(());
        };
        if name.is_empty() {
            self.fault(field, field.name(), Reason::RequiredField, "is empty");
            return Ok(());
        }
        match name.parse() {
            Ok(event_type) => self.event_type = Some(event_type),
            Err(error) => {
                let error: crate::UnknownEventType = error;
                self.fault(field, field.name(), Reason::UnknownEventType, error.to_string());
            }
        }
        Ok(())
    }

    fn jobs(&mut self, kind: Kind, lexer: &mut Lexer<'a>) -> Result<(), SyntaxError> {
        let field = Field::RelatedJobNames;
        if kind != Kind::Array {
            self.wrong_type(field, field.name(), kind, "an array of strings");
            return lexer.skip_value();
        }
        let mut jobs = Vec::new();
        elements(lexer, |position, kind, lexer| {
            if kind == Kind::String {
                let job = lexer.string()?;
                if job.is_empty() {
                    self.job_fault(position, Reason::RequiredField, || "is empty; expected a job name".to_owned());
                }
                jobs.push(job);
                return Ok(());
            }
            self.job_fault(position, Reason::WrongType, || format!("is {}; expected a string", kind.name()));
            lexer.skip_value()
        })?;
        self.jobs = Some(jobs);
        Ok(())
    }

    fn job_fault(&mut self, position: usize, reason: Reason, message: impl FnOnce() -> String) {
        self.jobs_at_fault = true;
        self.at_fault |= Field::RelatedJobNames.bit();
        self.problems.add(reason, || Problem::new(format!("relatedJobNames[{position}]"), reason, message()));
    }

    fn timestamp(&mut self, kind: Kind, lexer: &mut Lexer<'a>) -> Result<(), SyntaxError> {
        let field = Field::EventTimestampMillis;
        let text = match kind {
            Kind::String => lexer.string()?,
            Kind::Number => Cow::Borrowed(lexer.number()?),
            _ => {
                self.wrong_type(field, field.name(), kind, "an integer as a string or a number");
                return lexer.skip_value();
            }
        };
        match parse_int64(&text) {
            Ok(millis) => self.timestamp = Some(EventTimestamp::from_millis(millis)),
            Err(error) => {
                let reason = match error {
                    Int64Error::NotANumber | Int64Error::Fraction => Reason::NotAnInt64,
                    Int64Error::OutOfRange => Reason::Int64OutOfRange,
                };
                let message = format!("{text:?} is {error}; expected milliseconds since 1970 as an int64");
                self.fault(field, field.name(), reason, message);
            }
        }
        Ok(())
    }

    fn details(&mut self, kind: Kind, lexer: &mut Lexer<'a>) -> Result<(), SyntaxError> {
        let field = Field::Details;
        if kind != Kind::Object {
            self.wrong_type(field, field.name(), kind, "an object of strings");
            return lexer.skip_value();
        }
        self.details = string_map(lexer, |key, reason, message| self.fault(field, format!("details[{key:?}]"), reason, message))?;
        Ok(())
    }

    fn wrong_type(&mut self, field: Field, path: impl Into<String>, found: Kind, expected: &str) {
        self.fault(field, path, Reason::WrongType, format!("is {}; expected {expected}", found.name()));
    }

    fn fault(&mut self, field: Field, path: impl Into<String>, reason: Reason, message: impl Into<String>) {
        self.at_fault |= field.bit();
        self.problems.push(Problem::new(path, reason, message));
    }

    /// Checks what could be read.
    fn check(&mut self, now: Option<EventTimestamp>) {
        let parts = Parts {
            names: FieldNames::Message,
            event_type: self.event_type,
            jobs: self.jobs.as_deref().filter(|_| !self.jobs_at_fault),
            timestamp: self.timestamp,
        };
        parts.check(now, &mut self.problems);
    }

    /// The message in the parts that were there, if it has the form of one, and all that was wrong.
    fn finish_partial(mut self) -> (Option<PartialEvent<'a>>, Vec<Problem>) {
        if !self.problems.has(Reason::NotAnObject) {
            self.name_missing();
        }
        let breaks_form = |reason| self.problems.has(reason) && RuleId::of(reason) == RuleId::MessageForm;
        let is_message = !Reason::ALL.into_iter().any(breaks_form);
        let event = is_message.then(|| {
            PartialEvent::of(PartialFields {
                event_id: self.event_id,
                event_type: self.event_type,
                request_id: self.request_id,
                jobs: self.jobs.unwrap_or_default(),
                timestamp: self.timestamp,
                details: Some(Details::Entries(self.details)),
            })
        });
        (event, self.problems.into_kept())
    }

    /// The message, if all of it was there and nothing was wrong.
    fn finish(mut self) -> Result<BorrowedEvent<'a>, Refusal> {
        if !self.problems.has(Reason::NotAnObject) {
            self.name_missing();
        }
        if let Some(refusal) = Refusal::of_found(self.problems) {
            return Err(refusal);
        }
        let present = "a field without a problem is there";
        Ok(BorrowedEvent {
            event_id: self.event_id.expect(present),
            event_type: self.event_type.expect(present),
            request_id: self.request_id.expect(present),
            related_job_names: Jobs::Several(self.jobs.expect(present)),
            event_timestamp_millis: self.timestamp.expect(present),
            details: Details::Entries(self.details),
        })
    }

    fn name_missing(&mut self) {
        let found = [
            (Field::EventId, self.event_id.is_some()),
            (Field::EventType, self.event_type.is_some()),
            (Field::RequestId, self.request_id.is_some()),
            (Field::RelatedJobNames, self.jobs.as_ref().is_some_and(|jobs| !jobs.is_empty())),
            (Field::EventTimestampMillis, self.timestamp.is_some()),
        ];
        for (field, found) in found {
            if found || self.at_fault & field.bit() != 0 {
                continue;
            }
            if field == Field::RelatedJobNames && self.jobs.is_some() {
                self.problems.push(missing_jobs(FieldNames::Message));
                continue;
            }
            let message = if self.seen & field.bit() != 0 { "is null, but required" } else { "is missing" };
            self.problems.push(Problem::new(field.name(), Reason::RequiredField, message));
        }
    }
}

fn unknown_field(key: &str) -> Problem {
    let message = "is not a field of the message; expected eventId, eventType, requestId, relatedJobNames, \
                   eventTimestampMillis or details";
    Problem::new(member_path("", key), Reason::UnknownField, message)
}
