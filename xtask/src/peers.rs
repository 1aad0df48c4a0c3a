//! Measures load generators side by side, each as fast as it can against the same receiver: requests a second, and CPU time of the
//! generator per request.
//!
//! Generator and receiver have a core of their own each, the receiver is a new one for each trial, and it says how many requests came
//! in. All take turns in each round, so that whatever else happens to the machine happens to all alike; the medians are shown. What
//! the generators are and how they are called is in [`generators`].

mod generators;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::receiver_process::ReceiverProcess;
use crate::release;
use crate::table::table;
use crate::tools::{Workshop, part, say};
use crate::usage::{self, Usage};
use generators::{Call, Ready};

pub(crate) use generators::Generator;

/// The cores of the generator and of the receiver.
const CORES: [&str; 2] = ["0", "1"];

/// More events than any core sends.
const MORE_THAN_CAN_BE: &str = "200000/s";

/// For how long what a core sends is looked for.
const FIRST_TRY_SECONDS: u32 = 2;

/// Builds for release and measures.
pub(crate) fn run(seconds: u32, rounds: u32, only: &[Generator]) -> Result<()> {
    ensure!(seconds > 0 && rounds > 0, "--seconds and --rounds are numbers above 0");
    ensure!(cfg!(target_os = "linux"), "generators are held to a core by taskset, which Linux has");
    let program = release::built(&["seeker-sim"])?.join("seeker-sim");
    let workshop = Workshop::open()?;
    let folder = workshop.kept("peers")?;
    let body = folder.join("body.json");
    fs::write(&body, view(&program)?)?;
    let all = if only.is_empty() { Generator::ALL.to_vec() } else { only.to_vec() };
    let mut rows = Vec::new();
    for generator in all {
        match generator.ready(&program, &folder) {
            Ok(ready) => rows.push((ready, Vec::new())),
            Err(error) => say(&format!("{} is left out: {error:#}", generator.name()))?,
        }
    }
    for round in 1..=rounds {
        for (ready, trials) in &mut rows {
            let trial = Trial::of(&program, ready, &body, seconds).with_context(|| ready.name.clone())?;
            say(&format!("round {round}: {}: {:.0}/s, {:.1} us", ready.name, trial.per_s(seconds), trial.cpu_us()))?;
            trials.push(trial);
        }
    }
    let cpu_us = |trials: &[Trial]| median(trials.iter().map(Trial::cpu_us).collect());
    let reference = rows.iter().find(|(ready, _)| ready.generator == Generator::Wrk).map(|(_, trials)| cpu_us(trials));
    let rows: Vec<_> = rows
        .iter()
        .map(|(ready, trials)| {
            let cpu_us = cpu_us(trials);
            vec![
                ready.name.clone(),
                format!("{:.0}", median(trials.iter().map(|trial| trial.per_s(seconds)).collect())),
                format!("{cpu_us:.1}"),
                reference.map_or("-".to_owned(), |reference| format!("{:.2}", cpu_us / reference)),
                format!("{:.0}", median(trials.iter().map(|trial| trial.usage.peak_mb()).collect())),
            ]
        })
        .collect();
    let headings = ["generator", "requests a second", "CPU per request, us", "times wrk's", "memory, MB"];
    writeln!(io::stdout(), "{}", table(&headings, &rows))?;
    Ok(())
}

/// An event as long as those of the scenario are on average.
fn view(program: &Path) -> Result<String> {
    let mut command = Command::new(program);
    command.args(["generate", "--seekers", "100", "--days", "1", "--seed", "1", "--scenario"]).arg(part("peers/short.toml"));
    let output = command.stderr(Stdio::inherit()).output()?;
    let events = String::from_utf8(output.stdout)?;
    let view = events.lines().find(|event| event.contains("\"VIEW\"")).context("nobody opens a posting")?;
    Ok(view.to_owned())
}

/// One generator, once.
struct Trial {
    requests: u64,
    usage: Usage,
}

impl Trial {
    fn of(program: &Path, ready: &Ready, body: &Path, seconds: u32) -> Result<Self> {
        if ready.generator != Generator::SeekerSim {
            return Self::at(MORE_THAN_CAN_BE, program, ready, body, seconds);
        }
        // It keeps to a rate. What it is to send beyond what it can costs it too, so that is little.
        let first = Self::at(MORE_THAN_CAN_BE, program, ready, body, FIRST_TRY_SECONDS)?;
        let a_little_more = format!("{:.0}/s", first.per_s(FIRST_TRY_SECONDS) * 1.05);
        Self::at(&a_little_more, program, ready, body, seconds)
    }

    fn at(rate: &str, program: &Path, ready: &Ready, body: &Path, seconds: u32) -> Result<Self> {
        let receiver = receiver(program)?;
        let Call { program, args } = ready.call(receiver.url(), seconds, body, rate);
        let pinned: Vec<_> = ["-c", CORES[0], &program].into_iter().map(str::to_owned).chain(args).collect();
        let usage = usage::with(Path::new("taskset"), &pinned, &[("BODY", body)])?;
        let requests = receiver.end()?;
        ensure!(requests > 0, "no request came in");
        Ok(Self { requests, usage })
    }

    fn per_s(&self, seconds: u32) -> f64 {
        in_float(self.requests) / f64::from(seconds)
    }

    fn cpu_us(&self) -> f64 {
        self.usage.cpu_s() * 1e6 / in_float(self.requests)
    }
}

/// A receiver on a core of its own.
fn receiver(program: &Path) -> Result<ReceiverProcess> {
    let mut command = Command::new("taskset");
    command.args(["-c", CORES[1]]).arg(program).args(["serve", "--bind", "127.0.0.1:0"]);
    ReceiverProcess::start(command).context("taskset is needed (Debian: util-linux)")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) { f64::midpoint(values[middle - 1], values[middle]) } else { values[middle] }
}

#[expect(clippy::cast_precision_loss, reason = "only shown")]
fn in_float(number: u64) -> f64 {
    number as f64
}

/// A path as an argument.
fn text(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(vec![4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn every_part_is_there() {
        for path in ["short.toml", "wrk.lua", "locustfile.py", "goose/Cargo.toml", "goose/src/main.rs"] {
            assert!(part("peers").join(path).is_file(), "{path}");
        }
    }
}
