//! The addresses of a host: where they come from, and in which order a connection tries them. How it tries them is the matter of
//! [`super::connect`].
//!
//! The invariant: connections are spread evenly over the addresses that work, and every address is tried before a connection fails.

mod known;

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use url::Host;

use super::{name_lookup, open_error::OpenError, resolve::Resolve};
use known::Known;

/// How long an attempt to connect has before the next address is tried beside it, at least and at most (RFC 8305, section 8).
const ATTEMPT_DELAY: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(250)];

/// How many addresses are tried in the time that a connection may take to open, at least.
const ATTEMPTS_MIN: u32 = 4;

/// The addresses of one host and port. All threads share them.
#[derive(Debug)]
pub(super) struct Addresses {
    host: Host<String>,
    port: u16,
    /// Whether the name service is asked for them.
    are_looked_up: bool,
    attempt_delay: Duration,
    known: Mutex<Known>,
    /// The number of connections that asked for addresses. Each begins with another one.
    turns: AtomicUsize,
    /// Held during a look-up, so that connections that are opened together share one.
    looking_up: tokio::sync::Mutex<()>,
}

impl Addresses {
    /// The addresses of this host: the host itself if it is one, otherwise those that the name service knows.
    pub(super) fn new(host: Host<String>, port: u16) -> Self {
        let address = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        let fixed = address.map(|address| vec![SocketAddr::new(address, port)]);
        Self {
            host,
            port,
            are_looked_up: fixed.is_none(),
            attempt_delay: ATTEMPT_DELAY[1],
            known: Mutex::new(Known::new(fixed.unwrap_or_default())),
            turns: AtomicUsize::new(0),
            looking_up: tokio::sync::Mutex::default(),
        }
    }

    /// The same host and port, with the addresses that the user gives for them, and this time in which a connection opens or is given up.
    pub(super) fn with(&self, resolves: &[Resolve], timeout: Duration) -> Self {
        let mut addresses = Self::new(self.host.clone(), self.port);
        addresses.replace(resolves);
        addresses.fit_into(timeout);
        addresses
    }

    /// Replaces the addresses by those that the user gives for this host and port, if there are any.
    pub(super) fn replace(&mut self, resolves: &[Resolve]) {
        let given: Vec<_> =
            resolves.iter().filter(|resolve| resolve.is_for(&self.host, self.port)).flat_map(Resolve::addresses).collect();
        if !given.is_empty() {
            self.are_looked_up = false;
            self.known = Mutex::new(Known::new(given));
        }
    }

    /// Shortens the delay between attempts where connections have little time.
    pub(super) fn fit_into(&mut self, timeout: Duration) {
        self.attempt_delay = (timeout / ATTEMPTS_MIN).clamp(ATTEMPT_DELAY[0], ATTEMPT_DELAY[1]);
    }

    /// How long an attempt to connect has before the next address is tried beside it.
    pub(super) const fn attempt_delay(&self) -> Duration {
        self.attempt_delay
    }

    /// The addresses in the order in which the next connection tries them.
    ///
    /// # Errors
    ///
    /// If the host has no address, as far as is known.
    pub(super) async fn in_order(&self) -> Result<Vec<SocketAddr>, OpenError> {
        if self.are_looked_up && self.known().wants_look_up(Instant::now()) {
            let _looking_up = self.looking_up.lock().await;
            // The connection that held the lock may have looked them up.
            let is_wanted = self.known().wants_look_up(Instant::now());
            if is_wanted {
                self.look_up().await?;
            }
        }
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let order = self.known().in_order(turn, Instant::now());
        if order.is_empty() { Err(OpenError::NoAddress { host: self.host.to_string() }) } else { Ok(order) }
    }

    #[cfg(test)]
    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Asks the name service. If it fails, the addresses that it gave before are used again.
    async fn look_up(&self) -> Result<(), OpenError> {
        let host = self.host.to_string();
        let found = name_lookup::look_up(&host, self.port).await;
        let mut known = self.known();
        match found {
            Ok(found) => known.set(found, Instant::now()),
            Err(source) if known.is_empty() => return Err(OpenError::Resolve { host, source }),
            Err(_) => known.keep(Instant::now()),
        }
        Ok(())
    }

    /// Records that an address took a connection.
    pub(super) fn note_connected(&self, address: SocketAddr) {
        self.known().note_connected(address);
    }

    /// Records that an address refused a connection, or did not take it in time.
    pub(super) fn note_failed(&self, address: SocketAddr) {
        self.known().note_failed(address, Instant::now());
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // No change of it is ever left half done.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
