//! The fast reader: reads messages that are encoded as the writer encodes them, that is with the fields in order, without white space and
//! without escapes. Nearly all messages are, so each byte sequence is compared with the expected one. The fast reader reports no problems: it
//! returns `None` for every other message, and [`MessageDraft`](super::message_draft::MessageDraft) reads it.

use std::borrow::Cow;

use crate::borrowed::{BorrowedEvent, Details, Jobs};
use crate::event_type::EventType;
use crate::timestamp::EventTimestamp;
use crate::wire::int64::parse_int64;
use crate::wire::lexer::plain_length;

/// The message, if it is encoded as the writer encodes it.
pub(crate) fn read(text: &str) -> Option<BorrowedEvent<'_>> {
    let mut cursor = Cursor { text, rest: text.as_bytes() };
    cursor.skip(b"{\"eventId\":\"")?;
    let event_id = cursor.read_string()?;
    cursor.skip(b",\"eventType\":\"")?;
    let event_type = EventType::from_name(cursor.read_string()?)?;
    cursor.skip(b",\"requestId\":\"")?;
    let request_id = cursor.read_string()?;
    cursor.skip(b",\"relatedJobNames\":[\"")?;
    let related_job_names = cursor.read_jobs()?;
    cursor.skip(b",\"eventTimestampMillis\":\"")?;
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::strategies::{client_event, encoded_message};
    use crate::wire::message_draft::MessageDraft;
    use crate::wire::read_options::ReadOptions;

    /// What the fast reader reads is what the draft reads.
    fn assert_agrees(json: &[u8]) -> Result<(), TestCaseError> {
        let Ok(text) = str::from_utf8(json) else { return Ok(()) };
        if let Some(event) = read(text) {
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
