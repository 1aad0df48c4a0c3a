//! The health check of a receiver, asked again and again over new connections.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a health check may take.
const TIME_MAX: Duration = Duration::from_secs(2);

/// The time between two of them.
const INTERVAL: Duration = Duration::from_millis(200);

/// What came of the health checks.
#[derive(Debug, Default)]
pub(super) struct Health {
    pub(super) checks: u64,
    pub(super) failed: u64,
    pub(super) slowest: Duration,
}

impl Health {
    /// Asks until it is over.
    pub(super) fn watch(address: SocketAddr, is_over: &AtomicBool) -> Self {
        let mut health = Self::default();
        while !is_over.load(Ordering::Relaxed) {
            let began = Instant::now();
            health.checks += 1;
            if !is_healthy(address).unwrap_or_default() {
                health.failed += 1;
            }
            health.slowest = health.slowest.max(began.elapsed());
            thread::sleep(INTERVAL);
        }
        health
    }
}

fn is_healthy(address: SocketAddr) -> io::Result<bool> {
    let mut connection = TcpStream::connect_timeout(&address, TIME_MAX)?;
    connection.set_read_timeout(Some(TIME_MAX))?;
    connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: health\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer)?;
    Ok(answer.starts_with(b"HTTP/1.1 200 ") && answer.ends_with(b"ok"))
}
