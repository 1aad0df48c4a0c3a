//! The error codes of Kafka (Apache Kafka, "Error Codes").

use std::fmt;

use load_plan::EventOutcome;

/// An error code of a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ErrorCode(pub(super) i16);

impl ErrorCode {
    pub(super) const UNKNOWN_TOPIC_OR_PARTITION: Self = Self(3);
    pub(super) const MESSAGE_TOO_LARGE: Self = Self(10);
    pub(super) const TOPIC_AUTHORIZATION_FAILED: Self = Self(29);

    const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            -1 => "UNKNOWN_SERVER_ERROR",
            2 => "CORRUPT_MESSAGE",
            3 => "UNKNOWN_TOPIC_OR_PARTITION",
            5 => "LEADER_NOT_AVAILABLE",
            6 => "NOT_LEADER_OR_FOLLOWER",
            7 => "REQUEST_TIMED_OUT",
            8 => "BROKER_NOT_AVAILABLE",
            9 => "REPLICA_NOT_AVAILABLE",
            10 => "MESSAGE_TOO_LARGE",
            13 => "NETWORK_EXCEPTION",
            17 => "INVALID_TOPIC_EXCEPTION",
            18 => "RECORD_LIST_TOO_LARGE",
            19 => "NOT_ENOUGH_REPLICAS",
            20 => "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
            21 => "INVALID_REQUIRED_ACKS",
            29 => "TOPIC_AUTHORIZATION_FAILED",
            31 => "CLUSTER_AUTHORIZATION_FAILED",
            32 => "INVALID_TIMESTAMP",
            33 => "UNSUPPORTED_SASL_MECHANISM",
            34 => "ILLEGAL_SASL_STATE",
            35 => "UNSUPPORTED_VERSION",
            42 => "INVALID_REQUEST",
            43 => "UNSUPPORTED_FOR_MESSAGE_FORMAT",
            44 => "POLICY_VIOLATION",
            56 => "KAFKA_STORAGE_ERROR",
            58 => "SASL_AUTHENTICATION_FAILED",
            72 => "LISTENER_NOT_FOUND",
            74 => "FENCED_LEADER_EPOCH",
            75 => "UNKNOWN_LEADER_EPOCH",
            76 => "UNSUPPORTED_COMPRESSION_TYPE",
            87 => "INVALID_RECORD",
            89 => "THROTTLING_QUOTA_EXCEEDED",
            100 => "UNKNOWN_TOPIC_ID",
            _ => return None,
        })
    }

    /// Whether a retry may succeed, as Java's producer sees it.
    pub(super) const fn is_worth_a_retry(self) -> bool {
        matches!(self.0, 2 | 3 | 5..=9 | 13 | 19 | 20 | 56 | 72 | 74 | 75 | 89 | 100)
    }

    /// Whether the leader of the partition may be another broker than known.
    pub(super) const fn is_about_the_leader(self) -> bool {
        matches!(self.0, 3 | 5 | 6 | 8 | 9 | 13 | 56 | 72 | 74 | 75 | 100)
    }

    /// The outcome of an event for which a broker answers this code.
    pub(super) const fn outcome(self) -> EventOutcome {
        match self.0 {
            0 => EventOutcome::Acknowledged,
            -1 => EventOutcome::Failed,
            _ if self.is_worth_a_retry() => EventOutcome::Failed,
            _ => EventOutcome::Refused,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "the error code {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_its_outcome() {
        use EventOutcome::{Acknowledged, Failed, Refused};

        for (code, outcome, is_worth_a_retry, shown) in [
            (0, Acknowledged, false, "the error code 0"),
            (-1, Failed, false, "UNKNOWN_SERVER_ERROR (-1)"),
            (6, Failed, true, "NOT_LEADER_OR_FOLLOWER (6)"),
            (7, Failed, true, "REQUEST_TIMED_OUT (7)"),
            (10, Refused, false, "MESSAGE_TOO_LARGE (10)"),
            (19, Failed, true, "NOT_ENOUGH_REPLICAS (19)"),
            (29, Refused, false, "TOPIC_AUTHORIZATION_FAILED (29)"),
            (999, Refused, false, "the error code 999"),
        ] {
            let code = ErrorCode(code);
            assert_eq!((code.outcome(), code.is_worth_a_retry()), (outcome, is_worth_a_retry), "{code}");
            assert_eq!(code.to_string(), shown);
        }
    }

    /// For all codes, a code about the leader is worth a retry, because the next attempt may find the new leader.
    #[test]
    fn a_new_leader_is_worth_a_retry() {
        for code in (i16::MIN..=i16::MAX).map(ErrorCode).filter(|code| code.is_about_the_leader()) {
            assert!(code.is_worth_a_retry() && code.outcome() == EventOutcome::Failed, "{code}");
        }
    }
}
