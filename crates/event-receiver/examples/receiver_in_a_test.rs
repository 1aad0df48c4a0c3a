//! Embeds the receiver in a test of a program that sends messages.
//!
//! ```text
//! cargo test -p event-receiver --example receiver_in_a_test
//! cargo run -p event-receiver --example receiver_in_a_test
//! ```

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use client_event::{ClientEvent, EventType};
use event_receiver::{ReceiverConfig, Summary, start};

/// The code under test: sends a message and returns the status code of the response.
fn send(addr: SocketAddr, event: &ClientEvent) -> io::Result<u16> {
    let mut body = Vec::new();
    event.write_json(&mut body);
    let mut stream = TcpStream::connect(addr)?;
    write!(stream, "POST /clientEvents HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len())?;
    stream.write_all(&body)?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let code = response.split(' ').nth(1).and_then(|code| code.parse().ok());
    code.ok_or_else(|| io::Error::other("the response has no status code"))
}

/// Starts a receiver on a free port, sends a message, a retry and a conflict, and returns what the receiver counted.
fn send_to_receiver() -> Result<Summary, Box<dyn Error>> {
    let receiver = start(ReceiverConfig::new("127.0.0.1:0".parse()?))?;
    let event = ClientEvent::from_json(
        br#"{"eventId":"e-1","eventType":"VIEW","requestId":"r-1","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
    )?;
    assert_eq!(send(receiver.addr(), &event)?, 200);
    assert_eq!(send(receiver.addr(), &event)?, 200, "a retry is accepted");
    let conflict = ClientEvent { event_type: EventType::Bookmark, ..event };
    assert_eq!(send(receiver.addr(), &conflict)?, 409, "the event id has other content");
    Ok(receiver.stop())
}

fn main() -> Result<(), Box<dyn Error>> {
    let summary = send_to_receiver()?;
    writeln!(io::stdout(), "{} received, {} accepted", summary.received, summary.accepted)?;
    Ok(())
}

#[test]
fn every_message_arrives() -> Result<(), Box<dyn Error>> {
    let summary = send_to_receiver()?;
    assert_eq!((summary.received, summary.accepted, summary.by_type[&EventType::View]), (3, 1, 1));
    assert_eq!((summary.event_ids.repeated, summary.event_ids.conflicting), (1, 1));
    Ok(())
}
