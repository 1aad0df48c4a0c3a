//! Tests of compressed bodies: accepted encodings, and refused ones that do no harm.

use std::io::Write;

use event_receiver::BODY_BYTES_MAX;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::client::{Answer, Connection, receiver, stopped, view};

fn packed(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn post(connection: &mut Connection, encodings: &[&str], body: &[u8]) -> Answer {
    let encodings: Vec<_> = encodings.iter().map(|encoding| format!("Content-Encoding: {encoding}\r\n")).collect();
    let head =
        format!("POST /clientEvents HTTP/1.1\r\nHost: test\r\n{}Content-Length: {}\r\n\r\n", encodings.concat(), body.len());
    connection.send(&[head.as_bytes(), body].concat()).unwrap();
    connection.answer("POST")
}

#[test]
fn a_packed_message_is_the_message() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let message = view("e", 1);
    for encoding in ["gzip", "GZIP", "x-gzip"] {
        assert_eq!(post(&mut connection, &[encoding], &packed(message.as_bytes())).body, message.as_bytes(), "{encoding}");
    }
    for encoding in ["identity", ""] {
        assert_eq!(post(&mut connection, &[encoding], message.as_bytes()).body, message.as_bytes(), "{encoding}");
    }
    let broken = post(&mut connection, &["gzip"], &packed(b"{}"));
    assert!(broken.error(400, "INVALID_ARGUMENT").contains("eventId"));
    drop(connection);
    let summary = stopped(receiver);
    assert_eq!((summary.accepted, summary.event_ids.repeated, summary.refused.messages), (1, 4, 1));
}

#[test]
fn undecodable_bodies_are_refused_and_the_connection_continues() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let whole = packed(view("e", 1).as_bytes());
    for body in [&b""[..], b"{}", &whole[..whole.len() - 1], &[&whole[..], b"more"].concat()] {
        let message = post(&mut connection, &["gzip"], body).error(400, "INVALID_ARGUMENT");
        assert!(message.contains("cannot be decompressed"), "{message}");
    }
    for (encodings, named) in [(&["br"][..], "\"br\""), (&["gzip, gzip"], "\"gzip, gzip\""), (&["gzip", "gzip"], "more than one")]
    {
        let answer = post(&mut connection, encodings, &whole);
        let message = answer.error(415, "INVALID_ARGUMENT");
        assert!(message.contains(named) && message.contains("expected gzip or identity"), "{message}");
        assert_eq!(answer.header("accept-encoding"), Some("gzip, identity"));
    }
    assert_eq!(post(&mut connection, &["gzip"], &whole).code, 200);
    drop(connection);
    assert_eq!(stopped(receiver).received, 1);
}

/// 20 MB that compress to 100 kB.
#[test]
fn a_body_that_unpacks_to_too_much_is_too_large() {
    let receiver = receiver();
    let mut connection = Connection::open(receiver.addr());
    let mut message = view("e", 1).into_bytes();
    message.resize(BODY_BYTES_MAX, b' ');
    assert_eq!(post(&mut connection, &["gzip"], &packed(&message)).code, 200);
    message.push(b' ');
    for body in [packed(&message), packed(&vec![b' '; 20 * BODY_BYTES_MAX])] {
        post(&mut connection, &["gzip"], &body).error(413, "INVALID_ARGUMENT");
    }
    drop(connection);
    let summary = stopped(receiver);
    assert_eq!((summary.accepted, summary.too_large), (1, 2));
}
