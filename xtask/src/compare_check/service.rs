//! A service on loopback with a known delay and error share. It answers after about ten milliseconds, and answers a random share of the
//! requests with 500. Its behaviour can change between runs, so that all runs have the same target.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

/// The minimum delay, and the mean of the random addition, in microseconds.
const DELAY_MICROS: (f64, f64) = (8_000.0, 2_000.0);

/// The behaviour of the service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behaviour {
    /// The delay, in per cent of the normal delay.
    pub(crate) delay_percent: u32,
    /// The percentage of requests that are answered with 500.
    pub(crate) failing_percent: u32,
}

/// A service that runs until the process ends.
pub(crate) struct Service {
    address: SocketAddr,
    state: Arc<State>,
}

/// The state that all connections share.
#[derive(Default)]
struct State {
    delay_percent: AtomicU32,
    failing_percent: AtomicU32,
    random: AtomicU64,
}

impl Service {
    /// Starts to listen on a free port.
    pub(crate) fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen on loopback")?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let of_connections = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&of_connections);
                // The generator closes its connections at the end of each run.
                thread::spawn(move || answer(&stream, &state));
            }
        });
        Ok(Self { address, state })
    }

    /// The URL of the service.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/clientEvents", self.address)
    }

    /// Changes the behaviour from now on.
    pub(crate) fn behave(&self, behaviour: Behaviour) {
        self.state.delay_percent.store(behaviour.delay_percent, Ordering::Relaxed);
        self.state.failing_percent.store(behaviour.failing_percent, Ordering::Relaxed);
    }
}

impl State {
    /// A number from 0 up to 1: `SplitMix64`, Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014).
    fn draw(&self) -> f64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut bits = self.random.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let share = (bits >> 11) as f64 / (1_u64 << 53) as f64;
        share
    }
}

/// Answers the requests of a connection until it is closed.
fn answer(stream: &TcpStream, state: &State) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut requests = BufReader::new(stream);
    while skip_request(&mut requests)? {
        let random_micros = -DELAY_MICROS.1 * (1.0 - state.draw()).ln();
        let times_usual = f64::from(state.delay_percent.load(Ordering::Relaxed)) / 100.0;
        thread::sleep(Duration::from_secs_f64((DELAY_MICROS.0 + random_micros) * times_usual / 1e6));
        let is_failing = state.draw() * 100.0 < f64::from(state.failing_percent.load(Ordering::Relaxed));
        let status = if is_failing { "500 Internal Server Error" } else { "200 OK" };
        let mut responses = stream;
        responses.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes())?;
    }
    Ok(())
}

/// Reads a request to its end. Returns whether there was one.
fn skip_request(requests: &mut impl BufRead) -> io::Result<bool> {
    let (mut line, mut body) = (String::new(), 0);
    loop {
        line.clear();
        if requests.read_line(&mut line)? == 0 {
            return Ok(false);
        }
        let header = line.trim_end().to_ascii_lowercase();
        if let Some(length) = header.strip_prefix("content-length:") {
            body = length.trim().parse().map_err(io::Error::other)?;
        }
        if header.is_empty() {
            break;
        }
    }
    io::copy(&mut requests.take(body), &mut io::sink())?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Consecutive requests with a body on one connection are separated.
    #[test]
    fn requests_are_separated() {
        let text = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n";
        let mut requests = text.as_bytes();
        assert!(skip_request(&mut requests).unwrap());
        assert!(requests.starts_with(b"GET"));
        assert!(skip_request(&mut requests).unwrap());
        assert!(!skip_request(&mut requests).unwrap());
    }

    /// Over many requests, the share of errors is the requested share.
    #[test]
    fn shares_are_kept() {
        let state = State::default();
        let failing = (0..100_000).filter(|_| state.draw() < 0.02).count();
        assert!((1_800..2_200).contains(&failing), "{failing}");
    }
}
