//! Events that are to be sent again: which those are, how long they wait, and in which order they come up. A pure data structure: no
//! clock, no I/O. To the queue such an event is in flight all the while, so that the next one of its seeker waits behind it.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use load_plan::Moment;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use crate::delivery::queue::Delivery;
use crate::delivery::receipt::Receipt;

/// How long the first retry waits at most.
const BACK_OFF_BASE_MICROS: u64 = 100_000;

/// How long any retry waits at most, if the target does not say otherwise.
const BACK_OFF_MAX_MICROS: u64 = 10_000_000;

/// The longest that a target's `Retry-After` is heeded.
pub(crate) const RETRY_AFTER_MAX: Duration = Duration::from_mins(1);

/// How often events are sent again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RetryPolicy {
    /// The most retries of one event.
    pub(crate) retries: u32,
    /// What the waits are drawn from.
    pub(crate) seed: u64,
}

/// An event that is sent, for the first time or again.
pub(crate) struct Flight {
    pub(crate) delivery: Delivery,
    /// How often it was sent before.
    pub(crate) retry: u32,
}

impl Flight {
    pub(crate) fn first(delivery: Delivery) -> Self {
        Self { delivery, retry: 0 }
    }
}

/// The events that wait to be sent again, and what came of them so far.
pub(crate) struct Retries {
    most: u32,
    random: SmallRng,
    waiting: BinaryHeap<Waiting>,
    /// Those that have waited long enough.
    ready: VecDeque<Waiting>,
    /// Whether no more are taken on.
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

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len() + self.ready.len()
    }

    /// How many of them wait for nothing but a sender.
    pub(crate) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Since when the first of those has.
    pub(crate) fn ready_since(&self) -> Option<Moment> {
        self.ready.front().map(|first| first.due)
    }

    /// When the next of the others has waited long enough.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.waiting.peek().map(|first| first.due)
    }

    /// When an event to which that happened is sent again; nothing if it is not.
    pub(crate) fn due_after(&mut self, flight: &Flight, receipt: &Receipt) -> Option<Moment> {
        let left_alone = receipt.again_after.filter(|_| flight.retry < self.most && !self.is_over)?.min(RETRY_AFTER_MAX);
        let left_alone = u64::try_from(left_alone.as_micros()).expect("a minute is not many microseconds");
        let random = &mut self.random;
        let back_off = back_off_micros(flight.retry, |most| random.random_range(0..=most));
        Some(receipt.at.plus(left_alone + back_off))
    }

    /// Takes on an event that is to be sent again then.
    pub(crate) fn take_on(&mut self, due: Moment, flight: Flight, receipt: Receipt) {
        self.waiting.push(Waiting { due, flight: Flight { retry: flight.retry + 1, ..flight }, receipt });
    }

    /// Lets go what has waited long enough.
    pub(crate) fn release(&mut self, now: Moment) {
        while self.waiting.peek().is_some_and(|first| first.due <= now) {
            self.ready.extend(self.waiting.pop());
        }
    }

    /// The next event to send again.
    pub(crate) fn take(&mut self) -> Option<Flight> {
        self.ready.pop_front().map(|waiting| waiting.flight)
    }

    /// Gives up what is not sent again, and takes no more on: what came of each is what came of its last attempt.
    pub(crate) fn give_up(&mut self) -> Vec<(Flight, Receipt)> {
        self.is_over = true;
        let left = self.waiting.drain().chain(self.ready.drain(..));
        left.map(|Waiting { flight, receipt, .. }| (flight, receipt)).collect()
    }
}

/// How long the next retry waits, after that many: "full jitter", `random(0, min(cap, base * 2^n))`, by which those who failed at the
/// same time come back at different times (M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015).
fn back_off_micros(retries: u32, random_up_to: impl FnOnce(u64) -> u64) -> u64 {
    let doubled = 1_u64.checked_shl(retries).and_then(|factor| BACK_OFF_BASE_MICROS.checked_mul(factor));
    random_up_to(doubled.unwrap_or(u64::MAX).min(BACK_OFF_MAX_MICROS))
}

/// An event in the heap: the earliest first.
struct Waiting {
    due: Moment,
    flight: Flight,
    /// What came of its last attempt.
    receipt: Receipt,
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        // Reversed: the heap gives its greatest element first.
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
