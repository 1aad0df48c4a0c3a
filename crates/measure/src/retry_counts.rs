//! Counts of retries.

use std::collections::BTreeMap;

use crate::error_counts::add_error;

/// The retries of events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetryCounts {
    /// Number of retries.
    pub attempts: u64,
    /// Number of events that were retried.
    pub events_retried: u64,
    /// Number of retried events that were then acknowledged.
    pub succeeded_after_retry: u64,
    /// Errors that caused retries, by kind.
    pub causes: BTreeMap<String, u64>,
}

impl RetryCounts {
    /// Counts the retry with number `retry` of an event.
    pub fn begun(&mut self, retry: u32) {
        self.attempts += 1;
        self.events_retried += u64::from(retry == 1);
    }

    /// Counts one retry by its cause.
    pub fn cause(&mut self, error: String) {
        add_error(&mut self.causes, error, 1);
    }

    /// Whether nothing was retried.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds other counts.
    pub fn add(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.events_retried += other.events_retried;
        self.succeeded_after_retry += other.succeeded_after_retry;
        for (kind, count) in &other.causes {
            add_error(&mut self.causes, kind.clone(), *count);
        }
    }
}
