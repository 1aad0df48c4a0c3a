//! Opens a TCP connection to a host with several addresses: "Happy Eyeballs" (RFC 8305). An unresponsive address delays a connection by a
//! quarter of a second at most, not by its whole timeout.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::{net::TcpStream, time::sleep};

use super::{addresses::Addresses, endpoint::Endpoint, local_limit::LocalLimit, open_error::OpenError, proxy::TunnelError};

/// A TCP connection.
#[derive(Debug)]
pub(super) struct Connected<S = TcpStream> {
    pub(super) stream: S,
    pub(super) address: SocketAddr,
    /// How long this address took to accept the connection, and a proxy to open a tunnel.
    pub(super) took: Duration,
}

/// Opens a TCP connection to the first address of the endpoint that accepts it, or to its proxy, and then the tunnel to the endpoint.
///
/// # Errors
///
/// If the host has no address, if none of its addresses accepts the connection, or if the proxy opens no tunnel. The error is the most informative one; among equals, the
/// last.
pub(super) async fn connect(endpoint: &Endpoint) -> Result<Connected, OpenError> {
    let addresses = endpoint.addresses();
    let order = addresses.in_order().await?;
    let mut connected = Race::new(addresses).run(&order, open).await?;
    if let Some(tunnel) = endpoint.tunnel() {
        let (began, address) = (Instant::now(), connected.address);
        tunnel.open(&mut connected.stream).await.map_err(|error| match error {
            TunnelError::Io(source) => OpenError::Tunnel { address, source },
            TunnelError::Refused(status) => OpenError::TunnelRefused { address, status },
        })?;
        connected.took += began.elapsed();
    }
    Ok(connected)
}

async fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    // A request is one write, so Nagle's algorithm has nothing to coalesce and would only delay a response.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The attempts of one connection. If it is dropped, for example by a timeout, every address that has not answered counts as failed.
pub(super) struct Race<'a, F> {
    addresses: &'a Addresses,
    attempts: Vec<Attempt<F>>,
}

struct Attempt<F> {
    address: SocketAddr,
    began: Instant,
    opening: Pin<Box<F>>,
}

impl<'a, S, F: Future<Output = io::Result<S>>> Race<'a, F> {
    pub(super) fn new(addresses: &'a Addresses) -> Self {
        Self { addresses, attempts: Vec::new() }
    }

    /// Starts the attempts one after the other. The next attempt starts when the last one has failed or has taken longer than the delay.
    pub(super) async fn run(mut self, order: &[SocketAddr], open: impl Fn(SocketAddr) -> F) -> Result<Connected<S>, OpenError> {
        let delay = self.addresses.attempt_delay();
        let mut left = order.iter().copied();
        let mut telling: Option<OpenError> = None;
        loop {
            if let Some(address) = left.next() {
                self.attempts.push(Attempt { address, began: Instant::now(), opening: Box::pin(open(address)) });
            }
            let ended = tokio::select! {
                biased;
                ended = poll_fn(|context| self.poll_any(context)) => Some(ended),
                () = sleep(delay), if left.len() > 0 => None,
            };
            match ended {
                Some((Attempt { address, began, .. }, Ok(stream))) => {
                    let took = began.elapsed();
                    self.addresses.note_connected(address);
                    // The other attempts are cancelled. That says nothing about their addresses.
                    self.attempts.clear();
                    return Ok(Connected { stream, address, took });
                }
                Some((Attempt { address, .. }, Err(source))) => {
                    let error = OpenError::Connect { address, source };
                    let weight_of = weight(&error);
                    if weight_of < LOCAL {
                        self.addresses.note_failed(address);
                    }
                    if telling.as_ref().is_none_or(|other| weight(other) <= weight_of) {
                        telling = Some(error);
                    }
                }
                None => {
                    if let Some(slow) = self.attempts.last() {
                        self.addresses.note_failed(slow.address);
                    }
                }
            }
            if self.attempts.is_empty()
                && left.len() == 0
                && let Some(error) = telling.take()
            {
                return Err(error);
            }
        }
    }

    /// Returns the first attempt that has ended, and its result.
    fn poll_any(&mut self, context: &mut Context<'_>) -> Poll<(Attempt<F>, io::Result<S>)> {
        for number in 0..self.attempts.len() {
            if let Poll::Ready(result) = self.attempts[number].opening.as_mut().poll(context) {
                return Poll::Ready((self.attempts.remove(number), result));
            }
        }
        Poll::Pending
    }
}

impl<F> Drop for Race<'_, F> {
    fn drop(&mut self) {
        for attempt in &self.attempts {
            self.addresses.note_failed(attempt.address);
        }
    }
}

/// The weight of an error that says nothing about the address.
const LOCAL: u8 = 2;

/// How informative a connection error is for a host with several addresses. A limit of this machine applies to all addresses. Exception: if
/// IPv6 is off, each IPv6 address fails as if no port were free, which says nothing about the other addresses.
fn weight(error: &OpenError) -> u8 {
    match (error.local_limit(), error) {
        (Some(LocalLimit::Ports), OpenError::Connect { address, .. }) if address.is_ipv6() => 0,
        (None, _) => 1,
        (Some(_), _) => LOCAL,
    }
}

#[cfg(test)]
mod tests;
