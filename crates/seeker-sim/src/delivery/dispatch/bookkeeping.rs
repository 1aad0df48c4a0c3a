//! What a dispatch observes of the events that are sent: the numbers that the recorder adds up.

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
    /// Records that sending of events begins. To send one again is no part of the load.
    pub(crate) fn note_attempt(&self, flights: &[Flight], at: Moment) {
        let mut observations = self.observations.borrow_mut();
        for flight in measured(flights) {
            match flight.retry {
                0 => observations.attempted.push(at),
                retry => observations.retries.begun(retry),
            }
        }
    }

    /// Records that a request goes out now. How long an event waited to be sent again is not the generator's lag.
    pub(crate) fn note_sent(&self, flights: &[Flight], at: Moment) {
        self.in_flight.borrow_mut().begin(at);
        let mut observations = self.observations.borrow_mut();
        let first_time = measured(flights).filter(|flight| flight.retry == 0);
        observations.sent.extend(first_time.map(|flight| Sent { at, lag_micros: at.micros_since(flight.delivery.scheduled) }));
        observations.requests += u64::from(measured(flights).next().is_some());
    }

    /// Records that a connection was opened.
    pub(crate) fn note_connection(&self, times: OpenTimes) {
        self.observations.borrow_mut().connections.push(times);
    }

    /// Records that it failed to open a connection.
    pub(crate) fn note_failed_connection(&self) {
        self.observations.borrow_mut().connections_failed += 1;
    }

    /// Records that so many connections have stopped answering.
    pub(crate) fn note_silent_connections(&self, count: u64) {
        self.observations.borrow_mut().connections_silent += count;
    }

    /// Records that a request is sent again that the target has not looked at.
    pub(crate) fn note_resent(&self) {
        self.observations.borrow_mut().requests_resent += 1;
    }

    /// Records how long it took from the end of sending a request to the first byte of its answer.
    pub(crate) fn note_first_byte(&self, flights: &[Flight], took: Duration) {
        if measured(flights).next().is_some() {
            self.observations.borrow_mut().first_bytes.push(micros(took));
        }
    }

    /// Records that a limit of this machine kept events from being sent or answered.
    pub(crate) fn note_local_error(&self, flights: &[Flight]) {
        self.observations.borrow_mut().local_errors += measured(flights).count() as u64;
    }

    /// Takes back the last note of that kind, which said that moment, before anything else ran: the request did not go out.
    pub(crate) fn take_back_sent(&self, flights: &[Flight], at: Moment) {
        self.note_ended(at);
        let mut observations = self.observations.borrow_mut();
        let kept = observations.sent.len() - measured(flights).filter(|flight| flight.retry == 0).count();
        observations.sent.truncate(kept);
        observations.requests -= u64::from(measured(flights).next().is_some());
    }

    /// Records that a request that went out is answered or given up.
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
                // Seekers are a little ahead of the clock.
                Phase::Measured => {
                    let at = now.max(scheduled);
                    observations.settled.push(Settled { at, scheduled, event_type, outcome, answered_request: None });
                }
            }
        }
    }

    /// Takes what was noted since the last time, if anything was and the last that were taken are given back.
    pub(crate) fn take_notes(&self) -> Option<Box<Observations>> {
        self.note_busy();
        let mut observations = self.observations.borrow_mut();
        let mut taken = self.read_notes.borrow_mut().take_if(|_| !observations.is_empty())?;
        std::mem::swap(&mut *taken, &mut *observations);
        Some(taken)
    }

    /// Gives back the observations that were taken, to be written on anew.
    pub(crate) fn give_back(&self, mut read: Box<Observations>) {
        read.clear();
        *self.read_notes.borrow_mut() = Some(read);
    }

    /// Takes the last observations.
    pub(crate) fn take_last_notes(&self) -> Box<Observations> {
        self.note_busy();
        Box::new(self.observations.take())
    }

    /// Records how many requests are in flight now, if this is the measured time of the load.
    pub(crate) fn note_in_flight(&self, now: Moment) {
        self.observations.borrow_mut().in_flight.extend(self.in_flight.borrow().count_at(now));
    }

    /// Observations for how long requests have been in flight since this was last noted.
    pub(super) fn note_busy(&self) {
        let busy_micros = self.in_flight.borrow_mut().take_busy_micros(self.sending.clock.now());
        self.observations.borrow_mut().busy_micros += busy_micros;
    }
}

/// Those that count for the figures.
fn measured(flights: &[Flight]) -> impl Iterator<Item = &Flight> {
    flights.iter().filter(|flight| flight.delivery.phase == Phase::Measured)
}
