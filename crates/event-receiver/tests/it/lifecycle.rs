//! Tests of starting and stopping: addresses, errors, and a graceful stop in bounded time.

use std::net::{SocketAddr, TcpStream};
use std::thread;

use event_receiver::{ReceiverConfig, ReceiverError, start};

use crate::client::{Connection, config, receiver, stopped, view};

#[test]
fn a_free_port_is_found_and_named() {
    let receiver = receiver();
    assert_ne!(receiver.addr().port(), 0);
    assert_eq!(receiver.url(), format!("http://127.0.0.1:{}", receiver.addr().port()));
}

#[test]
fn an_address_in_use_is_an_error() {
    let receiver = receiver();
    let error = start(ReceiverConfig::new(receiver.addr())).unwrap_err();
    assert!(matches!(error, ReceiverError::AddressInUse { addr } if addr == receiver.addr()), "{error}");
}

#[test]
fn an_address_of_another_machine_is_an_error() {
    // 192.0.2.0/24 is reserved for documentation, so no machine has an address in it. Nothing is sent there.
    let error = start(ReceiverConfig::new("192.0.2.1:0".parse().unwrap())).unwrap_err();
    assert!(matches!(error, ReceiverError::AddressNotAvailable { .. }), "{error}");
}

#[test]
fn after_stopping_nothing_listens_and_the_port_is_free() {
    let receiver = receiver();
    let addr = receiver.addr();
    assert_eq!(Connection::open(addr).post(view("e", 1).as_bytes()).code, 200);
    assert_eq!(receiver.stop().accepted, 1);
    assert!(TcpStream::connect(addr).is_err());
    stopped(start(ReceiverConfig::new(addr)).unwrap());
}

/// Opens a request and leaves its body incomplete, so that stopping waits for it. Sending `{` completes it.
fn unfinished(addr: SocketAddr) -> Connection {
    let mut connection = Connection::open(addr);
    connection.send(b"POST /clientEvents HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").unwrap();
    // The receiver has read the head, so the request is under way.
    assert_eq!(connection.read(25), b"HTTP/1.1 100 Continue\r\n\r\n");
    connection
}

/// Stopping closes idle connections before it waits for requests under way.
#[test]
fn stopping_closes_idle_connections_first() {
    let receiver = start(config().with_http2()).unwrap();
    let mut fresh = Connection::open(receiver.addr());
    let mut used = Connection::open(receiver.addr());
    assert_eq!(used.post(view("e", 1).as_bytes()).code, 200);
    let mut http2 = Connection::open(receiver.addr());
    http2.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    // The settings of the receiver.
    assert_eq!(http2.read(9)[3], 4);
    let mut busy = unfinished(receiver.addr());
    let stopping = thread::spawn(move || receiver.stop());
    assert_eq!((fresh.rest(), used.rest()), (Vec::new(), Vec::new()));
    http2.rest();
    busy.send(b"{").unwrap();
    assert_eq!(busy.answer("POST").code, 400);
    let summary = stopping.join().unwrap();
    assert_eq!((summary.accepted, summary.received), (1, 2));
}

/// Without a limit, this test does not end.
#[test]
fn stopping_does_not_wait_for_ever_for_a_request_under_way() {
    let receiver = receiver();
    let _busy = unfinished(receiver.addr());
    assert_eq!(receiver.stop().received, 0);
}

#[test]
fn dropping_stops() {
    let receiver = receiver();
    let addr = receiver.addr();
    let mut connection = Connection::open(addr);
    assert_eq!(connection.request("GET", "/healthz", b"").code, 200);
    drop(receiver);
    assert!(TcpStream::connect(addr).is_err());
    assert_eq!(connection.rest(), b"");
}

#[test]
fn receivers_count_each_for_itself() {
    let (one, other) = (receiver(), receiver());
    assert_eq!(Connection::open(one.addr()).post(view("e", 1).as_bytes()).code, 200);
    assert_eq!(Connection::open(other.addr()).post(view("e", 2).as_bytes()).code, 200);
    assert_eq!((stopped(one).accepted, stopped(other).accepted), (1, 1));
}
