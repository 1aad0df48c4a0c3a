//! Starts a receiver, lets its owner look at it and stops it. The receiver runs in threads of its own with an actix system of its
//! own, so it disturbs neither a runtime nor the signals of the process that starts it. What it answers is elsewhere.

use std::future::{Future, poll_fn};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::{fmt, io};

use actix_server::{Server, ServerHandle};
use actix_web::rt::System;
use actix_web::rt::time::Instant;
use actix_web::web::Data;
use tokio::net::TcpSocket;

use crate::config::{ReceiverConfig, ReceiverError};
use crate::impairment::Impairment;
use crate::intake::{Intake, Strictness};
use crate::routes::ReceiverState;
use crate::service;
use crate::summary::Summary;
use crate::worker::Shared;

/// How long stopping waits for requests that are under way, in seconds.
const STOP_SECONDS_MAX: u64 = 3;

/// How many connections may wait to be accepted; a load test opens its connections all at once. The system may allow fewer.
const BACKLOG_CONNECTIONS: u32 = 4_096;

/// Starts a receiver. When this returns, it accepts connections.
///
/// # Errors
///
/// The address cannot be listened on, threads cannot be started, or a value of the limits or the impairments is out of range.
pub fn start(config: ReceiverConfig) -> Result<RunningReceiver, ReceiverError> {
    config.check()?;
    let addr = config.bind;
    let impairment = Impairment::new(config.impairments, Instant::now());
    let strictness = if config.strict { Strictness::All } else { Strictness::Documented };
    let shared = Arc::new(Shared::new(config.limits));
    let state = Data::new(ReceiverState { intake: Intake::new(strictness), shared, impairment });
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
    let listener = listen(config.bind)?;
    let addr = listener.local_addr()?;
    let (workers, http2) = (config.workers.get(), config.http2);
    let server = Server::build()
        .workers(workers)
        // Each worker sees to its share of the limit, and closes other connections rather than not to accept one.
        .max_concurrent_connections(usize::MAX / 2)
        .shutdown_timeout(STOP_SECONDS_MAX)
        .disable_signals()
        .listen("event-receiver", listener, move || service::connections(state.clone(), workers, http2))?;
    Ok((addr, server.run()))
}

fn listen(addr: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG_CONNECTIONS)?.into_std()
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
        self.state.summary()
    }

    /// Stops it and returns what it has counted: it accepts nothing more, closes idle connections and waits a few seconds at
    /// most for requests that are under way. Blocks the calling thread for that time.
    pub fn stop(mut self) -> Summary {
        self.state.shared.is_stopping.store(true, Ordering::Relaxed);
        self.stop_thread(true);
        self.state.summary()
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
