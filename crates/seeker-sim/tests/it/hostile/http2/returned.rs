//! Targets that close connections and refuse requests: requests that they have not processed are sent again.

use std::collections::HashSet;

use super::peer::{ENHANCE_YOUR_CALM, Event, MAX, NO_ERROR, REFUSED_STREAM};
use super::{BROKEN, run};

#[test]
fn a_closing_target_costs_only_the_unanswered_requests() {
    // The target closes before there is a request.
    let outcome = run("--rate 40/s", |peer| {
        peer.settings(&[])?;
        peer.go_away(0, NO_ERROR)?;
        peer.drain()
    });
    outcome.assert_all_for("before", "failed", "failed to start HTTP/2 with 127.0.0.1:");
    assert!(outcome.count("connections.failed") > 0 && outcome.seen_requests() == 0, "{}", outcome.ended.stdout);

    // The target processes no request.
    for (reason, name) in [(NO_ERROR, "NO_ERROR"), (ENHANCE_YOUR_CALM, "ENHANCE_YOUR_CALM")] {
        let outcome = run("--rate 20/s --streams 1", move |peer| {
            peer.settings(&[])?;
            peer.next_request()?;
            peer.go_away(0, reason)?;
            peer.drain()
        });
        let expected = format!(
            "failed to send the request: the server closed each connection before it processed the request (GOAWAY, {name})"
        );
        outcome.assert_all_for("looks at none", "failed", &expected);
        assert_eq!(
            (outcome.seen_requests(), outcome.count("connections.requests_resent")),
            (20 * outcome.sent(), 19 * outcome.sent())
        );
    }

    // The target processes each request and responses none. Sending such a request again is the task of --retries.
    let outcome = run("--rate 20/s --streams 1", |peer| {
        peer.settings(&[])?;
        let stream = peer.next_request()?;
        peer.go_away(stream, NO_ERROR)
    });
    outcome.assert_all_for("answers none", "failed", BROKEN);
    assert_eq!((outcome.seen_requests(), outcome.count("connections.requests_resent")), (outcome.sent(), 0));

    // The target processes more requests than it announced.
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
    let expected = "failed to send the request: the server refused the request each time (RST_STREAM, REFUSED_STREAM)";
    outcome.assert_all_for("refuses all", "failed", expected);
    assert_eq!((outcome.seen_requests(), outcome.seen_connections()), (20 * outcome.sent(), 1));
}
