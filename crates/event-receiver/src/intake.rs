//! What becomes of one message: it is read, checked, compared with the event ids used before, and counted. Knows nothing of HTTP
//! and of the clock. Every message that is taken in or found too large is counted exactly once.

use client_event::rules::{Basis, RuleId};
use client_event::{EventId, EventTimestamp, Problem, Reader, Refusal};

use crate::api_version::hint;
use crate::counters::Counters;
use crate::event_ids::{EventIds, Sighting};
use crate::summary::Summary;

/// By how much the canonical form of a message can be longer than the text it was read from. Every other spelling of a field's
/// name, of a text or of the object around them is at least as long; but a time may come as short as `1e18`, and becomes 19
/// digits in quotes.
const LONGER_CANONICAL_BYTES: usize = 32;

/// Which of the rules that a message can break on its own refuse it. The others are warnings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// The documented ones.
    #[default]
    Documented,
    /// All of them.
    All,
}

/// Why a message is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// It is not fine.
    Refused(Box<Refused>),
    /// The event id was used for other content.
    Conflicting(EventId),
}

/// What is wrong with a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    /// What the message may be meant as.
    pub(crate) hint: Option<String>,
}

/// What is odd about a message that is taken: the inferred rules that it breaks. Mostly nothing.
pub(crate) type Warnings = Vec<Problem>;

/// Takes messages in. May be shared between threads.
#[derive(Default)]
pub(crate) struct Intake {
    strictness: Strictness,
    counters: Counters,
    event_ids: EventIds,
}

impl Intake {
    pub(crate) fn new(strictness: Strictness) -> Self {
        Self { strictness, ..Self::default() }
    }

    /// Takes one message in: its canonical JSON, if it is fine, and new or a retry.
    pub(crate) fn take(&self, body: &[u8], now: EventTimestamp) -> Result<(Vec<u8>, Warnings), NotTaken> {
        let mut json = Vec::with_capacity(body.len() + LONGER_CANONICAL_BYTES);
        let warnings = self.take_into(&mut json, body, now)?;
        Ok((json, warnings))
    }

    /// Takes several messages in, one after the other; what is to be said of some of them, by their position.
    pub(crate) fn take_all(&self, messages: &[&[u8]], now: EventTimestamp) -> Vec<(usize, Result<Warnings, NotTaken>)> {
        let mut json = Vec::new();
        let taken = messages.iter().enumerate().map(|(position, message)| {
            json.clear();
            (position, self.take_into(&mut json, message, now))
        });
        taken.filter(|(_, taken)| !matches!(taken, Ok(warnings) if warnings.is_empty())).collect()
    }

    /// Takes one message in, and writes its canonical JSON.
    fn take_into(&self, json: &mut Vec<u8>, body: &[u8], now: EventTimestamp) -> Result<Warnings, NotTaken> {
        let refused = |refusal| {
            self.counters.refused(&refusal);
            NotTaken::Refused(Box::new(Refused { hint: hint(body, &refusal), refusal }))
        };
        // Where the form is wrong, or a check refuses, every problem is named.
        let all_problems = || Reader::new().check(now).read_borrowed(body).map(drop).expect_err("it has a problem");
        let event = Reader::new().read_borrowed(body).map_err(|_| refused(all_problems()))?;
        let warnings = event.check(Some(now));
        if warnings.iter().any(|problem| self.refuses(problem)) {
            return Err(refused(all_problems()));
        }
        event.write_json(json);
        match self.event_ids.see(event.event_id(), json) {
            Sighting::New => self.counters.accepted(event.event_type()),
            Sighting::Repeated => self.counters.repeated(),
            Sighting::Conflicting => {
                self.counters.conflicting();
                return Err(NotTaken::Conflicting(event.into_owned().event_id));
            }
        }
        if !warnings.is_empty() {
            self.counters.warned(&warnings);
        }
        Ok(warnings)
    }

    fn refuses(&self, problem: &Problem) -> bool {
        self.strictness == Strictness::All || RuleId::of(problem.reason).rule().basis != Basis::Inferred
    }

    /// Counts a message that is not taken in because it is too large.
    pub(crate) fn too_large(&self) {
        self.counters.too_large();
    }

    /// What was counted so far.
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
        /// For all messages and two spellings of each, the first is taken and the second is a retry with the same answer, written
        /// without growing the buffer.
        #[test]
        fn a_retry_in_another_spelling_is_a_retry(spelled in encoded_message()) {
            let intake = Intake::default();
            let Ok((json, warnings)) = intake.take(&spelled.json, LATEST_TIMESTAMP) else {
                return Err(TestCaseError::fail("a valid message was not taken"));
            };
            prop_assert!(warnings.is_empty());
            prop_assert_eq!(json.capacity(), spelled.json.len() + LONGER_CANONICAL_BYTES);
            prop_assert_eq!(ClientEvent::from_json(&json), Ok(spelled.event));
            prop_assert_eq!(intake.take(&json, LATEST_TIMESTAMP), Ok((json, warnings)));
            let summary = intake.summary();
            prop_assert_eq!((summary.received, summary.accepted, summary.event_ids.repeated), (2, 1, 1));
        }

        /// For all broken messages, a strict intake takes nothing and counts the reason once.
        #[test]
        fn a_broken_message_is_counted_under_its_reason(broken in broken_message()) {
            let intake = Intake::new(Strictness::All);
            prop_assert!(matches!(intake.take(&broken.json, broken.now), Err(NotTaken::Refused(_))));
            let summary = intake.summary();
            prop_assert_eq!((summary.received, summary.accepted, summary.refused.messages), (1, 0, 1));
            prop_assert_eq!(summary.refused.by_reason[&broken.reason], 1);
            prop_assert_eq!(summary.warnings.messages, 0);
        }

        /// For all messages that break one rule, they are refused if the rule is documented, and taken with a warning if it is
        /// inferred.
        #[test]
        fn inferred_rules_warn(broken in broken_message()) {
            let intake = Intake::default();
            let taken = intake.take(&broken.json, broken.now);
            let summary = intake.summary();
            prop_assert_eq!(summary.received, 1);
            if RuleId::of(broken.reason).rule().basis == Basis::Inferred {
                let reasons: Vec<_> = taken.unwrap().1.iter().map(|warning| warning.reason).collect();
                prop_assert!(reasons.contains(&broken.reason), "{:?}", reasons);
                prop_assert_eq!((summary.accepted, summary.warnings.messages, summary.refused.messages), (1, 1, 0));
                prop_assert_eq!(summary.warnings.by_reason[&broken.reason], 1);
            } else {
                prop_assert!(matches!(taken, Err(NotTaken::Refused(_))));
                prop_assert_eq!((summary.accepted, summary.warnings.messages, summary.refused.messages), (0, 0, 1));
            }
        }
    }

    #[test]
    fn an_id_with_other_content_conflicts() {
        let intake = Intake::default();
        let message = |millis: i64| {
            format!(
                r#"{{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":{millis}}}"#
            )
        };
        let first = message(1_700_000_000_000);
        let other = message(1_700_000_000_001);
        assert!(intake.take(first.as_bytes(), LATEST_TIMESTAMP).is_ok());
        assert_eq!(intake.take(other.as_bytes(), LATEST_TIMESTAMP), Err(NotTaken::Conflicting(EventId::new("e").unwrap())));
        assert!(intake.take(first.as_bytes(), LATEST_TIMESTAMP).is_ok());
        let summary = intake.summary();
        assert_eq!((summary.received, summary.by_type[&EventType::View]), (3, 1));
        assert_eq!((summary.event_ids.repeated, summary.event_ids.conflicting), (1, 1));
    }
}
