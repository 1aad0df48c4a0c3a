//! Counts and histograms of the whole run. The recorder adds up the observations of all arbiters. The size does not depend
//! on the length of the run.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use load_plan::Moment;

use crate::connections::ConnectionCounters;
use crate::error_counts::add_error;
use crate::error_example::ErrorExample;
use crate::latency::Latencies;
use crate::observations::{Observations, Settled};
use crate::outcome_counts::OutcomeCounts;
use crate::pause::PauseTimes;
use crate::retry_counts::RetryCounts;
use crate::time_histogram::time_histogram;

/// The counters of a run.
#[derive(Clone, Debug)]
pub struct Counters {
    /// Events by type and outcome, in the order of `EventType::ALL`.
    pub outcomes: [OutcomeCounts; 16],
    /// Events that no seeker began. They have no type.
    pub never_begun: u64,
    /// Events of the warm-up. No other figure includes them.
    pub warm_up: OutcomeCounts,
    /// Events whose sending began before the end of the load.
    pub sent_in_time: u64,
    /// Requests with events that were sent.
    pub requests: u64,
    /// Whether events have latencies and service times: not in a run without acknowledgements.
    pub has_latency: bool,
    /// Latencies of all events.
    pub latency: LatencyCounts,
    /// Latencies by type, for types that occurred. Events that no seeker began have no type.
    pub latency_by_type: [Option<Box<LatencyCounts>>; 16],
    /// Answered - sent, for answered events.
    pub service_time: Histogram<u64>,
    /// Sent - scheduled, for sent events.
    pub schedule_lag: Histogram<u64>,
    /// Delay between the due time of an event and its release by the outbox: the generator's own part of the schedule lag.
    pub release_lag: Histogram<u64>,
    /// Samples of the number of requests in flight.
    pub in_flight: InFlight,
    /// Pauses of the generator.
    pub pauses: PauseTimes,
    /// Time that requests were in flight during the measured time, summed over all requests.
    pub busy_micros: u64,
    /// Retries of events.
    pub retries: RetryCounts,
    /// Counters of the connections.
    pub connections: ConnectionCounters,
    /// How often a limit of this machine prevented sending or answering an event.
    pub local_errors: u64,
    /// Number of errors, by kind.
    pub errors: BTreeMap<String, u64>,
    /// The first event with each kind of error.
    pub error_examples: BTreeMap<String, ErrorExample>,
}

/// The latencies of events, as histograms.
#[derive(Clone, Debug)]
pub struct LatencyCounts {
    /// Answered - scheduled, for answered events.
    pub answered: Histogram<u64>,
    /// Given up - scheduled, for unanswered events. Allocated for the first unanswered event.
    pub unanswered: Option<Box<Histogram<u64>>>,
}

impl Default for LatencyCounts {
    fn default() -> Self {
        Self { answered: time_histogram(), unanswered: None }
    }
}

impl LatencyCounts {
    /// Records the latency of an event.
    pub fn record(&mut self, settled: &Settled) {
        if settled.answered_request.is_some() {
            self.answered.saturating_record(settled.latency_micros());
        } else {
            self.give_up(settled.latency_micros(), 1);
        }
    }

    /// Counts `count` events that were given up after `micros`.
    pub fn give_up(&mut self, micros: u64, count: u64) {
        self.unanswered.get_or_insert_with(|| Box::new(time_histogram())).saturating_record_n(micros, count);
    }

    /// Returns the latencies of answered events and the waiting times of unanswered events.
    pub fn latencies(&self) -> Latencies<'_, u64> {
        Latencies::new(&self.answered, self.unanswered.as_deref())
    }
}

/// Samples of the number of requests in flight at an arbiter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InFlight {
    /// Number of samples.
    pub looks: u64,
    /// Sum of all samples.
    pub sum: u64,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            outcomes: [OutcomeCounts::default(); 16],
            never_begun: 0,
            warm_up: OutcomeCounts::default(),
            sent_in_time: 0,
            requests: 0,
            has_latency: true,
            latency: LatencyCounts::default(),
            latency_by_type: Default::default(),
            service_time: time_histogram(),
            schedule_lag: time_histogram(),
            release_lag: time_histogram(),
            in_flight: InFlight::default(),
            pauses: PauseTimes::default(),
            busy_micros: 0,
            retries: RetryCounts::default(),
            connections: ConnectionCounters::default(),
            local_errors: 0,
            errors: BTreeMap::new(),
            error_examples: BTreeMap::new(),
        }
    }
}

impl Counters {
    /// Adds the observations of an arbiter. The load ends at `end`.
    pub fn add(&mut self, observations: &Observations, end: Moment) {
        self.warm_up.add(observations.warm_up);
        self.sent_in_time += observations.attempted.iter().filter(|at| **at <= end).count() as u64;
        self.requests += observations.requests;
        for sent in &observations.sent {
            self.schedule_lag.saturating_record(sent.lag_micros);
        }
        for settled in &observations.settled {
            let position = settled.event_type.index();
            *self.outcomes[position].of_mut(settled.outcome) += 1;
            if !self.has_latency {
                continue;
            }
            self.latency.record(settled);
            self.latency_by_type[position].get_or_insert_default().record(settled);
            if let Some(service_micros) = settled.service_micros() {
                self.service_time.saturating_record(service_micros);
            }
        }
        for release in &observations.releases {
            self.release_lag.saturating_record(release.late_micros);
        }
        self.retries.add(&observations.retries);
        self.connections.add(observations);
        self.local_errors += observations.local_errors;
        self.busy_micros += observations.busy_micros;
        self.in_flight.looks += observations.in_flight.len() as u64;
        self.in_flight.sum += observations.in_flight.iter().sum::<u64>();
        for (kind, count) in &observations.errors {
            add_error(&mut self.errors, kind.clone(), *count);
        }
        for (kind, example) in &observations.error_examples {
            if self.errors.contains_key(kind) && !self.error_examples.contains_key(kind) {
                self.error_examples.insert(kind.clone(), example.clone());
            }
        }
    }

    /// Counts `count` events that no seeker began. They were scheduled for `scheduled` and given up at `given_up`.
    pub fn never_begun(&mut self, scheduled: Moment, count: u64, given_up: Moment) {
        self.never_begun += count;
        if self.has_latency {
            self.latency.give_up(given_up.micros_since(scheduled), count);
        }
    }

    /// Returns the counts of all types, including events that no seeker began.
    pub fn total(&self) -> OutcomeCounts {
        let mut total = OutcomeCounts { not_sent: self.never_begun, ..OutcomeCounts::default() };
        for outcomes in self.outcomes {
            total.add(outcomes);
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use client_event::EventType;
    use load_plan::EventOutcome;

    use super::*;
    use crate::observations::{Release, Sent, Settled};

    #[test]
    fn notes_add_up() {
        let (early, late) = (Moment::from_micros(1), Moment::from_micros(3));
        let answered = Moment::from_micros(1_501);
        let settled = |outcome, answered_request| Settled {
            at: answered,
            scheduled: early,
            event_type: EventType::View,
            outcome,
            answered_request,
        };
        let mut observations = Observations {
            attempted: vec![early, late],
            sent: vec![Sent { at: early, lag_micros: 7 }],
            settled: vec![
                settled(EventOutcome::Acknowledged, Some(Moment::from_micros(501))),
                settled(EventOutcome::Failed, None),
            ],
            releases: vec![Release { at: early, late_micros: 5 }],
            in_flight: vec![2, 3],
            ..Observations::default()
        };
        observations.error("connection refused".to_owned());
        let mut counters = Counters::default();
        counters.add(&observations, Moment::from_micros(2));
        counters.add(&observations, Moment::from_micros(2));
        assert_eq!((counters.total().acknowledged, counters.total().failed, counters.sent_in_time), (2, 2, 2));
        let of_type = counters.latency_by_type[EventType::View.index()].as_ref().unwrap();
        assert_eq!((counters.latency.answered.len(), counters.latency.latencies().len(), of_type.latencies().len()), (2, 4, 4));
        assert_eq!((counters.service_time.max(), counters.schedule_lag.max()), (1_000, 7));
        assert_eq!(counters.in_flight, InFlight { looks: 4, sum: 10 });
        assert_eq!(counters.errors["connection refused"], 2);

        let mut without_latency = Counters { has_latency: false, ..Counters::default() };
        without_latency.add(&observations, Moment::from_micros(2));
        without_latency.never_begun(early, 3, late);
        assert_eq!((without_latency.total().acknowledged, without_latency.total().not_sent), (1, 3));
        assert_eq!((without_latency.latency.latencies().len(), without_latency.service_time.len()), (0, 0));
        assert!(without_latency.latency_by_type.iter().all(Option::is_none));
        assert_eq!(without_latency.schedule_lag.max(), 7);
    }
}
