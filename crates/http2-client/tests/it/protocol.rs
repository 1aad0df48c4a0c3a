//! Violations and their error codes, and unusual frames that are allowed.

use http2_client::{Connection, ConnectionError, Ending, Readiness, Reason, RequestError};

use crate::server::*;

/// The connection error after these bytes, with one open request on stream 1.
fn error_of(bytes: &[u8]) -> Option<ConnectionError> {
    let mut connection = connected(&[]);
    let key = connection.request(&head(), &[], b"{}", Recorded::default()).unwrap();
    write_all(&mut connection);
    let error = receive(&mut connection, bytes).err()?;
    // The client sends GOAWAY with the code, ends the request, and accepts no more bytes.
    let last = write_all(&mut connection).pop().unwrap();
    let ConnectionError::Violation { reason, .. } = error else { panic!("{error}") };
    assert_eq!((last.kind, &last.payload[4..8]), (GOAWAY, &reason.code().to_be_bytes()[..]));
    assert_eq!(connection.take(key).unwrap().endings, [Err(RequestError::ConnectionLost)]);
    assert_eq!((connection.readiness(), connection.receive(b"", ())), (Readiness::Retired, Err(error.clone())));
    assert_eq!(connection.error(), Some(error.clone()));
    Some(error)
}

#[test]
fn violations_end_the_connection_with_their_code() {
    let goaway = |last: u32| frame(GOAWAY, 0, 0, &[last.to_be_bytes(), [0; 4]].concat());
    let response = frame(HEADERS, END_HEADERS, 1, STATUS_200);
    for (name, bytes, reason) in [
        ("a long frame", vec![0, 0x40, 1, 0, 0, 0, 0, 0, 1], Reason::FRAME_SIZE_ERROR),
        ("DATA on stream 0", frame(DATA, 0, 0, b"a"), Reason::PROTOCOL_ERROR),
        ("DATA on an idle stream", frame(DATA, 0, 3, b"a"), Reason::PROTOCOL_ERROR),
        ("HEADERS on a stream of the server", frame(HEADERS, END_HEADERS, 2, STATUS_200), Reason::PROTOCOL_ERROR),
        ("HEADERS on an idle stream", frame(HEADERS, END_HEADERS, 3, STATUS_200), Reason::PROTOCOL_ERROR),
        ("RST_STREAM on an idle stream", frame(RST_STREAM, 0, 3, &[0; 4]), Reason::PROTOCOL_ERROR),
        ("WINDOW_UPDATE on an idle stream", frame(WINDOW_UPDATE, 0, 3, &[0, 0, 0, 1]), Reason::PROTOCOL_ERROR),
        ("RST_STREAM of 3 bytes", frame(RST_STREAM, 0, 1, &[0; 3]), Reason::FRAME_SIZE_ERROR),
        ("PING of 7 bytes", frame(PING, 0, 0, &[0; 7]), Reason::FRAME_SIZE_ERROR),
        ("PING on a stream", frame(PING, 0, 1, &[0; 8]), Reason::PROTOCOL_ERROR),
        ("SETTINGS of 5 bytes", frame(SETTINGS, 0, 0, &[0; 5]), Reason::FRAME_SIZE_ERROR),
        ("SETTINGS on a stream", frame(SETTINGS, 0, 1, &[]), Reason::PROTOCOL_ERROR),
        ("an acknowledgement with settings", frame(SETTINGS, ACK, 0, &[0; 6]), Reason::FRAME_SIZE_ERROR),
        ("push by a server", settings(&[(2, 1)]), Reason::PROTOCOL_ERROR),
        ("a window above its maximum", settings(&[(4, 1 << 31)]), Reason::FLOW_CONTROL_ERROR),
        ("a frame size below its minimum", settings(&[(5, 16_383)]), Reason::PROTOCOL_ERROR),
        ("a frame size above its maximum", settings(&[(5, 1 << 24)]), Reason::PROTOCOL_ERROR),
        ("WINDOW_UPDATE by 0", frame(WINDOW_UPDATE, 0, 0, &[0; 4]), Reason::PROTOCOL_ERROR),
        ("too large a window", frame(WINDOW_UPDATE, 0, 0, &0x7fff_ffff_u32.to_be_bytes()), Reason::FLOW_CONTROL_ERROR),
        ("PUSH_PROMISE", frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, 0x82]), Reason::PROTOCOL_ERROR),
        ("CONTINUATION alone", frame(CONTINUATION, END_HEADERS, 1, STATUS_200), Reason::PROTOCOL_ERROR),
        (
            "a frame within a block",
            [frame(HEADERS, 0, 1, STATUS_200), frame(PING, 0, 0, &[0; 8])].concat(),
            Reason::PROTOCOL_ERROR,
        ),
        (
            "endless CONTINUATION",
            [frame(HEADERS, 0, 1, STATUS_200), frame(CONTINUATION, 0, 1, &[]).repeat(200)].concat(),
            Reason::ENHANCE_YOUR_CALM,
        ),
        ("endless DATA", [response.clone(), frame(DATA, 0, 1, &[]).repeat(2_000)].concat(), Reason::ENHANCE_YOUR_CALM),
        ("long padding", [response, frame(DATA, PADDED, 1, &[9, 0])].concat(), Reason::PROTOCOL_ERROR),
        ("a broken block", frame(HEADERS, END_HEADERS, 1, &[0xff; 20]), Reason::COMPRESSION_ERROR),
        ("a later GOAWAY", [goaway(1), goaway(3)].concat(), Reason::PROTOCOL_ERROR),
        ("PRIORITY of 4 bytes", frame(2, 0, 1, &[0; 4]), Reason::FRAME_SIZE_ERROR),
    ] {
        let error = error_of(&bytes);
        let Some(ConnectionError::Violation { reason: told, .. }) = error else { panic!("{name}: {error:?}") };
        assert_eq!(told, reason, "{name}");
    }
}

#[test]
fn the_first_frame_has_the_settings() {
    for bytes in [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, ACK, 0, &[]), b"HTTP/1.1 400 Bad Request\r\n".to_vec()] {
        let mut connection = Connection::<Recorded>::new();
        let error = connection.receive(&bytes, ()).unwrap_err();
        assert_eq!(error.to_string(), "the server violates HTTP/2: the first frame is not SETTINGS (PROTOCOL_ERROR)");
    }
}

/// The ending of a request after these bytes. The connection stays usable.
fn ending_of(bytes: &[u8]) -> (Recorded, Vec<Frame>) {
    let mut connection = connected(&[]);
    let key = connection.request(&head(), &[], b"{}", Recorded::default()).unwrap();
    write_all(&mut connection);
    receive(&mut connection, bytes).unwrap();
    assert_eq!(connection.readiness(), Readiness::Ready);
    let replies = write_all(&mut connection);
    (connection.take(key).unwrap(), replies)
}

#[test]
fn wrong_responses_end_their_request_only() {
    let block = |fields: &[(&str, &str)]| fields.iter().flat_map(|(name, value)| literal(name, value)).collect::<Vec<_>>();
    let whole = |fields: &[(&str, &str)]| frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(fields));
    let begun = |fields: &[(&str, &str)]| frame(HEADERS, END_HEADERS, 1, &block(fields));
    for bytes in [
        whole(&[("a", "b")]),
        whole(&[(":status", "20")]),
        whole(&[(":status", "101")]),
        whole(&[(":status", "103")]),
        whole(&[(":status", "200"), (":status", "200")]),
        whole(&[("a", "b"), (":status", "200")]),
        whole(&[(":status", "200"), (":path", "/")]),
        whole(&[(":status", "200"), ("A", "b")]),
        whole(&[(":status", "200"), ("a", "b\r\nc")]),
        whole(&[(":status", "200"), ("connection", "close")]),
        whole(&[(":status", "200"), ("content-length", "1")]),
        whole(&[(":status", "200"), ("content-length", "+0")]),
        [begun(&[(":status", "200"), ("content-length", "1")]), frame(DATA, 0, 1, b"ab")].concat(),
        [begun(&[(":status", "200")]), begun(&[("a", "b")])].concat(),
        [begun(&[(":status", "200")]), whole(&[(":status", "200")])].concat(),
        frame(DATA, END_STREAM, 1, b"{}"),
        frame(WINDOW_UPDATE, 0, 1, &[0; 4]),
    ] {
        let (response, replies) = ending_of(&bytes);
        assert!(matches!(response.endings[..], [Err(RequestError::Malformed(_))]), "{response:?}");
        assert_eq!((replies.len(), replies[0].kind), (1, RST_STREAM));
    }
}

#[test]
fn unusual_responses_are_complete() {
    let end = frame(DATA, END_STREAM | PADDED, 1, &[3, b'{', b'}', 0, 0, 0]);
    let interim = frame(HEADERS, END_HEADERS, 1, &literal(":status", "103"));
    let padded = frame(HEADERS, END_HEADERS | 0x28, 1, &[3, 0, 0, 0, 0, 16, 0x88, 0, 0, 0]);
    let pieces = [frame(HEADERS, 0, 1, &[]), frame(CONTINUATION, END_HEADERS, 1, STATUS_200)].concat();
    let plain = frame(HEADERS, END_HEADERS, 1, STATUS_200);
    let other = [frame(0xfa, 0xff, 5, &[1; 100]), frame(2, 0, 77, &[0; 5])].concat();
    for begin in [[interim.repeat(2_000), plain.clone()].concat(), padded, pieces, [other, plain].concat()] {
        let (response, replies) = ending_of(&[begin, end.clone()].concat());
        assert_eq!((response.status, response.body.as_slice()), (200, b"{}".as_slice()));
        assert_eq!((response.endings.as_slice(), replies.len()), ([Ok(Ending::Complete)].as_slice(), 0));
    }
    let trailers = frame(HEADERS, END_HEADERS | END_STREAM, 1, &literal("grpc-status", "0"));
    let (response, _) = ending_of(&[frame(HEADERS, END_HEADERS, 1, STATUS_200), trailers].concat());
    assert_eq!(response.fields, [(b"grpc-status".to_vec(), b"0".to_vec())]);
}

#[test]
fn a_closing_server_returns_the_requests_that_it_has_not_taken() {
    let mut connection = connected(&[]);
    let keys: Vec<_> = (0..3).map(|_| connection.request(&head(), &[], b"{}", Recorded::default()).unwrap()).collect();
    write_all(&mut connection);
    let payload = [3_u32.to_be_bytes(), Reason::ENHANCE_YOUR_CALM.code().to_be_bytes()].concat();
    receive(&mut connection, &frame(GOAWAY, 0, 0, &[&payload[..], b"busy"].concat())).unwrap();
    assert_eq!((connection.readiness(), connection.is_going_away()), (Readiness::Retired, true));
    assert_eq!(connection.take(keys[2]).unwrap().endings, [Err(RequestError::NotTaken(Reason::ENHANCE_YOUR_CALM))]);
    receive(&mut connection, &frame(HEADERS, END_HEADERS | END_STREAM, 1, STATUS_200)).unwrap();
    assert_eq!(connection.take(keys[0]).unwrap().endings, [Ok(Ending::Complete)]);
    connection.abandon(());
    assert_eq!(connection.take(keys[1]).unwrap().endings, [Err(RequestError::ConnectionLost)]);
    let error = connection.error().unwrap();
    assert_eq!(error.to_string(), "the server ended the connection: ENHANCE_YOUR_CALM (\"busy\")");
    assert_eq!(error.unquoted(), "the server ended the connection: ENHANCE_YOUR_CALM");
}

#[test]
fn a_cancelled_request_tolerates_late_frames() {
    let mut connection = connected(&[]);
    let first = connection.request(&head(), &[], b"{}", Recorded::default()).unwrap();
    write_all(&mut connection);
    connection.cancel(first);
    let written = write_all(&mut connection);
    assert_eq!((written[0].kind, written[0].payload.as_slice()), (RST_STREAM, &Reason::CANCEL.code().to_be_bytes()[..]));
    let second = connection.request(&head(), &[], b"{}", Recorded::default()).unwrap();
    // The late response adds `a: b` to the header table, and the next response refers to it.
    let late = [STATUS_200, &[0x40, 1, b'a', 1, b'b']].concat();
    let late =
        [frame(HEADERS, END_HEADERS, 1, &late), frame(DATA, END_STREAM, 1, b"{}"), frame(RST_STREAM, 0, 1, &[0; 4])].concat();
    receive(&mut connection, &late).unwrap();
    receive(&mut connection, &frame(HEADERS, END_HEADERS | END_STREAM, 3, &[0x88, 0xbe])).unwrap();
    let response = connection.take(second).unwrap();
    assert_eq!(response.fields, [(b"a".to_vec(), b"b".to_vec())]);
    assert_eq!(response.endings, [Ok(Ending::Complete)]);
    assert!(connection.take(first).is_none() && connection.response(first).is_none());
}

#[test]
fn a_connection_retires_when_the_identifiers_run_out() {
    let mut connection = connected(&[]);
    connection.set_next_id(0x7fff_ffff);
    let key = connection.request(&head(), &[], b"", Recorded::default()).unwrap();
    assert_eq!((key.id(), connection.readiness()), (0x7fff_ffff, Readiness::Retired));
    assert_eq!(connection.request(&head(), &[], b"", Recorded::default()), Err(Readiness::Retired));
}

#[test]
fn no_more_requests_than_the_server_allows() {
    let mut connection = connected(&[(3, 2)]);
    let first = connection.request(&head(), &[], b"", Recorded::default()).unwrap();
    let second = connection.request(&head(), &[], b"", Recorded::default()).unwrap();
    assert_eq!(connection.readiness(), Readiness::Wait);
    connection.cancel(first);
    assert_eq!(connection.readiness(), Readiness::Ready);
    receive(&mut connection, &settings(&[(3, 1)])).unwrap();
    assert_eq!((connection.readiness(), connection.streams_max()), (Readiness::Wait, 1));
    receive(&mut connection, &frame(HEADERS, END_HEADERS | END_STREAM, second.id(), STATUS_200)).unwrap();
    assert_eq!(connection.readiness(), Readiness::Ready);
}

#[test]
fn a_server_that_does_not_read_gets_a_bounded_output() {
    let mut connection = connected(&[]);
    let flood = [frame(PING, 0, 0, &[0; 8]), settings(&[])].concat().repeat(10_000);
    let mut rest = flood.as_slice();
    while connection.wants_input() {
        let consumed = connection.receive(rest, ()).unwrap();
        rest = &rest[consumed..];
    }
    assert!(connection.output().len() < 70 << 10 && !rest.is_empty());
    // Requests come and go, and wait from a limit on.
    let mut count = 0;
    while connection.readiness() == Readiness::Ready {
        let key = connection.request(&head(), &[], &[b' '; 3_000], Recorded::default()).unwrap();
        connection.cancel(key);
        count += 1;
        assert!(count < 10_000);
    }
    assert!(connection.output().len() < 300 << 10);
    write_all(&mut connection);
    assert!(connection.wants_input() && connection.readiness() == Readiness::Ready);
}
