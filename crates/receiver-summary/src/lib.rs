//! The counts of a receiver of ClientEvents, as a value that is written as JSON and read back. A separate crate, because the report of a load
//! test contains them too.

mod reason_codes;

use std::collections::BTreeMap;

use client_event::{EventType, Reason};
use serde::{Deserialize, Serialize};

/// The counts of a receiver. Every received message counts in exactly one of `accepted`, `refused`, `too_large` and the two numbers of
/// `event_ids`, so their sum is `received`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Messages with a complete body, or with a body that is too large.
    pub received: u64,
    /// Valid messages with a new event id.
    pub accepted: u64,
    /// The accepted messages by type: all types, including zeros.
    pub by_type: BTreeMap<EventType, u64>,
    /// Messages with problems.
    pub refused: ReasonCounts,
    /// Messages with a body of more than `BODY_BYTES_MAX` bytes.
    pub too_large: u64,
    /// Valid messages with an event id that was used before.
    pub event_ids: EventIdCounts,
    /// Accepted or repeated messages that violate an inferred rule.
    #[serde(default)]
    pub warnings: ReasonCounts,
    /// Requests and connections that exceeded a limit.
    #[serde(default)]
    pub limits: LimitCounts,
}

/// Messages with problems.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReasonCounts {
    /// The number of messages.
    pub messages: u64,
    /// The number of messages by reason: all possible reasons, including zeros. A message with several reasons counts once for each reason.
    #[serde(with = "crate::reason_codes")]
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, u64>"))]
    pub by_reason: BTreeMap<Reason, u64>,
}

/// Messages with an event id that was used before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventIdCounts {
    /// Messages that repeat an earlier message, such as retries.
    pub repeated: u64,
    /// Messages whose event id belongs to an earlier message with other content.
    pub conflicting: u64,
}

/// Requests and connections that exceeded a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LimitCounts {
    /// Requests answered with 408, because their body arrived too slowly.
    pub too_slow: u64,
    /// Requests answered with 503, and HTTP/2 streams refused, because there was no memory for their body or their answer.
    pub no_memory: u64,
    /// Connections closed because they were idle or slow, or to make room for others.
    pub closed_connections: u64,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
    fn an_unknown_reason_is_refused() {
        let error = serde_json::from_str::<ReasonCounts>("{\"messages\":1,\"by_reason\":{\"bad-luck\":1}}").unwrap_err();
        assert!(error.to_string().starts_with("\"bad-luck\" is not a reason"), "{error}");
    }
}
