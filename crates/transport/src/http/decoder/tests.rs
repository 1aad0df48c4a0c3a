//! Tests of the decoder on bytes: responses of every framing, independent of how the bytes are split.

mod properties;

use super::*;

/// The result of a decoder for all bytes that a peer sends.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The response ended after this many bytes.
    Ended(usize, Outcome),
    /// The response ended with the connection.
    Closed(Outcome),
    CutShort,
    Malformed(Malformed),
}

/// Decodes bytes that arrive in these pieces before the connection closes.
fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Verdict {
    decode_keeping(pieces).0
}

/// Like [`decode`], and returns the body data.
fn decode_keeping<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Verdict, Vec<u8>) {
    let mut data = Vec::new();
    let verdict = decode_into(pieces, &mut data);
    (verdict, data)
}

fn decode_into<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, data: &mut Vec<u8>) -> Verdict {
    let mut decoder = Decoder::default();
    let mut kept = Vec::new();
    let mut consumed = 0;
    for piece in pieces {
        kept.extend_from_slice(piece);
        match decoder.advance(&kept, &mut |piece| data.extend_from_slice(piece)) {
            Ok(progress) => {
                consumed += progress.consumed;
                if let Some(outcome) = progress.outcome {
                    return Verdict::Ended(consumed, outcome);
                }
                kept.drain(..progress.consumed);
            }
            Err(malformed) => return Verdict::Malformed(malformed),
        }
    }
    decoder.finish().map_or(Verdict::CutShort, Verdict::Closed)
}

fn whole(bytes: &[u8]) -> Verdict {
    decode([bytes])
}

fn outcome(status: u16, keep_alive: bool) -> Outcome {
    Outcome { status, keep_alive, retry_after: None, is_whole: true }
}

#[test]
fn a_time_to_come_again_is_noticed() {
    for (value, expected) in [("7", Some(RetryAfter::Seconds(7))), ("soon", None)] {
        let answer = format!("HTTP/1.1 503 No\r\nRETRY-after: {value}\r\nContent-Length: 0\r\n\r\n");
        let expected = Outcome { retry_after: expected, ..outcome(503, true) };
        assert_eq!(whole(answer.as_bytes()), Verdict::Ended(answer.len(), expected));
    }
}

#[test]
fn the_versions_have_different_keep_alive_defaults() {
    for (version, connection, keep_alive) in [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "connection: foo , CLOSE\r\n", false),
        ("1.1", "Connection: keep-alive\r\nConnection: close\r\n", false),
        ("1.1", "Connection: closed\r\n", true),
        ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
        ("1.0", "Connection: close, keep-alive\r\n", false),
    ] {
        let answer = format!("HTTP/{version} 200 OK\r\n{connection}Content-Length: 2\r\n\r\nok");
        let expected = Verdict::Ended(answer.len(), outcome(200, keep_alive));
        assert_eq!(whole(answer.as_bytes()), expected, "{answer}");
    }
}

#[test]
fn interim_answers_are_skipped_but_a_switch_is_refused() {
    let answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
    assert_eq!(whole(answer), Verdict::Ended(answer.len(), outcome(204, true)));
    let switch = whole(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
    assert_eq!(switch, Verdict::Malformed(Malformed::SwitchingProtocols));
}

#[test]
fn answers_that_have_no_body_end_with_their_head() {
    for (status, keep_alive) in [(204, true), (304, true)] {
        let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: 9\r\n\r\n");
        let expected = Verdict::Ended(answer.len(), outcome(status, keep_alive));
        assert_eq!(whole(answer.as_bytes()), expected);
    }
}

#[test]
fn a_body_without_a_length_ends_with_the_connection() {
    for fields in ["", "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked, gzip\r\n"] {
        let answer = format!("HTTP/1.1 503 x\r\n{fields}\r\nbusy");
        assert_eq!(whole(answer.as_bytes()), Verdict::Closed(outcome(503, false)));
    }
}

#[test]
fn contradictory_or_invalid_framing_is_refused() {
    for (fields, malformed) in [
        ("Content-Length: 1\r\nContent-Length: 2\r\n", Malformed::ContentLengths),
        ("Content-Length: 1, 2\r\n", Malformed::ContentLengths),
        ("Content-Length: +1\r\n", Malformed::ContentLength),
        ("Content-Length: -1\r\n", Malformed::ContentLength),
        ("Content-Length:\r\n", Malformed::ContentLength),
        ("Content-Length: 18446744073709551616\r\n", Malformed::ContentLength),
        ("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", Malformed::LengthAndEncoding),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        assert_eq!(whole(answer.as_bytes()), Verdict::Malformed(malformed), "{fields}");
    }
    let old = whole(b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_eq!(old, Verdict::Malformed(Malformed::EncodingInHttp10));
    let same = b"HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\nContent-Length: 1\r\n\r\nx";
    assert_eq!(whole(same), Verdict::Ended(same.len(), outcome(200, true)));
}

#[test]
fn malformed_heads_are_refused() {
    for head in ["SSH-2.0-x\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n"] {
        assert!(matches!(whole(head.as_bytes()), Verdict::Malformed(Malformed::Head(_))), "{head}");
    }
    assert_eq!(whole(b"HTTP/1.1 099 x\r\n\r\n"), Verdict::Malformed(Malformed::Status));
}

#[test]
fn a_head_may_have_64_kib_and_as_many_headers_as_fit() {
    let begin = "HTTP/1.1 204 x\n";
    for (header, most) in [("A: b\r\n", 128), ("A: b\r\n", 129), ("A: b\r\n", 10_000), ("A:\n", (MAX_HEAD - begin.len() - 1) / 3)]
    {
        let head = format!("{begin}{}\n", header.repeat(most));
        assert_eq!(whole(head.as_bytes()), Verdict::Ended(head.len(), outcome(204, true)), "{most} times {header:?}");
    }
    // The header that frames the response may be the last one.
    let head = format!("HTTP/1.1 200 x\r\n{}Content-Length: 3\r\n\r\n", "A: b\r\n".repeat(5_000));
    assert_eq!(whole(format!("{head}xyz").as_bytes()), Verdict::Ended(head.len() + 3, outcome(200, true)));

    let frame = "HTTP/1.1 204 x\r\nA: \r\n\r\n".len();
    let long = |length: usize| format!("HTTP/1.1 204 x\r\nA: {}\r\n\r\n", "b".repeat(length - frame));
    assert!(matches!(whole(long(MAX_HEAD).as_bytes()), Verdict::Ended(..)));
    let too_long = Verdict::Malformed(Malformed::HeadTooLong);
    assert_eq!(whole(long(MAX_HEAD + 1).as_bytes()), too_long);
}

#[test]
fn malformed_chunks_are_refused() {
    for (chunks, malformed) in [
        ("\r\n", Malformed::ChunkSize),
        (";x\r\n", Malformed::ChunkSize),
        ("x\r\n", Malformed::ChunkSize),
        ("1 1\r\n", Malformed::ChunkSize),
        ("10000000000000000\r\n", Malformed::ChunkSize),
        ("1\n", Malformed::ChunkSize),
        ("1;x\n", Malformed::ChunkEnd),
        ("1\rx", Malformed::ChunkEnd),
        ("1\r\nxy", Malformed::ChunkEnd),
        ("1\r\nx\rx", Malformed::ChunkEnd),
        ("0\r\n\n", Malformed::ChunkEnd),
        ("0\r\nA: b\n", Malformed::ChunkEnd),
        ("0\r\nA: b\rx", Malformed::ChunkEnd),
        ("0\r\n\rx", Malformed::ChunkEnd),
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
        assert_eq!(whole(answer.as_bytes()), Verdict::Malformed(malformed), "{chunks:?}");
    }
}

#[test]
fn a_body_past_its_budget_is_given_up_with_its_status() {
    let give_up = |head: &str, body: usize| {
        let answer = [head.as_bytes(), &vec![b'0'; body]].concat();
        (whole(&answer), head.len() + MAX_BODY)
    };
    let (verdict, end) = give_up("HTTP/1.1 200 x\r\nContent-Length: 1048576\r\n\r\n", MAX_BODY);
    assert_eq!(verdict, Verdict::Ended(end, outcome(200, true)));
    for head in [
        "HTTP/1.1 200 x\r\nContent-Length: 18446744073709551615\r\n\r\n",
        "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 x\r\n\r\n",
    ] {
        let (verdict, end) = give_up(head, MAX_BODY + 9);
        assert_eq!(verdict, Verdict::Ended(end, Outcome { is_whole: false, ..outcome(200, false) }), "{head}");
    }
}
