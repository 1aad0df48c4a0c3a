//! Tests of a standard output that cannot be written: the exit code reports the error, unless the reader closed the pipe.

use std::fs;
use std::process::{Output, Stdio};

#[cfg(target_os = "linux")]
use crate::program::Reported;
use crate::program::{Ended, seeker_sim, words};

/// Commands that write to standard output in different ways.
const COMMANDS: [&str; 12] = [
    "--help",
    "run --help",
    "--version",
    "run --duration 1s --rate 50/s --quiet",
    "schema",
    "completions bash",
    "man",
    "scenario init",
    "scenario show",
    "check --explain all",
    "check FILE",
    "stats FILE",
];

/// Runs the command with this standard output, and a file of events in place of `FILE`.
fn with_output(command: &str, stdout: impl Into<Stdio>) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.ndjson");
    fs::write(&file, "{}\n").unwrap();
    let args = words(&command.replace("FILE", file.to_str().unwrap()));
    seeker_sim(&[]).args(args).stdout(stdout).stderr(Stdio::piped()).output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    for command in COMMANDS {
        let ended = Ended::from(with_output(command, fs::File::options().write(true).open("/dev/full").unwrap()));
        assert_eq!(ended.code, Some(5), "{command}: {}", ended.stderr);
        assert!(ended.stderr.contains("failed to write to standard output: No space left"), "{command}: {}", ended.stderr);
    }
}

/// An error in the summary does not prevent the report.
#[cfg(target_os = "linux")]
#[test]
fn a_report_is_written_although_the_summary_cannot_be() {
    let reported = Reported::new();
    let mut run = reported.command("--duration 1s --rate 50/s --quiet");
    let ended = Ended::from(run.stdout(fs::File::options().write(true).open("/dev/full").unwrap()).output().unwrap());
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    assert_eq!(reported.report()["events"]["planned"], 50);
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    for command in COMMANDS {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = Ended::from(with_output(command, writer));
        assert!(!ended.stderr.contains("standard output"), "{command}: {}", ended.stderr);
        assert_ne!(ended.code, Some(5), "{command}: {}", ended.stderr);
    }
}
