//! Events to retry: the selection, the waiting time and the order. A pure data structure: no clock, no I/O. To the queue, such an event
//! stays in flight, so the next event of its seeker waits behind it.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use load_plan::Moment;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::delivery::queue::Delivery;
use crate::delivery::receipt::Receipt;

/// The maximum wait before the first retry.
const BACK_OFF_BASE_MICROS: u64 = 100_000;

/// The maximum wait before any retry, unless the target asks for a longer one.
const BACK_OFF_MAX_MICROS: u64 = 10_000_000;

/// The maximum `Retry-After` that is honoured.
pub(crate) const RETRY_AFTER_MAX: Duration = Duration::from_mins(1);

/// How often events are retried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RetryPolicy {
    /// The maximum number of retries per event.
    pub(crate) retries: u32,
    /// The seed of the random waits.
    pub(crate) seed: u64,
}

/// An event that is sent, for the first time or as a retry.
pub(crate) struct Flight {
    pub(crate) delivery: Delivery,
    /// The number of earlier attempts.
    pub(crate) retry: u32,
}

impl Flight {
    pub(crate) fn first(delivery: Delivery) -> Self {
        Self { delivery, retry: 0 }
    }
}

/// The events that wait for a retry, and their latest receipts.
pub(crate) struct Retries {
    most: u32,
    random: SmallRng,
    waiting: BinaryHeap<Waiting>,
    /// The events whose wait is over.
    ready: VecDeque<Waiting>,
    /// Whether no more events are accepted.
    is_over: bool,
}

impl Retries {
    pub(crate) fn new(policy: RetryPolicy) -> Self {
        Self {
            most: policy.retries,
            random: SmallRng::seed_from_u64(policy.seed),
            waiting: BinaryHeap::new(),
            ready: VecDeque::new(),
            is_over: false,
        }
    }

    /// The number of events.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len() + self.ready.len()
    }

    /// The number of events that wait only for a sender.
    pub(crate) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// The time since which the first ready event has waited.
    pub(crate) fn ready_since(&self) -> Option<Moment> {
        self.ready.front().map(|first| first.due)
    }

    /// When the wait of the next event ends.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.waiting.peek().map(|first| first.due)
    }

    /// When to retry an event after this receipt; `None` if it is not retried.
    pub(crate) fn due_after(&mut self, flight: &Flight, receipt: &Receipt) -> Option<Moment> {
        let left_alone = receipt.again_after.filter(|_| flight.retry < self.most && !self.is_over)?.min(RETRY_AFTER_MAX);
        let left_alone = u64::try_from(left_alone.as_micros()).expect("a minute in microseconds fits");
        let random = &mut self.random;
        let back_off = back_off_micros(flight.retry, |most| random.random_range(0..=most));
        Some(receipt.at.plus(left_alone + back_off))
    }

    /// Accepts an event for a retry at this time.
    pub(crate) fn take_on(&mut self, due: Moment, flight: Flight, receipt: Receipt) {
        self.waiting.push(Waiting { due, flight: Flight { retry: flight.retry + 1, ..flight }, receipt });
    }

    /// Releases the events whose wait is over.
    pub(crate) fn release(&mut self, now: Moment) {
        while self.waiting.peek().is_some_and(|first| first.due <= now) {
            self.ready.extend(self.waiting.pop());
        }
    }

    /// Takes the next event to retry. Returns the error of its last attempt too.
    pub(crate) fn take(&mut self) -> Option<(Flight, Option<String>)> {
        self.ready.pop_front().map(|waiting| (waiting.flight, waiting.receipt.error))
    }

    /// Gives up the remaining events and accepts no more. Returns each with the receipt of its last attempt.
    pub(crate) fn give_up(&mut self) -> Vec<(Flight, Receipt)> {
        self.is_over = true;
        let left = self.waiting.drain().chain(self.ready.drain(..));
        left.map(|Waiting { flight, receipt, .. }| (flight, receipt)).collect()
    }
}

/// The wait before the next retry, after this many retries. It uses "full jitter", `random(0, min(cap, base * 2^n))`, so that events that
/// failed at the same time are retried at different times (M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015).
fn back_off_micros(retries: u32, random_up_to: impl FnOnce(u64) -> u64) -> u64 {
    let doubled = 1_u64.checked_shl(retries).and_then(|factor| BACK_OFF_BASE_MICROS.checked_mul(factor));
    random_up_to(doubled.unwrap_or(u64::MAX).min(BACK_OFF_MAX_MICROS))
}

/// An event in the heap, ordered by due time, the earliest first.
struct Waiting {
    due: Moment,
    flight: Flight,
    /// The receipt of its last attempt.
    receipt: Receipt,
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        // Reversed, because the heap returns its greatest element first.
        other.due.cmp(&self.due)
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.due == other.due
    }
}

impl Eq for Waiting {}

#[cfg(test)]
mod tests;
