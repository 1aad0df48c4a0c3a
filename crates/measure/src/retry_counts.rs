//! Counts of retries.

use std::collections::BTreeMap;

use crate::error_counts::add_error;

/// Events that were sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetryCounts {
    /// How often any was.
    pub attempts: u64,
    /// How many were.
    pub events_retried: u64,
    /// How many of them were acknowledged then.
    pub succeeded_after_retry: u64,
    /// What went wrong before, and how often.
    pub causes: BTreeMap<String, u64>,
}

impl RetryCounts {
    /// Counts that an event is sent again, the how-manieth time.
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
