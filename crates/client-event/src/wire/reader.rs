//! The reader of messages. Nearly every message is encoded as the writer encodes it and is read by the [fast reader](fast_reader); the
//! [draft](MessageDraft) reads all others and reports every problem.

use crate::borrowed::BorrowedEvent;
use crate::json::document::decode_utf8;
use crate::json::read_options::ReadOptions;
use crate::message::ClientEvent;
use crate::partial::PartialEvent;
use crate::problem::{Problem, Refusal};
use crate::timestamp::EventTimestamp;
use crate::wire::fast_reader::{self, FastSpans};
use crate::wire::message_draft::MessageDraft;

/// Reads messages from ProtoJSON: fields by their camelCase or `snake_case` names in any order, the time as a string or a number in any
/// form, null for a field that is not set. White space around the message is allowed, any other text is not.
///
/// By default, the reader refuses unknown fields and does not check the content of the message. A refused message comes with all of
/// its problems, not only the first; only a text that is not JSON ends the reading.
///
/// ```
/// use client_event::{EventTimestamp, Reader, Reason};
///
/// let json = br#"{"eventId":"e-1","eventType":"VIEW","requestId":"r-1",
///                 "relatedJobNames":["jobs/1","jobs/2"],"eventTimestampMillis":"1700000000000"}"#;
/// assert!(Reader::new().read(json).is_ok());
///
/// let refusal = Reader::new().check(EventTimestamp::from_millis(1_700_000_060_000)).read(json).unwrap_err();
/// let problem = &refusal.problems()[0];
/// assert_eq!(problem.reason, Reason::SeveralJobs);
/// assert_eq!(&json[problem.span.clone().unwrap()], br#"["jobs/1","jobs/2"]"#);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Reader {
    options: ReadOptions,
    checks: Option<Checks>,
}

/// The checks of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Checks {
    now: Option<EventTimestamp>,
}

impl Reader {
    /// A reader with the default options.
    pub const fn new() -> Self {
        Self::with_options(ReadOptions::new())
    }

    /// A reader with these options.
    pub const fn with_options(options: ReadOptions) -> Self {
        Self { options, checks: None }
    }

    /// Sets whether unknown fields are skipped instead of refused.
    pub const fn ignore_unknown_fields(mut self, ignore: bool) -> Self {
        self.options.ignore_unknown_fields = ignore;
        self
    }

    /// Also checks the content, as [`ClientEvent::check`] does. A message with an unreadable field is checked in its other fields, so a
    /// refusal has the problems of the wire form and of the content. Without the current time, no time counts as in the future.
    pub fn check(mut self, now: impl Into<Option<EventTimestamp>>) -> Self {
        self.checks = Some(Checks { now: now.into() });
        self
    }

    /// Reads a message.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem of the wire form, every required field that is missing or empty, and, with
    /// [`check`](Self::check), every problem of the content.
    pub fn read(&self, json: &[u8]) -> Result<ClientEvent, Refusal> {
        self.read_borrowed(json).map(BorrowedEvent::into_owned)
    }

    /// Reads a message that borrows its strings from the text. Use it to read many messages and keep few of them.
    ///
    /// # Errors
    ///
    /// The same as [`read`](Self::read).
    pub fn read_borrowed<'a>(&self, json: &'a [u8]) -> Result<BorrowedEvent<'a>, Refusal> {
        let text = decode_utf8(json)?;
        if let Some(event) = fast_reader::read(text) {
            let Some(Checks { now }) = self.checks else { return Ok(event) };
            return Refusal::from_found(event.find_problems(now, &FastSpans::new(text, &event))).map_or(Ok(event), Err);
        }
        self.read_draft(text)?.finish()
    }

    /// Reads a message as far as it is readable. Returns the event, unless the text is not a message at all
    /// ([`RuleId::MessageForm`](crate::rules::RuleId::MessageForm)), and all problems.
    pub fn read_partial<'a>(&self, json: &'a [u8]) -> (Option<PartialEvent<'a>>, Vec<Problem>) {
        let text = match decode_utf8(json) {
            Ok(text) => text,
            Err(refusal) => return (None, refusal.into_problems()),
        };
        if let Some(event) = fast_reader::read(text) {
            let find = |Checks { now }| event.find_problems(now, &FastSpans::new(text, &event)).into_kept();
            let problems = self.checks.map_or_else(Vec::new, find);
            return (Some(event.into()), problems);
        }
        match self.read_draft(text) {
            Ok(draft) => draft.finish_partial(),
            Err(refusal) => (None, refusal.into_problems()),
        }
    }

    fn read_draft<'a>(&self, text: &'a str) -> Result<MessageDraft<'a>, Refusal> {
        let mut draft = MessageDraft::read(text, self.options)?;
        if let Some(Checks { now }) = self.checks {
            draft.check(now);
        }
        Ok(draft)
    }
}

impl ClientEvent {
    /// Reads a message with a [`Reader`] with the default options.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] with every problem of the wire form and every required field that is missing or empty. The content is not checked;
    /// see [`ClientEvent::check`].
    pub fn from_json(json: &[u8]) -> Result<Self, Refusal> {
        Reader::new().read(json)
    }
}
