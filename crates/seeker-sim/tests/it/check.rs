//! Tests of the command `check`.

mod any_bytes;
mod bad_files;
mod columns;
mod inputs;
mod options;
mod outputs;
mod parts;
mod streams;
pub(crate) mod threads;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use client_event::rules::RuleId;
use serde_json::Value;

use crate::program::{Ended, seeker_sim};

/// A folder for the files of one test. The program runs in this folder.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Runs `check` with these arguments.
    pub(crate) fn check(&self, args: &str) -> Ended {
        let mut command = seeker_sim(&["check"]);
        command.args(args.split_whitespace()).current_dir(self.0.path()).output().unwrap().into()
    }

    /// Runs `check` with these arguments and this standard input.
    pub(crate) fn check_stdin(&self, args: &str, text: &[u8]) -> Ended {
        let mut command = seeker_sim(&["check"]);
        command.args(args.split_whitespace()).current_dir(self.0.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let text = text.to_owned();
        let writing = std::thread::spawn(move || stdin.write_all(&text));
        let ended = child.wait_with_output().unwrap().into();
        writing.join().unwrap().unwrap();
        ended
    }

    /// Runs `check` with JSON output, and parses the output.
    pub(crate) fn json(&self, args: &str) -> (Option<i32>, Value) {
        let ended = self.check(&format!("{args} --output json"));
        (ended.code, json_of(&ended))
    }
}

pub(crate) fn json_of(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", ended.stdout, ended.stderr))
}

/// The example that violates a rule.
pub(crate) fn bad(rule: RuleId) -> &'static str {
    rule.rule().bad.trim()
}

/// The findings as `code file:line:column`, with the related line if there is one.
pub(crate) fn places(report: &Value) -> Vec<String> {
    let place = |finding: &Value| {
        let field = |name: &str| finding[name].as_str().unwrap().to_owned();
        let related = match finding.get("related") {
            Some(related) => format!(" <- {}:{}", related["file"].as_str().unwrap(), related["line"]),
            None => String::new(),
        };
        format!("{} {}:{}:{}{related}", field("rule"), field("file"), finding["line"], finding["column"])
    };
    report["findings"].as_array().unwrap().iter().map(place).collect()
}

/// A message.
pub(crate) fn event(id: &str, event_type: &str, request: &str, job: &str, millis: u64) -> String {
    format!(
        r#"{{"eventId":"{id}","eventType":"{event_type}","requestId":"{request}","relatedJobNames":["{job}"],"eventTimestampMillis":"{millis}"}}"#
    )
}

/// A stream without findings.
pub(crate) fn good() -> String {
    let lines = [
        event("e-1", "IMPRESSION", "r-1", "jobs/1", 1_700_000_000_000),
        event("e-2", "VIEW", "r-1", "jobs/1", 1_700_000_001_000),
    ];
    lines.join("\n") + "\n"
}
