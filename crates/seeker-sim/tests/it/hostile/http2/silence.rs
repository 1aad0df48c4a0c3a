//! Targets that stop answering, for a while or forever.

use std::time::Duration;

use super::peer::{DATA, Event, frame};
use super::run;

/// Only the requests of a connection that has stopped answering are lost.
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

/// A target that only pauses loses no requests.
#[test]
fn an_answer_that_comes_after_its_connection_was_replaced_counts() {
    let outcome = run("--rate 20/s --connections 1 --streams 10 --timeout 20s", |peer| {
        peer.settings(&[])?;
        let mut first = vec![peer.next_request()?];
        peer.is_mute = true;
        // No PING gets a reply, so after a while further requests use another connection.
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
