//! The observations of one arbiter since its last report: a few bytes for each event, in chronological order. The recorder
//! does the counting and the histograms, so an arbiter only appends.

use std::collections::BTreeMap;

use client_event::EventType;
use load_plan::{EventOutcome, Moment};

use crate::error_counts::ERROR_KINDS_MAX;
use crate::error_counts::add_error;
use crate::error_example::ErrorExample;
use crate::open_times::OpenTimes;
use crate::outcome_counts::OutcomeCounts;
use crate::retry_counts::RetryCounts;

/// Observations of an arbiter. All fields about events except `warm_up` cover measured events only.
#[derive(Debug, Default)]
pub struct Observations {
    /// Scheduled times of the events that seekers began. Written by the ledger.
    pub begun: Vec<Moment>,
    /// Times at which sending of an event began. Written by the request senders.
    pub attempted: Vec<Moment>,
    /// Sent events. Written by the request senders.
    pub sent: Vec<Sent>,
    /// Number of requests with events that were sent. Written by the request senders.
    pub requests: u64,
    /// Events with a known outcome. Written by the request senders.
    pub settled: Vec<Settled>,
    /// Delays between the due time of an event and its release by the outbox: the generator's own part of the schedule lag.
    /// Written by the outbox.
    pub releases: Vec<Release>,
    /// Samples of the number of requests in flight. Written by the outbox.
    pub in_flight: Vec<u64>,
    /// Time that requests were in flight during the measured time, summed over all requests. Written by the dispatch.
    pub busy_micros: u64,
    /// Events of the warm-up, by outcome. Written by the request senders.
    pub warm_up: OutcomeCounts,
    /// Retries of events. Written by the request senders.
    pub retries: RetryCounts,
    /// How often a limit of this machine prevented sending or answering an event. Written by the request senders.
    pub local_errors: u64,
    /// Opened connections, including the warm-up. Written by the request senders.
    pub connections: Vec<OpenTimes>,
    /// Number of failed attempts to open a connection. Written by the request senders.
    pub connections_failed: u64,
    /// Number of connections that stopped answering. Written by the outbox.
    pub connections_silent: u64,
    /// Number of requests that were sent again because the target had not processed them. Written by the request senders.
    pub requests_resent: u64,
    /// From the end of sending a request to the first byte of its answer, in microseconds. Written by the request senders.
    pub first_bytes: Vec<u64>,
    /// Number of errors by kind. Written by the request senders and the searches.
    pub errors: BTreeMap<String, u64>,
    /// The first event with each kind of error, for errors of events.
    pub error_examples: BTreeMap<String, ErrorExample>,
}

/// A sent event.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Time at which the request began.
    pub at: Moment,
    /// Sent - scheduled, in microseconds.
    pub lag_micros: u64,
}

/// The release of a due event for sending.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    /// Time of the release.
    pub at: Moment,
    /// Released - scheduled, in microseconds.
    pub late_micros: u64,
}

/// An event with a known outcome.
#[derive(Clone, Copy, Debug)]
pub struct Settled {
    /// Time at which the outcome was known: when the event was answered or given up.
    pub at: Moment,
    /// Due time of the event.
    pub scheduled: Moment,
    /// The type of the event.
    pub event_type: EventType,
    /// The outcome of the event.
    pub outcome: EventOutcome,
    /// Time at which the answered request was sent; `None` without an answer.
    pub answered_request: Option<Moment>,
}

impl Settled {
    /// Returns the time from the schedule to the answer, or to giving up, in microseconds.
    pub const fn latency_micros(&self) -> u64 {
        self.at.micros_since(self.scheduled)
    }

    /// Returns the time from sending to the answer, in microseconds, if there was an answer.
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

    /// Counts an error of an event. Keeps only one example of each kind.
    pub fn error_of_event(&mut self, kind: String, example: impl FnOnce() -> ErrorExample) {
        if !self.error_examples.contains_key(&kind) && self.error_examples.len() < ERROR_KINDS_MAX {
            self.error_examples.insert(kind.clone(), example());
        }
        self.error(kind);
    }

    /// Removes all observations and keeps the allocated memory.
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
