//! Targets with wrong, endless or unusual responses.

use std::time::Duration;

use super::peer::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, Event, GOAWAY, HEADERS, INTERNAL_ERROR, MAX, NO_ERROR, PING, PUSH_PROMISE,
    RST_STREAM, SETTINGS, STATUS_200, WINDOW_UPDATE, frame, frame_of_length, literal,
};
use super::{BROKEN, Maker, run, run_each};

/// A header of 4,000 bytes that is added to the table, and then referenced once per byte.
fn header_bomb() -> Vec<u8> {
    // 0x7f 0xa1 0x1e is the length 4,000 as an integer of HPACK with a prefix of 7 bits.
    let entry = [&[0x40, 1, b'a', 0x7f, 0xa1, 0x1e], vec![b'x'; 4_000].as_slice()].concat();
    [STATUS_200, &entry, &[0xbe; 12_000]].concat()
}

/// Responses that violate the protocol or never end cost the requests of their connection, but no memory.
#[test]
fn answers_that_break_the_rules_fail() {
    let answer = |stream: u32, block: &[u8]| frame(HEADERS, END_HEADERS, stream, block);
    let cases: Vec<(&str, Maker)> = vec![
        ("reset before the answer", Box::new(|stream| frame(RST_STREAM, 0, stream, &INTERNAL_ERROR.to_be_bytes()))),
        (
            "reset within the answer",
            Box::new(move |stream| {
                let reset = frame(RST_STREAM, 0, stream, &INTERNAL_ERROR.to_be_bytes());
                [answer(stream, STATUS_200), frame(DATA, 0, stream, b"{"), reset].concat()
            }),
        ),
        (
            "empty DATA without end",
            Box::new(move |stream| [answer(stream, STATUS_200), frame(DATA, 0, stream, &[]).repeat(100_000)].concat()),
        ),
        (
            "CONTINUATION without end",
            Box::new(|stream| {
                let begin = frame(HEADERS, 0, stream, STATUS_200);
                [begin, frame(CONTINUATION, 0, stream, &literal("a", "b")).repeat(100_000)].concat()
            }),
        ),
        (
            "empty CONTINUATION without end",
            Box::new(|stream| {
                [frame(HEADERS, 0, stream, STATUS_200), frame(CONTINUATION, 0, stream, &[]).repeat(100_000)].concat()
            }),
        ),
        ("a header bomb", Box::new(move |stream| answer(stream, &header_bomb()))),
        (
            "headers of a megabyte",
            Box::new(move |stream| {
                let begin = frame(HEADERS, 0, stream, STATUS_200);
                let more = frame(CONTINUATION, 0, stream, &literal("a", &"b".repeat(120)).repeat(100));
                [begin, more.repeat(80), frame(CONTINUATION, END_HEADERS, stream, &[])].concat()
            }),
        ),
        ("a broken header block", Box::new(move |stream| answer(stream, &[0xff; 20]))),
        ("no status", Box::new(move |stream| frame(HEADERS, END_HEADERS | END_STREAM, stream, &literal("grpc-status", "0")))),
        ("a status of letters", Box::new(move |stream| answer(stream, &literal(":status", "abc")))),
        (
            "a push promise",
            Box::new(|stream| {
                frame(PUSH_PROMISE, END_HEADERS, stream, &[&2_u32.to_be_bytes()[..], &[0x82, 0x84, 0x86]].concat())
            }),
        ),
        ("a PING of 7 bytes", Box::new(|_| frame(PING, 0, 0, &[0; 7]))),
        ("SETTINGS of 5 bytes", Box::new(|_| frame(SETTINGS, 0, 0, &[0; 5]))),
        ("SETTINGS out of range", Box::new(|_| frame(SETTINGS, 0, 0, &[0, 4, 0xff, 0xff, 0xff, 0xff]))),
        ("WINDOW_UPDATE of 3 bytes", Box::new(|_| frame(WINDOW_UPDATE, 0, 0, &[0; 3]))),
        ("WINDOW_UPDATE by nothing", Box::new(|_| frame(WINDOW_UPDATE, 0, 0, &[0; 4]))),
        ("WINDOW_UPDATE by too much", Box::new(|_| frame(WINDOW_UPDATE, 0, 0, &MAX.to_be_bytes()).repeat(2))),
        ("RST_STREAM of 3 bytes", Box::new(|stream| frame(RST_STREAM, 0, stream, &[0; 3]))),
        ("DATA that is announced as 16 MiB", Box::new(|stream| frame_of_length(0xff_ffff, DATA, 0, stream, &[0; 1_000]))),
        ("GOAWAY that is announced as 16 MiB", Box::new(|_| frame_of_length(0xff_ffff, GOAWAY, 0, 0, &[0; 100_000]))),
        ("an answer on a stream that was never opened", Box::new(move |stream| answer(stream + 1_000, STATUS_200))),
        ("an answer on a stream of the server", Box::new(move |stream| answer(stream + 1, STATUS_200))),
        ("DATA on stream 0", Box::new(|_| frame(DATA, 0, 0, b"{}"))),
        ("DATA before the head", Box::new(|stream| frame(DATA, END_STREAM, stream, b"{}"))),
        (
            "padding that is longer than its frame",
            Box::new(move |stream| [answer(stream, STATUS_200), frame(DATA, 8, stream, &[200, 0, 0])].concat()),
        ),
        (
            "a body of another length",
            Box::new(move |stream| {
                let head = [STATUS_200, literal("content-length", "5").as_slice()].concat();
                [answer(stream, &head), frame(DATA, END_STREAM, stream, b"{}")].concat()
            }),
        ),
        ("HTTP/1.1", Box::new(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".repeat(10))),
        ("noise", Box::new(|_| (0..20_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect())),
    ];
    run_each(cases, "--rate 20/s --streams 1", |name, outcome| outcome.assert_all_for(name, "failed", BROKEN));
}

#[test]
fn a_connection_that_is_cut_within_a_frame_fails() {
    let outcome = run("--rate 20/s --streams 1", |peer| {
        peer.settings(&[])?;
        peer.next_request()?;
        peer.send_bytes(&frame(HEADERS, END_HEADERS | END_STREAM, 1, STATUS_200)[..5])
    });
    outcome.assert_all_for("cut", "failed", BROKEN);
}

/// Unusual but valid responses count, and so do responses with errors in parts that the client ignores.
#[test]
fn unusual_answers_count() {
    let cases: Vec<(&str, Maker)> = vec![
        (
            "a reset after the whole answer",
            Box::new(|stream| {
                let whole = frame(HEADERS, END_HEADERS | END_STREAM, stream, STATUS_200);
                [whole, frame(RST_STREAM, 0, stream, &NO_ERROR.to_be_bytes())].concat()
            }),
        ),
        ("the answer twice", Box::new(|stream| frame(HEADERS, END_HEADERS | END_STREAM, stream, STATUS_200).repeat(2))),
        (
            "trailers",
            Box::new(|stream| {
                let head = frame(HEADERS, END_HEADERS, stream, STATUS_200);
                let trailers = frame(HEADERS, END_HEADERS | END_STREAM, stream, &literal("grpc-status", "0"));
                [head, frame(DATA, 0, stream, b"{}"), trailers].concat()
            }),
        ),
        (
            "many informational answers",
            Box::new(|stream| {
                let early = frame(HEADERS, END_HEADERS, stream, &literal(":status", "103")).repeat(1_000);
                [early, frame(HEADERS, END_HEADERS | END_STREAM, stream, STATUS_200)].concat()
            }),
        ),
        (
            "a head in pieces",
            Box::new(|stream| {
                let begin = frame(HEADERS, END_STREAM, stream, &[]);
                [begin, frame(CONTINUATION, END_HEADERS, stream, STATUS_200)].concat()
            }),
        ),
        (
            "padding and priority",
            Box::new(|stream| frame(HEADERS, END_HEADERS | END_STREAM | 0x28, stream, &[3, 0, 0, 0, 0, 16, 0x88, 0, 0, 0])),
        ),
    ];
    run_each(cases, "--rate 20/s --streams 1", |name, outcome| outcome.assert_all_acknowledged(name));
    // The target answers after the head of the request and refuses the body.
    let outcome = run("--rate 30/s --connections 1", |peer| {
        peer.settings(&[])?;
        loop {
            if let Event::Head(stream) = peer.next()? {
                peer.answer(stream)?;
                peer.reset(stream, NO_ERROR)?;
            }
        }
    });
    outcome.assert_all_acknowledged("early");
}

/// The client reads only the first megabyte of an endless body.
#[test]
fn a_body_without_end_is_cut_off() {
    let outcome = run("--rate 10/s --connections 2 --streams 1", |peer| {
        peer.settings(&[])?;
        let mut connection_window = 65_535_u32;
        let mut answer = None;
        loop {
            if let Some((stream, window)) = &mut answer {
                let room = connection_window.min(*window).min(16_384);
                if room > 0 {
                    peer.send(DATA, 0, *stream, &vec![b' '; room as usize])?;
                    *window -= room;
                    connection_window -= room;
                    continue;
                }
            }
            match (peer.next()?, &mut answer) {
                (Event::Request(stream), _) => {
                    peer.send(HEADERS, END_HEADERS, stream, STATUS_200)?;
                    answer = Some((stream, 65_535));
                }
                (Event::Window(0, more), _) => connection_window += more,
                (Event::Window(of, more), Some((stream, window))) if of == *stream => *window += more,
                (Event::Reset(_), _) => answer = None,
                _ => {}
            }
        }
    });
    outcome.assert_all_acknowledged("a body without end");
}

#[test]
fn informational_answers_without_end_are_no_answer() {
    let outcome = run("--rate 10/s --connections 2 --streams 1 --timeout 500ms", |peer| {
        peer.settings(&[])?;
        loop {
            let stream = peer.next_request()?;
            let early = frame(HEADERS, END_HEADERS, stream, &literal(":status", "103")).repeat(100);
            peer.set_patience(Some(Duration::from_millis(1)))?;
            // Ends when the client cancels the request.
            while !matches!(peer.next(), Ok(Event::Reset(_))) {
                peer.send_bytes(&early)?;
            }
            peer.set_patience(None)?;
        }
    });
    outcome.assert_all_for("1xx", "unknown", "no answer within 500ms");
}
