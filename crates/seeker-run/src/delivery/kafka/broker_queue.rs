//! The events for one broker that wait for a connection, and the senders that take them. This state is used on one thread only. No borrow is
//! held across an await.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::server::Server;
use crate::delivery::retries::Flight;

/// The number of waiting events at which no more are taken from the queue.
const HELD_MAX: usize = 8_192;

/// The wait before a connection is opened again: after the first failure, and at most.
const BACK_OFF: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(1)];

/// An event that waits for a connection to the leader of its partition.
pub(super) struct Held {
    pub(super) flight: Flight,
    pub(super) partition: usize,
}

/// The waiting events and the senders of one broker.
pub(super) struct BrokerQueue {
    pub(super) server: RefCell<Server>,
    held: RefCell<VecDeque<Held>>,
    /// The senders that wait for work. The last one to become idle is the first one to wake.
    idle: RefCell<Vec<Rc<Notify>>>,
    /// The number of senders that take events.
    pub(super) senders: Cell<usize>,
    /// The number of connections that are open.
    pub(super) open: Cell<usize>,
    /// The number of connections that are being opened.
    pub(super) opening: Cell<usize>,
    /// The number of connections that have failed since the last answer.
    failures: Cell<u32>,
    failed_at: Cell<Option<Instant>>,
}

impl BrokerQueue {
    pub(super) fn new(server: Server) -> Self {
        Self {
            server: RefCell::new(server),
            held: RefCell::default(),
            idle: RefCell::default(),
            senders: Cell::default(),
            open: Cell::default(),
            opening: Cell::default(),
            failures: Cell::default(),
            failed_at: Cell::default(),
        }
    }

    pub(super) fn push(&self, held: Held) {
        self.held.borrow_mut().push_back(held);
    }

    pub(super) fn pop(&self) -> Option<Held> {
        self.held.borrow_mut().pop_front()
    }

    pub(super) fn take_all(&self) -> VecDeque<Held> {
        self.held.take()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.borrow().is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.held.borrow().len() >= HELD_MAX
    }

    pub(super) fn become_idle(&self, sender: &Rc<Notify>) {
        self.idle.borrow_mut().push(Rc::clone(sender));
    }

    /// Removes a sender from the idle senders.
    pub(super) fn leave_idle(&self, sender: &Rc<Notify>) {
        self.idle.borrow_mut().retain(|idle| !Rc::ptr_eq(idle, sender));
    }

    /// Wakes an idle sender. Returns whether there was one.
    pub(super) fn wake_one(&self) -> bool {
        let sender = self.idle.borrow_mut().pop();
        sender.inspect(|sender| sender.notify_one()).is_some()
    }

    pub(super) fn note_failure(&self) {
        self.failures.update(|failures| failures.saturating_add(1));
        self.failed_at.set(Some(Instant::now()));
    }

    pub(super) fn note_answer(&self) {
        self.failures.set(0);
    }

    /// When the next connection may be opened, if that is later.
    pub(super) fn opens_again_at(&self, most: Duration) -> Option<Instant> {
        let doublings = self.failures.get().checked_sub(1)?.min(10);
        Some(self.failed_at.get()? + (BACK_OFF[0] * (1 << doublings)).min(BACK_OFF[1]).min(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_wait_for_a_connection_doubles_up_to_a_second() {
        let queue = BrokerQueue::new(Server { host: "h".to_owned(), port: 1 });
        let wait = |most| queue.opens_again_at(most).map(|at| (at - Instant::now()).as_millis());
        let long = Duration::from_secs(10);
        assert_eq!(wait(long), None);
        for expected in [50, 100, 200, 400, 800, 1_000, 1_000] {
            queue.note_failure();
            assert_eq!(wait(long), Some(expected));
        }
        assert_eq!(wait(Duration::from_millis(30)), Some(30));
        queue.note_answer();
        assert_eq!(wait(long), None);
        queue.note_failure();
        assert_eq!(wait(long), Some(50));
    }
}
