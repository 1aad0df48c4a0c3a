//! A connection: what a worker knows of it, and the stream that keeps that up to date. The stream reads a bounded number of bytes at a time,
//! so that no connection fills memory before its requests are dealt with, and fails once the connection is closed.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::memory::Reservation;
use crate::transfer::Transfer;
use crate::transfers::Tick;
use crate::worker::{Overdue, Worker};

/// How many bytes are read before the requests in them are dealt with, unless there is memory for a large buffer. They leave so much room in
/// the buffer of actix-http, which has 8 KiB, that it does not grow.
pub(crate) const READ_AT_ONCE_BYTES: usize = 8 * 1024 - SPARE_BYTES;

/// With less room than this, actix-http makes its buffer larger.
const SPARE_BYTES: usize = 1024;

/// The most that a large buffer takes: actix-http reads up to 128 KiB at once, and keeps the buffer.
const LARGE_BUFFER_BYTES: usize = 128 * 1024;

/// For how many connections of HTTP/1.1 one of HTTP/2 counts: its buffers and tables are larger.
const HTTP2_WEIGHT: usize = 4;

/// The first bytes of a connection over which HTTP/2 is spoken (RFC 9113, section 3.4).
const HTTP2_PREFACE: &[u8; 14] = b"PRI * HTTP/2.0";

/// What is known of a connection.
pub(crate) struct Connection {
    worker: Rc<Worker>,
    key: usize,
    /// The transfer of the request or the answer under way. Over HTTP/2 there are many, so it is not used.
    pub(crate) transfer: Transfer,
    is_http2: Cell<bool>,
    /// For how many connections it counts.
    weight: Cell<usize>,
    is_closed: Cell<bool>,
    /// When bytes were read or written last.
    moved_at: Cell<Tick>,
    /// Requests that are being dealt with.
    requests: Cell<u32>,
    /// Since when a header section is coming in.
    head_since: Cell<Option<Tick>>,
    head_bytes: Cell<usize>,
    /// Whether the connection discards the rest of a body.
    lingers: Cell<bool>,
    /// Nothing is read for the moment.
    is_paused: Cell<bool>,
    /// Since when the client takes nothing of what there is to write.
    blocked_since: Cell<Option<Tick>>,
    /// The memory for a large buffer.
    large_buffer: RefCell<Option<Reservation>>,
    /// The task that reads.
    waker: RefCell<Option<Waker>>,
}

impl Connection {
    pub(crate) fn new(worker: Rc<Worker>, key: usize) -> Self {
        Self {
            transfer: Transfer::new(Rc::clone(&worker)),
            key,
            is_http2: Cell::new(false),
            weight: Cell::new(1),
            is_closed: Cell::new(false),
            moved_at: Cell::new(worker.now()),
            requests: Cell::new(0),
            head_since: Cell::new(None),
            head_bytes: Cell::new(0),
            lingers: Cell::new(false),
            is_paused: Cell::new(false),
            blocked_since: Cell::new(None),
            large_buffer: RefCell::new(None),
            waker: RefCell::new(None),
            worker,
        }
    }

    pub(crate) fn worker(&self) -> &Rc<Worker> {
        &self.worker
    }

    pub(crate) fn key(&self) -> usize {
        self.key
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// For how many connections it counts.
    pub(crate) fn weight(&self) -> usize {
        self.weight.get()
    }

    pub(crate) fn set_weight(&self, weight: usize) {
        self.weight.set(weight);
    }

    /// When bytes were read or written last.
    pub(crate) fn moved_at(&self) -> Tick {
        self.moved_at.get()
    }

    /// Whether the client waits for an answer that is delayed on purpose.
    pub(crate) fn awaits_answer(&self) -> bool {
        self.is_paused.get()
    }

    /// Closes the connection, whatever it does.
    pub(crate) fn close(&self) {
        if !self.is_closed.replace(true) {
            self.worker.closed(self);
            self.wake();
        }
    }

    pub(crate) fn is_overdue(&self, overdue: &Overdue) -> bool {
        let since = |tick: Tick| overdue.now.saturating_sub(tick);
        if self.is_closed.get() {
            return false;
        }
        if self.blocked_since.get().is_some_and(|tick| since(tick) >= overdue.blocked) {
            return true;
        }
        if self.requests.get() > 0 || self.blocked_since.get().is_some() {
            return false;
        }
        let is_idle = since(self.moved_at.get()) >= overdue.idle;
        match self.head_since.get() {
            Some(tick) => since(tick) >= overdue.head,
            None => is_idle,
        }
    }

    /// HTTP/2 is spoken. The first bytes have to come in as fast as a header section.
    pub(crate) fn expects_http2(&self) {
        self.worker.make_heavier(self, HTTP2_WEIGHT);
    }

    /// From now on requests have no bytes of their own.
    pub(crate) fn speaks_http2(&self) {
        self.is_http2.set(true);
        self.head_since.set(None);
    }

    /// A request begins; the size of what was read of it.
    pub(crate) fn begin_request(&self) -> usize {
        self.requests.set(self.requests.get() + 1);
        self.head_since.set(None);
        self.lingers.set(false);
        self.head_bytes.replace(0)
    }

    /// A request ends; whether all of it was read.
    pub(crate) fn end_request(&self, is_read: bool) {
        self.requests.set(self.requests.get() - 1);
        if !is_read {
            self.lingers.set(true);
        }
    }

    /// Stops reading until [`go_on`](Self::go_on).
    pub(crate) fn pause(&self) {
        self.is_paused.set(!self.is_http2.get());
    }

    pub(crate) fn go_on(&self) {
        if self.is_paused.replace(false) {
            self.wake();
        }
    }

    fn wake(&self) {
        if let Some(waker) = &*self.waker.borrow() {
            waker.wake_by_ref();
        }
    }

    /// Remembers whom to wake.
    fn wait(&self, context: &Context<'_>) {
        let mut waker = self.waker.borrow_mut();
        if !waker.as_ref().is_some_and(|known| known.will_wake(context.waker())) {
            *waker = Some(context.waker().clone());
        }
    }

    fn check_open(&self) -> io::Result<()> {
        if self.is_closed.get() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }

    fn check_head(&self) -> io::Result<()> {
        let is_too_large = self.head_since.get().is_some()
            && !self.lingers.get()
            && self.head_bytes.get() > self.worker.shared.limits.header_bytes.get() as usize;
        if is_too_large {
            self.close();
        }
        self.check_open()
    }

    /// Whether more may be read at once than usual.
    fn has_large_buffer(&self) -> bool {
        self.large_buffer.borrow().is_some()
    }

    /// Takes the memory for that, which is kept until the connection ends; whether there is some.
    fn take_large_buffer(&self) -> bool {
        if !self.has_large_buffer() {
            *self.large_buffer.borrow_mut() = Reservation::new(&self.worker.shared.buffers, LARGE_BUFFER_BYTES);
        }
        self.has_large_buffer()
    }

    fn read(&self, bytes: usize) {
        let now = self.worker.now();
        self.moved_at.set(now);
        if self.requests.get() == 0 && !self.is_http2.get() {
            self.head_bytes.set(self.head_bytes.get() + bytes);
            if self.head_since.get().is_none() {
                self.head_since.set(Some(now));
            }
        }
    }

    /// What became of writing. When the client takes something again, reading goes on.
    fn wrote(&self, written: &Poll<io::Result<usize>>, context: &Context<'_>) {
        match written {
            Poll::Ready(Ok(_)) => {
                self.moved_at.set(self.worker.now());
                if self.blocked_since.take().is_some() {
                    context.waker().wake_by_ref();
                }
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                self.wait(context);
                if self.blocked_since.get().is_none() {
                    self.blocked_since.set(Some(self.worker.now()));
                }
            }
        }
    }
}

/// The stream of a connection.
pub(crate) struct ConnectionStream {
    stream: TcpStream,
    connection: Rc<Connection>,
    /// How much was read since the requests were dealt with.
    read_bytes: usize,
}

impl ConnectionStream {
    pub(crate) fn new(stream: TcpStream, worker: &Rc<Worker>) -> Self {
        Self { stream, connection: worker.connect(), read_bytes: 0 }
    }

    pub(crate) fn connection(&self) -> &Rc<Connection> {
        &self.connection
    }

    /// Whether the client begins with HTTP/2. Waits for its first bytes.
    pub(crate) async fn is_http2(&self) -> io::Result<bool> {
        let mut first = [0; HTTP2_PREFACE.len()];
        let peeked = poll_fn(|context: &mut Context<'_>| -> Poll<io::Result<usize>> {
            self.connection.check_open()?;
            self.connection.wait(context);
            self.stream.poll_peek(context, &mut ReadBuf::new(&mut first))
        });
        peeked.await?;
        Ok(first == *HTTP2_PREFACE)
    }
}

impl Drop for ConnectionStream {
    fn drop(&mut self) {
        self.connection.worker.disconnect(&self.connection);
    }
}

impl AsyncRead for ConnectionStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let connection = &*this.connection;
        if this.read_bytes == 0 {
            connection.check_head()?;
        }
        if connection.is_paused.get() || connection.blocked_since.get().is_some() && !connection.is_http2.get() {
            connection.wait(context);
            return Poll::Pending;
        }
        if this.read_bytes >= READ_AT_ONCE_BYTES && !connection.take_large_buffer() {
            this.read_bytes = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let stream = Pin::new(&mut this.stream);
        let read = if connection.has_large_buffer() {
            stream.poll_read(context, buffer)
        } else {
            let room = buffer.remaining().saturating_sub(SPARE_BYTES).max(1);
            let bytes = room.min(READ_AT_ONCE_BYTES - this.read_bytes).min(buffer.remaining());
            poll_read_piece(stream, context, buffer, &mut connection.worker.piece.borrow_mut()[..bytes])
        };
        let Poll::Ready(result) = read else {
            this.read_bytes = 0;
            connection.wait(context);
            return Poll::Pending;
        };
        result?;
        let bytes = buffer.filled().len() - before;
        if bytes > 0 {
            this.read_bytes += bytes;
            connection.read(bytes);
        }
        Poll::Ready(Ok(()))
    }
}

/// Reads no more than the piece has room for.
fn poll_read_piece(
    stream: Pin<&mut TcpStream>,
    context: &mut Context<'_>,
    buffer: &mut ReadBuf<'_>,
    piece: &mut [u8],
) -> Poll<io::Result<()>> {
    let mut piece = ReadBuf::new(piece);
    ready!(stream.poll_read(context, &mut piece))?;
    buffer.put_slice(piece.filled());
    Poll::Ready(Ok(()))
}

impl AsyncWrite for ConnectionStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.connection.check_open()?;
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.connection.wrote(&written, context);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.connection.check_open()?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.connection.wrote(&written, context);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.check_open()?;
        ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        Poll::Ready(Ok(()))
    }
}
