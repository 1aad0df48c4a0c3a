//! Runs the binary and reads its output and files.

use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::Child;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::service::Service;

/// Returns the command of the program with these arguments.
pub(crate) fn seeker_sim(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seeker-sim"));
    command.args(args).stdin(Stdio::null()).env_remove("RUST_LOG");
    command
}

/// The result of a program that has ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Asserts that the run passed, unless the machine slowed down the generator.
pub(crate) fn assert_sound(ended: &Ended, report: &Value) {
    assert_outcome(ended, report, "passed");
}

/// Asserts that the run has this outcome and its exit code. Returns whether the generator was fast enough to judge the target.
///
/// A busy machine can slow down the generator. Then the outcome is `not_trustworthy`, and the figures of the report must show it. The test
/// measures this and does not run again. The simulated runs prove that the verdict is right in both cases.
pub(crate) fn assert_outcome(ended: &Ended, report: &Value, expected: &str) -> bool {
    let output = format!("{}{}", ended.stdout, ended.stderr);
    let outcome = report["outcome"].as_str().unwrap();
    let is_judged = outcome == expected || !is_late(report);
    let expected = if is_judged { expected } else { "not_trustworthy" };
    let code = match expected {
        "passed" => 0,
        "threshold_missed" => 1,
        "not_trustworthy" => 3,
        other => panic!("unexpected outcome of a complete run: {other}"),
    };
    assert_eq!((outcome, ended.code), (expected, Some(code)), "{output}");
    assert_eq!(report["reasons"].as_array().unwrap().is_empty(), expected == "passed", "{output}");
    if !is_judged {
        let thresholds = report["thresholds"].as_array().unwrap();
        assert!(thresholds.iter().all(|judged| judged["passed"].is_null()), "a threshold was judged: {output}");
    }
    is_judged
}

/// Whether the figures of the report show that the generator was late.
fn is_late(report: &Value) -> bool {
    /// Up to this lag, a run is trusted even if no core was busy.
    const LAG_MS_MIN: f64 = 5.0;
    let number = |place: &str| value(report, place).as_f64().unwrap_or_default();
    let names = |part: &str| report["reasons"].to_string().contains(part);
    number("schedule_lag_ms.p99") > LAG_MS_MIN && names("the generator was late by")
        || number("generator.pauses.count") > 0.0 && names("the generator paused")
        || number("generator.in_flight_mean") > 0.0 && names("Little's law")
        || number("events.not_sent") > 0.0 && (names("could not be started fast enough") || names("delayed seekers"))
        || number("load.achieved") < number("load.planned") && names("of the planned seekers were achieved")
        || number("rate.achieved_per_s") < number("rate.planned_per_s") && names("of the planned rate was achieved")
}

/// Splits a command line into words. `'` quotes a word with spaces.
pub(crate) fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(number, part)| match number % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

/// Runs the program.
pub(crate) fn ended(args: &[&str]) -> Ended {
    seeker_sim(args).output().unwrap().into()
}

/// A folder for the report of a run.
pub(crate) struct Reported {
    folder: tempfile::TempDir,
}

impl Reported {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("run.json")
    }

    /// Returns the command `run` with these options and a report.
    pub(crate) fn command(&self, options: &str) -> Command {
        let mut command = seeker_sim(&["run"]);
        command.args(words(options)).arg("--report").arg(self.path());
        command
    }

    /// Runs `run` to its end. Asserts that there is a report whose events add up.
    pub(crate) fn run(&self, options: &str) -> (Ended, Value) {
        let ended: Ended = self.command(options).output().unwrap().into();
        (ended, self.report())
    }

    /// Runs against a service.
    pub(crate) fn run_against(&self, service: &Service, options: &str) -> (Ended, Value) {
        self.run(&format!("--target {} {options}", service.url()))
    }

    /// Starts a run with piped output.
    #[cfg(unix)]
    pub(crate) fn start(&self, options: &str) -> Child {
        self.command(options).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn report(&self) -> Value {
        let report = read_report(&self.path());
        let files: Vec<_> = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(files, ["run.json"], "only the report is left");
        report
    }
}

fn read_report(path: &Path) -> Value {
    let report: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    for place in ["events", "warm_up.events"] {
        if place == "events" || !report["warm_up"].is_null() {
            let fates = ["acknowledged", "refused", "failed", "unknown", "not_sent"];
            let sum: u64 = fates.map(|fate| count(&report, &format!("{place}.{fate}"))).iter().sum();
            assert_eq!(count(&report, &format!("{place}.planned")), sum, "{place}: {report}");
        }
    }
    for fate in ["acknowledged", "refused", "failed", "unknown"] {
        let by_type = report["by_type"].as_object().unwrap().values();
        assert_eq!(
            by_type.map(|of_type| of_type[fate].as_u64().unwrap()).sum::<u64>(),
            count(&report, &format!("events.{fate}")),
            "{fate}"
        );
    }
    report
}

/// The count at a path of the report, such as `events.planned`.
pub(crate) fn count(report: &Value, place: &str) -> u64 {
    let value = value(report, place);
    value.as_u64().unwrap_or_else(|| panic!("{place} is {value}"))
}

/// The number at a path of the report, such as `rate.planned_per_s`.
pub(crate) fn number(report: &Value, place: &str) -> f64 {
    let value = value(report, place);
    value.as_f64().unwrap_or_else(|| panic!("{place} is {value}"))
}

fn value<'a>(report: &'a Value, place: &str) -> &'a Value {
    place.split('.').fold(report, |value, key| &value[key])
}
