//! Hostile targets: slow, endless, malformed, too early, too late or truncated responses. Each behaviour has a name, a target and the
//! expected account of the run. Every run must end by itself within bounded memory.

mod early;
mod http1;
#[cfg(unix)]
mod http2;
mod script;
mod tls;

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::program::{Ended, Reported, count};
use script::{Script, Step};

/// A few events, each from a different seeker.
const LOAD: &str = "--duration 200ms --rate 100/s --speed 0.01 --quiet --drain 10s";

/// Fewer events, for targets that send as much data as they can.
const FEW: &str = "--duration 200ms --rate 10/s --speed 0.01 --quiet --drain 10s";

/// A short timeout that still allows a connection to open on a busy machine.
const SHORT_TIMEOUT: &str = "--timeout 2s";

/// The number of concurrent runs. Many of them wait for a timeout.
const AT_ONCE: usize = 8;

/// The time limit of a run, so that a run that hangs fails.
const ENDING_TIME_MAX: Duration = Duration::from_mins(1);

/// The maximum data memory of a run, in KiB. A target that can make it grow can send more than that each second.
const MEMORY_KIB_MAX: u32 = 256 << 10;

/// A behaviour of a target, and the expected report of the run.
pub(crate) struct Behaviour {
    name: &'static str,
    /// Starts the target and returns its URL.
    start: Box<dyn FnOnce() -> String + Send>,
    /// Options in addition to [`LOAD`].
    options: String,
    expected: Expected,
}

/// The expected result of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// Each event has one of these outcomes, at least one event has the first, and each error contains one of these texts.
    Account(&'static [&'static str], &'static [&'static str]),
    /// Like `Account`, but any of the outcomes may occur.
    Race(&'static [&'static str], &'static [&'static str]),
    /// The run does not start. The reason contains this text.
    Unreachable(&'static str),
}

impl Expected {
    pub(crate) const ACKNOWLEDGED: Self = Self::Account(&["acknowledged"], &[]);

    pub(crate) const fn refused(errors: &'static [&'static str]) -> Self {
        Self::Account(&["refused"], errors)
    }

    pub(crate) const fn failed(errors: &'static [&'static str]) -> Self {
        Self::Account(&["failed"], errors)
    }

    /// No event is answered within [`SHORT_TIMEOUT`].
    pub(crate) const UNKNOWN: Self = Self::Account(&["unknown"], &["no answer within 2s"]);
}

impl Behaviour {
    /// Creates a behaviour of a target that this function starts. The function returns the URL.
    pub(crate) fn new(name: &'static str, start: impl FnOnce() -> String + Send + 'static, expected: Expected) -> Self {
        Self { name, start: Box::new(start), options: LOAD.to_owned(), expected }
    }

    fn plain(name: &'static str, steps: impl Into<Arc<[Step]>>, expected: Expected) -> Self {
        let script = Script::new(steps);
        Self::new(name, || format!("http://{}", script.start()), expected)
    }

    /// Adds options.
    pub(crate) fn with(mut self, options: &str) -> Self {
        self.options = format!("{} {options}", self.options);
        self
    }

    /// Replaces the options.
    fn with_only(self, options: String) -> Self {
        Self { options, ..self }
    }

    fn check(self) {
        let Self { name, start, options, expected } = self;
        let reported = Reported::new();
        let command = reported.command(&format!("--target {} {options}", start()));
        let ended = run_to_end(bounded(&command)).unwrap_or_else(|| panic!("{name}: the run did not end in time"));
        let told = format!("{name}: {}{}", ended.stdout, ended.stderr);
        assert!(matches!(ended.code, Some(0 | 1 | 3 | 4)), "{:?}, {told}", ended.code);
        let report = reported.report();
        let outcome = report["outcome"].as_str().unwrap();
        let code = match outcome {
            "passed" => 0,
            "threshold_missed" => 1,
            "not_trustworthy" => 3,
            _ => 4,
        };
        assert_eq!(ended.code, Some(code), "{told}");
        let reasons = report["reasons"].to_string();
        assert!(!reasons.contains("bug"), "{told}");
        assert!(!ended.stdout.contains(|char: char| char.is_control() && char != '\n'), "{told}");
        match expected {
            Expected::Unreachable(why) => {
                assert_eq!(outcome, "target_unreachable", "{told}");
                assert!(reasons.contains(why), "{told}");
            }
            Expected::Account(fates, errors) => {
                assert_ne!(count(&report, &format!("events.{}", fates[0])), 0, "{told}");
                assert_account(&report, fates, errors, &told);
            }
            Expected::Race(fates, errors) => assert_account(&report, fates, errors, &told),
        }
    }
}

fn assert_account(report: &Value, fates: &[&str], errors: &[&str], told: &str) {
    let planned = count(report, "events.planned");
    let sum: u64 = fates.iter().map(|fate| count(report, &format!("events.{fate}"))).sum();
    // On a busy machine, so short a run may end before its last events are sent.
    let not_sent = if report["outcome"] == "not_trustworthy" { count(report, "events.not_sent") } else { 0 };
    assert_eq!(sum + not_sent, planned, "{fates:?}, {told}");
    let kinds: Vec<_> = report["errors"].as_object().unwrap().keys().collect();
    assert!(kinds.iter().all(|kind| errors.iter().any(|error| kind.contains(error))), "{errors:?}, {told}");
    let is_answered = fates.iter().any(|fate| matches!(*fate, "acknowledged" | "refused"));
    if !is_answered {
        // A run whose target answers no event does not pass.
        assert_ne!(report["outcome"], "passed", "{told}");
    }
}

/// Returns the command with bounded memory, if the system supports that.
fn bounded(command: &Command) -> Command {
    if !cfg!(target_os = "linux") {
        let mut same = Command::new(command.get_program());
        same.args(command.get_args());
        return same;
    }
    let mut bounded = Command::new("sh");
    bounded.args(["-c", &format!("ulimit -d {MEMORY_KIB_MAX} && exec \"$0\" \"$@\"")]);
    bounded.arg(command.get_program()).args(command.get_args());
    bounded
}

/// Runs the command. `None` if it does not end in time.
fn run_to_end(mut command: Command) -> Option<Ended> {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).env_remove("RUST_LOG").spawn().unwrap();
    let outputs = [read_all(child.stdout.take()), read_all(child.stderr.take())];
    let [stdout, stderr] = outputs.map(|output| output.recv_timeout(ENDING_TIME_MAX).ok());
    let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
        kill(&mut child);
        return None;
    };
    Some(Ended { code: child.wait().unwrap().code(), stdout, stderr })
}

fn kill(child: &mut Child) {
    // The process may already have ended.
    let _ = child.kill();
    child.wait().unwrap();
}

/// Reads the output of a process until it ends.
fn read_all(output: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    let mut output = output.unwrap();
    thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).unwrap();
        // The receiver is gone if the run hangs.
        let _ = sender.send(text);
    });
    receiver
}

/// Runs against each of these targets, several at a time.
pub(crate) fn check_all(behaviours: Vec<Behaviour>) {
    let mut names: Vec<_> = behaviours.iter().map(|behaviour| behaviour.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|names| names[0] != names[1]), "two behaviours have the same name: {names:?}");
    let behaviours = Mutex::new(behaviours);
    let next = || behaviours.lock().unwrap().pop();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(behaviour) = next() {
                    behaviour.check();
                }
            });
        }
    });
}
