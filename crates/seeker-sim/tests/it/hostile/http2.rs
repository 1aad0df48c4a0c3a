//! Targets that violate HTTP/2.

mod answers;
mod peer;
mod returned;
mod settings;
mod silence;

use std::process::Command;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::{io, thread};

use serde_json::Value;

use crate::program::{Ended, Reported, count, words};
use peer::{Peer, Seen, start};

/// The maximum data memory of a run in KiB. The allocator aborts a run that needs more.
const MEMORY_MAX: u32 = 256 << 10;

/// Slow enough that no seeker has a second event, so no event waits for another one.
const LOAD: &str = "--http2 --duration 1s --speed 0.01 --drain 20s";

/// The result of a run.
struct Outcome {
    ended: Ended,
    report: Value,
    seen: Arc<Seen>,
}

/// Runs against a peer with this behaviour.
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

    /// The number of sent events. On a busy machine, some planned events are not sent.
    fn sent(&self) -> u64 {
        self.count("events.planned") - self.count("events.not_sent")
    }

    /// The number of events with each of these outcomes. Sent events have no other outcome.
    fn fates<const N: usize>(&self, fates: [&str; N]) -> [u64; N] {
        let counts = fates.map(|fate| self.count(&format!("events.{fate}")));
        assert_eq!(counts.iter().sum::<u64>(), self.sent(), "{}", self.ended.stdout);
        counts
    }

    /// Asserts that all events were acknowledged without an error.
    fn assert_all_acknowledged(&self, name: &str) {
        self.assert_all(name, "acknowledged");
        assert_eq!(self.report["errors"], serde_json::json!({}), "{name}");
    }

    /// Asserts that all events have this outcome, with an error that begins with this text.
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

/// The error of a broken connection or a reset request.
const BROKEN: &str = "failed to read the response over HTTP/2: ";

/// Makes the bytes that are sent for a request.
type Maker = Box<dyn Fn(u32) -> Vec<u8> + Send + Sync>;

/// The number of concurrent targets.
const AT_ONCE: usize = 6;

/// Runs against targets that send these bytes for each request.
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
