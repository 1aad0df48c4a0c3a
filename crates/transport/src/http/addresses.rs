//! The addresses of a host: their source, and the order in which a connection tries them. [`super::connect`] makes the attempts.
//!
//! Invariant: connections are spread evenly over the working addresses, and a connection fails only after it has tried every address.

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

use super::{connect_to::ConnectTo, name_lookup, open_error::OpenError, resolve::Resolve};
use known::Known;

/// The minimum and maximum delay before the next address is tried in parallel with the current attempt (RFC 8305, section 8).
const ATTEMPT_DELAY: [Duration; 2] = [Duration::from_millis(10), Duration::from_millis(250)];

/// The minimum number of addresses to try within the connect timeout.
const ATTEMPTS_MIN: u32 = 4;

/// The addresses of one host and port. All threads share them.
#[derive(Debug)]
pub(super) struct Addresses {
    host: Host<String>,
    port: u16,
    /// Whether the addresses come from the name service.
    are_looked_up: bool,
    attempt_delay: Duration,
    known: Mutex<Known>,
    /// The number of connections that have requested addresses. Each connection starts with the next address.
    turns: AtomicUsize,
    /// Held during a look-up, so that concurrent connections share one look-up.
    looking_up: tokio::sync::Mutex<()>,
}

impl Addresses {
    /// Creates the addresses of a host: the host itself if it is an IP address, otherwise the result of a name look-up.
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

    /// Returns the addresses of the host and port to connect to for these, with the addresses that the user gave for them and this connect
    /// timeout.
    pub(super) fn with(&self, connect_to: &[ConnectTo], resolves: &[Resolve], timeout: Duration) -> Self {
        let (host, port) = ConnectTo::apply(connect_to, self.host.clone(), self.port);
        let mut addresses = Self::new(host, port);
        addresses.replace(resolves);
        addresses.fit_into(timeout);
        addresses
    }

    /// Returns the addresses of another host, with the same connect timeout.
    pub(super) fn of_other(&self, host: Host<String>, port: u16) -> Self {
        Self { attempt_delay: self.attempt_delay, ..Self::new(host, port) }
    }

    /// Replaces the addresses with the ones that the user gave for this host and port, if any.
    pub(super) fn replace(&mut self, resolves: &[Resolve]) {
        let given: Vec<_> =
            resolves.iter().filter(|resolve| resolve.is_for(&self.host, self.port)).flat_map(Resolve::addresses).collect();
        if !given.is_empty() {
            self.are_looked_up = false;
            self.known = Mutex::new(Known::new(given));
        }
    }

    /// Shortens the delay between attempts if the connect timeout is short.
    pub(super) fn fit_into(&mut self, timeout: Duration) {
        self.attempt_delay = (timeout / ATTEMPTS_MIN).clamp(ATTEMPT_DELAY[0], ATTEMPT_DELAY[1]);
    }

    /// The delay before the next address is tried in parallel with the current attempt.
    pub(super) const fn attempt_delay(&self) -> Duration {
        self.attempt_delay
    }

    /// The addresses in the order in which the next connection tries them.
    ///
    /// # Errors
    ///
    /// If no address of the host is known.
    pub(super) async fn in_order(&self) -> Result<Vec<SocketAddr>, OpenError> {
        if self.are_looked_up && self.known().wants_look_up(Instant::now()) {
            let _looking_up = self.looking_up.lock().await;
            // The connection that held the lock may already have looked up the addresses.
            let is_wanted = self.known().wants_look_up(Instant::now());
            if is_wanted {
                self.look_up().await?;
            }
        }
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let order = self.known().in_order(turn, Instant::now());
        if order.is_empty() { Err(OpenError::NoAddress { host: self.host.to_string() }) } else { Ok(order) }
    }

    /// The port to connect to.
    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Asks the name service. If the look-up fails, the previous addresses stay in use.
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

    /// Records that a connection to an address succeeded.
    pub(super) fn note_connected(&self, address: SocketAddr) {
        self.known().note_connected(address);
    }

    /// Records that a connection to an address was refused or timed out.
    pub(super) fn note_failed(&self, address: SocketAddr) {
        self.known().note_failed(address, Instant::now());
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // No update is ever left half done, so a poisoned lock still guards valid data.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
