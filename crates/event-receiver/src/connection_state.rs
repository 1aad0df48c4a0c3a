//! The state of a connection, as its worker sees it: the times and sizes that decide whether the connection is closed.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::open_connections::OpenConnections;
use crate::tick::Tick;

/// The state of a connection.
pub(crate) struct ConnectionState {
    key: usize,
    open: Rc<OpenConnections>,
    is_http2: Cell<bool>,
    /// The weight of the connection: the number of HTTP/1.1 connections that use as much memory.
    weight: Cell<usize>,
    is_closed: Cell<bool>,
    /// The time of the last byte in either direction.
    last_byte_at: Cell<Tick>,
    /// The number of requests under way.
    requests: Cell<u32>,
    /// The time of the first byte of an incomplete header section.
    head_since: Cell<Option<Tick>>,
    head_bytes: Cell<usize>,
    /// Whether the connection discards the rest of a body.
    discards_body: Cell<bool>,
    /// Whether reading pauses.
    is_paused: Cell<bool>,
    /// The time since which the client does not accept bytes that wait to be written.
    blocked_since: Cell<Option<Tick>>,
    /// The task that reads.
    waker: RefCell<Option<Waker>>,
}

/// The ages at which a connection is overdue.
pub(crate) struct Deadlines {
    pub(crate) now: Tick,
    pub(crate) head: Tick,
    pub(crate) blocked: Tick,
    pub(crate) idle: Tick,
}

impl ConnectionState {
    pub(crate) const fn new(open: Rc<OpenConnections>, key: usize, now: Tick) -> Self {
        Self {
            key,
            open,
            is_http2: Cell::new(false),
            weight: Cell::new(1),
            is_closed: Cell::new(false),
            last_byte_at: Cell::new(now),
            requests: Cell::new(0),
            head_since: Cell::new(None),
            head_bytes: Cell::new(0),
            discards_body: Cell::new(false),
            is_paused: Cell::new(false),
            blocked_since: Cell::new(None),
            waker: RefCell::new(None),
        }
    }

    pub(crate) const fn key(&self) -> usize {
        self.key
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// The weight of the connection: the number of HTTP/1.1 connections that use as much memory.
    pub(crate) fn weight(&self) -> usize {
        self.weight.get()
    }

    pub(crate) fn set_weight(&self, weight: usize) {
        self.weight.set(weight);
    }

    /// The time of the last byte in either direction.
    pub(crate) fn last_byte_at(&self) -> Tick {
        self.last_byte_at.get()
    }

    /// Whether the client waits for a response that is delayed on purpose.
    pub(crate) fn awaits_delayed_answer(&self) -> bool {
        self.is_paused.get()
    }

    /// Closes the connection in any state.
    pub(crate) fn close(&self) {
        if !self.is_closed.replace(true) {
            self.open.remove_closed(self.weight());
            self.wake();
        }
    }

    pub(crate) fn is_overdue(&self, deadlines: &Deadlines) -> bool {
        let age = |since: Tick| deadlines.now.saturating_sub(since);
        if self.is_closed.get() {
            return false;
        }
        if self.blocked_since.get().is_some_and(|since| age(since) >= deadlines.blocked) {
            return true;
        }
        if self.requests.get() > 0 || self.blocked_since.get().is_some() {
            return false;
        }
        match self.head_since.get() {
            Some(since) => age(since) >= deadlines.head,
            None => age(self.last_byte_at.get()) >= deadlines.idle,
        }
    }

    /// Records that the connection uses HTTP/2 from now on, so its bytes do not belong to a single request.
    pub(crate) fn set_http2(&self) {
        self.is_http2.set(true);
        self.head_since.set(None);
    }

    /// Records the start of a request. Returns the number of its bytes that were read before.
    pub(crate) fn begin_request(&self) -> usize {
        self.requests.set(self.requests.get() + 1);
        self.head_since.set(None);
        self.discards_body.set(false);
        self.head_bytes.replace(0)
    }

    /// Records the end of a request.
    pub(crate) fn end_request(&self, is_body_read: bool) {
        self.requests.set(self.requests.get() - 1);
        if !is_body_read {
            self.discards_body.set(true);
        }
    }

    /// Pauses reading until [`resume`](Self::resume). A connection over HTTP/2 does not pause.
    pub(crate) fn pause(&self) {
        self.is_paused.set(!self.is_http2.get());
    }

    pub(crate) fn resume(&self) {
        if self.is_paused.replace(false) {
            self.wake();
        }
    }

    /// Whether reading has to wait.
    pub(crate) fn is_reading_held(&self) -> bool {
        self.is_paused.get() || self.blocked_since.get().is_some() && !self.is_http2.get()
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// Registers the task to wake.
    pub(crate) fn register(&self, context: &Context<'_>) {
        let mut waker = self.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|known| known.will_wake(context.waker())) {
            *waker = Some(context.waker().clone());
        }
    }

    /// # Errors
    ///
    /// If the connection is closed.
    pub(crate) fn check_open(&self) -> io::Result<()> {
        if self.is_closed.get() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    /// Closes the connection if its header section is too large.
    ///
    /// # Errors
    ///
    /// If the connection is closed.
    pub(crate) fn check_head(&self, bytes_max: usize) -> io::Result<()> {
        let is_too_large = self.head_since.get().is_some() && !self.discards_body.get() && self.head_bytes.get() > bytes_max;
        if is_too_large {
            self.close();
        }
        self.check_open()
    }

    /// Records bytes that were read.
    pub(crate) fn note_read(&self, bytes: usize, now: Tick) {
        self.last_byte_at.set(now);
        if self.requests.get() == 0 && !self.is_http2.get() {
            self.head_bytes.set(self.head_bytes.get() + bytes);
            if self.head_since.get().is_none() {
                self.head_since.set(Some(now));
            }
        }
    }

    /// Records the result of a write. When the client accepts bytes again, reading continues.
    pub(crate) fn note_written(&self, written: &Poll<io::Result<usize>>, now: Tick, context: &Context<'_>) {
        match written {
            Poll::Ready(Ok(_)) => {
                self.last_byte_at.set(now);
                if self.blocked_since.take().is_some() {
                    context.waker().wake_by_ref();
                }
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                self.register(context);
                if self.blocked_since.get().is_none() {
                    self.blocked_since.set(Some(now));
                }
            }
        }
    }
}
