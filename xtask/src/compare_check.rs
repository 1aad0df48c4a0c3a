//! Measures the reliability of `seeker-sim report compare` on real runs: how often it reports a regression that does not exist, and how
//! often it finds one that does.
//!
//! Pairs of one kind share no run, so they are independent. The runs of one round follow each other, so other load on the machine affects
//! all of them.

mod service;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::release;
use crate::table::table;
use crate::tools::ToolFolder;
use service::{Behaviour, Service};

/// The load of each run. 15,000 events are enough to distinguish 2 % of errors from 1 %.
const STAGE: &str = "5s:3000/s";

/// The maximum percentage of equal pairs that may be reported as a regression.
const FALSE_ALARMS_PERCENT_MAX: u32 = 1;

/// The minimum percentage of pairs that must be found.
const FOUND_PERCENT_MIN: u32 = 95;

/// How often a run is repeated if the generator was too slow.
const ATTEMPTS_MAX: u32 = 5;

/// The target of a pair's first run.
const USUAL: Behaviour = Behaviour { delay_percent: 100, failing_percent: 1 };

/// Targets of the second run, each with the figure that must get worse; `None` if the target is the same.
const SECOND: [(&str, Behaviour, Option<&str>); 3] = [
    ("equal", USUAL, None),
    ("20 % slower", Behaviour { delay_percent: 120, ..USUAL }, Some("latency.p50")),
    ("1 % more errors", Behaviour { failing_percent: 2, ..USUAL }, Some("failed_ratio")),
];

/// Runs this many pairs of each kind and fails if a limit is missed.
pub(crate) fn run(pairs: u32) -> Result<()> {
    ensure!(pairs > 0, "--pairs 0: expected at least 1");
    let release = release::built("dist", &["seeker-sim"])?;
    let workshop = ToolFolder::open()?;
    let folder = workshop.kept("compare-check")?;
    let program = Program { path: release.join("seeker-sim"), folder, service: Service::start()?, runs: 0, again: 0 };
    let counts = program.measure(pairs)?;
    let mut missed = 0;
    let mut rows = Vec::new();
    for ((name, _, figure), count) in SECOND.into_iter().zip(counts) {
        let is_missed = match figure {
            None => count * 100 > pairs * FALSE_ALARMS_PERCENT_MAX,
            Some(_) => count * 100 < pairs * FOUND_PERCENT_MIN,
        };
        missed += u32::from(is_missed);
        let bar = figure.map_or(format!("at most {FALSE_ALARMS_PERCENT_MAX} %"), |_| format!("at least {FOUND_PERCENT_MIN} %"));
        let judged = figure.map_or("any regression".to_owned(), |figure| format!("{figure} worse"));
        rows.push(vec![name.to_owned(), judged, format!("{count} of {pairs}"), bar]);
    }
    writeln!(io::stdout(), "{}", table(&["second target", "counted verdict", "pairs", "limit"], &rows))?;
    ensure!(missed == 0, "{missed} of {} limits missed", SECOND.len());
    Ok(())
}

/// The program, and the target of its runs.
struct Program {
    path: PathBuf,
    folder: PathBuf,
    service: Service,
    /// The number of runs so far. Each run has its own seed.
    runs: u32,
    /// The number of repeated runs.
    again: u32,
}

impl Program {
    /// Returns, for each kind, the number of pairs with the counted verdict.
    fn measure(mut self, pairs: u32) -> Result<[u32; SECOND.len()]> {
        let mut counts = [0; SECOND.len()];
        for pair in 1..=pairs {
            let before = self.measured("before", USUAL)?;
            for ((name, behaviour, figure), count) in SECOND.into_iter().zip(&mut counts) {
                let after = self.measured("after", behaviour)?;
                let comparison = self.compared(&before, &after)?;
                let is_called = match figure {
                    None => comparison["verdict"] == "regression",
                    Some(figure) => is_worse(&comparison, figure),
                };
                *count += u32::from(is_called);
                if is_called != figure.is_some() {
                    writeln!(io::stdout(), "pair {pair}, {name}: {} {}", comparison["verdict"], comparison["reasons"])?;
                }
            }
            let again = self.again;
            writeln!(io::stderr(), "{pair} of {pairs} pairs of each kind: {counts:?} counted, {again} runs repeated")?;
        }
        Ok(counts)
    }

    /// Runs against a target with this behaviour and returns the report.
    fn measured(&mut self, name: &str, behaviour: Behaviour) -> Result<PathBuf> {
        let report = self.folder.join(format!("{name}.json"));
        self.service.behave(behaviour);
        for _ in 0..ATTEMPTS_MAX {
            self.runs += 1;
            let mut command = Command::new(&self.path);
            command.args(["run", "--quiet", "--target", &self.service.url(), "--stage", STAGE]);
            command.args(["--seed", &self.runs.to_string(), "--threshold", "acknowledged_ratio >= 0%", "--report"]).arg(&report);
            let output = command.stdin(Stdio::null()).output().context("start seeker-sim run")?;
            match output.status.code() {
                Some(0) => return Ok(report),
                // The generator was late: another program used the processor.
                Some(3) => self.again += 1,
                _ => bail!("seeker-sim run ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr)),
            }
        }
        bail!("{ATTEMPTS_MAX} runs were not trustworthy; measure on an idle machine")
    }

    /// Returns the output of `report compare`.
    fn compared(&self, before: &Path, after: &Path) -> Result<Value> {
        let mut command = Command::new(&self.path);
        command.args(["report", "compare", "--output", "json"]).arg(before).arg(after);
        let output = command.output().context("start seeker-sim report compare")?;
        ensure!(
            matches!(output.status.code(), Some(0 | 1)),
            "seeker-sim report compare ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).context("read the comparison as JSON")
    }
}

/// Whether a figure of all events is reported as worse.
fn is_worse(comparison: &Value, name: &str) -> bool {
    let figures = comparison["figures"].as_array().into_iter().flatten();
    let mut of_all = figures.filter(|figure| figure["event_type"].is_null() && figure["figure"] == name);
    of_all.any(|figure| figure["change"] == "worse")
}
