//! Starts a receiver. It runs in its own threads with its own actix system, so it affects neither the runtime nor the signal handlers of the
//! process.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;

use actix_rt::System;
use actix_server::{Server, ServerHandle};
use tokio::net::TcpSocket;
use tokio::time::Instant;

use crate::config::ReceiverConfig;
use crate::impairment_queue::ImpairmentQueue;
use crate::ingest::{Ingest, Strictness};
use crate::receiver_error::ReceiverError;
use crate::receiver_state::ReceiverState;
use crate::running_receiver::RunningReceiver;
use crate::service;
use crate::shared::Shared;

/// The maximum time that a graceful shutdown waits for requests under way, in seconds.
const STOP_SECONDS_MAX: u64 = 3;

/// The maximum number of connections that wait to be accepted. A load test opens all its connections at the same time. The system can
/// have a lower limit.
const BACKLOG_CONNECTIONS: u32 = 4_096;

/// Starts a receiver. It accepts connections when this function returns.
///
/// ```
/// use event_receiver::{ReceiverConfig, start};
///
/// let receiver = start(ReceiverConfig::new("127.0.0.1:0".parse()?))?;
/// assert_eq!(receiver.stop().received, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the receiver cannot listen on the address or start its threads, or if a value of the configuration is out of range.
pub fn start(config: ReceiverConfig) -> Result<RunningReceiver, ReceiverError> {
    config.check()?;
    let addr = config.bind;
    let impairment = ImpairmentQueue::new(config.impairments, Instant::now());
    let strictness = if config.strict { Strictness::All } else { Strictness::Documented };
    let shared = Arc::new(Shared::new(config.limits));
    let state = Arc::new(ReceiverState { ingest: Ingest::new(strictness), shared, impairment });
    let shared = Arc::clone(&state);
    let (started_sender, started) = mpsc::sync_channel(1);
    let thread = thread::Builder::new()
        .name("event-receiver".to_owned())
        .spawn(move || System::new().block_on(run(config, state, started_sender)))
        .map_err(|source| ReceiverError::Threads { addr, source })?;
    // The sender is dropped if the thread could not set up its runtime.
    let (addr, handle) = started
        .recv()
        .unwrap_or_else(|_| Err(ReceiverError::Threads { addr, source: io::Error::other("the main thread ended") }))?;
    Ok(RunningReceiver::new(addr, shared, handle, thread))
}

type Started = Result<(SocketAddr, ServerHandle), ReceiverError>;

/// Runs a receiver until it is stopped. Sends once whether it started.
async fn run(config: ReceiverConfig, state: Arc<ReceiverState>, started: mpsc::SyncSender<Started>) {
    let bind = config.bind;
    let (addr, mut server) = match bound(&config, state) {
        Ok(bound) => bound,
        Err(source) => return send_started(&started, Err(ReceiverError::listening(bind, source))),
    };
    // The first poll starts the workers, so their errors are known before the success is sent.
    let first = poll_fn(|context| match Pin::new(&mut server).poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => Poll::Ready(None),
    });
    if let Some(result) = first.await {
        let source = result.err().unwrap_or_else(|| io::Error::other("the server ended immediately after its start"));
        return send_started(&started, Err(ReceiverError::Threads { addr: bind, source }));
    }
    send_started(&started, Ok((addr, server.handle())));
    drop(started);
    // Everything that can fail happened in the first poll.
    let _ = server.await;
}

fn send_started(started: &mpsc::SyncSender<Started>, result: Started) {
    // The receiving end exists, because it waits for this message.
    let _ = started.send(result);
}

/// A server that listens and is ready to run.
fn bound(config: &ReceiverConfig, state: Arc<ReceiverState>) -> io::Result<(SocketAddr, Server)> {
    let listener = listen(config.bind)?;
    let addr = listener.local_addr()?;
    let (workers, http2) = (config.workers.get(), config.http2);
    let server = Server::build()
        .workers(workers)
        // Each worker enforces its share of the limit: it closes other connections and accepts the new one.
        .max_concurrent_connections(usize::MAX / 2)
        .shutdown_timeout(STOP_SECONDS_MAX)
        .disable_signals()
        .listen("event-receiver", listener, move || service::connections(Arc::clone(&state), workers, http2))?;
    Ok((addr, server.run()))
}

fn listen(addr: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG_CONNECTIONS)?.into_std()
}
