//! Starts a receiver, lets its owner look at it and stops it. The receiver runs in threads of its own with an actix system of its
//! own, so it disturbs neither a runtime nor the signals of the process that starts it. What it answers is elsewhere.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::http::KeepAlive;
use actix_web::rt::System;
use actix_web::rt::time::Instant;
use actix_web::web::Data;
use actix_web::{App, HttpServer};
use thiserror::Error;

use crate::impairment::{Impairment, Impairments};
use crate::intake::Intake;
use crate::routes::{self, ReceiverState};
use crate::summary::Summary;

/// How long stopping waits for requests that are under way, in seconds.
const STOP_SECONDS_MAX: u64 = 3;

/// How long the connection stays open after an answer to a request that has not come to its end, so that the client can read it.
const LINGER_TIME_MAX: Duration = Duration::from_secs(2);

/// How many connections may wait to be accepted; a load test opens its connections all at once. The system may allow fewer.
const BACKLOG_CONNECTIONS: u32 = 4_096;

/// Where and how a receiver runs.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceiverConfig {
    /// The address to listen on; port 0 for one that is free.
    pub bind: SocketAddr,
    /// How many threads answer requests. A connection stays with one of them.
    pub workers: NonZeroUsize,
    /// Whether clients may speak HTTP/2 without asking (prior knowledge) beside HTTP/1.1. Which of the two it is shows in the first bytes
    /// of a connection, so that one over which nothing has come by then holds up stopping for the few seconds that it may take.
    pub http2: bool,
    /// How the receiver is slow or fails on purpose.
    pub impairments: Impairments,
}

impl ReceiverConfig {
    /// A receiver at that address, with as many workers as the system runs threads at once.
    pub fn new(bind: SocketAddr) -> Self {
        Self {
            bind,
            workers: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            http2: false,
            impairments: Impairments::default(),
        }
    }

    /// The same with another number of workers.
    #[must_use]
    pub fn with_workers(self, workers: NonZeroUsize) -> Self {
        Self { workers, ..self }
    }

    /// The same for clients that speak HTTP/2 too.
    #[must_use]
    pub fn with_http2(self) -> Self {
        Self { http2: true, ..self }
    }

    /// Limits the receiver to that many events a second, above 0. It behaves as one server with a FIFO queue: below the limit latency is
    /// low, above it latency grows for as long as the load lasts.
    #[must_use]
    pub fn with_max_rate(mut self, events_per_s: f64) -> Self {
        self.impairments.max_rate = Some(events_per_s);
        self
    }

    /// Adds that time to every answer to events. It does not lower the rate.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.impairments.delay = delay;
        self
    }

    /// Answers that share of requests, from 0 to 1, with 500 and ignores their events. The seed and the order of requests determine
    /// which ones.
    #[must_use]
    pub fn with_error_ratio(mut self, ratio: f64, seed: u64) -> Self {
        (self.impairments.error_ratio, self.impairments.seed) = (ratio, seed);
        self
    }

    fn check(&self) -> Result<(), ReceiverError> {
        let Impairments { max_rate, error_ratio, .. } = self.impairments;
        if let Some(value) = max_rate.filter(|max_rate| !(max_rate.is_finite() && *max_rate > 0.0)) {
            return Err(ReceiverError::MaxRate { value });
        }
        if !(0.0..=1.0).contains(&error_ratio) {
            return Err(ReceiverError::ErrorRatio { value: error_ratio });
        }
        Ok(())
    }
}

/// A receiver could not be started.
#[derive(Debug, Error)]
pub enum ReceiverError {
    /// Something listens there already.
    #[error("{addr} is in use; stop what listens there, or choose another port (0 for a free one)")]
    AddressInUse {
        /// The address.
        addr: SocketAddr,
    },
    /// The address is none of this machine's.
    #[error("{addr} is no address of this machine; choose one that is, such as 127.0.0.1, or 0.0.0.0 for all of them")]
    AddressNotAvailable {
        /// The address.
        addr: SocketAddr,
    },
    /// The user may not listen there.
    #[error("listening on {addr} is not permitted; choose a port of 1024 or above")]
    PermissionDenied {
        /// The address.
        addr: SocketAddr,
    },
    /// Listening failed for another reason.
    #[error("cannot listen on {addr}")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The threads of the receiver could not be started.
    #[error("cannot start the threads of the receiver at {addr}; are too many threads or files in use?")]
    Threads {
        /// The address.
        addr: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The limit of the rate is not a rate.
    #[error("the maximum rate is {value} events a second; expected a number above 0")]
    MaxRate {
        /// The limit.
        value: f64,
    },
    /// The share of errors is not a share.
    #[error("the error ratio is {value}; expected 0 to 1")]
    ErrorRatio {
        /// The share.
        value: f64,
    },
}

impl ReceiverError {
    fn listening(addr: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::AddressInUse { addr },
            io::ErrorKind::AddrNotAvailable => Self::AddressNotAvailable { addr },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { addr },
            _ => Self::Listen { addr, source },
        }
    }
}

/// Starts a receiver. When this returns, it accepts connections.
///
/// # Errors
///
/// The address cannot be listened on, threads cannot be started, or a value of the impairments is out of range.
pub fn start(config: ReceiverConfig) -> Result<RunningReceiver, ReceiverError> {
    config.check()?;
    let addr = config.bind;
    let impairment = Impairment::new(config.impairments, Instant::now());
    let state = Data::new(ReceiverState { intake: Intake::default(), impairment });
    let shared = state.clone().into_inner();
    let (started_sender, started) = mpsc::sync_channel(1);
    let thread = thread::Builder::new()
        .name("event-receiver".to_owned())
        .spawn(move || System::new().block_on(run(config, state, started_sender)))
        .map_err(|source| ReceiverError::Threads { addr, source })?;
    // The sender is gone without a word when the thread could not set up its runtime.
    let (addr, handle) = started
        .recv()
        .unwrap_or_else(|_| Err(ReceiverError::Threads { addr, source: io::Error::other("the main thread ended") }))?;
    Ok(RunningReceiver { addr, state: shared, handle, thread: Some(thread) })
}

type Started = Result<(SocketAddr, ServerHandle), ReceiverError>;

/// Runs a receiver until it is stopped, and tells once whether it started.
async fn run(config: ReceiverConfig, state: Data<ReceiverState>, started: mpsc::SyncSender<Started>) {
    let bind = config.bind;
    let (addr, mut server) = match bound(&config, state) {
        Ok(bound) => bound,
        Err(source) => return tell(&started, Err(ReceiverError::listening(bind, source))),
    };
    // The first poll starts the workers, so that what can go wrong with them is known before anyone is told of a success.
    let first = poll_fn(|context| match Pin::new(&mut server).poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => Poll::Ready(None),
    });
    if let Some(result) = first.await {
        let source = result.err().unwrap_or_else(|| io::Error::other("the server ended at once"));
        return tell(&started, Err(ReceiverError::Threads { addr: bind, source }));
    }
    tell(&started, Ok((addr, server.handle())));
    drop(started);
    // All that can fail was done in the first poll.
    let _ = server.await;
}

fn tell(started: &mpsc::SyncSender<Started>, result: Started) {
    // The receiving end waits for exactly this, so it is there.
    let _ = started.send(result);
}

/// A server that listens and is about to run.
fn bound(config: &ReceiverConfig, state: Data<ReceiverState>) -> io::Result<(SocketAddr, Server)> {
    let server = HttpServer::new(move || App::new().app_data(state.clone()).configure(routes::configure))
        .workers(config.workers.get())
        .backlog(BACKLOG_CONNECTIONS)
        // The clients of a load test open connections ahead and keep them: neither a connection that waits for its first
        // request nor one between two requests is closed. It also saves a timer per request.
        .client_request_timeout(Duration::ZERO)
        .keep_alive(KeepAlive::Os)
        .client_disconnect_timeout(LINGER_TIME_MAX)
        .tcp_nodelay(true)
        .shutdown_timeout(STOP_SECONDS_MAX)
        .disable_signals();
    let server = if config.http2 { server.bind_auto_h2c(config.bind)? } else { server.bind(config.bind)? };
    let addr = *server.addrs().first().expect("a server that is bound has an address");
    Ok((addr, server.run()))
}

/// A receiver that runs, until it is stopped or dropped. Dropping it cuts off what is under way.
#[must_use = "a receiver stops when it is dropped"]
pub struct RunningReceiver {
    addr: SocketAddr,
    state: Arc<ReceiverState>,
    handle: ServerHandle,
    /// There until the receiver is stopped.
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for RunningReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningReceiver").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl RunningReceiver {
    /// The address on which it listens, with the port that was free where 0 was asked for.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where a client on this machine finds it: `http://127.0.0.1:8080`, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", reachable(self.addr))
    }

    /// What it has counted so far.
    pub fn summary(&self) -> Summary {
        self.state.intake.summary()
    }

    /// Stops it and returns what it has counted: it accepts nothing more, closes idle connections and waits a few seconds at
    /// most for requests that are under way. Blocks the calling thread for that time.
    pub fn stop(mut self) -> Summary {
        self.stop_thread(true);
        self.state.intake.summary()
    }

    fn stop_thread(&mut self, graceful: bool) {
        if let Some(thread) = self.thread.take() {
            // The command is sent by the call; its future would only tell when it is carried out, which is when the thread ends.
            drop(self.handle.stop(graceful));
            // A panic in there is printed there, and what was counted still holds.
            let _ = thread.join();
        }
    }
}

impl Drop for RunningReceiver {
    fn drop(&mut self) {
        self.stop_thread(false);
    }
}

/// "All addresses" is not an address to connect to on every system; the loopback address is one of them.
fn reachable(mut addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() {
        addr.set_ip(if addr.is_ipv4() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { IpAddr::V6(Ipv6Addr::LOCALHOST) });
    }
    addr
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_address_and_what_to_do() {
        let addr = "127.0.0.1:80".parse().unwrap();
        let error = |kind: io::ErrorKind| ReceiverError::listening(addr, kind.into()).to_string();
        assert!(error(io::ErrorKind::AddrInUse).starts_with("127.0.0.1:80 is in use; stop"));
        assert!(error(io::ErrorKind::AddrNotAvailable).starts_with("127.0.0.1:80 is no address of this machine; choose"));
        assert!(error(io::ErrorKind::PermissionDenied).ends_with("choose a port of 1024 or above"));
        assert_eq!(error(io::ErrorKind::OutOfMemory), "cannot listen on 127.0.0.1:80");
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let config = || ReceiverConfig::new("127.0.0.1:0".parse().unwrap());
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(start(config().with_max_rate(value)), Err(ReceiverError::MaxRate { .. })), "{value}");
        }
        for value in [-0.1, 1.1, f64::NAN] {
            assert!(matches!(start(config().with_error_ratio(value, 1)), Err(ReceiverError::ErrorRatio { .. })), "{value}");
        }
    }

    #[test]
    fn an_address_to_connect_to() {
        for (addr, expected) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("[::1]:1", "[::1]:1"),
        ] {
            assert_eq!(reachable(addr.parse().unwrap()), expected.parse().unwrap());
        }
    }
}
