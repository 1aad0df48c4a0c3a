//! A connection: its state, its worker, and the memory that it uses.

use std::cell::RefCell;
use std::rc::Rc;

use crate::connection_state::ConnectionState;
use crate::memory::Reservation;
use crate::transfer::Transfer;
use crate::worker::Worker;

/// The size of a large buffer: actix-http reads up to 128 KiB in one read, and keeps the buffer.
const LARGE_BUFFER_BYTES: usize = 128 * 1024;

/// The weight of an HTTP/2 connection; an HTTP/1.1 connection has weight 1. The buffers and tables of HTTP/2 are larger.
const HTTP2_WEIGHT: usize = 4;

/// A connection.
pub(crate) struct Connection {
    worker: Rc<Worker>,
    state: Rc<ConnectionState>,
    /// The transfer of the current request or response over HTTP/1.1. Not used over HTTP/2, where each stream has its own.
    pub(crate) transfer: Transfer,
    /// The memory for a large buffer.
    large_buffer: RefCell<Option<Reservation>>,
}

impl Connection {
    /// A new connection of this worker.
    pub(crate) fn open(worker: &Rc<Worker>) -> Self {
        Self {
            worker: Rc::clone(worker),
            state: worker.connect(),
            transfer: Transfer::new(Rc::clone(worker)),
            large_buffer: RefCell::new(None),
        }
    }

    pub(crate) fn worker(&self) -> &Rc<Worker> {
        &self.worker
    }

    pub(crate) fn state(&self) -> &Rc<ConnectionState> {
        &self.state
    }

    /// Prepares for HTTP/2: increases the weight of the connection.
    pub(crate) fn expect_http2(&self) {
        self.worker.add_weight(&self.state, HTTP2_WEIGHT);
    }

    /// Whether a read can take more bytes than the default.
    pub(crate) fn has_large_buffer(&self) -> bool {
        self.large_buffer.borrow().is_some()
    }

    /// Reserves the memory of a large buffer until the connection ends. Returns whether the connection has it.
    pub(crate) fn reserve_large_buffer(&self) -> bool {
        if !self.has_large_buffer() {
            *self.large_buffer.borrow_mut() = Reservation::new(&self.worker.shared.buffers, LARGE_BUFFER_BYTES);
        }
        self.has_large_buffer()
    }
}
