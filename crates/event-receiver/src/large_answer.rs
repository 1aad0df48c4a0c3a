//! A large response over HTTP/1.1.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::body::{BodySize, MessageBody};
use bytes::Bytes;

use crate::connection::Connection;
use crate::transfer::Transfer;
use crate::transfers::AbortReason;

/// The size of a piece of a response. A smaller response needs no transfer.
pub(crate) const ANSWER_PIECE_BYTES: usize = 8 * 1024;

/// A large response over HTTP/1.1. It is sent in pieces. Bytes that the client has not accepted yet stay here and count against the memory.
pub(crate) struct LargeAnswer {
    rest: Bytes,
    transfer: Transfer,
    /// The connection of the request. The request ends with the response.
    connection: Rc<Connection>,
}

impl LargeAnswer {
    /// A response over this connection.
    ///
    /// # Errors
    ///
    /// If there is no memory for the response.
    pub(crate) fn new(answer: Bytes, connection: &Rc<Connection>) -> Result<Self, AbortReason> {
        let transfer = Transfer::new(Rc::clone(connection.worker()));
        transfer.reserve(answer.len())?;
        transfer.close_on_abort(Rc::clone(connection.state()));
        connection.state().begin_request();
        Ok(Self { rest: answer, transfer, connection: Rc::clone(connection) })
    }
}

impl Drop for LargeAnswer {
    fn drop(&mut self) {
        self.connection.state().end_request(true);
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
        self.transfer.register(context);
        let bytes = self.rest.len().min(ANSWER_PIECE_BYTES);
        self.transfer.note_moved(bytes);
        Poll::Ready(Some(Ok(self.rest.split_to(bytes))))
    }
}
