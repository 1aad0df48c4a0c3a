//! Reads a message in any encoding that ProtoJSON allows. Reports all problems of the wire form, not only the first; only a text that is
//! not JSON ends the reading.

use std::borrow::Cow;
use std::ops::Range;

use crate::borrowed::{BorrowedEvent, Details, Jobs};
use crate::check::{Parts, missing_jobs};
use crate::event_type::EventType;
use crate::field_names::FieldNames;
use crate::json::containers::{Entries, member_path, not_an_object, read_elements, read_members, read_string_map};
use crate::json::document::read_document_text;
use crate::json::int64::{Int64Error, parse_int64};
use crate::json::lexer::{Key, Lexer, SyntaxError, ValueKind};
use crate::json::read_options::ReadOptions;
use crate::partial::{PartialEvent, PartialFields};
use crate::problem::{Problem, Problems, Reason, Refusal};
use crate::rules::RuleId;
use crate::timestamp::EventTimestamp;
use crate::wire::field::Field;
use crate::wire::field_spans::FieldSpans;

/// The fields and the problems of a message that is being read.
#[derive(Default)]
pub(crate) struct MessageDraft<'a> {
    text: &'a str,
    event_id: Option<Cow<'a, str>>,
    event_type: Option<EventType>,
    request_id: Option<Cow<'a, str>>,
    jobs: Option<Vec<Cow<'a, str>>>,
    /// An element of the list is not a name, so indices in `jobs` differ from those in the text.
    jobs_have_problems: bool,
    timestamp: Option<EventTimestamp>,
    details: Entries<'a>,
    /// The fields whose key was read, one bit each.
    seen: u8,
    /// The fields with a problem, one bit each. They are not reported as missing too.
    with_problem: u8,
    problems: Problems,
}

impl<'a> MessageDraft<'a> {
    /// Reads a message. Refuses a text that is not JSON; all other problems are kept in the draft.
    pub(crate) fn read(text: &'a str, options: ReadOptions) -> Result<Self, Refusal> {
        let mut draft = Self { text, ..Self::default() };
        read_document_text(text, |lexer| draft.read_object(lexer, options))?;
        Ok(draft)
    }

    fn read_object(&mut self, lexer: &mut Lexer<'a>, options: ReadOptions) -> Result<(), SyntaxError> {
        let kind = lexer.peek_kind()?;
        if kind != ValueKind::Object {
            let start = lexer.offset();
            lexer.skip_value()?;
            self.problems.push(not_an_object(kind).with_span(start..lexer.offset()));
            return Ok(());
        }
        read_members(lexer, |key, lexer| self.read_member(key, lexer, options))
    }

    fn read_member(&mut self, key: Key<'a>, lexer: &mut Lexer<'a>, options: ReadOptions) -> Result<(), SyntaxError> {
        let Some(field) = Field::from_key(&key.name) else {
            if !options.ignore_unknown_fields {
                self.problems.add(Reason::UnknownField, || unknown_field(key));
            }
            return lexer.skip_value();
        };
        if self.seen & field.bit() != 0 {
            self.add_problem(field, Problem::new(field.name(), Reason::DuplicateField, "is given twice").with_span(key.span));
            return lexer.skip_value();
        }
        self.seen |= field.bit();
        let kind = lexer.peek_kind()?;
        if kind == ValueKind::Null {
            return lexer.null();
        }
        let (start, first_problem) = (lexer.offset(), self.problems.kept());
        self.read_field(field, kind, lexer)?;
        self.problems.set_span(first_problem, &(start..lexer.offset()));
        Ok(())
    }

    fn read_field(&mut self, field: Field, kind: ValueKind, lexer: &mut Lexer<'a>) -> Result<(), SyntaxError> {
        match field {
            Field::EventId => {
                if let Some(text) = self.read_string(field, kind, lexer)? {
                    self.event_id = self.not_empty(field, text);
                }
            }
            Field::RequestId => {
                if let Some(text) = self.read_string(field, kind, lexer)? {
                    self.request_id = self.not_empty(field, text);
                }
            }
            Field::EventType => self.read_event_type(kind, lexer)?,
            Field::RelatedJobNames => self.read_jobs(kind, lexer)?,
            Field::EventTimestampMillis => self.read_timestamp(kind, lexer)?,
            Field::Details => self.read_details(kind, lexer)?,
        }
        Ok(())
    }

    fn read_string(&mut self, field: Field, kind: ValueKind, lexer: &mut Lexer<'a>) -> Result<Option<Cow<'a, str>>, SyntaxError> {
        if kind == ValueKind::String {
            return lexer.string().map(Some);
        }
        self.add_wrong_type(field, kind, "a string");
        lexer.skip_value()?;
        Ok(None)
    }

    fn not_empty(&mut self, field: Field, text: Cow<'a, str>) -> Option<Cow<'a, str>> {
        if text.is_empty() {
            self.add_field_problem(field, Reason::RequiredField, "is empty");
            return None;
        }
        Some(text)
    }

    fn read_event_type(&mut self, kind: ValueKind, lexer: &mut Lexer<'a>) -> Result<(), SyntaxError> {
        let field = Field::EventType;
        if kind == ValueKind::Number {
            let number = lexer.number()?;
            let message = format!("is the number {number}; expected a name, because the types of this message have no numbers");
            self.add_field_problem(field, Reason::WrongType, message);
            return Ok(());
        }
        let Some(name) = self.read_string(field, kind, lexer)? else {
            return Ok(());
        };
        if name.is_empty() {
            self.add_field_problem(field, Reason::RequiredField, "is empty");
            return Ok(());
        }
        match name.parse() {
            Ok(event_type) => self.event_type = Some(event_type),
            Err(error) => {
                let error: crate::UnknownEventType = error;
                self.add_field_problem(field, Reason::UnknownEventType, error.to_string());
            }
        }
        Ok(())
    }

    fn read_jobs(&mut self, kind: ValueKind, lexer: &mut Lexer<'a>) -> Result<(), SyntaxError> {
        let field = Field::RelatedJobNames;
        if kind != ValueKind::Array {
            self.add_wrong_type(field, kind, "an array of strings");
            return lexer.skip_value();
        }
        let mut jobs = Vec::new();
        read_elements(lexer, |index, kind, lexer| {
            let start = lexer.offset();
            if kind == ValueKind::String {
                let job = lexer.string()?;
                if job.is_empty() {
                    let span = start..lexer.offset();
                    self.add_job_problem(index, Reason::RequiredField, span, || "is empty; expected a job name".to_owned());
                }
                jobs.push(job);
                return Ok(());
            }
            lexer.skip_value()?;
            let span = start..lexer.offset();
            self.add_job_problem(index, Reason::WrongType, span, || format!("is {}; expected a string", kind.name()));
            Ok(())
        })?;
        self.jobs = Some(jobs);
        Ok(())
    }

    fn add_job_problem(&mut self, index: usize, reason: Reason, span: Range<usize>, message: impl FnOnce() -> String) {
        self.jobs_have_problems = true;
        self.with_problem |= Field::RelatedJobNames.bit();
        self.problems.add(reason, || Problem::new(format!("relatedJobNames[{index}]"), reason, message()).with_span(span));
    }

    fn read_timestamp(&mut self, kind: ValueKind, lexer: &mut Lexer<'a>) -> Result<(), SyntaxError> {
        let field = Field::EventTimestampMillis;
        let text = match kind {
            ValueKind::String => lexer.string()?,
            ValueKind::Number => Cow::Borrowed(lexer.number()?),
            _ => {
                self.add_wrong_type(field, kind, "an integer as a string or a number");
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
                self.add_field_problem(field, reason, message);
            }
        }
        Ok(())
    }

    fn read_details(&mut self, kind: ValueKind, lexer: &mut Lexer<'a>) -> Result<(), SyntaxError> {
        let field = Field::Details;
        if kind != ValueKind::Object {
            self.add_wrong_type(field, kind, "an object of strings");
            return lexer.skip_value();
        }
        self.details = read_string_map(lexer, |key, reason, message, span| {
            self.add_problem(field, Problem::new(format!("details[{key:?}]"), reason, message).with_span(span));
        })?;
        Ok(())
    }

    fn add_wrong_type(&mut self, field: Field, found: ValueKind, expected: &str) {
        self.add_field_problem(field, Reason::WrongType, format!("is {}; expected {expected}", found.name()));
    }

    /// Adds a problem of the value that is being read; [`Self::read_member`] sets its span.
    fn add_field_problem(&mut self, field: Field, reason: Reason, message: impl Into<String>) {
        self.add_problem(field, Problem::new(field.name(), reason, message));
    }

    fn add_problem(&mut self, field: Field, problem: Problem) {
        self.with_problem |= field.bit();
        self.problems.push(problem);
    }

    /// Checks the content of the fields that are readable.
    pub(crate) fn check(&mut self, now: Option<EventTimestamp>) {
        let parts = Parts {
            names: FieldNames::Message,
            event_type: self.event_type,
            jobs: self.jobs.as_deref().filter(|_| !self.jobs_have_problems),
            timestamp: self.timestamp,
        };
        parts.check(now, &FieldSpans::new(self.text), &mut self.problems);
    }

    /// The message as far as it is readable, unless the text is not a message, and all problems.
    pub(crate) fn finish_partial(mut self) -> (Option<PartialEvent<'a>>, Vec<Problem>) {
        if !self.problems.has(Reason::NotAnObject) {
            self.report_missing_fields();
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

    /// The message, or all problems.
    pub(crate) fn finish(mut self) -> Result<BorrowedEvent<'a>, Refusal> {
        if !self.problems.has(Reason::NotAnObject) {
            self.report_missing_fields();
        }
        if let Some(refusal) = Refusal::from_found(self.problems) {
            return Err(refusal);
        }
        let present = "a missing field is a problem";
        Ok(BorrowedEvent {
            event_id: self.event_id.expect(present),
            event_type: self.event_type.expect(present),
            request_id: self.request_id.expect(present),
            related_job_names: Jobs::Several(self.jobs.expect(present)),
            event_timestamp_millis: self.timestamp.expect(present),
            details: Details::Entries(self.details),
        })
    }

    fn report_missing_fields(&mut self) {
        let found = [
            (Field::EventId, self.event_id.is_some()),
            (Field::EventType, self.event_type.is_some()),
            (Field::RequestId, self.request_id.is_some()),
            (Field::RelatedJobNames, self.jobs.as_ref().is_some_and(|jobs| !jobs.is_empty())),
            (Field::EventTimestampMillis, self.timestamp.is_some()),
        ];
        let spans = FieldSpans::new(self.text);
        for (field, found) in found {
            if found || self.with_problem & field.bit() != 0 {
                continue;
            }
            if field == Field::RelatedJobNames && self.jobs.is_some() {
                self.problems.push(missing_jobs(FieldNames::Message).with_span(spans.field(field)));
                continue;
            }
            let message = if self.seen & field.bit() != 0 { "is null, but required" } else { "is missing" };
            self.problems.push(Problem::new(field.name(), Reason::RequiredField, message).with_span(spans.field(field)));
        }
    }
}

fn unknown_field(key: Key<'_>) -> Problem {
    let message = "is not a field of the message; expected eventId, eventType, requestId, relatedJobNames, \
                   eventTimestampMillis or details";
    Problem::new(member_path("", &key.name), Reason::UnknownField, message).with_span(key.span)
}
