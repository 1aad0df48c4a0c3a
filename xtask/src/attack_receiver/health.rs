//! Repeats the health check of a receiver over new connections.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The maximum duration of a health check.
const TIME_MAX: Duration = Duration::from_secs(2);

/// The time between two health checks.
const INTERVAL: Duration = Duration::from_millis(200);

/// The result of the health checks.
#[derive(Debug, Default)]
pub(super) struct Health {
    pub(super) checks: u64,
    pub(super) failed: u64,
    pub(super) slowest: Duration,
}

impl Health {
    /// Repeats the check until `is_over` is set.
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
