//! Counts and histograms of the whole run: what the recorder makes of the notes of all arbiters. Constant in size, whatever the length
//! of the run.

use std::collections::BTreeMap;

use hdrhistogram::{Counter, Histogram};
use load_plan::{EventOutcome, Moment};

use crate::connection_figures::ConnectionFigures;
use crate::error_example::ErrorExample;
use crate::latency::Latencies;
use crate::notes::{Notes, Settled, add_error};
use crate::pause_meter::Pause;

/// Events of one type by their outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutcomeCounts {
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
    pub(crate) failed: u64,
    pub(crate) unknown: u64,
    pub(crate) not_sent: u64,
}

impl OutcomeCounts {
    /// How many events had this outcome.
    pub(crate) const fn of(self, outcome: EventOutcome) -> u64 {
        match outcome {
            EventOutcome::Acknowledged => self.acknowledged,
            EventOutcome::Refused => self.refused,
            EventOutcome::Failed => self.failed,
            EventOutcome::Unknown => self.unknown,
            EventOutcome::NotSent => self.not_sent,
        }
    }

    pub(crate) const fn sent(self) -> u64 {
        self.acknowledged + self.refused + self.failed + self.unknown
    }

    pub(crate) const fn planned(self) -> u64 {
        self.sent() + self.not_sent
    }

    pub(crate) const fn not_acknowledged(self) -> u64 {
        self.refused + self.failed + self.unknown + self.not_sent
    }

    pub(crate) fn of_mut(&mut self, outcome: EventOutcome) -> &mut u64 {
        match outcome {
            EventOutcome::Acknowledged => &mut self.acknowledged,
            EventOutcome::Refused => &mut self.refused,
            EventOutcome::Failed => &mut self.failed,
            EventOutcome::Unknown => &mut self.unknown,
            EventOutcome::NotSent => &mut self.not_sent,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.failed += other.failed;
        self.unknown += other.unknown;
        self.not_sent += other.not_sent;
    }

    /// Takes away what was added.
    pub(crate) fn subtract(&mut self, other: Self) {
        self.acknowledged -= other.acknowledged;
        self.refused -= other.refused;
        self.failed -= other.failed;
        self.unknown -= other.unknown;
        self.not_sent -= other.not_sent;
    }
}

/// Events that were sent again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RetryCounts {
    /// How often any was.
    pub(crate) attempts: u64,
    /// How many were.
    pub(crate) events_retried: u64,
    /// How many of them were acknowledged then.
    pub(crate) succeeded_after_retry: u64,
    /// What went wrong before, and how often.
    pub(crate) causes: BTreeMap<String, u64>,
}

impl RetryCounts {
    /// Counts that an event is sent again, the how-manieth time.
    pub(crate) fn begun(&mut self, retry: u32) {
        self.attempts += 1;
        self.events_retried += u64::from(retry == 1);
    }

    pub(crate) fn cause(&mut self, error: String) {
        add_error(&mut self.causes, error, 1);
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.events_retried += other.events_retried;
        self.succeeded_after_retry += other.succeeded_after_retry;
        for (kind, count) in &other.causes {
            add_error(&mut self.causes, kind.clone(), *count);
        }
    }
}

/// The significant digits of all time histograms.
const SIGNIFICANT_DIGITS: u8 = 3;

/// The longest time that is told from a longer one: an hour, in microseconds.
pub(crate) const TIME_MICROS_MAX: u64 = 3_600_000_000;

/// Times in microseconds, the same as [`time_histogram`], in no more memory than the longest of them needs: 32 kB with 64-bit counters for
/// less than 4 ms, 8 kB more with each doubling.
pub(crate) fn growing_histogram<C: Counter>() -> Histogram<C> {
    Histogram::new(SIGNIFICANT_DIGITS).expect("three digits are supported")
}

/// A time in microseconds: three significant digits, from one microsecond to more than an hour.
pub(crate) fn time_histogram<C: Counter>() -> Histogram<C> {
    let mut histogram = Histogram::new_with_bounds(1, TIME_MICROS_MAX, SIGNIFICANT_DIGITS).expect("the bounds are sound");
    histogram.auto(true);
    histogram
}

/// At most so many kinds of errors are told apart; the rest is counted together.
pub(crate) const ERROR_KINDS_MAX: usize = 20;

/// The pauses of the generator in the measured time, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PauseTimes {
    pub(crate) count: u64,
    pub(crate) sum: u64,
    pub(crate) longest: u64,
    /// When the longest began.
    pub(crate) longest_from: Moment,
}

impl PauseTimes {
    /// Adds a pause, if it lies in the time from that moment on.
    pub(crate) fn add(&mut self, pause: Pause, measured_from: Moment) {
        if pause.to <= measured_from {
            return;
        }
        self.count += 1;
        self.sum += pause.micros();
        if pause.micros() > self.longest {
            (self.longest, self.longest_from) = (pause.micros(), pause.from);
        }
    }
}

/// What came of events.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) outcomes: [OutcomeCounts; 16],
    /// Events that no seeker began; they have no type.
    pub(crate) lacked: u64,
    /// Events of the warm-up; in no other figure.
    pub(crate) warm_up: OutcomeCounts,
    /// Events whose sending began before the end of the load, and not in the time after it.
    pub(crate) sent_in_time: u64,
    /// Requests that went out with events.
    pub(crate) requests: u64,
    /// Of all events.
    pub(crate) latency: LatencyCounts,
    /// The same by type, of types that occurred. Events that no seeker began have no type.
    pub(crate) latency_by_type: [Option<Box<LatencyCounts>>; 16],
    /// Answered - sent, of answered events.
    pub(crate) service_time: Histogram<u64>,
    /// Sent - scheduled, of sent events.
    pub(crate) schedule_lag: Histogram<u64>,
    /// How late the outbox looked at an event that was due: the part of the lag that only the generator can be blamed for.
    pub(crate) release_lag: Histogram<u64>,
    /// How many requests were in flight when that was looked at.
    pub(crate) in_flight: InFlight,
    pub(crate) pauses: PauseTimes,
    /// How long requests were in flight under measured load, added up over all requests.
    pub(crate) busy_micros: u64,
    pub(crate) retries: RetryCounts,
    /// The connections.
    pub(crate) connections: ConnectionFigures,
    /// How often an event was not sent or not answered because of a limit of this machine.
    pub(crate) local_errors: u64,
    /// What went wrong, and how often.
    pub(crate) errors: BTreeMap<String, u64>,
    /// The first event that it happened to.
    pub(crate) error_examples: BTreeMap<String, ErrorExample>,
}

/// The latencies of events, counted.
#[derive(Clone, Debug)]
pub(crate) struct LatencyCounts {
    /// Answered - scheduled, of answered events.
    pub(crate) answered: Histogram<u64>,
    /// Given up - scheduled, of the others; there once there is one.
    pub(crate) unanswered: Option<Box<Histogram<u64>>>,
}

impl Default for LatencyCounts {
    fn default() -> Self {
        Self { answered: time_histogram(), unanswered: None }
    }
}

impl LatencyCounts {
    pub(crate) fn record(&mut self, settled: &Settled) {
        if settled.answered_request.is_some() {
            self.answered.saturating_record(settled.latency_micros());
        } else {
            self.give_up(settled.latency_micros(), 1);
        }
    }

    /// Counts events that were given up after that time.
    pub(crate) fn give_up(&mut self, micros: u64, count: u64) {
        self.unanswered.get_or_insert_with(|| Box::new(time_histogram())).saturating_record_n(micros, count);
    }

    pub(crate) fn latencies(&self) -> Latencies<'_, u64> {
        Latencies::new(&self.answered, self.unanswered.as_deref())
    }
}

/// How many requests were in flight at an arbiter, whenever that was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InFlight {
    pub(crate) looks: u64,
    pub(crate) sum: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            outcomes: [OutcomeCounts::default(); 16],
            lacked: 0,
            warm_up: OutcomeCounts::default(),
            sent_in_time: 0,
            requests: 0,
            latency: LatencyCounts::default(),
            latency_by_type: Default::default(),
            service_time: time_histogram(),
            schedule_lag: time_histogram(),
            release_lag: time_histogram(),
            in_flight: InFlight::default(),
            pauses: PauseTimes::default(),
            busy_micros: 0,
            retries: RetryCounts::default(),
            connections: ConnectionFigures::default(),
            local_errors: 0,
            errors: BTreeMap::new(),
            error_examples: BTreeMap::new(),
        }
    }
}

impl Tally {
    /// Adds what an arbiter has to tell; the load ends at that moment.
    pub(crate) fn add(&mut self, notes: &Notes, end: Moment) {
        self.warm_up.add(notes.warm_up);
        self.sent_in_time += notes.attempted.iter().filter(|at| **at <= end).count() as u64;
        self.requests += notes.requests;
        for sent in &notes.sent {
            self.schedule_lag.saturating_record(sent.lag_micros);
        }
        for settled in &notes.settled {
            let position = settled.event_type.index();
            *self.outcomes[position].of_mut(settled.outcome) += 1;
            self.latency.record(settled);
            self.latency_by_type[position].get_or_insert_default().record(settled);
            if let Some(service_micros) = settled.service_micros() {
                self.service_time.saturating_record(service_micros);
            }
        }
        for release in &notes.releases {
            self.release_lag.saturating_record(release.late_micros);
        }
        self.retries.add(&notes.retries);
        self.connections.add(notes);
        self.local_errors += notes.local_errors;
        self.busy_micros += notes.busy_micros;
        self.in_flight.looks += notes.in_flight.len() as u64;
        self.in_flight.sum += notes.in_flight.iter().sum::<u64>();
        for (kind, count) in &notes.errors {
            add_error(&mut self.errors, kind.clone(), *count);
        }
        for (kind, example) in &notes.error_examples {
            if self.errors.contains_key(kind) && !self.error_examples.contains_key(kind) {
                self.error_examples.insert(kind.clone(), example.clone());
            }
        }
    }

    /// Counts events that no seeker began, though they were scheduled for that moment; they were given up at the other.
    pub(crate) fn lacked(&mut self, scheduled: Moment, count: u64, given_up: Moment) {
        self.lacked += count;
        self.latency.give_up(given_up.micros_since(scheduled), count);
    }

    /// Events of all types, those that no seeker began included.
    pub(crate) fn total(&self) -> OutcomeCounts {
        let mut total = OutcomeCounts { not_sent: self.lacked, ..OutcomeCounts::default() };
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
    use crate::notes::{Release, Sent, Settled};

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
        let mut notes = Notes {
            attempted: vec![early, late],
            sent: vec![Sent { at: early, lag_micros: 7 }],
            settled: vec![
                settled(EventOutcome::Acknowledged, Some(Moment::from_micros(501))),
                settled(EventOutcome::Failed, None),
            ],
            releases: vec![Release { at: early, late_micros: 5 }],
            in_flight: vec![2, 3],
            ..Notes::default()
        };
        notes.error("connection refused".to_owned());
        let mut tally = Tally::default();
        tally.add(&notes, Moment::from_micros(2));
        tally.add(&notes, Moment::from_micros(2));
        assert_eq!((tally.total().acknowledged, tally.total().failed, tally.sent_in_time), (2, 2, 2));
        let of_type = tally.latency_by_type[EventType::View.index()].as_ref().unwrap();
        assert_eq!((tally.latency.answered.len(), tally.latency.latencies().len(), of_type.latencies().len()), (2, 4, 4));
        assert_eq!((tally.service_time.max(), tally.schedule_lag.max()), (1_000, 7));
        assert_eq!(tally.in_flight, InFlight { looks: 4, sum: 10 });
        assert_eq!(tally.errors["connection refused"], 2);
    }
}
