//! Targets that change their limits often or in unusual ways.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::peer::{
    END_HEADERS, END_STREAM, Event, HEADERS, INITIAL_WINDOW_SIZE, MAX_CONCURRENT_STREAMS, PING, Peer, SETTINGS, STATUS_200,
    WINDOW_UPDATE, frame,
};
use super::{Maker, run, run_each};

/// Receives this many requests, announces the limit `to`, and responses the requests. After that, the client must keep to the limit.
fn lower_streams(peer: &mut Peer, first: usize, to: u32) -> io::Result<()> {
    peer.settings(&[])?;
    // The client acknowledges the new limit.
    while peer.next()? != Event::SettingsAck {}
    let held: Vec<_> = (0..first).map(|_| peer.next_request()).collect::<Result<_, _>>()?;
    peer.settings(&[(MAX_CONCURRENT_STREAMS, to)])?;
    let mut held: HashSet<_> = held.into_iter().collect();
    loop {
        match peer.next()? {
            Event::Head(stream) | Event::Request(stream) => drop(held.insert(stream)),
            Event::SettingsAck => break,
            _ => {}
        }
    }
    held.into_iter().try_for_each(|stream| peer.answer(stream))
}

#[test]
fn a_target_may_lower_and_raise_the_number_of_concurrent_requests() {
    let outcome = run("--rate 300/s --connections 1 --streams 50", |peer| {
        lower_streams(peer, 20, 1)?;
        let mut open = HashSet::new();
        let mut answered = 0;
        loop {
            match peer.next()? {
                Event::Head(stream) => {
                    open.insert(stream);
                    if open.len() > 1 && answered < 100 {
                        peer.note_violation();
                    }
                }
                // The round trip of a PING gives the client time to send another request, which it must not do.
                Event::Request(stream) => {
                    open.insert(stream);
                    peer.ping()?;
                }
                Event::PingAck => {
                    for stream in open.drain().collect::<Vec<_>>() {
                        peer.answer(stream)?;
                        answered += 1;
                    }
                    if answered == 100 {
                        peer.settings(&[(MAX_CONCURRENT_STREAMS, 100)])?;
                    }
                }
                _ => {}
            }
        }
    });
    outcome.assert_all_acknowledged("one and more");
    assert_eq!(outcome.seen.violations.load(Ordering::SeqCst), 0);

    let outcome = run("--rate 100/s --connections 1 --streams 50", |peer| {
        lower_streams(peer, 20, 0)?;
        peer.set_patience(Some(Duration::from_millis(300)))?;
        while let Ok(event) = peer.next() {
            match event {
                Event::Head(_) => peer.note_violation(),
                // The head of this request arrived earlier.
                Event::Request(stream) => peer.answer(stream)?,
                _ => {}
            }
        }
        peer.set_patience(None)?;
        peer.answer_all(&[(MAX_CONCURRENT_STREAMS, 100)])
    });
    outcome.assert_all_acknowledged("none and more");
    assert_eq!((outcome.seen.violations.load(Ordering::SeqCst), outcome.seen_connections()), (0, 1));
}

#[test]
fn a_target_that_allows_no_request_is_reported() {
    let outcome = run("--rate 20/s --connections 4 --timeout 500ms", |peer| {
        peer.settings(&[(MAX_CONCURRENT_STREAMS, 0)])?;
        peer.drain()
    });
    let expected = "no request allowed by the target (SETTINGS_MAX_CONCURRENT_STREAMS is 0) within 500ms";
    outcome.assert_all_for("allows none", "failed", expected);
    assert_eq!(outcome.seen_requests(), 0);
}

#[test]
fn a_target_that_takes_no_body_is_left_in_time() {
    let outcome = run("--rate 100/s --connections 1 --timeout 500ms", |peer| {
        peer.settings(&[(INITIAL_WINDOW_SIZE, 0)])?;
        peer.drain()
    });
    outcome.assert_all_for("takes no body", "unknown", "no answer within 500ms");
    assert_eq!((outcome.seen_requests(), outcome.count("connections.opened")), (0, 1));
}

/// Frequent control frames that the protocol allows do not fail a run.
#[test]
fn floods_of_allowed_frames_are_survived() {
    let floods = [
        ("PING", frame(PING, 0, 0, &[7; 8]).repeat(2_000)),
        ("SETTINGS", frame(SETTINGS, 0, 0, &[]).repeat(2_000)),
        ("SETTINGS that change", frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100, 0, 4, 0, 1, 0, 0]).repeat(500)),
        ("PRIORITY", frame(2, 0, 1, &[0, 0, 0, 0, 16]).repeat(10_000)),
        ("WINDOW_UPDATE", frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes()).repeat(10_000)),
        ("unknown frames", frame(0xfa, 0xff, 0, &[0; 100]).repeat(5_000)),
    ];
    let after = |flood: Vec<u8>| -> Maker {
        Box::new(move |stream| [flood.as_slice(), &frame(HEADERS, END_HEADERS | END_STREAM, stream, STATUS_200)].concat())
    };
    let cases = floods.into_iter().map(|(name, flood)| (name, after(flood))).collect();
    run_each(cases, "--rate 50/s --connections 1", |name, outcome| {
        outcome.assert_all_acknowledged(name);
        assert_eq!(outcome.seen_connections(), 1, "{name}");
    });
}
