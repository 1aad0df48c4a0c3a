//! Reads messages that are spelled as the writer spells them: the fields in their order, no white space, nothing escaped. Nearly every
//! message is, and then it is enough to ask of each piece whether it is the one that is expected there. Says nothing of what is
//! wrong: what is spelled in another way, or not right, is left to the reader that takes every spelling.

use std::borrow::Cow;

use crate::borrowed::{BorrowedEvent, Details, Jobs};
use crate::event_type::EventType;
use crate::timestamp::EventTimestamp;
use crate::wire::int64::parse_int64;
use crate::wire::lexer::plain_length;

/// The message, if it is spelled as usual.
pub(crate) fn read(text: &str) -> Option<BorrowedEvent<'_>> {
    let mut rest = Rest { text, rest: text.as_bytes() };
    rest.take(b"{\"eventId\":\"")?;
    let event_id = rest.text()?;
    rest.take(b",\"eventType\":\"")?;
    let event_type = EventType::from_name(rest.text()?)?;
    rest.take(b",\"requestId\":\"")?;
    let request_id = rest.text()?;
    rest.take(b",\"relatedJobNames\":[\"")?;
    let related_job_names = rest.jobs()?;
    rest.take(b",\"eventTimestampMillis\":\"")?;
    let millis = parse_int64(rest.text()?).ok()?;
    let details = if rest.take(b",\"details\":{").is_some() { rest.details()? } else { Details::NONE };
    rest.take(b"}")?;
    let is_whole = matches!(rest.rest, b"" | b"\n" | b"\r\n") && !event_id.is_empty() && !request_id.is_empty();
    is_whole.then_some(BorrowedEvent {
        event_id: Cow::Borrowed(event_id),
        event_type,
        request_id: Cow::Borrowed(request_id),
        related_job_names,
        event_timestamp_millis: EventTimestamp::from_millis(millis),
        details,
    })
}

/// How many names there is room for at once: a page of results, mostly.
const JOBS_ROOM: usize = 16;

/// What was not read yet of a text.
struct Rest<'a> {
    text: &'a str,
    rest: &'a [u8],
}

impl<'a> Rest<'a> {
    /// Takes this very text. Its length is known where this is called, so that it is compared in a few steps.
    #[inline]
    fn take<const LENGTH: usize>(&mut self, expected: &[u8; LENGTH]) -> Option<()> {
        let (found, behind) = self.rest.split_first_chunk::<LENGTH>()?;
        (found == expected).then(|| self.rest = behind)
    }

    /// Takes what is left of a string, and the quote at its end.
    #[inline]
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let (bytes, behind) = self.rest.split_at_checked(plain_length(self.rest))?;
        self.rest = behind.strip_prefix(b"\"")?;
        Some(bytes)
    }

    /// Takes the same as a text.
    fn text(&mut self) -> Option<&'a str> {
        let start = self.at();
        let length = self.bytes()?.len();
        Some(&self.text[start..start + length])
    }

    fn name(&mut self) -> Option<Cow<'a, str>> {
        self.text().filter(|name| !name.is_empty()).map(Cow::Borrowed)
    }

    /// Takes what is left of an array of names, from behind its first quote.
    fn jobs(&mut self) -> Option<Jobs<'a>> {
        let first = self.name()?;
        if self.take(b"]").is_some() {
            return Some(Jobs::One(first));
        }
        let mut names = Vec::with_capacity(JOBS_ROOM);
        names.push(first);
        while self.take(b",\"").is_some() {
            names.push(self.name()?);
        }
        self.take(b"]")?;
        Some(Jobs::Several(names))
    }

    /// Takes what is left of an object of strings, from behind its brace.
    fn details(&mut self) -> Option<Details<'a>> {
        let (start, mut count) = (self.at(), 1);
        self.take(b"\"")?;
        let mut key = self.bytes()?;
        loop {
            self.take(b":\"")?;
            self.bytes()?;
            if self.take(b",\"").is_none() {
                break;
            }
            let next = self.bytes()?;
            // Most keys differ at once.
            if (next.first(), next) <= (key.first(), key) {
                return None;
            }
            key = next;
            count += 1;
        }
        let text = &self.text[start..self.at()];
        self.take(b"}")?;
        Some(Details::Plain { text, count })
    }

    /// How much was read.
    fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;
    use crate::ReadOptions;
    use crate::strategies::{client_event, encoded_message};
    use crate::wire::reader::read_any;

    /// What is read here is what the reader of every spelling reads; what that refuses is not read here.
    fn assert_agrees(json: &[u8]) -> Result<(), TestCaseError> {
        let Ok(text) = str::from_utf8(json) else { return Ok(()) };
        if let Some(event) = read(text) {
            prop_assert_eq!(read_any(text, ReadOptions::default()), Ok(event));
        }
        Ok(())
    }

    proptest! {
        /// For all messages, what the writer writes is spelled as usual, with a line break behind it or not, if nothing had to be
        /// escaped; and the message is the one that was written.
        #[test]
        fn what_is_written_is_usual(event in client_event(), end in "\r?\n?") {
            let mut json = Vec::new();
            event.write_json(&mut json);
            json.extend_from_slice(end.as_bytes());
            let read = read(str::from_utf8(&json).unwrap());
            prop_assert_eq!(read.is_none(), json.contains(&b'\\') || end == "\r");
            if let Some(read) = read {
                prop_assert_eq!(read.into_owned(), event);
            }
        }

        /// For all messages in any spelling, and for all that the writer writes with some bytes exchanged, left out or put in, what is
        /// read is what the reader of every spelling reads.
        #[test]
        fn agrees_with_the_reader_of_every_spelling(
            spelled in encoded_message(),
            event in client_event(),
            changes in prop::collection::vec((any::<Index>(), 0..3_u8, any::<Index>()), 0..3),
        ) {
            assert_agrees(&spelled.json)?;
            let mut json = Vec::new();
            event.write_json(&mut json);
            for (at, change, other) in changes {
                // What is put in is from the message too, so that it often fits.
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
    fn what_is_wrong_or_unusual_is_left_to_the_other_reader() {
        let usual = r#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1","details":{"a":"1","b":"2"}}"#;
        assert!(read(usual).is_some());
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
            let text = usual.replacen(part, other, 1);
            assert_ne!(text, usual);
            assert_eq!(read(&text), None, "{text}");
        }
    }
}
