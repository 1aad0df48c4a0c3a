//! The observations that a dispatch records about sent events. The recorder adds them up.

use std::time::Duration;

use load_plan::load::Phase;
use load_plan::{EventOutcome, Moment};
use measure::connections::micros;
use measure::error_example::ErrorExample;
use measure::observations::{Observations, Sent, Settled};
use measure::open_times::OpenTimes;

use super::Dispatch;
use crate::delivery::queue::{Delivery, GivenUpEvent};
use crate::delivery::receipt::Receipt;
use crate::delivery::retries::Flight;

impl Dispatch {
    /// Records the start of sending. A retry is not part of the load.
    pub(crate) fn note_attempt(&self, flights: &[Flight], at: Moment) {
        let mut observations = self.observations.borrow_mut();
        for flight in measured(flights) {
            match flight.retry {
                0 => observations.attempted.push(at),
                retry => observations.retries.begun(retry),
            }
        }
    }

    /// Records that a request is sent now. The waiting time before a retry does not count as schedule lag.
    pub(crate) fn note_sent(&self, flights: &[Flight], at: Moment) {
        self.note_sent_in_parts([flights].into_iter(), at);
    }

    /// Like [`Dispatch::note_sent`], for a request whose events are in several parts.
    pub(crate) fn note_sent_in_parts<'a>(&self, parts: impl Iterator<Item = &'a [Flight]> + Clone, at: Moment) {
        self.in_flight.borrow_mut().begin(at);
        let mut observations = self.observations.borrow_mut();
        let all = parts.flat_map(measured);
        let first_time = all.clone().filter(|flight| flight.retry == 0);
        observations.sent.extend(first_time.map(|flight| Sent { at, lag_micros: at.micros_since(flight.delivery.scheduled) }));
        observations.requests += u64::from(all.clone().next().is_some());
    }

    /// Records that a connection was opened.
    pub(crate) fn note_connection(&self, times: OpenTimes) {
        self.observations.borrow_mut().connections.push(times);
    }

    /// Records that a connection could not be opened.
    pub(crate) fn note_failed_connection(&self) {
        self.observations.borrow_mut().connections_failed += 1;
    }

    /// Records the number of connections that have stopped responding.
    pub(crate) fn note_silent_connections(&self, count: u64) {
        self.observations.borrow_mut().connections_silent += count;
    }

    /// Records that a request is sent again that the target has not processed.
    pub(crate) fn note_resent(&self) {
        self.observations.borrow_mut().requests_resent += 1;
    }

    /// Records the time from the end of sending a request to the first byte of its response.
    pub(crate) fn note_first_byte(&self, flights: &[Flight], took: Duration) {
        if measured(flights).next().is_some() {
            self.observations.borrow_mut().first_bytes.push(micros(took));
        }
    }

    /// Records that a limit of this machine prevented events from being sent or their responses from being received.
    pub(crate) fn note_local_error(&self, flights: &[Flight]) {
        self.observations.borrow_mut().local_errors += measured(flights).count() as u64;
    }

    /// Reverts the last [`Dispatch::note_sent`] at that moment: the request was not sent. Must be called before any other task runs.
    pub(crate) fn take_back_sent(&self, flights: &[Flight], at: Moment) {
        self.note_ended(at);
        let mut observations = self.observations.borrow_mut();
        let kept = observations.sent.len() - measured(flights).filter(|flight| flight.retry == 0).count();
        observations.sent.truncate(kept);
        observations.requests -= u64::from(measured(flights).next().is_some());
    }

    /// Records that a sent request is answered or given up.
    pub(crate) fn note_ended(&self, at: Moment) {
        self.in_flight.borrow_mut().end(at);
    }

    pub(super) fn note_settled(&self, delivery: &Delivery, receipt: Receipt, said: impl Fn() -> Option<String>) {
        self.queue.borrow_mut().settle(delivery);
        let mut observations = self.observations.borrow_mut();
        if delivery.phase == Phase::WarmUp {
            *observations.warm_up.of_mut(receipt.outcome) += 1;
            return;
        }
        observations.settled.push(Settled {
            at: receipt.at,
            scheduled: delivery.scheduled,
            event_type: delivery.event.event_type,
            outcome: receipt.outcome,
            answered_request: receipt.answered_after,
        });
        if let Some(error) = receipt.error {
            observations.error_of_event(error, || {
                let event_id = String::from_utf8_lossy(&delivery.event.event.text()).into_owned();
                ErrorExample::new(event_id, delivery.event.event_type, said().as_deref())
            });
        }
    }

    pub(super) fn note_given_up(&self, events: &[GivenUpEvent], outcome: EventOutcome) {
        let now = self.sending.clock.now();
        let mut observations = self.observations.borrow_mut();
        for GivenUpEvent { event_type, scheduled, phase } in events.iter().copied() {
            match phase {
                Phase::WarmUp => *observations.warm_up.of_mut(outcome) += 1,
                // Seekers run slightly ahead of the clock.
                Phase::Measured => {
                    let at = now.max(scheduled);
                    observations.settled.push(Settled { at, scheduled, event_type, outcome, answered_request: None });
                }
            }
        }
    }

    /// Takes the observations since the last call. `None` if there are none, or if the last ones have not been given back.
    pub(crate) fn take_notes(&self) -> Option<Box<Observations>> {
        self.note_busy();
        let mut observations = self.observations.borrow_mut();
        let mut taken = self.read_notes.borrow_mut().take_if(|_| !observations.is_empty())?;
        std::mem::swap(&mut *taken, &mut *observations);
        Some(taken)
    }

    /// Returns the observations so that their memory is reused.
    pub(crate) fn give_back(&self, mut read: Box<Observations>) {
        read.clear();
        *self.read_notes.borrow_mut() = Some(read);
    }

    /// Takes the last observations.
    pub(crate) fn take_last_notes(&self) -> Box<Observations> {
        self.note_busy();
        Box::new(self.observations.take())
    }

    /// Records the number of requests in flight, if the measured load is running.
    pub(crate) fn note_in_flight(&self, now: Moment) {
        self.observations.borrow_mut().in_flight.extend(self.in_flight.borrow().count_at(now));
    }

    /// Records how long requests have been in flight since the last call.
    pub(super) fn note_busy(&self) {
        let busy_micros = self.in_flight.borrow_mut().take_busy_micros(self.sending.clock.now());
        self.observations.borrow_mut().busy_micros += busy_micros;
    }
}

/// The flights that count for the statistics.
fn measured(flights: &[Flight]) -> impl Iterator<Item = &Flight> + Clone {
    flights.iter().filter(|flight| flight.delivery.phase == Phase::Measured)
}
