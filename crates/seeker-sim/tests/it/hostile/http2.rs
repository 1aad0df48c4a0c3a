//! Targets that speak HTTP/2 badly.

mod peer;

use std::collections::HashSet;
use std::io;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::program::{Ended, Reported, count, words};
use peer::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, Event, GOAWAY, HEADERS, INITIAL_WINDOW_SIZE, INTERNAL_ERROR,
    MAX, MAX_CONCURRENT_STREAMS, NO_ERROR, PING, PUSH_PROMISE, Peer, REFUSED_STREAM, RST_STREAM, SETTINGS, STATUS_200, Seen,
    WINDOW_UPDATE, frame, frame_of_length, literal, start,
};

/// The most memory for data that a run may have, in KiB: a run that wants more is aborted by its allocator.
const MEMORY_MAX: u32 = 256 << 10;

/// So slowly that no seeker has a second event, so that no event waits for another.
const LOAD: &str = "--http2 --duration 1s --speed 0.01 --drain 20s";

/// What came of a run.
struct Outcome {
    ended: Ended,
    report: Value,
    seen: Arc<Seen>,
}

/// Runs against such a peer.
fn run(options: &str, behaviour: impl Fn(&mut Peer) -> io::Result<()> + Send + Sync + 'static) -> Outcome {
    let (addr, seen) = start(behaviour);
    let reported = Reported::new();
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -d {MEMORY_MAX}; exec \"$0\" run \"$@\""), env!("CARGO_BIN_EXE_seeker-sim")]);
    command.args(words(&format!("--target http://{addr} {LOAD} {options}"))).arg("--report").arg(reported.path());
    let ended: Ended = command.output().unwrap().into();
    assert!(ended.code.is_some_and(|code| [0, 1, 3].contains(&code)), "{options}: {}{}", ended.stdout, ended.stderr);
    Outcome { ended, report: reported.report(), seen }
}

impl Outcome {
    fn count(&self, place: &str) -> u64 {
        count(&self.report, place)
    }

    /// The events that were sent. Of the others the target knows nothing: the machine was too busy.
    fn sent(&self) -> u64 {
        self.count("events.planned") - self.count("events.not_sent")
    }

    /// How many events there are of each of these fates; those that were sent have no others.
    fn fates<const N: usize>(&self, fates: [&str; N]) -> [u64; N] {
        let counts = fates.map(|fate| self.count(&format!("events.{fate}")));
        assert_eq!(counts.iter().sum::<u64>(), self.sent(), "{}", self.ended.stdout);
        counts
    }

    /// All events were acknowledged, without an error.
    fn assert_all_acknowledged(&self, name: &str) {
        self.assert_all(name, "acknowledged");
        assert_eq!(self.report["errors"], serde_json::json!({}), "{name}");
    }

    /// All events have this fate, and the reason of each begins so.
    fn assert_all_for(&self, name: &str, fate: &str, reason: &str) {
        self.assert_all(name, fate);
        let errors = self.report["errors"].as_object().unwrap();
        assert!(errors.keys().all(|error| error.starts_with(reason)), "{name}: {errors:?}");
        assert_eq!(errors.values().filter_map(Value::as_u64).sum::<u64>(), self.sent(), "{name}: {errors:?}");
    }

    fn assert_all(&self, name: &str, fate: &str) {
        assert!(self.sent() > 0, "{name}: {}", self.ended.stdout);
        assert_eq!(self.count(&format!("events.{fate}")), self.sent(), "{name}: {}", self.ended.stdout);
    }

    fn seen_requests(&self) -> u64 {
        self.seen.requests.load(Ordering::SeqCst) as u64
    }

    fn seen_connections(&self) -> u64 {
        self.seen.connections.load(Ordering::SeqCst) as u64
    }
}

/// What the report says of a broken connection or a request that was reset.
const BROKEN: &str = "failed to get an answer over HTTP/2: ";

/// The requests of a connection that has stopped answering are lost, but no others.
#[test]
fn a_connection_that_stops_answering_is_replaced() {
    for has_started_a_frame in [false, true] {
        let outcome = run("--rate 40/s --connections 1 --streams 10 --timeout 4s", move |peer| {
            peer.settings(&[])?;
            for _ in 0..10 {
                let stream = peer.next_request()?;
                peer.answer(stream)?;
            }
            if has_started_a_frame {
                peer.send_bytes(&frame(DATA, 0, 1, &[0; 100])[..50])?;
            }
            peer.is_mute = true;
            peer.drain()
        });
        let [acknowledged, unknown] = outcome.fates(["acknowledged", "unknown"]);
        assert!(acknowledged == 20 && (1..=20).contains(&unknown), "{}", outcome.ended.stdout);
        assert_eq!(outcome.report["errors"], serde_json::json!({"no answer within 4s": unknown}));
        let replaced = outcome.count("connections.stopped_answering");
        assert!((1..=2).contains(&replaced) && outcome.seen_connections() == 2, "{}", outcome.ended.stdout);
        assert!(outcome.ended.stdout.contains(&format!("{replaced} stopped answering")), "{}", outcome.ended.stdout);
    }
}

/// A target that only stands still does not lose what it was sent.
#[test]
fn an_answer_that_comes_after_its_connection_was_replaced_counts() {
    let outcome = run("--rate 20/s --connections 1 --streams 10 --timeout 20s", |peer| {
        peer.settings(&[])?;
        let mut first = vec![peer.next_request()?];
        peer.is_mute = true;
        // No PING has an answer, so after a while other requests do not come here.
        peer.set_patience(Some(Duration::from_secs(4)))?;
        while let Ok(event) = peer.next() {
            if let Event::Request(stream) = event {
                first.push(stream);
            }
        }
        first.into_iter().try_for_each(|stream| peer.answer(stream))?;
        peer.set_patience(None)?;
        peer.drain()
    });
    outcome.assert_all_acknowledged("stands still");
    assert!(outcome.seen_connections() > 1 && outcome.count("connections.stopped_answering") > 0, "{}", outcome.ended.stdout);
}

#[test]
fn a_slow_target_that_answers_pings_keeps_its_connection() {
    let outcome = run("--rate 20/s --connections 1 --timeout 3s", |peer| {
        peer.settings(&[])?;
        peer.drain()
    });
    outcome.assert_all_for("slow", "unknown", "no answer within 3s");
    assert_eq!((outcome.seen_connections(), outcome.count("connections.stopped_answering")), (1, 0));
}

#[test]
fn a_target_that_goes_costs_what_it_has_looked_at_and_not_answered() {
    // It goes before there is a request.
    let outcome = run("--rate 40/s", |peer| {
        peer.settings(&[])?;
        peer.go_away(0, NO_ERROR)?;
        peer.drain()
    });
    outcome.assert_all_for("before", "failed", "failed to speak HTTP/2 with 127.0.0.1:");
    assert!(outcome.count("connections.failed") > 0 && outcome.seen_requests() == 0, "{}", outcome.ended.stdout);

    // It looks at none.
    for (reason, name) in [(NO_ERROR, "NO_ERROR"), (ENHANCE_YOUR_CALM, "ENHANCE_YOUR_CALM")] {
        let outcome = run("--rate 20/s --streams 1", move |peer| {
            peer.settings(&[])?;
            peer.next_request()?;
            peer.go_away(0, reason)?;
            peer.drain()
        });
        let expected = format!(
            "failed to have the request taken, the server closed each connection before it looked at the request (GOAWAY, {name})"
        );
        outcome.assert_all_for("looks at none", "failed", &expected);
        assert_eq!(
            (outcome.seen_requests(), outcome.count("connections.requests_resent")),
            (20 * outcome.sent(), 19 * outcome.sent())
        );
    }

    // It looks at each and answers none: to send again what it may have taken is what --retries is for.
    let outcome = run("--rate 20/s --streams 1", |peer| {
        peer.settings(&[])?;
        let stream = peer.next_request()?;
        peer.go_away(stream, NO_ERROR)
    });
    outcome.assert_all_for("answers none", "failed", BROKEN);
    assert_eq!((outcome.seen_requests(), outcome.count("connections.requests_resent")), (outcome.sent(), 0));

    // It looks at more than it said.
    let outcome = run("--rate 20/s", |peer| {
        peer.settings(&[])?;
        let stream = peer.next_request()?;
        peer.go_away(stream, NO_ERROR)?;
        peer.go_away(MAX, NO_ERROR)?;
        peer.drain()
    });
    outcome.fates(["acknowledged", "failed"]);
    assert_eq!(outcome.report["connections"]["stopped_answering"], 0);
}

#[test]
fn a_target_that_goes_in_order_costs_nothing() {
    for reason in [NO_ERROR, ENHANCE_YOUR_CALM] {
        let outcome = run("--rate 200/s --connections 2", move |peer| {
            peer.settings(&[])?;
            for number in 1.. {
                let stream = peer.next_request()?;
                peer.answer(stream)?;
                if number == 7 {
                    peer.go_away(stream, reason)?;
                }
                if number >= 7 {
                    break;
                }
            }
            peer.drain()
        });
        outcome.assert_all_acknowledged("goes");
        assert!(outcome.seen_connections() >= outcome.sent() / 7, "{}", outcome.seen_connections());
    }
    // In two steps, as RFC 9113 recommends.
    let outcome = run("--rate 200/s --connections 2", |peer| {
        peer.settings(&[])?;
        let (mut last, mut number) = (0, 0);
        loop {
            match peer.next()? {
                Event::Request(stream) => {
                    peer.answer(stream)?;
                    (last, number) = (stream, number + 1);
                    if number == 20 {
                        peer.go_away(MAX, NO_ERROR)?;
                        peer.ping()?;
                    }
                }
                Event::PingAck => {
                    peer.go_away(last, NO_ERROR)?;
                    return peer.drain();
                }
                _ => {}
            }
        }
    });
    outcome.assert_all_acknowledged("goes in two steps");
}

#[test]
fn requests_that_are_refused_are_sent_again_a_few_times() {
    let outcome = run("--rate 100/s --connections 1", |peer| {
        peer.settings(&[])?;
        let mut refused = HashSet::new();
        loop {
            let stream = peer.next_request()?;
            let body = peer.take_body(stream);
            if refused.insert(body) { peer.reset(stream, REFUSED_STREAM)? } else { peer.answer(stream)? }
        }
    });
    outcome.assert_all_acknowledged("refuses each once");
    let sent = outcome.sent();
    assert_eq!((outcome.seen_requests(), outcome.seen_connections()), (2 * sent, 1), "{}", outcome.ended.stdout);
    let counts = ["connections.requests_resent", "retries.attempts", "requests"].map(|place| outcome.count(place));
    assert_eq!(counts, [sent, 0, sent], "{}", outcome.ended.stdout);
    assert!(outcome.ended.stdout.contains(&format!("{sent} requests sent again")), "{}", outcome.ended.stdout);

    let outcome = run("--rate 50/s --connections 1", |peer| {
        peer.settings(&[])?;
        loop {
            let stream = peer.next_request()?;
            peer.reset(stream, REFUSED_STREAM)?;
        }
    });
    let expected = "failed to have the request taken, the server refused it each time (RST_STREAM, REFUSED_STREAM)";
    outcome.assert_all_for("refuses all", "failed", expected);
    assert_eq!((outcome.seen_requests(), outcome.seen_connections()), (20 * outcome.sent(), 1));
}

/// Sends so many requests at first, before it says another number, and answers those. From then on there may be as many as that at once.
fn lower_streams(peer: &mut Peer, first: usize, to: u32) -> io::Result<()> {
    peer.settings(&[])?;
    // That is acknowledged too.
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
fn a_target_may_lower_and_raise_the_number_of_requests_at_once() {
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
                // Time for the client to send another one, if it would.
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
            if matches!(event, Event::Head(_)) {
                peer.note_violation();
            }
        }
        peer.set_patience(None)?;
        peer.answer_all(&[(MAX_CONCURRENT_STREAMS, 100)])
    });
    outcome.assert_all_acknowledged("none and more");
    assert_eq!((outcome.seen.violations.load(Ordering::SeqCst), outcome.seen_connections()), (0, 1));
}

#[test]
fn a_target_that_allows_no_request_is_told() {
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

/// Nothing that may be said often is said too often.
#[test]
fn floods_of_what_is_allowed_are_borne() {
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

/// A header of 4,000 bytes that is put into the table, and then used again for each byte.
fn header_bomb() -> Vec<u8> {
    // 0x7f 0xa1 0x1e is the length 4,000 as an integer of HPACK with a prefix of 7 bits.
    let entry = [&[0x40, 1, b'a', 0x7f, 0xa1, 0x1e], vec![b'x'; 4_000].as_slice()].concat();
    [STATUS_200, &entry, &[0xbe; 12_000]].concat()
}

/// Makes what is sent for a request.
type Maker = Box<dyn Fn(u32) -> Vec<u8> + Send + Sync>;

/// How many targets there are at once.
const AT_ONCE: usize = 6;

/// Runs against a target that sends for each request what is made.
fn run_each(cases: Vec<(&'static str, Maker)>, options: &str, check: impl Fn(&str, &Outcome) + Sync) {
    let cases = Mutex::new(cases);
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((name, made)) = { cases.lock().unwrap().pop() } {
                    let outcome = run(options, move |peer| {
                        peer.settings(&[])?;
                        loop {
                            let stream = peer.next_request()?;
                            peer.send_bytes(&made(stream))?;
                        }
                    });
                    check(name, &outcome);
                }
            });
        }
    });
}

/// What breaks the rules, or has no end, costs the requests of its connection, and not the memory.
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

/// What is unusual, and right, or wrong about something that nobody waits for.
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
    // With the head of the request, before its body, of which the target does not want to hear.
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

/// Of a body that has no end the first megabyte is read.
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
            // Until the request is given up.
            while !matches!(peer.next(), Ok(Event::Reset(_))) {
                peer.send_bytes(&early)?;
            }
            peer.set_patience(None)?;
        }
    });
    outcome.assert_all_for("1xx", "unknown", "no answer within 500ms");
}
