//! Compares load generators, each at full speed against the same receiver: requests a second, and CPU time of the generator per request.
//!
//! Generator and receiver have a core each, and each trial has a new receiver. The receiver counts requests a second in the steady state:
//! from a second after the first request to a second before the end. CPU time and memory are measured for the whole process, including its
//! start. The generators alternate in each round, so that changes of the machine affect them alike; the table shows medians. [`generators`]
//! has the generators and their options.

mod generators;

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::receiver_process::ReceiverProcess;
use crate::release;
use crate::table::table;
use crate::tools::{ToolFolder, part, say};
use crate::usage::{self, Usage};
use generators::{Call, Ready};

pub(crate) use generators::Generator;

/// The cores of the generator and of the receiver.
const CORES: [&str; 2] = ["0", "1"];

/// The minimum length of a trial: the steady state excludes a second at each end.
const SECONDS_MIN: u32 = 3;

/// The maximum time until a generator sends its first request.
const START_MAX: Duration = Duration::from_secs(20);

/// Builds for release and measures.
pub(crate) fn run(seconds: u32, rounds: u32, only: &[Generator]) -> Result<()> {
    ensure!(
        seconds >= SECONDS_MIN,
        "--seconds {seconds}: expected at least {SECONDS_MIN}, because the first and the last second do not count"
    );
    ensure!(rounds > 0, "--rounds 0: expected at least 1");
    ensure!(cfg!(target_os = "linux"), "`cargo xtask peers` needs Linux, because taskset pins each generator to a core");
    let program = release::built("dist", &["seeker-sim"])?.join("seeker-sim");
    let workshop = ToolFolder::open()?;
    let folder = workshop.kept("peers")?;
    let body = folder.join("body.json");
    fs::write(&body, view(&program)?)?;
    let all = if only.is_empty() { Generator::ALL.to_vec() } else { only.to_vec() };
    let mut rows = Vec::new();
    for generator in all {
        match generator.ready(&program, &folder) {
            Ok(ready) => rows.push((ready, Vec::new())),
            Err(error) => say(&format!("{} is skipped: {error:#}", generator.name()))?,
        }
    }
    for round in 1..=rounds {
        for (ready, trials) in &mut rows {
            let trial = Trial::of(&program, ready, &body, seconds).with_context(|| ready.name.clone())?;
            say(&format!("round {round}: {}: {:.0}/s, {:.1} us", ready.name, trial.per_s, trial.cpu_us()))?;
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
                format!("{:.0}", median(trials.iter().map(|trial| trial.per_s).collect())),
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

/// An event of the average length in the scenario.
fn view(program: &Path) -> Result<String> {
    let mut command = Command::new(program);
    command.args(["generate", "--seekers", "100", "--days", "1", "--seed", "1", "--scenario"]).arg(part("peers/short.toml"));
    let output = command.stderr(Stdio::inherit()).output()?;
    let events = String::from_utf8(output.stdout)?;
    let view = events.lines().find(|event| event.contains("\"VIEW\"")).context("the generated events contain no VIEW")?;
    Ok(view.to_owned())
}

/// One trial of one generator.
struct Trial {
    requests: u64,
    per_s: f64,
    usage: Usage,
}

impl Trial {
    fn of(program: &Path, ready: &Ready, body: &Path, seconds: u32) -> Result<Self> {
        let receiver = receiver(program)?;
        let url = receiver.url().to_owned();
        let Call { program, args } = ready.call(&url, seconds, body);
        let pinned: Vec<_> = ["-c", CORES[0], &program].into_iter().map(str::to_owned).chain(args).collect();
        let (usage, per_s) = thread::scope(|scope| {
            let rate = scope.spawn(|| steady_rate(&receiver, seconds));
            let usage = usage::with(Path::new("taskset"), &pinned, &[("BODY", body)]);
            (usage, rate.join().expect("the thread does not panic"))
        });
        let (usage, per_s) = (usage?, per_s?);
        Ok(Self { requests: receiver.end()?, per_s, usage })
    }

    fn cpu_us(&self) -> f64 {
        self.usage.cpu_s() * 1e6 / in_float(self.requests)
    }
}

/// Returns the requests a second that the receiver counts, without the first and the last second.
fn steady_rate(receiver: &ReceiverProcess, seconds: u32) -> Result<f64> {
    let second = Duration::from_secs(1);
    let give_up = Instant::now() + START_MAX;
    while receiver.received()? == 0 {
        ensure!(Instant::now() < give_up, "no request arrived within {} s", START_MAX.as_secs());
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(second);
    let (before, from) = (receiver.received()?, Instant::now());
    thread::sleep(second * (seconds - 2));
    let (after, to) = (receiver.received()?, Instant::now());
    Ok(in_float(after - before) / (to - from).as_secs_f64())
}

/// Starts a receiver on its own core.
fn receiver(program: &Path) -> Result<ReceiverProcess> {
    let mut command = Command::new("taskset");
    command.args(["-c", CORES[1]]).arg(program).args(["serve", "--bind", "127.0.0.1:0"]);
    ReceiverProcess::start(command).context("taskset is missing (Debian: apt-get install util-linux)")
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

/// Converts a path to an argument.
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
