//! What one arbiter has to tell since it last told: a few bytes for each event, in the order in which things happened. Counting and
//! histograms are the recorder's, so that an arbiter does no more than note.

use std::collections::BTreeMap;

use client_event::EventType;
use load_plan::{EventOutcome, Moment};

use crate::error_counts::ERROR_KINDS_MAX;
use crate::error_counts::add_error;
use crate::error_example::ErrorExample;
use crate::open_times::OpenTimes;
use crate::outcome_counts::OutcomeCounts;
use crate::retry_counts::RetryCounts;

/// Observations of an arbiter. What is said of events is said of those that are measured, but for `warm_up`.
#[derive(Debug, Default)]
pub struct Observations {
    /// The scheduled times of events that seekers began; written by the ledger.
    pub begun: Vec<Moment>,
    /// When sending of events was begun; written by the request senders.
    pub attempted: Vec<Moment>,
    /// Events that went out; written by the request senders.
    pub sent: Vec<Sent>,
    /// How many requests went out with events; written by the request senders.
    pub requests: u64,
    /// Events whose outcome is known; written by the request senders.
    pub settled: Vec<Settled>,
    /// How late the outbox looked at events that were due: the generator's own part of the schedule lag; written by the outbox.
    pub releases: Vec<Release>,
    /// How many requests were in flight, now and then; written by the outbox.
    pub in_flight: Vec<u64>,
    /// For how long requests were in flight under measured load, the sum over all of them; written by the dispatch.
    pub busy_micros: u64,
    /// Events of the warm-up by their outcome; written by the request senders.
    pub warm_up: OutcomeCounts,
    /// Events that were sent again; written by the request senders.
    pub retries: RetryCounts,
    /// How often a limit of this machine kept an event from being sent or answered; written by the request senders.
    pub local_errors: u64,
    /// Connections that were opened, those of the warm-up too; written by the request senders.
    pub connections: Vec<OpenTimes>,
    /// How often it failed to open one; written by the request senders.
    pub connections_failed: u64,
    /// How many stopped answering; written by the outbox.
    pub connections_silent: u64,
    /// How many requests were sent again because the target had not looked at them; written by the request senders.
    pub requests_resent: u64,
    /// From the end of sending a request to the first byte of its answer, in microseconds; written by the request senders.
    pub first_bytes: Vec<u64>,
    /// What went wrong, and how often; written by the request senders and the searches.
    pub errors: BTreeMap<String, u64>,
    /// The first event that it happened to, if it did happen to one.
    pub error_examples: BTreeMap<String, ErrorExample>,
}

/// An event that went out.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// When the request began.
    pub at: Moment,
    /// Sent - scheduled.
    pub lag_micros: u64,
}

/// How late an event that was due was released to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    /// When the event was released.
    pub at: Moment,
    /// Released - scheduled, in microseconds.
    pub late_micros: u64,
}

/// An event whose outcome is known.
#[derive(Clone, Copy, Debug)]
pub struct Settled {
    /// When its outcome was known: when it was answered, or given up.
    pub at: Moment,
    /// When the event was due.
    pub scheduled: Moment,
    /// The type of the event.
    pub event_type: EventType,
    /// The outcome of the event.
    pub outcome: EventOutcome,
    /// When the request went out that was answered; `None` without an answer.
    pub answered_request: Option<Moment>,
}

impl Settled {
    /// From the scheduled time to the answer, or to giving up, in microseconds.
    pub const fn latency_micros(&self) -> u64 {
        self.at.micros_since(self.scheduled)
    }

    /// From sending to the answer, in microseconds, if there was one.
    pub fn service_micros(&self) -> Option<u64> {
        self.answered_request.map(|sent| self.at.micros_since(sent))
    }
}

impl Observations {
    /// Whether nothing was observed.
    pub fn is_empty(&self) -> bool {
        self.begun.is_empty()
            && self.attempted.is_empty()
            && self.sent.is_empty()
            && self.requests == 0
            && self.settled.is_empty()
            && self.releases.is_empty()
            && self.in_flight.is_empty()
            && self.busy_micros == 0
            && self.warm_up == OutcomeCounts::default()
            && self.retries.is_empty()
            && self.local_errors == 0
            && self.connections.is_empty()
            && self.connections_failed == 0
            && self.connections_silent == 0
            && self.requests_resent == 0
            && self.first_bytes.is_empty()
            && self.errors.is_empty()
    }

    /// Counts an error of this kind.
    pub fn error(&mut self, kind: String) {
        add_error(&mut self.errors, kind, 1);
    }

    /// Records what went wrong with an event. Of each kind one example is enough.
    pub fn error_of_event(&mut self, kind: String, example: impl FnOnce() -> ErrorExample) {
        if !self.error_examples.contains_key(&kind) && self.error_examples.len() < ERROR_KINDS_MAX {
            self.error_examples.insert(kind.clone(), example());
        }
        self.error(kind);
    }

    /// Forgets all, but keeps the memory for what will be noted.
    pub fn clear(&mut self) {
        let Self {
            begun,
            attempted,
            sent,
            requests,
            settled,
            releases,
            in_flight,
            busy_micros,
            warm_up,
            retries,
            local_errors,
            connections,
            connections_failed,
            connections_silent,
            requests_resent,
            first_bytes,
            errors,
            error_examples,
        } = self;
        begun.clear();
        attempted.clear();
        sent.clear();
        *requests = 0;
        settled.clear();
        releases.clear();
        in_flight.clear();
        *busy_micros = 0;
        *warm_up = OutcomeCounts::default();
        *retries = RetryCounts::default();
        *local_errors = 0;
        connections.clear();
        *connections_failed = 0;
        *connections_silent = 0;
        *requests_resent = 0;
        first_bytes.clear();
        errors.clear();
        error_examples.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn notes_that_are_cleared_are_empty() {
        let at = Moment::from_micros(1);
        let mut observations = Observations {
            begun: vec![at],
            attempted: vec![at],
            sent: vec![Sent { at, lag_micros: 1 }],
            requests: 1,
            settled: vec![Settled {
                at,
                scheduled: at,
                event_type: EventType::View,
                outcome: EventOutcome::Failed,
                answered_request: None,
            }],
            releases: vec![Release { at, late_micros: 1 }],
            in_flight: vec![1],
            busy_micros: 1,
            warm_up: OutcomeCounts { failed: 1, ..OutcomeCounts::default() },
            retries: RetryCounts { attempts: 1, ..RetryCounts::default() },
            local_errors: 1,
            connections: vec![OpenTimes { connect: Duration::from_micros(1), tls: None }],
            connections_failed: 1,
            connections_silent: 1,
            requests_resent: 1,
            first_bytes: vec![1],
            errors: BTreeMap::new(),
            error_examples: BTreeMap::new(),
        };
        observations.error("connection refused".to_owned());
        assert!(!observations.is_empty() && Observations::default().is_empty());
        observations.clear();
        assert!(observations.is_empty());
    }

    #[test]
    fn kinds_of_errors_are_bounded() {
        let mut observations = Observations::default();
        for number in 0..1000 {
            observations.error(format!("error {number}"));
        }
        assert!(observations.errors.len() <= ERROR_KINDS_MAX + 1);
        assert_eq!(observations.errors.values().sum::<u64>(), 1000);
    }
}
