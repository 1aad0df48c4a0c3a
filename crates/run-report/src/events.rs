//! The counts of events and retries in a report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Percentiles;

/// Events by outcome: planned = acknowledged + refused + failed + unknown + `not_sent`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Events {
    /// Events that the load plans. For arrivals and for a number of seekers: events that seekers began.
    pub planned: u64,
    /// Answered with 2xx.
    pub acknowledged: u64,
    /// Answered with another status below 500.
    pub refused: u64,
    /// Answered with 5xx, or the connection failed before or after sending.
    pub failed: u64,
    /// Sent, but the answer did not arrive in time or was not understood.
    pub unknown: u64,
    /// Never sent.
    pub not_sent: u64,
}

impl Events {
    /// Whether every planned event has an outcome.
    pub fn add_up(&self) -> bool {
        self.planned == self.acknowledged + self.refused + self.failed + self.unknown + self.not_sent
    }

    /// Adds the counts of another run.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            planned: self.planned + other.planned,
            acknowledged: self.acknowledged + other.acknowledged,
            refused: self.refused + other.refused,
            failed: self.failed + other.failed,
            unknown: self.unknown + other.unknown,
            not_sent: self.not_sent + other.not_sent,
        }
    }

    /// The number of events whose sending began.
    pub fn sent(&self) -> u64 {
        self.acknowledged + self.refused + self.failed + self.unknown
    }
}

/// The retries of events. `events` has the final outcomes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Retries {
    /// The number of retries.
    pub attempts: u64,
    /// The number of events with at least one retry.
    pub events_retried: u64,
    /// The number of retried events that were acknowledged.
    pub succeeded_after_retry: u64,
    /// The number of retries, by the error that caused them.
    pub causes: BTreeMap<String, u64>,
}

/// The events of one type, by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EventsOfType {
    /// Answered with 2xx.
    pub acknowledged: u64,
    /// Answered with another status below 500.
    pub refused: u64,
    /// Answered with 5xx, or the connection failed.
    pub failed: u64,
    /// Sent, but the answer did not arrive in time or was not understood.
    pub unknown: u64,
    /// Begun by a seeker, but never sent.
    pub not_sent: u64,
    /// The time from the scheduled time to the answer, over all events that seekers began.
    pub latency_ms: Percentiles,
}
