//! Moves the bytes of a connection: reads as much as there is, and writes all waiting requests at once.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Instant,
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{super::http2_error::Http2Error, state::State};

/// The size of the read buffer. A frame has at most 16,393 bytes.
const INPUT: usize = 32 << 10;

/// The task of one connection.
pub(super) struct DriverTask<S> {
    stream: S,
    state: Rc<RefCell<State>>,
    input: Box<[u8]>,
    /// The number of input bytes that do not form a whole frame yet.
    filled: usize,
    is_unflushed: bool,
    /// Whether only the output is left to write.
    is_closing: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> DriverTask<S> {
    pub(super) fn new(stream: S, state: Rc<RefCell<State>>) -> Self {
        let input = vec![0; INPUT].into_boxed_slice();
        Self { stream, state, input, filled: 0, is_unflushed: false, is_closing: false }
    }

    /// Reads once. Returns whether there may be more to read, or why the connection ended.
    fn read(&mut self, state: &mut State, context: &mut Context<'_>) -> Result<bool, Http2Error> {
        if !state.connection.wants_input() {
            return Ok(false);
        }
        let mut room = ReadBuf::new(&mut self.input[self.filled..]);
        let polled = Pin::new(&mut self.stream).poll_read(context, &mut room);
        let read = room.filled().len();
        match polled {
            Poll::Pending if self.filled == 0 => return Ok(false),
            // Whole frames may be left from the time at which the server read no replies.
            Poll::Pending => {}
            Poll::Ready(result) => {
                state.has_heard = true;
                result.map_err(Http2Error::Io)?;
                if read == 0 {
                    return Err(Http2Error::Closed);
                }
            }
        }
        self.filled += read;
        let consumed = state.connection.receive(&self.input[..self.filled], Instant::now()).map_err(Http2Error::Connection)?;
        self.input.copy_within(consumed..self.filled, 0);
        self.filled -= consumed;
        Ok(read > 0 || consumed > 0)
    }

    /// Writes the output. Returns whether all of it is written.
    fn write(&mut self, state: &mut State, context: &mut Context<'_>) -> io::Result<bool> {
        loop {
            let output = state.connection.output();
            if output.is_empty() {
                break;
            }
            match Pin::new(&mut self.stream).poll_write(context, output) {
                Poll::Pending => return Ok(false),
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(written)) => state.connection.wrote(written, Instant::now()),
                Poll::Ready(Err(error)) => return Err(error),
            }
            self.is_unflushed = true;
        }
        if self.is_unflushed {
            match Pin::new(&mut self.stream).poll_flush(context) {
                Poll::Pending => return Ok(false),
                Poll::Ready(result) => result?,
            }
            self.is_unflushed = false;
        }
        Ok(true)
    }

    /// Reads and writes until neither is possible. Returns whether the connection has ended in order.
    fn run(&mut self, state: &mut State, context: &mut Context<'_>) -> Result<bool, Http2Error> {
        loop {
            let may_read = !self.is_closing && self.read_or_close(state, context)?;
            let is_written = match self.write(state, context) {
                Ok(is_written) => is_written,
                Err(error) if self.is_closing => return Err(Http2Error::Io(error)),
                // The last words of the server may say why it reads no more.
                Err(error) => {
                    while self.read(state, context)? {}
                    return Err(Http2Error::Io(error));
                }
            };
            if self.is_closing {
                return Ok(is_written && Pin::new(&mut self.stream).poll_shutdown(context).is_ready());
            }
            if !may_read {
                return Ok(false);
            }
        }
    }

    /// Reads, and starts to close the connection after a violation, after its last response, or if it is no longer needed.
    fn read_or_close(&mut self, state: &mut State, context: &mut Context<'_>) -> Result<bool, Http2Error> {
        let may_read = match self.read(state, context) {
            Err(violation @ Http2Error::Connection(_)) => {
                state.set_end(violation);
                self.is_closing = true;
                return Ok(false);
            }
            other => other?,
        };
        let is_finished = state.connection.is_going_away() && state.connection.open_count() == 0;
        if state.is_unwanted || is_finished {
            state.set_end(Http2Error::Closed);
            state.connection.close(Instant::now());
            self.is_closing = true;
            return Ok(false);
        }
        Ok(may_read)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for DriverTask<S> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let state = Rc::clone(&this.state);
        let mut state = state.borrow_mut();
        state.note_driver(context.waker());
        let ended = this.run(&mut state, context);
        if let Err(error) = ended {
            state.set_end(error);
            state.connection.abandon(Instant::now());
            state.wake_waiting();
            return Poll::Ready(());
        }
        state.wake_waiting();
        if let Ok(true) = ended { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Without its driver, a connection answers no more requests.
impl<S> Drop for DriverTask<S> {
    fn drop(&mut self) {
        let mut state = self.state.borrow_mut();
        state.set_end(Http2Error::Closed);
        state.connection.abandon(Instant::now());
        state.wake_waiting();
    }
}
