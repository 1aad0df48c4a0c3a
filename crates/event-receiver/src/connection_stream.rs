//! The stream of a connection. It keeps the state of the connection up to date, and fails once the connection is closed. A read takes a
//! bounded number of bytes, so no connection fills memory before its requests are handled.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::connection::Connection;
use crate::worker::{SMALL_READ_BYTES, SPARE_BYTES, Worker};

/// The first bytes of a connection over HTTP/2 (RFC 9113, section 3.4).
const HTTP2_PREFACE: &[u8; 14] = b"PRI * HTTP/2.0";

/// The stream of a connection.
pub(crate) struct ConnectionStream {
    stream: TcpStream,
    connection: Rc<Connection>,
    /// The number of bytes that were read since the requests were handled.
    read_bytes: usize,
}

impl ConnectionStream {
    pub(crate) fn new(stream: TcpStream, worker: &Rc<Worker>) -> Self {
        Self { stream, connection: Rc::new(Connection::open(worker)), read_bytes: 0 }
    }

    pub(crate) fn connection(&self) -> &Rc<Connection> {
        &self.connection
    }

    /// Whether the client starts with HTTP/2. Waits for its first bytes.
    pub(crate) async fn is_http2(&self) -> io::Result<bool> {
        let mut first = [0; HTTP2_PREFACE.len()];
        let peeked = poll_fn(|context: &mut Context<'_>| -> Poll<io::Result<usize>> {
            self.connection.state().check_open()?;
            self.connection.state().register(context);
            self.stream.poll_peek(context, &mut ReadBuf::new(&mut first))
        });
        peeked.await?;
        Ok(first == *HTTP2_PREFACE)
    }
}

impl Drop for ConnectionStream {
    fn drop(&mut self) {
        self.connection.worker().disconnect(self.connection.state());
    }
}

impl AsyncRead for ConnectionStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let connection = &*this.connection;
        if this.read_bytes == 0 {
            let header_bytes_max = connection.worker().shared.limits.header_bytes.get() as usize;
            connection.state().check_head(header_bytes_max)?;
        }
        if connection.state().is_reading_held() {
            connection.state().register(context);
            return Poll::Pending;
        }
        if this.read_bytes >= SMALL_READ_BYTES && !connection.reserve_large_buffer() {
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
            let bytes = room.min(SMALL_READ_BYTES - this.read_bytes).min(buffer.remaining());
            poll_read_piece(stream, context, buffer, &mut connection.worker().read_piece.borrow_mut()[..bytes])
        };
        let Poll::Ready(result) = read else {
            this.read_bytes = 0;
            connection.state().register(context);
            return Poll::Pending;
        };
        result?;
        let bytes = buffer.filled().len() - before;
        if bytes > 0 {
            this.read_bytes += bytes;
            connection.state().note_read(bytes, connection.worker().now());
        }
        Poll::Ready(Ok(()))
    }
}

/// Reads at most as many bytes as the piece holds.
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
        self.connection.state().check_open()?;
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.connection.state().note_written(&written, self.connection.worker().now(), context);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.connection.state().check_open()?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.connection.state().note_written(&written, self.connection.worker().now(), context);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.state().check_open()?;
        ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        Poll::Ready(Ok(()))
    }
}
