//! Detects dead HTTP/2 connections. A silent connection with outstanding responses gets a PING. If nothing at all comes back, the
//! connection is dead. A connection with traffic costs only one flag per read.

use std::{
    cell::Cell,
    io::{self, IoSlice},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use h2::{Ping, PingPong};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The number of silent checks after which a PING is sent.
const PING_AFTER: u32 = 10;

/// The number of silent checks after which the connection is dead. A stall of this process, of any length, counts as one check.
const DEAD_AFTER: u32 = 20;

/// The liveness state of one connection.
#[derive(Debug)]
pub(super) struct Liveness {
    has_heard: Rc<Cell<bool>>,
    pings: PingPong,
    silence: Silence,
}

impl Liveness {
    pub(super) fn new(has_heard: Rc<Cell<bool>>, pings: PingPong) -> Self {
        Self { has_heard, pings, silence: Silence::default() }
    }

    /// Checks the connection; the caller chooses the interval. Returns whether the connection is alive, as far as is known.
    pub(super) fn check(&mut self, owes_answers: bool) -> bool {
        match self.silence.next(self.has_heard.take(), owes_answers) {
            Step::Wait => true,
            Step::Ping => {
                // Polls the response to an earlier PING, so that a new PING can be sent.
                let _ = self.pings.poll_pong(&mut Context::from_waker(Waker::noop()));
                // Fails if an earlier PING has no response yet. Its response then serves for this PING too.
                let _ = self.pings.send_ping(Ping::opaque());
                true
            }
            Step::Dead => false,
        }
    }
}

/// The number of consecutive silent checks.
#[derive(Debug, Default)]
pub(super) struct Silence {
    checks: u32,
    /// Whether responses were outstanding at one of these checks.
    is_owed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Wait,
    Ping,
    Dead,
}

impl Silence {
    pub(super) fn next(&mut self, has_heard: bool, owes_answers: bool) -> Step {
        if has_heard {
            *self = Self::default();
        }
        // The response to a request that was cancelled meanwhile is still outstanding.
        self.is_owed |= owes_answers;
        if !self.is_owed {
            return Step::Wait;
        }
        self.checks = self.checks.saturating_add(1);
        match self.checks {
            PING_AFTER => Step::Ping,
            DEAD_AFTER.. => Step::Dead,
            _ => Step::Wait,
        }
    }
}

/// A byte stream that records whether anything was read from it.
#[derive(Debug)]
pub(super) struct Heard<S> {
    stream: S,
    has_heard: Rc<Cell<bool>>,
}

impl<S> Heard<S> {
    pub(super) fn new(stream: S) -> (Self, Rc<Cell<bool>>) {
        let has_heard = Rc::new(Cell::new(false));
        (Self { stream, has_heard: Rc::clone(&has_heard) }, has_heard)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heard<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(context, room);
        if polled.is_ready() {
            self.has_heard.set(true);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heard<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all histories, a connection is dead only after as many consecutive silent checks, a PING among them, and only if a response
        /// was outstanding.
        #[test]
        fn only_silence_that_was_broken_by_nothing_is_death(
            checks in prop::collection::vec((prop::bool::weighted(0.05), any::<bool>()), 0..100),
        ) {
            let mut silence = Silence::default();
            let (mut steps, mut owed) = (Vec::new(), false);
            for (has_heard, owes_answers) in checks {
                if has_heard {
                    (steps, owed) = (Vec::new(), false);
                }
                let step = silence.next(has_heard, owes_answers);
                owed |= owes_answers;
                if !owed {
                    prop_assert_eq!(step, Step::Wait);
                    continue;
                }
                steps.push(step);
                let expected = match steps.len() {
                    10 => Step::Ping,
                    20.. => Step::Dead,
                    _ => Step::Wait,
                };
                prop_assert_eq!(step, expected, "{:?}", steps);
            }
        }
    }

    #[test]
    fn an_idle_connection_is_left_alone() {
        let mut silence = Silence::default();
        assert!((0..1000).all(|_| silence.next(false, false) == Step::Wait));
        // One request that was cancelled between two checks is enough.
        silence.next(false, true);
        assert!((0..8).all(|_| silence.next(false, false) == Step::Wait));
        assert_eq!(silence.next(false, false), Step::Ping);
    }
}
