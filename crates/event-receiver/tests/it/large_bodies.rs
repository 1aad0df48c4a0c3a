//! Tests of bodies at and beyond the limit, in every framing, from clients that read the response only after they have sent everything; and
//! of bodies that end early.

use event_receiver::BODY_BYTES_MAX;

use crate::client::{Connection, receiver, stopped, view};

const MIB: usize = 1024 * 1024;

#[derive(Clone, Copy, Debug)]
enum Framing {
    ContentLength,
    Chunked,
}

const FRAMINGS: [Framing; 2] = [Framing::ContentLength, Framing::Chunked];

/// Sends a whole body without reading the response.
fn send_all(connection: &mut Connection, framing: Framing, body: &[u8]) {
    let framed_by = match framing {
        Framing::ContentLength => format!("Content-Length: {}", body.len()),
        Framing::Chunked => "Transfer-Encoding: chunked".to_owned(),
    };
    connection.send(format!("POST /clientEvents HTTP/1.1\r\nHost: test\r\n{framed_by}\r\n\r\n").as_bytes()).unwrap();
    match framing {
        Framing::ContentLength => connection.send(body).unwrap(),
        Framing::Chunked => {
            for piece in body.chunks(100_000) {
                let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
                connection.send(&chunk).unwrap();
            }
            connection.send(b"0\r\n\r\n").unwrap();
        }
    }
}

/// A valid message, padded with white space to this size.
fn padded(event_id: &str, bytes: usize) -> Vec<u8> {
    let mut body = view(event_id, 1).into_bytes();
    body.resize(bytes, b' ');
    body
}

#[test]
fn the_limit_is_exact() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    for framing in FRAMINGS {
        send_all(&mut connection, framing, &padded("e", BODY_BYTES_MAX));
        assert_eq!(connection.answer("POST").body, view("e", 1).as_bytes(), "{framing:?}");
        send_all(&mut connection, framing, &padded("e", BODY_BYTES_MAX + 1));
        connection.answer("POST").error(413, "INVALID_ARGUMENT");
    }
    drop(connection);
    let summary = stopped(receiver);
    assert_eq!((summary.received, summary.accepted, summary.event_ids.repeated, summary.too_large), (4, 1, 1, 2));
}

#[test]
fn a_body_of_50_mib_is_answered_and_the_connection_goes_on() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    for (framing, mib) in FRAMINGS.into_iter().zip([2, 50]).chain(FRAMINGS.into_iter().zip([50, 2])) {
        send_all(&mut connection, framing, &vec![b' '; mib * MIB]);
        let answer = connection.answer("POST");
        assert!(answer.error(413, "INVALID_ARGUMENT").contains("1048576 bytes"));
        assert_eq!(answer.header("connection"), None);
    }
    assert_eq!(connection.post(view("e", 1).as_bytes()).code, 200);
    drop(connection);
    assert_eq!(stopped(receiver).too_large, 4);
}

#[test]
fn a_body_above_the_discard_limit_is_answered_and_the_connection_ends() {
    let receiver = receiver();
    for framing in FRAMINGS {
        let mut connection = Connection::open(receiver.addr());
        send_all(&mut connection, framing, &vec![b' '; 80 * MIB]);
        let answer = connection.answer("POST");
        answer.error(413, "INVALID_ARGUMENT");
        assert_eq!(answer.header("connection"), Some("close"), "{framing:?}");
        connection.finish();
        assert_eq!(connection.rest(), b"");
    }
    assert_eq!(stopped(receiver).too_large, 2);
}

#[test]
fn a_body_without_end_is_cut_off() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    connection.send(b"POST /clientEvents HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    let chunk = [b"100000\r\n", &*vec![b' '; MIB], b"\r\n"].concat();
    // Sending fails once the receiver has lingered for a few seconds. At any loopback speed that happens long before this many MiB.
    let cut_off = (0..1_000_000).any(|_| connection.send(&chunk).is_err());
    assert!(cut_off);
    assert_eq!(stopped(receiver).too_large, 1);
}

#[test]
fn a_large_body_elsewhere_is_answered() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let body = vec![b' '; 2 * MIB];
    connection.request("POST", "/events", &body).error(404, "NOT_FOUND");
    connection.request("PUT", "/clientEvents", &body).error(405, "UNIMPLEMENTED");
    assert_eq!(connection.request("GET", "/healthz", &body).code, 200);
}

#[test]
fn a_body_that_breaks_off_is_not_received() {
    let receiver = receiver();
    for (framed_by, sent) in [
        ("Content-Length: 1000", "{\"eventId\":"),
        ("Content-Length: 3000000", "{\"eventId\":"),
        ("Content-Length: 10", ""),
        ("Transfer-Encoding: chunked", "5\r\n{\"eve\r\n5\r\nn"),
        ("Transfer-Encoding: chunked", "2\r\n{}\r\n"),
        ("Transfer-Encoding: chunked", "2\r\n{}\r\nno size\r\n"),
    ] {
        let mut connection = Connection::open(receiver.addr());
        let head = format!("POST /clientEvents HTTP/1.1\r\nHost: test\r\n{framed_by}\r\n\r\n{sent}");
        connection.send(head.as_bytes()).unwrap();
        connection.finish();
        // The end of the connection shows that the receiver has handled the request.
        let answer = String::from_utf8(connection.rest()).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    let mut connection = Connection::open(receiver.addr());
    connection.send(b"POST /clientEvents HTTP/1.1\r\nHost: test\r\nContent-Length: 3000000\r\n\r\n").unwrap();
    connection.send(&vec![b' '; 2_000_000]).unwrap();
    connection.finish();
    connection.rest();
    assert_eq!(stopped(receiver).received, 0);
}
