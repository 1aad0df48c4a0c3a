//! The fast reader: reads messages that are encoded as the writer encodes them, that is with the fields in order, without white space and
//! without escapes. Nearly all messages are, so each byte sequence is compared with the expected one. The fast reader reports no problems: it
//! returns `None` for every other message, and [`MessageDraft`](super::message_draft::MessageDraft) reads it.

use std::borrow::Cow;
use std::ops::Range;

use crate::borrowed::{BorrowedEvent, Details, Jobs};
use crate::check::CheckedSpans;
use crate::event_type::EventType;
use crate::json::int64::parse_int64;
use crate::json::lexer::plain_length;
use crate::timestamp::EventTimestamp;

/// The bytes from the end of the event id to the event type.
const BEFORE_EVENT_TYPE: &[u8; 14] = b",\"eventType\":\"";

/// The bytes from the end of the jobs to the time.
const BEFORE_TIMESTAMP: &[u8; 25] = b",\"eventTimestampMillis\":\"";

/// The message, if it is encoded as the writer encodes it.
pub(crate) fn read(text: &str) -> Option<BorrowedEvent<'_>> {
    let mut cursor = Cursor { text, rest: text.as_bytes() };
    cursor.skip(b"{\"eventId\":\"")?;
    let event_id = cursor.read_string()?;
    cursor.skip(BEFORE_EVENT_TYPE)?;
    let event_type = EventType::from_name(cursor.read_string()?)?;
    cursor.skip(b",\"requestId\":\"")?;
    let request_id = cursor.read_string()?;
    cursor.skip(b",\"relatedJobNames\":[\"")?;
    let related_job_names = cursor.read_jobs()?;
    cursor.skip(BEFORE_TIMESTAMP)?;
    let millis = parse_int64(cursor.read_string()?).ok()?;
    let details = if cursor.skip(b",\"details\":{").is_some() { cursor.read_details()? } else { Details::NONE };
    cursor.skip(b"}")?;
    let is_whole = matches!(cursor.rest, b"" | b"\n" | b"\r\n") && !event_id.is_empty() && !request_id.is_empty();
    is_whole.then_some(BorrowedEvent {
        event_id: Cow::Borrowed(event_id),
        event_type,
        request_id: Cow::Borrowed(request_id),
        related_job_names,
        event_timestamp_millis: EventTimestamp::from_millis(millis),
        details,
    })
}

/// The initial capacity for job names: most lists are a page of results.
const JOBS_CAPACITY: usize = 16;

/// A position in a text.
struct Cursor<'a> {
    text: &'a str,
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// Skips this text. Its length is a constant, so the comparison is a few instructions.
    #[inline]
    fn skip<const LENGTH: usize>(&mut self, expected: &[u8; LENGTH]) -> Option<()> {
        let (found, after) = self.rest.split_first_chunk::<LENGTH>()?;
        (found == expected).then(|| self.rest = after)
    }

    /// Reads the rest of a string and its closing quote.
    #[inline]
    fn read_string_bytes(&mut self) -> Option<&'a [u8]> {
        let (bytes, after) = self.rest.split_at_checked(plain_length(self.rest))?;
        self.rest = after.strip_prefix(b"\"")?;
        Some(bytes)
    }

    /// Reads the rest of a string and its closing quote.
    fn read_string(&mut self) -> Option<&'a str> {
        let start = self.offset();
        let length = self.read_string_bytes()?.len();
        Some(&self.text[start..start + length])
    }

    /// Reads the rest of a job name, which must not be empty.
    fn read_job(&mut self) -> Option<Cow<'a, str>> {
        self.read_string().filter(|name| !name.is_empty()).map(Cow::Borrowed)
    }

    /// Reads the rest of an array of job names, after its first quote.
    fn read_jobs(&mut self) -> Option<Jobs<'a>> {
        let first = self.read_job()?;
        if self.skip(b"]").is_some() {
            return Some(Jobs::One(first));
        }
        let mut names = Vec::with_capacity(JOBS_CAPACITY);
        names.push(first);
        while self.skip(b",\"").is_some() {
            names.push(self.read_job()?);
        }
        self.skip(b"]")?;
        Some(Jobs::Several(names))
    }

    /// Reads the rest of an object of strings, after its brace.
    fn read_details(&mut self) -> Option<Details<'a>> {
        let (start, mut count) = (self.offset(), 1);
        self.skip(b"\"")?;
        let mut key = self.read_string_bytes()?;
        loop {
            self.skip(b":\"")?;
            self.read_string_bytes()?;
            if self.skip(b",\"").is_none() {
                break;
            }
            let next = self.read_string_bytes()?;
            // Compares the first bytes first, because they usually differ.
            if (next.first(), next) <= (key.first(), key) {
                return None;
            }
            key = next;
            count += 1;
        }
        let text = &self.text[start..self.offset()];
        self.skip(b"}")?;
        Some(Details::Json { text, count })
    }

    /// The number of bytes read.
    fn offset(&self) -> usize {
        self.text.len() - self.rest.len()
    }
}

/// Where the fields of an event are in the text from which the fast reader read it. Follows from the order of the fields, so events need not
/// keep spans.
pub(crate) struct FastSpans<'e, 'a> {
    text: &'a str,
    event: &'e BorrowedEvent<'a>,
}

impl<'e, 'a> FastSpans<'e, 'a> {
    pub(crate) fn new(text: &'a str, event: &'e BorrowedEvent<'a>) -> Self {
        Self { text, event }
    }

    /// The span of a string with its quotes. The string must be a part of the text.
    fn quoted(&self, string: &str) -> Range<usize> {
        let start = string.as_ptr().addr() - self.text.as_ptr().addr();
        start - 1..start + string.len() + 1
    }

    fn jobs_span(&self) -> Option<Range<usize>> {
        let jobs = self.event.related_job_names.as_slice();
        let (first, last) = (self.quoted(jobs.first()?), self.quoted(jobs.last()?));
        Some(first.start - 1..last.end + 1)
    }
}

impl CheckedSpans for FastSpans<'_, '_> {
    fn event_type(&self) -> Option<Range<usize>> {
        let start = self.quoted(&self.event.event_id).end + BEFORE_EVENT_TYPE.len() - 1;
        Some(start..start + self.event.event_type.name().len() + 2)
    }

    fn jobs(&self) -> Option<Range<usize>> {
        self.jobs_span()
    }

    fn job(&self, index: usize) -> Option<Range<usize>> {
        let job = self.event.related_job_names.as_slice().get(index)?;
        Some(self.quoted(job))
    }

    fn timestamp(&self) -> Option<Range<usize>> {
        let start = self.jobs_span()?.end + BEFORE_TIMESTAMP.len() - 1;
        let length = self.text[start + 1..].find('"')?;
        Some(start..start + length + 2)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::json::read_options::ReadOptions;
    use crate::strategies::{client_event, encoded_message};
    use crate::wire::field_spans::FieldSpans;
    use crate::wire::message_draft::MessageDraft;

    fn all_spans(spans: &impl CheckedSpans, jobs: usize) -> Vec<Option<Range<usize>>> {
        let jobs = (0..=jobs).map(|index| spans.job(index));
        [spans.event_type(), spans.jobs(), spans.timestamp()].into_iter().chain(jobs).collect()
    }

    /// What the fast reader reads is what the draft reads, and each field has the same span.
    fn assert_agrees(json: &[u8]) -> Result<(), TestCaseError> {
        let Ok(text) = str::from_utf8(json) else { return Ok(()) };
        if let Some(event) = read(text) {
            let jobs = event.job_names().len();
            let spans = all_spans(&FastSpans::new(text, &event), jobs);
            prop_assert_eq!(spans, all_spans(&FieldSpans::new(text), jobs));
            let draft = MessageDraft::read(text, ReadOptions::default());
            prop_assert_eq!(draft.and_then(MessageDraft::finish), Ok(event));
        }
        Ok(())
    }

    proptest! {
        /// For all messages, the fast reader reads what the writer writes, with or without a line break after it, unless a character had
        /// to be escaped.
        #[test]
        fn a_written_message_is_read(event in client_event(), end in "\r?\n?") {
            let mut json = Vec::new();
            event.write_json(&mut json);
            json.extend_from_slice(end.as_bytes());
            let read = read(str::from_utf8(&json).unwrap());
            assert_agrees(&json)?;
            prop_assert_eq!(read.is_none(), json.contains(&b'\\') || end == "\r");
            if let Some(read) = read {
                prop_assert_eq!(read.into_owned(), event);
            }
        }

        /// For all messages in any encoding, and for all written messages with some bytes replaced, removed or inserted, the fast reader
        /// agrees with the draft.
        #[test]
        fn agrees_with_the_draft(
            encoded in encoded_message(),
            event in client_event(),
            changes in prop::collection::vec((any::<Index>(), 0..3_u8, any::<Index>()), 0..3),
        ) {
            assert_agrees(&encoded.json)?;
            let mut json = Vec::new();
            event.write_json(&mut json);
            for (at, change, other) in changes {
                // The inserted byte is from the message, so that it often fits.
                let (at, byte) = (at.index(json.len()), *other.get(&json));
                match change {
                    0 => json[at] = byte,
                    1 => drop(json.remove(at)),
                    _ => json.insert(at, byte),
                }
            }
            assert_agrees(&json)?;
        }
    }

    #[test]
    fn other_encodings_and_problems_are_left_to_the_draft() {
        let written = r#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1","details":{"a":"1","b":"2"}}"#;
        assert!(read(written).is_some());
        for (part, other) in [
            (r#""e""#, r#""""#),
            (r#""r""#, r#""""#),
            (r#""r""#, r#""r\n""#),
            ("VIEW", "VIEWED"),
            (r#"["jobs/1"]"#, "[]"),
            (r#"["jobs/1"]"#, r#"["jobs/1",""]"#),
            (r#""1","details""#, r#"1,"details""#),
            (r#""1","details""#, r#""01","details""#),
            (r#","b""#, r#","a""#),
            (r#","b""#, r#", "b""#),
            (r#"{"a":"1","b":"2"}"#, "{}"),
            ("}}", "}} {}"),
            ("}}", "}"),
        ] {
            let text = written.replacen(part, other, 1);
            assert_ne!(text, written);
            assert_eq!(read(&text), None, "{text}");
        }
    }
}
