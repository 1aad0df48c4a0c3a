//! Ingests messages: reads and checks each, compares its event id with earlier ones, and counts the outcome. Every message is counted exactly
//! once. No HTTP and no clock here.

use client_event::rules::{Basis, RuleId};
use client_event::{EventId, EventTimestamp, Problem, Reader, Refusal};

use crate::api_version::hint;
use crate::counters::Counters;
use crate::event_ids::{EventIds, Sighting};
use crate::summary::Summary;

/// The maximum number of bytes by which the canonical form of a message exceeds its text. Names, strings and objects have no form shorter
/// than the canonical one. A time can be as short as `1e18`, and its canonical form has 19 digits in quotes.
const LONGER_CANONICAL_BYTES: usize = 32;

/// The rules whose violation refuses a message. Violations of the other rules are warnings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// The documented rules.
    #[default]
    Documented,
    /// All rules.
    All,
}

/// The reason for rejecting a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The message has problems.
    Refused(Box<Refused>),
    /// The event id was used for other content.
    Conflicting(EventId),
}

/// The problems of a refused message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    /// A hint about the API version of the message.
    pub(crate) hint: Option<String>,
}

/// The warnings of an accepted message: the inferred rules that it violates. Mostly empty.
pub(crate) type Warnings = Vec<Problem>;

/// Ingests messages. Threads can share it.
#[derive(Default)]
pub(crate) struct Ingest {
    strictness: Strictness,
    counters: Counters,
    event_ids: EventIds,
}

impl Ingest {
    pub(crate) fn new(strictness: Strictness) -> Self {
        Self { strictness, ..Self::default() }
    }

    /// Ingests a message. Returns the canonical JSON and the warnings of a message that is new or a retry.
    pub(crate) fn ingest(&self, body: &[u8], now: EventTimestamp) -> Result<(Vec<u8>, Warnings), Rejection> {
        let mut json = Vec::with_capacity(body.len() + LONGER_CANONICAL_BYTES);
        let warnings = self.ingest_into(&mut json, body, now)?;
        Ok((json, warnings))
    }

    /// Ingests several messages in their order. Returns the rejections and the warnings, by the position of the message.
    pub(crate) fn ingest_all(&self, messages: &[&[u8]], now: EventTimestamp) -> Vec<(usize, Result<Warnings, Rejection>)> {
        let mut json = Vec::new();
        let taken = messages.iter().enumerate().map(|(position, message)| {
            json.clear();
            (position, self.ingest_into(&mut json, message, now))
        });
        taken.filter(|(_, taken)| !matches!(taken, Ok(warnings) if warnings.is_empty())).collect()
    }

    /// Ingests a message, and writes its canonical JSON.
    fn ingest_into(&self, json: &mut Vec<u8>, body: &[u8], now: EventTimestamp) -> Result<Warnings, Rejection> {
        let refused = |refusal| {
            self.counters.count_refused(&refusal);
            Rejection::Refused(Box::new(Refused { hint: hint(body, &refusal), refusal }))
        };
        // A refusal names all problems of the message.
        let all_problems = || Reader::new().check(now).read_borrowed(body).map(drop).expect_err("a message with a problem");
        let event = Reader::new().read_borrowed(body).map_err(|_| refused(all_problems()))?;
        let warnings = event.check(Some(now));
        if warnings.iter().any(|problem| self.refuses(problem)) {
            return Err(refused(all_problems()));
        }
        event.write_json(json);
        match self.event_ids.see(event.event_id(), json) {
            Sighting::New => self.counters.count_accepted(event.event_type()),
            Sighting::Repeated => self.counters.count_repeated(),
            Sighting::Conflicting => {
                self.counters.count_conflicting();
                return Err(Rejection::Conflicting(event.into_owned().event_id));
            }
        }
        if !warnings.is_empty() {
            self.counters.count_warned(&warnings);
        }
        Ok(warnings)
    }

    fn refuses(&self, problem: &Problem) -> bool {
        self.strictness == Strictness::All || RuleId::of(problem.reason).rule().basis != Basis::Inferred
    }

    /// Counts a message that is too large to be ingested.
    pub(crate) fn count_too_large(&self) {
        self.counters.count_too_large();
    }

    /// The counts so far.
    pub(crate) fn summary(&self) -> Summary {
        self.counters.summary()
    }
}

#[cfg(test)]
mod tests {
    use client_event::strategies::{LATEST_TIMESTAMP, broken_message, encoded_message};
    use client_event::{ClientEvent, EventType};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all messages in two spellings, the first is accepted and the second counts as a retry with the same response. Writing the
        /// response does not grow the buffer.
        #[test]
        fn a_retry_in_another_spelling_is_a_retry(spelled in encoded_message()) {
            let ingest = Ingest::default();
            let Ok((json, warnings)) = ingest.ingest(&spelled.json, LATEST_TIMESTAMP) else {
                return Err(TestCaseError::fail("a valid message was refused"));
            };
            prop_assert!(warnings.is_empty());
            prop_assert_eq!(json.capacity(), spelled.json.len() + LONGER_CANONICAL_BYTES);
            prop_assert_eq!(ClientEvent::from_json(&json), Ok(spelled.event));
            prop_assert_eq!(ingest.ingest(&json, LATEST_TIMESTAMP), Ok((json, warnings)));
            let summary = ingest.summary();
            prop_assert_eq!((summary.received, summary.accepted, summary.event_ids.repeated), (2, 1, 1));
        }

        /// For all broken messages, a strict receiver accepts none and counts the reason once.
        #[test]
        fn a_broken_message_is_counted_under_its_reason(broken in broken_message()) {
            let ingest = Ingest::new(Strictness::All);
            prop_assert!(matches!(ingest.ingest(&broken.json, broken.now), Err(Rejection::Refused(_))));
            let summary = ingest.summary();
            prop_assert_eq!((summary.received, summary.accepted, summary.refused.messages), (1, 0, 1));
            prop_assert_eq!(summary.refused.by_reason[&broken.reason], 1);
            prop_assert_eq!(summary.warnings.messages, 0);
        }

        /// For all messages that break one rule, the message is refused if the rule is documented, and accepted with a warning if it is
        /// inferred.
        #[test]
        fn inferred_rules_warn(broken in broken_message()) {
            let ingest = Ingest::default();
            let taken = ingest.ingest(&broken.json, broken.now);
            let summary = ingest.summary();
            prop_assert_eq!(summary.received, 1);
            if RuleId::of(broken.reason).rule().basis == Basis::Inferred {
                let reasons: Vec<_> = taken.unwrap().1.iter().map(|warning| warning.reason).collect();
                prop_assert!(reasons.contains(&broken.reason), "{:?}", reasons);
                prop_assert_eq!((summary.accepted, summary.warnings.messages, summary.refused.messages), (1, 1, 0));
                prop_assert_eq!(summary.warnings.by_reason[&broken.reason], 1);
            } else {
                prop_assert!(matches!(taken, Err(Rejection::Refused(_))));
                prop_assert_eq!((summary.accepted, summary.warnings.messages, summary.refused.messages), (0, 0, 1));
            }
        }
    }

    #[test]
    fn an_id_with_other_content_conflicts() {
        let ingest = Ingest::default();
        let message = |millis: i64| {
            format!(
                r#"{{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":{millis}}}"#
            )
        };
        let first = message(1_700_000_000_000);
        let other = message(1_700_000_000_001);
        assert!(ingest.ingest(first.as_bytes(), LATEST_TIMESTAMP).is_ok());
        assert_eq!(ingest.ingest(other.as_bytes(), LATEST_TIMESTAMP), Err(Rejection::Conflicting(EventId::new("e").unwrap())));
        assert!(ingest.ingest(first.as_bytes(), LATEST_TIMESTAMP).is_ok());
        let summary = ingest.summary();
        assert_eq!((summary.received, summary.by_type[&EventType::View]), (3, 1));
        assert_eq!((summary.event_ids.repeated, summary.event_ids.conflicting), (1, 1));
    }
}
