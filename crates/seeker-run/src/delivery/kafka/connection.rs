//! A connection to a Kafka broker: requests, and their answers in order.
//!
//! Invariant: a broker answers the requests of a connection in their order. Any other answer ends the connection.

use std::future::poll_fn;
use std::io;
use std::task::{Poll, ready};
use std::time::Duration;

use measure::error_example::beginning;
use measure::open_times::OpenTimes;
use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};
use transport::http::{Endpoint, LocalLimit, OpenError, Socket};

use super::messages::{self, ApiVersions, RequestKind};
use super::wire::{Malformed, WireReader};
use crate::delivery::socket_buffers::{Progress, Received, Unsent};

/// The maximum length of an answer: more than a topic of 20,000 partitions needs.
const ANSWER_MAX: usize = 4 << 20;

/// The time limit for the end of a connection.
const ENDING_MAX: Duration = Duration::from_millis(100);

/// Why an open connection has ended.
#[derive(Debug, Error)]
pub(super) enum LostError {
    #[error("the connection closed")]
    Closed,
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The broker answers a request that it did not get, or not yet.
    #[error("the broker answered another request than the first one without an answer")]
    OtherRequest,
}

impl LostError {
    /// Whether the broker has closed the connection, in order or not.
    pub(super) fn is_end(&self) -> bool {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};

        match self {
            Self::Closed => true,
            Self::Io(error) => matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof),
            Self::Malformed(_) | Self::OtherRequest => false,
        }
    }

    pub(super) fn local_limit(&self) -> Option<LocalLimit> {
        match self {
            Self::Io(error) => LocalLimit::of(error),
            Self::Closed | Self::Malformed(_) | Self::OtherRequest => None,
        }
    }
}

/// An open connection.
pub(super) struct Connection {
    socket: Socket,
    received: Received,
    unsent: Unsent,
    pub(super) versions: ApiVersions,
    /// The number of the next request.
    next: i32,
    /// The number of the next request that is answered.
    answered: i32,
    /// When the login ends, if it does.
    pub(super) expires: Option<Instant>,
}

impl Connection {
    /// Opens a connection, which knows no versions yet.
    pub(super) async fn open(endpoint: &Endpoint) -> Result<Self, OpenError> {
        let socket = Socket::connect(endpoint).await?.start_tls(endpoint).await?;
        Ok(Self {
            socket,
            received: Received::new(),
            unsent: Unsent::default(),
            versions: ApiVersions::default(),
            next: 0,
            answered: 0,
            expires: None,
        })
    }

    /// The highest common version of a request.
    pub(super) fn version(&self, api: RequestKind) -> Result<i16, String> {
        self.versions.common(api)
    }

    /// Sends a request and waits for its answer, while no other request waits.
    pub(super) async fn exchange(
        &mut self,
        api: RequestKind,
        version: i16,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<Vec<u8>, LostError> {
        self.write(api, version, write);
        loop {
            if let Some(answer) = self.next_answer()? {
                return Ok(answer.to_vec());
            }
            self.progress().await?;
        }
    }

    /// Appends a request. [`Connection::progress`] sends it.
    pub(super) fn write(&mut self, api: RequestKind, version: i16, write: impl FnOnce(&mut Vec<u8>)) {
        let correlation = self.next;
        self.next = self.next.wrapping_add(1);
        messages::write_request(&mut self.unsent.bytes, api, version, correlation, write);
    }

    /// The answer to the first request without one, if it has arrived.
    pub(super) fn next_answer(&mut self) -> Result<Option<&[u8]>, LostError> {
        let (bytes, read) = self.received.unread();
        let Some((length, rest)) = bytes.split_first_chunk() else { return Ok(None) };
        let length = usize::try_from(i32::from_be_bytes(*length)).map_err(|_| Malformed)?;
        if !(4..=ANSWER_MAX).contains(&length) {
            return Err(Malformed.into());
        }
        let Some(answer) = rest.get(..length) else { return Ok(None) };
        let correlation = WireReader::new(answer).i32()?;
        if self.answered == self.next || correlation != self.answered {
            return Err(LostError::OtherRequest);
        }
        self.answered = self.answered.wrapping_add(1);
        *read += 4 + length;
        Ok(Some(&answer[4..]))
    }

    /// Whether the unread bytes begin with an alert of TLS: the record type of alerts, and the major version.
    pub(super) fn has_tls_alert(&mut self) -> bool {
        self.received.unread().0.starts_with(&[21, 3])
    }

    pub(super) fn open_times(&self) -> OpenTimes {
        self.socket.open_times()
    }

    /// Whether bytes wait because the broker does not read.
    pub(super) fn is_blocked(&self) -> bool {
        self.unsent.is_blocked()
    }

    /// Sends what waits, and reads. Resolves when bytes have arrived, or when bytes that had to wait have been written. Nothing is lost if
    /// the future is dropped.
    pub(super) async fn progress(&mut self) -> Result<Progress, LostError> {
        poll_fn(|context| {
            if let Poll::Ready(has_waited) = self.unsent.poll_write(&mut self.socket, context)
                && has_waited?
            {
                return Poll::Ready(Ok(Progress::Written));
            }
            let count = ready!(self.received.poll_read(&mut self.socket, context))?;
            Poll::Ready(if count == 0 { Err(LostError::Closed) } else { Ok(Progress::Read) })
        })
        .await
    }

    /// Ends the connection in order, if that is quick.
    pub(super) async fn end(mut self) {
        // A broker that is gone or does not read needs no end.
        let _ = timeout(ENDING_MAX, self.socket.shutdown()).await;
    }
}

/// The text of a broker, if answers may be shown.
pub(super) fn shown(endpoint: &Endpoint, text: &[u8]) -> Option<String> {
    endpoint.said(text).filter(|explanation| !explanation.is_empty()).map(|explanation| beginning(&explanation))
}
