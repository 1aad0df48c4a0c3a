//! One transfer: a handle to its entry with the worker. Most requests come and go in one piece and never have an entry.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;

use crate::connection::Connection;
use crate::transfers::{Cut, Transfers};
use crate::worker::Worker;

/// A body that is being received or an answer that is being sent.
pub(crate) struct Transfer {
    worker: Rc<Worker>,
    key: Cell<Option<usize>>,
}

impl Transfer {
    pub(crate) fn new(worker: Rc<Worker>) -> Self {
        Self { worker, key: Cell::new(None) }
    }

    /// Why it was cut off, if it was.
    pub(crate) fn check(&self) -> Result<(), Cut> {
        match self.key.get().and_then(|key| self.worker.transfers.borrow().cut_of(key)) {
            Some(cut) => Err(cut),
            None => Ok(()),
        }
    }

    /// Has the task woken when the transfer is cut off.
    pub(crate) fn wait(&self, context: &Context<'_>) {
        self.with(|transfers, key| transfers.wake(key, context.waker()));
    }

    /// Has the connection closed when the transfer is cut off.
    pub(crate) fn close(&self, connection: Rc<Connection>) {
        self.with(|transfers, key| transfers.close(key, connection));
    }

    /// Counts bytes that were moved.
    pub(crate) fn moved(&self, bytes: usize) {
        if let Some(key) = self.key.get() {
            self.worker.transfers.borrow_mut().moved(key, bytes);
        }
    }

    /// Holds bytes that were moved.
    pub(crate) fn hold(&self, bytes: &[u8]) -> Result<(), Cut> {
        let now = self.worker.now();
        self.with(|transfers, key| transfers.hold(key, bytes, now))
    }

    /// How many bytes it holds.
    pub(crate) fn held(&self) -> usize {
        self.key.get().map_or(0, |key| self.worker.transfers.borrow().held(key))
    }

    /// Gives away what it holds, whose memory stays reserved.
    pub(crate) fn take_held(&self) -> Vec<u8> {
        self.key.get().map_or_else(Vec::new, |key| self.worker.transfers.borrow_mut().take_held(key))
    }

    /// Throws away what it holds.
    pub(crate) fn throw_away(&self) {
        if let Some(key) = self.key.get() {
            self.worker.transfers.borrow_mut().throw_away(key);
        }
    }

    /// Reserves memory for all that it takes beside what it holds.
    pub(crate) fn reserve(&self, bytes: usize) -> Result<(), Cut> {
        let now = self.worker.now();
        self.with(|transfers, key| transfers.count(key, bytes, now))
    }

    /// Whether it is awaited that bytes move.
    pub(crate) fn set_moving(&self, is_moving: bool) {
        if let Some(key) = self.key.get() {
            self.worker.transfers.borrow_mut().set_moving(key, is_moving, self.worker.now());
        }
    }

    /// Releases all memory and forgets why it was cut off.
    pub(crate) fn end(&self) {
        if let Some(key) = self.key.take() {
            self.worker.transfers.borrow_mut().end(key);
        }
    }

    /// Does something with the entry, which is made if there is none.
    fn with<T>(&self, act: impl FnOnce(&mut Transfers, usize) -> T) -> T {
        let mut transfers = self.worker.transfers.borrow_mut();
        let key = self.key.get().unwrap_or_else(|| {
            let key = transfers.begin(self.worker.now());
            self.key.set(Some(key));
            key
        });
        act(&mut transfers, key)
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.end();
    }
}

/// How much of an answer is handed over at once. A smaller one needs no transfer.
pub(crate) const ANSWER_PIECE_BYTES: usize = 8 * 1024;

/// A large answer over HTTP/1.1. It is handed over piece by piece, so that what the client has not taken yet is held only here, where it counts.
pub(crate) struct LargeAnswer {
    rest: Bytes,
    transfer: Transfer,
    /// On which the request is not done before the answer is.
    connection: Rc<Connection>,
}

impl LargeAnswer {
    /// An answer over this connection.
    ///
    /// # Errors
    ///
    /// There is no memory for it.
    pub(crate) fn new(answer: Bytes, connection: &Rc<Connection>) -> Result<Self, Cut> {
        let transfer = Transfer::new(Rc::clone(connection.worker()));
        transfer.reserve(answer.len())?;
        transfer.close(Rc::clone(connection));
        connection.begin_request();
        Ok(Self { rest: answer, transfer, connection: Rc::clone(connection) })
    }
}

impl Drop for LargeAnswer {
    fn drop(&mut self) {
        self.connection.end_request(true);
    }
}

impl MessageBody for LargeAnswer {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        self.rest.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, io::Error>>> {
        if self.transfer.check().is_err() {
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        self.transfer.wait(context);
        let bytes = self.rest.len().min(ANSWER_PIECE_BYTES);
        self.transfer.moved(bytes);
        Poll::Ready(Some(Ok(self.rest.split_to(bytes))))
    }
}
