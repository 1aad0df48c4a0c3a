//! Tests of the limits over HTTP/1.1: slow, silent, large or numerous clients are cut off, and other clients are not affected.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use event_receiver::{Limits, RunningReceiver, start};

use crate::client::{Connection, config, stopped, view};

const MIB: usize = 1024 * 1024;

/// A receiver with one worker and these limits.
fn receiver(limits: Limits) -> RunningReceiver {
    start(config().with_workers(NonZeroUsize::MIN).with_limits(limits)).unwrap()
}

/// Time limits that are short enough for a test.
fn impatient() -> Limits {
    let short = Duration::from_millis(500);
    Limits { header_time: short, rate_window: short, ..Limits::default() }
}

fn begin_body(connection: &mut Connection, bytes: usize) {
    let head = format!("POST /clientEvents HTTP/1.1\r\nHost: test\r\nContent-Length: {bytes}\r\n\r\n");
    connection.send(head.as_bytes()).unwrap();
}

fn assert_healthy(receiver: &RunningReceiver) {
    let mut connection = Connection::open(receiver.addr());
    assert_eq!(connection.request("GET", "/healthz", b"").code, 200);
    assert_eq!(connection.post(view("healthy", 1).as_bytes()).code, 200);
}

#[test]
fn a_body_that_stops_is_answered_and_the_connection_ends() {
    let receiver = receiver(impatient());
    for (bytes, sent) in [(MIB, 0), (MIB, 1), (MIB, 100_000), (MIB, MIB - 1), (3 * MIB, 2 * MIB)] {
        let mut connection = Connection::open(receiver.addr());
        begin_body(&mut connection, bytes);
        connection.send(&vec![b' '; sent]).unwrap();
        let answer = connection.answer("POST");
        assert!(answer.error(408, "DEADLINE_EXCEEDED").contains("less than 100 bytes a second"), "{sent}");
        assert_eq!(answer.header("connection"), Some("close"));
        connection.finish();
        assert_eq!(connection.rest(), b"");
    }
    assert_healthy(&receiver);
    let summary = stopped(receiver);
    assert_eq!((summary.received, summary.accepted, summary.limits.too_slow), (1, 1, 5));
}

#[test]
fn a_chunked_body_and_one_that_nobody_wants_are_held_to_the_rate_too() {
    let receiver = receiver(impatient());
    for head in [
        "POST /clientEvents HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        "POST /nowhere HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n{",
        "PUT /healthz HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n",
    ] {
        let mut connection = Connection::open(receiver.addr());
        connection.send(head.as_bytes()).unwrap();
        connection.answer("POST").error(408, "DEADLINE_EXCEEDED");
        connection.finish();
        assert_eq!(connection.rest(), b"");
    }
    assert_eq!(stopped(receiver).limits.too_slow, 3);
}

#[test]
fn a_header_section_that_stops_ends_the_connection() {
    let receiver = receiver(impatient());
    let mut fresh = Connection::open(receiver.addr());
    let mut used = Connection::open(receiver.addr());
    assert_eq!(used.post(view("e", 1).as_bytes()).code, 200);
    for connection in [&mut fresh, &mut used] {
        connection.send(b"POST /clientEvents HTTP/1.1\r\nHost: ").unwrap();
        assert_eq!(connection.rest(), b"");
    }
    assert_healthy(&receiver);
    assert_eq!(stopped(receiver).limits.closed_connections, 2);
}

#[test]
fn an_idle_connection_ends() {
    let receiver = receiver(Limits { idle_time: Duration::from_millis(500), ..Limits::default() });
    let mut fresh = Connection::open(receiver.addr());
    let mut used = Connection::open(receiver.addr());
    assert_eq!(used.post(view("e", 1).as_bytes()).code, 200);
    assert_eq!((fresh.rest(), used.rest()), (Vec::new(), Vec::new()));
    assert_healthy(&receiver);
}

#[test]
fn a_large_header_section_is_refused() {
    let limits = Limits { header_bytes: NonZeroU32::new(2_000).unwrap(), ..Limits::default() };
    let receiver = receiver(limits);
    let head = |bytes: usize| format!("GET /healthz HTTP/1.1\r\nHost: test\r\nX-Large: {}\r\n\r\n", "x".repeat(bytes));
    let mut connection = Connection::open(receiver.addr());
    connection.send(head(1_800).as_bytes()).unwrap();
    assert_eq!(connection.answer("GET").code, 200);
    // A small header section with a large body is accepted.
    let mut message = view("e", 1).into_bytes();
    message.resize(10_000, b' ');
    assert_eq!(connection.post(&message).code, 200);
    connection.send(head(3_000).as_bytes()).unwrap();
    assert!(connection.answer("GET").error(431, "INVALID_ARGUMENT").contains("2000 bytes"));
    let mut endless = Connection::open(receiver.addr());
    endless.send(b"GET /healthz HTTP/1.1\r\nX-Large: ").unwrap();
    // The connection ends long before the loop does.
    assert!((0..10_000).any(|_| endless.send(&[b'x'; 4_096]).is_err()));
    assert_healthy(&receiver);
}

#[test]
fn when_the_memory_is_used_up_the_slowest_bodies_make_room() {
    let receiver = receiver(Limits { memory_bytes: Limits::MEMORY_BYTES_MIN, ..impatient() });
    let mut stopped_bodies: Vec<_> = (0..20)
        .map(|_| {
            let mut connection = Connection::open(receiver.addr());
            begin_body(&mut connection, MIB);
            connection.send(&vec![b' '; MIB / 2]).unwrap();
            connection
        })
        .collect();
    // Small bodies need no memory.
    assert_healthy(&receiver);
    let codes: Vec<_> = stopped_bodies.iter_mut().map(|connection| connection.answer("POST").code).collect();
    assert!(codes.iter().all(|code| matches!(code, 408 | 503)), "{codes:?}");
    // At most six bodies of 512 KiB fit into the memory, so the others are aborted.
    assert!(codes.iter().filter(|code| **code == 503).count() >= 14, "{codes:?}");
    drop(stopped_bodies);
    let mut connection = Connection::open(receiver.addr());
    let mut message = view("large", 1).into_bytes();
    message.resize(MIB, b' ');
    assert_eq!(connection.post(&message).code, 200);
    drop(connection);
    let summary = stopped(receiver);
    assert_eq!((summary.accepted, summary.limits.no_memory + summary.limits.too_slow), (2, 20));
}

#[test]
fn when_there_are_too_many_connections_the_silent_ones_make_room() {
    let receiver = receiver(Limits { connections: NonZeroUsize::new(4).unwrap(), ..Limits::default() });
    let mut connections: Vec<_> = (0..4).map(|_| Connection::open(receiver.addr())).collect();
    for connection in &mut connections {
        assert_eq!(connection.request("GET", "/healthz", b"").code, 200);
    }
    for _ in 0..8 {
        connections.push(Connection::open(receiver.addr()));
        assert_eq!(connections.last_mut().unwrap().request("GET", "/healthz", b"").code, 200);
    }
    // The test does not know which of the silent connections were closed, only how many.
    drop(connections);
    assert_eq!(receiver.summary().limits.closed_connections, 8);
    assert_healthy(&receiver);
}

/// A response that the client does not read does not stay in memory forever.
#[test]
fn an_answer_that_is_not_read_ends_the_connection() {
    let receiver = receiver(Limits { memory_bytes: 16 * MIB, ..impatient() });
    let mut connection = Connection::open(receiver.addr());
    let job = "j".repeat(MIB - 300);
    let mut sent = 0;
    // Ends when the buffers of the system are full and the connection is closed.
    while sent < 1_000 && {
        let message = view(&format!("e-{sent}"), 1).replace("jobs/1", &format!("jobs/{job}"));
        let head = format!("POST /clientEvents HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n", message.len());
        connection.send(head.as_bytes()).and_then(|()| connection.send(message.as_bytes())).is_ok()
    } {
        sent += 1;
    }
    assert!(sent < 1_000);
    assert_healthy(&receiver);
    assert_eq!(receiver.summary().limits.closed_connections, 1);
}
