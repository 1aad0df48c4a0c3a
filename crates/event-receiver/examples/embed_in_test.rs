//! Tests a client of the API against a receiver in the same process:
//!
//! ```text
//! cargo run -p event-receiver --example embed_in_test
//! cargo test -p event-receiver --example embed_in_test
//! ```

#![expect(clippy::print_stdout, reason = "the output of the example")]

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use event_receiver::{ReceiverConfig, start};

/// The client under test: sends a message, and retries it after a server error. Returns the number of attempts.
fn send_with_retries(addr: SocketAddr, message: &str) -> io::Result<u32> {
    for attempt in 1..=20 {
        let mut stream = TcpStream::connect(addr)?;
        let length = message.len();
        write!(
            stream,
            "POST /clientEvents HTTP/1.1\r\nHost: receiver\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{message}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if answer.starts_with("HTTP/1.1 200 ") {
            return Ok(attempt);
        }
    }
    Err(io::Error::other("every attempt got an error response"))
}

fn message(number: u32) -> String {
    format!(
        r#"{{"eventId":"e-{number}","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}}"#
    )
}

/// Every message arrives once, although the receiver answers half of the requests with 500.
fn retries_deliver_every_message_once() -> Result<(), Box<dyn Error>> {
    let receiver = start(ReceiverConfig::new("127.0.0.1:0".parse()?).with_error_ratio(0.5, 42))?;
    let mut attempts = 0;
    for number in 0..20 {
        attempts += send_with_retries(receiver.addr(), &message(number))?;
    }
    let summary = receiver.stop();
    assert_eq!((summary.accepted, summary.event_ids.repeated), (20, 0));
    assert!(attempts > 20, "some requests were answered with 500");
    println!("20 messages arrived in {attempts} attempts");
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    retries_deliver_every_message_once()
}

#[cfg(test)]
mod tests {
    #[test]
    fn retries_deliver_every_message_once() -> Result<(), Box<dyn std::error::Error>> {
        super::retries_deliver_every_message_once()
    }
}
