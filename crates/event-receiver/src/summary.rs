//! What a receiver has counted so far, as its users see it: a plain value that can be written as JSON and read back. Counting
//! itself is elsewhere.

use std::collections::BTreeMap;

use client_event::{EventType, Reason};
use serde::{Deserialize, Serialize};

/// What a receiver has counted so far. Every message received is counted in exactly one of `accepted`, `refused`, `too_large` and
/// the two numbers of `event_ids`, so that these add up to `received`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Messages whose body came in whole, or was found to be too large.
    pub received: u64,
    /// Messages that were fine and new.
    pub accepted: u64,
    /// The accepted messages by their type: all types, zeros included.
    pub by_type: BTreeMap<EventType, u64>,
    /// Messages that were not fine.
    pub refused: ReasonCounts,
    /// Messages with a body of more than [`BODY_BYTES_MAX`](crate::BODY_BYTES_MAX) bytes.
    pub too_large: u64,
    /// Messages that were fine but whose event id was used before.
    pub event_ids: EventIdCounts,
    /// Messages that were taken, new or repeated, although they break a rule that no document states.
    #[serde(default)]
    pub warnings: ReasonCounts,
    /// Requests and connections that were cut short because they exceeded a limit.
    #[serde(default)]
    pub limits: LimitCounts,
}

/// Messages with problems.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReasonCounts {
    /// How many.
    pub messages: u64,
    /// How many had a problem of this reason: all reasons that there may be, zeros included. A message with several reasons counts under each.
    #[serde(with = "by_code")]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, u64>"))]
    pub by_reason: BTreeMap<Reason, u64>,
}

/// The messages whose event id was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventIdCounts {
    /// The same message again: retries.
    pub repeated: u64,
    /// The same id with other content.
    pub conflicting: u64,
}

/// How often a limit was exceeded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LimitCounts {
    /// Requests answered with 408, because their body came in too slowly.
    pub too_slow: u64,
    /// Requests answered with 503, and HTTP/2 streams refused, because there was no memory for their body or their answer.
    pub no_memory: u64,
    /// Connections closed because they were idle or slow, or to make room for others.
    pub closed_connections: u64,
}

/// Reasons as keys by their stable code.
mod by_code {
    use std::collections::BTreeMap;

    use client_event::Reason;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(counts: &BTreeMap<Reason, u64>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(counts.iter().map(|(reason, count)| (reason.code(), count)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Reason, u64>, D::Error> {
        let reason_of = |code: &str| Reason::ALL.into_iter().find(|reason| reason.code() == code);
        BTreeMap::<String, u64>::deserialize(deserializer)?
            .into_iter()
            .map(|(code, count)| match reason_of(&code) {
                Some(reason) => Ok((reason, count)),
                None => Err(de::Error::custom(format_args!("{code:?} is not a reason for refusing a message"))),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::counters::Counters;

    fn reasons(counts: &[u64]) -> ReasonCounts {
        ReasonCounts { messages: counts[0], by_reason: Reason::ALL.into_iter().zip(counts[1..].iter().copied()).collect() }
    }

    proptest! {
        /// For all summaries, writing then reading gives the same summary.
        #[test]
        fn writing_then_reading_is_the_identity(counts in any::<[u64; 57]>()) {
            let summary = Summary {
                received: counts[0],
                accepted: counts[1],
                by_type: EventType::ALL.into_iter().zip(counts[2..].iter().copied()).collect(),
                refused: reasons(&counts[18..]),
                too_large: counts[35],
                event_ids: EventIdCounts { repeated: counts[36], conflicting: counts[0] },
                warnings: reasons(&counts[37..]),
                limits: LimitCounts { too_slow: counts[54], no_memory: counts[55], closed_connections: counts[56] },
            };
            let json = serde_json::to_string(&summary).unwrap();
            prop_assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), summary);
        }
    }

    #[test]
    fn keys_are_stable_and_in_order() {
        let json = serde_json::to_string(&Counters::default().summary()).unwrap();
        assert_eq!(
            json,
            "{\"received\":0,\"accepted\":0,\"by_type\":{\"EVENT_TYPE_UNSPECIFIED\":0,\"APPLICATION_START\":0,\
             \"APPLICATION_FINISH\":0,\"APPLICATION_QUICK_SUBMISSION\":0,\"APPLICATION_REDIRECT\":0,\
             \"APPLICATION_COMPANY_SUBMIT\":0,\"VIEW\":0,\"BOOKMARK\":0,\"IMPRESSION\":0,\"NOTIFICATION\":0,\"HIRED\":0,\
             \"SENT_CV\":0,\"INTERVIEW_GRANTED\":0,\"APPLICATION_START_FROM_START\":0,\"APPLICATION_REDIRECT_FROM_START\":0,\
             \"VIEW_DIRECT\":0},\"refused\":{\"messages\":0,\"by_reason\":{\"not-json\":0,\"not-utf8\":0,\"not-an-object\":0,\
             \"unknown-field\":0,\"duplicate-field\":0,\"wrong-type\":0,\"not-an-int64\":0,\"int64-out-of-range\":0,\
             \"unknown-event-type\":0,\"required-field\":0,\"unspecified-event-type\":0,\"timestamp-too-early\":0,\
             \"timestamp-in-future\":0,\"several-jobs\":0,\"repeated-job\":0,\"job-name-form\":0}},\"too_large\":0,\
             \"event_ids\":{\"repeated\":0,\"conflicting\":0},\"warnings\":{\"messages\":0,\"by_reason\":{\
             \"timestamp-too-early\":0,\"timestamp-in-future\":0,\"several-jobs\":0,\"repeated-job\":0,\"job-name-form\":0}},\
             \"limits\":{\"too_slow\":0,\"no_memory\":0,\"closed_connections\":0}}"
        );
    }

    #[test]
    fn a_summary_without_warnings_and_limits_is_read() {
        let mut json = serde_json::to_value(Counters::default().summary()).unwrap();
        for key in ["warnings", "limits"] {
            json.as_object_mut().unwrap().remove(key);
        }
        let summary: Summary = serde_json::from_value(json).unwrap();
        assert_eq!((summary.warnings, summary.limits), (ReasonCounts::default(), LimitCounts::default()));
    }

    #[test]
    fn an_unknown_reason_is_refused() {
        let error = serde_json::from_str::<ReasonCounts>("{\"messages\":1,\"by_reason\":{\"bad-luck\":1}}").unwrap_err();
        assert!(error.to_string().starts_with("\"bad-luck\" is not a reason"), "{error}");
    }
}
