//! What an outbox and its lanes share: the queue, the tally and the list of idle lanes. All on one thread; no borrow is held while
//! anything waits.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use seeker_model::Model;
use tokio::sync::Notify;

use crate::clock::{Moment, RunClock};
use crate::delivery::queue::{Counts, Delivery, Queue};
use crate::http::Endpoint;
use crate::load::Phase;
use crate::messages::Remainder;
use crate::sent_check::SentCheck;
use crate::tally::{Fate, Tally};

/// What lanes need to send.
#[derive(Clone)]
pub(crate) struct Sending {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) model: Arc<Model>,
    pub(crate) clock: RunClock,
    /// How long an answer may take, from the moment of sending.
    pub(crate) timeout: Duration,
    /// Up to here events count as sent in time.
    pub(crate) end: Moment,
    /// Whether what is sent is held against the rules.
    pub(crate) check_sent: bool,
}

/// What came of one event.
pub(crate) struct Receipt {
    pub(crate) fate: Fate,
    /// When sending was begun.
    pub(crate) attempted: Moment,
    /// When the request went out, if it did.
    pub(crate) sent: Option<Moment>,
    /// When the answer was there, if it came.
    pub(crate) answered: Option<Moment>,
    /// What went wrong, if anything did.
    pub(crate) error: Option<String>,
}

/// The queue and the tally of one arbiter.
pub(crate) struct Dispatch {
    pub(crate) sending: Sending,
    queue: RefCell<Queue>,
    tally: RefCell<Box<Tally>>,
    sent_check: Option<RefCell<SentCheck>>,
    /// Lanes without work. The last to become idle is the first to be woken, so that no more connections are opened than needed.
    idle: RefCell<Vec<Rc<Notify>>>,
    /// Told when the queue has room again.
    has_room: Notify,
}

impl Dispatch {
    /// The most events that are held unsent. At the highest rate that one arbiter reaches this is more than half a second's worth.
    pub(crate) const CAPACITY: usize = 65_536;

    pub(crate) fn new(sending: Sending) -> Self {
        let sent_check = sending.check_sent.then(|| RefCell::new(SentCheck::new()));
        Self {
            sending,
            queue: RefCell::default(),
            tally: RefCell::default(),
            sent_check,
            idle: RefCell::default(),
            has_room: Notify::new(),
        }
    }

    /// Takes an event on.
    pub(crate) fn offer(&self, delivery: Delivery) {
        self.queue.borrow_mut().offer(delivery);
    }

    /// How many more events can be taken on.
    pub(crate) fn room(&self) -> u64 {
        Self::CAPACITY.saturating_sub(self.queue.borrow().unsent()) as u64
    }

    /// Waits until there is room.
    pub(crate) async fn wait_for_room(&self) {
        while self.room() == 0 {
            self.has_room.notified().await;
        }
    }

    /// Lets go what is due, and wakes as many lanes.
    pub(crate) fn release(&self) {
        let now = self.sending.clock.now();
        let mut queue = self.queue.borrow_mut();
        let mut tally = self.tally.borrow_mut();
        queue.release(now, |phase, late_micros| {
            if phase == Phase::Measured {
                tally.release_lag.saturating_record(late_micros);
            }
        });
        let mut idle = self.idle.borrow_mut();
        for _ in 0..queue.ready() {
            let Some(lane) = idle.pop() else { break };
            lane.notify_one();
        }
    }

    /// The next event for a lane.
    pub(crate) fn take(&self) -> Option<Delivery> {
        let mut queue = self.queue.borrow_mut();
        let delivery = queue.take()?;
        if queue.unsent() + 1 == Self::CAPACITY {
            self.has_room.notify_one();
        }
        Some(delivery)
    }

    /// Enters a lane among the idle ones; it is notified when there is work.
    pub(crate) fn become_idle(&self, lane: &Rc<Notify>) {
        self.idle.borrow_mut().push(Rc::clone(lane));
    }

    /// Holds a body that is about to be sent against the rules, if that was asked for.
    pub(crate) fn check(&self, body: &[u8]) {
        if let Some(check) = &self.sent_check {
            check.borrow_mut().observe(body, self.sending.clock.timestamp_of(self.sending.clock.now()));
        }
    }

    /// Notes what came of an event.
    pub(crate) fn settle(&self, delivery: &Delivery, receipt: Receipt) {
        self.queue.borrow_mut().settle(delivery);
        let mut tally = self.tally.borrow_mut();
        if delivery.phase == Phase::WarmUp {
            return tally.count_warm_up(receipt.fate);
        }
        tally.count(delivery.event.event_type, receipt.fate);
        tally.sent_in_time += u64::from(receipt.attempted <= self.sending.end);
        if let Some(sent) = receipt.sent {
            tally.schedule_lag.saturating_record(sent.micros_since(delivery.intended));
            if let Some(answered) = receipt.answered {
                tally.service_time.saturating_record(answered.micros_since(sent));
                tally.latency.saturating_record(answered.micros_since(delivery.intended));
            }
        }
        if let Some(error) = receipt.error {
            tally.error(error);
        }
    }

    /// Whether nothing is waiting or in flight.
    pub(crate) fn is_settled(&self) -> bool {
        let queue = self.queue.borrow();
        queue.unsent() == 0 && queue.in_flight() == 0
    }

    /// Gives up what is not sent.
    pub(crate) fn give_up(&self) -> Counts {
        let unsent = self.queue.borrow_mut().give_up();
        self.has_room.notify_one();
        unsent
    }

    /// What is left, once lanes have been ended. Sent events count as unknown.
    pub(crate) fn remainder(&self, unsent: Counts) -> Remainder {
        let queue = self.queue.borrow();
        let findings = self.sent_check.as_ref().map(|check| check.replace(SentCheck::new()).finish());
        Remainder { unsent, unanswered: queue.in_flight_counts(), findings }
    }

    /// Takes what was tallied since the last time, if anything was.
    pub(crate) fn take_tally(&self) -> Option<Box<Tally>> {
        let mut tally = self.tally.borrow_mut();
        (!tally.is_empty()).then(|| std::mem::take(&mut *tally))
    }

    /// Puts a tally back that could not be passed on.
    pub(crate) fn return_tally(&self, tally: &Tally) {
        self.tally.borrow_mut().add(tally);
    }
}
