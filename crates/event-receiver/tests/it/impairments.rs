//! Tests over HTTP of a receiver with a rate limit, a delay and injected errors.

use std::thread;
use std::time::{Duration, Instant};

use event_receiver::{ReceiverConfig, RunningReceiver, start};

use crate::client::{Connection, stopped, view};

fn config() -> ReceiverConfig {
    ReceiverConfig::new("127.0.0.1:0".parse().unwrap())
}

/// The time that clients need to post this many events on each of this many connections, one after the other.
fn time_to_post(receiver: &RunningReceiver, connections: usize, events: usize) -> Duration {
    let began = Instant::now();
    thread::scope(|scope| {
        for client in 0..connections {
            scope.spawn(move || {
                let mut connection = Connection::open(receiver.addr());
                for event in 0..events {
                    assert_eq!(connection.post(view(&format!("e-{client}-{event}"), 1).as_bytes()).code, 200);
                }
            });
        }
    });
    began.elapsed()
}

/// 400 events at 1,000 a second take 0.4 s, over all workers together.
#[test]
fn the_maximum_rate_is_never_exceeded() {
    let receiver = start(config().with_max_rate(1_000.0)).unwrap();
    let elapsed = time_to_post(&receiver, 8, 50);
    assert!(elapsed >= Duration::from_millis(400), "{elapsed:?}");
    assert_eq!(stopped(receiver).accepted, 400);
}

/// A batch of 100 events at 1,000 a second takes 0.1 s.
#[test]
fn a_batch_takes_the_time_of_its_events() {
    let receiver = start(config().with_max_rate(1_000.0)).unwrap();
    let lines: Vec<_> = (0..100).map(|number| view(&format!("e-{number}"), 1)).collect();
    let began = Instant::now();
    let answer = Connection::open(receiver.addr()).request("POST", "/clientEvents:batch", lines.join("\n").as_bytes());
    assert_eq!((answer.code, &answer.json()["acknowledged"]), (200, &100.into()));
    assert!(began.elapsed() >= Duration::from_millis(100), "{:?}", began.elapsed());
    assert_eq!(stopped(receiver).accepted, 100);
}

#[test]
fn every_answer_is_delayed() {
    let receiver = start(config().with_delay(Duration::from_millis(20))).unwrap();
    let elapsed = time_to_post(&receiver, 1, 3);
    assert!(elapsed >= Duration::from_millis(60), "{elapsed:?}");
    assert_eq!(stopped(receiver).accepted, 3);
}

/// For two receivers with the same seed, the same requests fail, and their events are not counted.
#[test]
fn the_same_seed_injects_the_same_errors() {
    const REQUESTS: usize = 200;
    let codes = || {
        let receiver = start(config().with_error_ratio(0.25, 7)).unwrap();
        let mut connection = Connection::open(receiver.addr());
        let codes: Vec<_> = (0..REQUESTS)
            .map(|number| {
                let answer = connection.post(view(&format!("e-{number}"), 1).as_bytes());
                if answer.code != 200 {
                    assert!(answer.error(500, "INTERNAL").contains("injected"));
                }
                answer.code
            })
            .collect();
        let accepted = codes.iter().filter(|code| **code == 200).count();
        assert_eq!(usize::try_from(stopped(receiver).accepted).unwrap(), accepted);
        codes
    };
    let first = codes();
    assert_eq!(first, codes());
    let errors = first.iter().filter(|code| **code == 500).count();
    assert!((20..=80).contains(&errors), "{errors}");
}
