//! A handle to the entry of one transfer with its worker. Most requests and responses are one piece and never have an entry.

use std::cell::Cell;
use std::rc::Rc;
use std::task::Context;

use crate::connection_state::ConnectionState;
use crate::transfers::{AbortReason, Transfers};
use crate::worker::Worker;

/// A body that is received, or a response that is sent.
pub(crate) struct Transfer {
    worker: Rc<Worker>,
    key: Cell<Option<usize>>,
}

impl Transfer {
    pub(crate) fn new(worker: Rc<Worker>) -> Self {
        Self { worker, key: Cell::new(None) }
    }

    /// # Errors
    ///
    /// If the transfer was aborted.
    pub(crate) fn check(&self) -> Result<(), AbortReason> {
        match self.key.get().and_then(|key| self.worker.transfers.borrow().abort_reason(key)) {
            Some(reason) => Err(reason),
            None => Ok(()),
        }
    }

    /// Registers the task to wake when the transfer is aborted.
    pub(crate) fn register(&self, context: &Context<'_>) {
        self.with(|transfers, key| transfers.register(key, context.waker()));
    }

    /// Closes the connection when the transfer is aborted.
    pub(crate) fn close_on_abort(&self, connection: Rc<ConnectionState>) {
        self.with(|transfers, key| transfers.close_on_abort(key, connection));
    }

    /// Counts bytes that were moved.
    pub(crate) fn note_moved(&self, bytes: usize) {
        if let Some(key) = self.key.get() {
            self.worker.transfers.borrow_mut().note_moved(key, bytes);
        }
    }

    /// Counts and holds bytes that were moved.
    pub(crate) fn hold(&self, bytes: &[u8]) -> Result<(), AbortReason> {
        let now = self.worker.now();
        self.with(|transfers, key| transfers.hold(key, bytes, now))
    }

    /// The number of held bytes.
    pub(crate) fn held(&self) -> usize {
        self.key.get().map_or(0, |key| self.worker.transfers.borrow().held(key))
    }

    /// Takes the held bytes. Their memory stays reserved.
    pub(crate) fn take_held(&self) -> Vec<u8> {
        self.key.get().map_or_else(Vec::new, |key| self.worker.transfers.borrow_mut().take_held(key))
    }

    /// Discards the held bytes.
    pub(crate) fn discard_held(&self) {
        if let Some(key) = self.key.get() {
            self.worker.transfers.borrow_mut().discard_held(key);
        }
    }

    /// Reserves memory in addition to the held bytes.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<(), AbortReason> {
        let now = self.worker.now();
        self.with(|transfers, key| transfers.reserve_extra(key, bytes, now))
    }

    /// Sets whether bytes are expected to move.
    pub(crate) fn set_moving(&self, is_moving: bool) {
        if let Some(key) = self.key.get() {
            self.worker.transfers.borrow_mut().set_moving(key, is_moving, self.worker.now());
        }
    }

    /// Releases all memory and forgets an abort.
    pub(crate) fn end(&self) {
        if let Some(key) = self.key.take() {
            self.worker.transfers.borrow_mut().end(key);
        }
    }

    /// Calls a function with the entry, which is created on the first call.
    fn with<T>(&self, call: impl FnOnce(&mut Transfers, usize) -> T) -> T {
        let mut transfers = self.worker.transfers.borrow_mut();
        let key = self.key.get().unwrap_or_else(|| {
            let key = transfers.begin(self.worker.now());
            self.key.set(Some(key));
            key
        });
        call(&mut transfers, key)
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.end();
    }
}
