//! Tests of starting and stopping: addresses, errors, and a graceful stop in bounded time.

use std::net::TcpStream;
use std::time::{Duration, Instant};

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

#[test]
fn stopping_closes_idle_connections_at_once() {
    let receiver = receiver();
    let mut fresh = Connection::open(receiver.addr());
    let mut used = Connection::open(receiver.addr());
    assert_eq!(used.post(view("e", 1).as_bytes()).code, 200);
    let began = Instant::now();
    assert_eq!(receiver.stop().accepted, 1);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!((fresh.rest(), used.rest()), (Vec::new(), Vec::new()));
}

#[test]
fn stopping_closes_idle_connections_of_either_version_at_once() {
    let receiver = start(config().with_http2()).unwrap();
    let mut fresh = Connection::open(receiver.addr());
    let mut used = Connection::open(receiver.addr());
    assert_eq!(used.post(view("e", 1).as_bytes()).code, 200);
    let mut http2 = Connection::open(receiver.addr());
    http2.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
    // The settings of the receiver.
    assert_eq!(http2.read(9)[3], 4);
    let began = Instant::now();
    assert_eq!(receiver.stop().accepted, 1);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!((fresh.rest(), used.rest()), (Vec::new(), Vec::new()));
    http2.rest();
}

#[test]
fn stopping_does_not_wait_for_ever_for_a_request_under_way() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    connection.send(b"POST /clientEvents HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n{").unwrap();
    let began = Instant::now();
    assert_eq!(receiver.stop().received, 0);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
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
