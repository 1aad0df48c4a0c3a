//! A handle to a running receiver.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use actix_server::ServerHandle;

use crate::receiver_state::ReceiverState;
use crate::summary::Summary;

/// A running receiver. It runs until it is stopped or dropped. Dropping it aborts requests under way.
#[must_use = "a receiver stops when it is dropped"]
pub struct RunningReceiver {
    addr: SocketAddr,
    state: Arc<ReceiverState>,
    handle: ServerHandle,
    /// `None` once the receiver is stopped.
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for RunningReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningReceiver").field("addr", &self.addr).finish_non_exhaustive()
    }
}

impl RunningReceiver {
    pub(crate) const fn new(addr: SocketAddr, state: Arc<ReceiverState>, handle: ServerHandle, thread: JoinHandle<()>) -> Self {
        Self { addr, state, handle, thread: Some(thread) }
    }

    /// The address of the receiver, with the selected port if the configuration has port 0.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL for clients on this machine, without a path, such as `http://127.0.0.1:8080`.
    pub fn url(&self) -> String {
        format!("http://{}", reachable(self.addr))
    }

    /// The counts so far.
    pub fn summary(&self) -> Summary {
        self.state.summary()
    }

    /// Stops the receiver and returns its counts. The receiver accepts no more connections, closes idle ones and waits at most a few
    /// seconds for requests under way. Blocks the calling thread for that time.
    pub fn stop(mut self) -> Summary {
        self.state.shared.begin_stopping();
        self.stop_thread(true);
        self.state.summary()
    }

    fn stop_thread(&mut self, graceful: bool) {
        if let Some(thread) = self.thread.take() {
            // The call sends the command. The future would only wait for the end of the thread.
            drop(self.handle.stop(graceful));
            // A panic of the thread was printed there, and the counts are still valid.
            let _ = thread.join();
        }
    }
}

impl Drop for RunningReceiver {
    fn drop(&mut self) {
        self.stop_thread(false);
    }
}

/// The address for clients on this machine. Not every system can connect to the unspecified address.
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
