//! A receiver that answers every request and records its arrival time, with a thread per connection. It parses only enough HTTP to find the
//! end of a request from `seeker-sim`.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use anyhow::{Context, Result};

/// The arrival time and the due time of an event, both in microseconds since the start of the run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) arrived_micros: u64,
    /// Exact to 1 ms.
    pub(super) scheduled_micros: u64,
}

/// A received request.
#[derive(Clone, Copy, Debug)]
struct Request {
    arrived: Instant,
    timestamp_millis: u64,
}

/// A running receiver.
#[derive(Debug)]
pub(super) struct Receiver {
    address: SocketAddr,
    is_stopping: Arc<AtomicBool>,
    requests: Arc<Mutex<Vec<Request>>>,
    acceptor: JoinHandle<()>,
}

impl Receiver {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listen on a port of this machine")?;
        let address = listener.local_addr()?;
        let (is_stopping, requests) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let acceptor = {
            let (is_stopping, requests) = (Arc::clone(&is_stopping), Arc::clone(&requests));
            thread::spawn(move || accept(&listener, &is_stopping, &requests))
        };
        Ok(Self { address, is_stopping, requests, acceptor })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/clientEvents", self.address)
    }

    /// Waits until all connections are closed and returns the arrivals. The run began a little before the first due event; on each of the
    /// two clocks, moments count from the first event.
    pub(super) fn stop(self) -> Vec<Arrival> {
        self.is_stopping.store(true, Ordering::Release);
        // Wakes the acceptor.
        drop(TcpStream::connect(self.address));
        drop(self.acceptor.join());
        let requests = std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner));
        let first_arrived = requests.iter().map(|request| request.arrived).min();
        let first_millis = requests.iter().map(|request| request.timestamp_millis).min().unwrap_or_default();
        let arrivals = requests.iter().map(|request| {
            let since = request.arrived.duration_since(first_arrived.unwrap_or(request.arrived));
            Arrival {
                arrived_micros: u64::try_from(since.as_micros()).unwrap_or(u64::MAX),
                scheduled_micros: (request.timestamp_millis - first_millis) * 1_000,
            }
        });
        arrivals.collect()
    }
}

fn accept(listener: &TcpListener, is_stopping: &AtomicBool, requests: &Arc<Mutex<Vec<Request>>>) {
    let mut connections = Vec::new();
    for stream in listener.incoming().map_while(Result::ok) {
        if is_stopping.load(Ordering::Acquire) {
            break;
        }
        let requests = Arc::clone(requests);
        connections.push(thread::spawn(move || {
            let mut seen = Vec::new();
            // A broken connection leaves its event unanswered, which the run reports.
            let _ = answer(stream, &mut seen);
            requests.lock().unwrap_or_else(PoisonError::into_inner).append(&mut seen);
        }));
    }
    for connection in connections {
        drop(connection.join());
    }
}

/// Answers the requests of a connection until it is closed.
fn answer(mut stream: TcpStream, seen: &mut Vec<Request>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut unread, mut chunk) = (Vec::new(), [0; 16 * 1024]);
    loop {
        let count = stream.read(&mut chunk)?;
        let arrived = Instant::now();
        if count == 0 {
            return Ok(());
        }
        unread.extend_from_slice(&chunk[..count]);
        while let Some(length) = length_of_first(&unread) {
            if let Some(timestamp_millis) = number_after(&unread[..length], "\"eventTimestampMillis\":\"") {
                seen.push(Request { arrived, timestamp_millis });
            }
            unread.drain(..length);
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n")?;
        }
    }
}

/// Returns the length of the first request, if it is complete.
fn length_of_first(bytes: &[u8]) -> Option<usize> {
    const END: &[u8] = b"\r\n\r\n";
    let head = bytes.windows(END.len()).position(|window| window == END)? + END.len();
    let head_text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let body = number_after(head_text.as_bytes(), "content-length: ").unwrap_or(0);
    let length = head + usize::try_from(body).ok()?;
    (length <= bytes.len()).then_some(length)
}

/// Parses the number after this text.
fn number_after(bytes: &[u8], text: &str) -> Option<u64> {
    let begins = bytes.windows(text.len()).position(|window| window == text.as_bytes())? + text.len();
    let digits = bytes[begins..].iter().take_while(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte));
    digits.collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_their_length() {
        let request = b"POST / HTTP/1.1\r\nContent-Length: 33\r\n\r\n{\"eventTimestampMillis\":\"1234567\"}";
        let whole = [&request[..], b"x"].concat();
        assert_eq!(length_of_first(&request[..request.len() - 2]), None);
        assert_eq!(length_of_first(&whole), Some(request.len() - 1));
        assert_eq!(number_after(request, "\"eventTimestampMillis\":\""), Some(1_234_567));
        assert_eq!(length_of_first(b"GET / HTTP/1.1\r\n\r\n"), Some(18));
    }
}
