//! The bytes in both directions of a [`Socket`]: received and not yet read, written and not yet sent.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use transport::http::Socket;

/// The bytes that are read at once.
const READ_MAX: usize = 64 << 10;

/// What a connection has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Bytes have arrived.
    Read,
    /// All bytes that had to wait are written.
    Written,
}

/// Received bytes. Their reader bounds the length of a message, and so the memory.
pub(crate) struct Received {
    /// Initialised memory. Unread bytes are between `begin` and `end`.
    bytes: Vec<u8>,
    begin: usize,
    end: usize,
}

impl Received {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; READ_MAX], begin: 0, end: 0 }
    }

    pub(crate) fn clear(&mut self) {
        (self.begin, self.end) = (0, 0);
    }

    /// The unread bytes, and the count to increase by the length of what is read.
    pub(crate) fn unread(&mut self) -> (&[u8], &mut usize) {
        (&self.bytes[self.begin..self.end], &mut self.begin)
    }

    /// Receives more bytes. Resolves to their number, which is 0 at the end of the stream.
    pub(crate) fn poll_read(&mut self, socket: &mut Socket, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.begin == self.end {
            self.clear();
        }
        if self.end == self.bytes.len() {
            self.bytes.copy_within(self.begin..self.end, 0);
            (self.begin, self.end) = (0, self.end - self.begin);
            if self.end == self.bytes.len() {
                self.bytes.resize(2 * self.end, 0);
            }
        }
        let mut room = ReadBuf::new(&mut self.bytes[self.end..]);
        ready!(Pin::new(socket).poll_read(context, &mut room))?;
        let count = room.filled().len();
        self.end += count;
        Poll::Ready(Ok(count))
    }
}

/// Bytes to send.
#[derive(Default)]
pub(crate) struct Unsent {
    pub(crate) bytes: Vec<u8>,
    written: usize,
    /// Whether bytes had to wait for the peer.
    has_waited: bool,
    needs_flush: bool,
}

impl Unsent {
    /// Whether bytes wait because the peer does not read.
    pub(crate) fn is_blocked(&self) -> bool {
        self.has_waited
    }

    /// Writes and flushes everything. Returns whether bytes had to wait before.
    pub(crate) fn poll_write(&mut self, socket: &mut Socket, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        while self.written < self.bytes.len() {
            let Poll::Ready(count) = Pin::new(&mut *socket).poll_write(context, &self.bytes[self.written..])? else {
                self.has_waited = true;
                return Poll::Pending;
            };
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
            self.needs_flush = true;
        }
        if self.needs_flush {
            if Pin::new(socket).poll_flush(context)?.is_pending() {
                self.has_waited = true;
                return Poll::Pending;
            }
            self.needs_flush = false;
        }
        self.bytes.clear();
        self.written = 0;
        Poll::Ready(Ok(std::mem::take(&mut self.has_waited)))
    }
}
