//! Runs `--find-capacity` repeatedly against a receiver with a known limit. Fails if a result is too far from the limit or from another
//! result.
//!
//! Receiver and generator are separate processes on the same machine, so other load on the machine disturbs both. The search itself must
//! compensate for such disturbances: this check repeats and skips no search.

use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use load_plan::load::Rate;
use load_plan::threshold::Threshold;
use run_report::read::read_report;
use run_report::{Outcome, Report};

use crate::receiver_process::ReceiverProcess;
use crate::release;
use crate::table::table;
use crate::tools::{ToolFolder, say};

/// The maximum distance of a result from the limit, and from another result, as a fraction of the smaller value.
const DISTANCE_MAX: f64 = 0.05;

/// The parameters of the searches.
#[derive(Debug, Args)]
pub(crate) struct CapacityCheck {
    /// The limit of the receiver.
    #[arg(long, value_name = "RATE", default_value = "1000/s")]
    max_rate: Rate,
    /// The number of searches.
    #[arg(long, value_name = "N", default_value_t = 10)]
    searches: u64,
    /// The threshold of the searches.
    #[arg(long, value_name = "THRESHOLD", default_value = "latency.p99 < 100ms")]
    find_capacity: Threshold,
    /// The first rate of each search.
    #[arg(long, value_name = "RATE", default_value = "200/s")]
    rate: Rate,
    /// The duration of a trial.
    #[arg(long, value_name = "TIME", default_value = "4s")]
    duration: String,
}

/// Builds for release and measures.
pub(crate) fn run(check: &CapacityCheck) -> Result<()> {
    ensure!(check.searches > 0, "--searches is 0; expected a number above 0");
    let program = release::built("dist", &["seeker-sim"])?.join("seeker-sim");
    let workshop = ToolFolder::open()?;
    let folder = workshop.kept("capacity-check")?;
    let mut serve = Command::new(&program);
    serve.args(["serve", "--bind", "127.0.0.1:0", "--max-rate", &check.max_rate.to_string()]);
    let receiver = ReceiverProcess::start(serve)?;
    let mut searches = Vec::new();
    for number in 1..=check.searches {
        let search = Search::run(&program, check, receiver.url(), number, &folder).with_context(|| format!("search {number}"))?;
        say(&format!("search {number}: {} in {:.0} s", search.sentence(), search.seconds))?;
        searches.push(search);
    }
    receiver.end()?;
    let limit = check.max_rate.as_per_second();
    let rows: Vec<_> = searches.iter().zip(1..).map(|(search, number)| search.row(number, limit)).collect();
    let headings =
        ["search", "held, /s", "too high, /s", "from the limit", "trials", "missed below the limit", "not trusted", "seconds"];
    writeln!(io::stdout(), "{}", table(&headings, &rows))?;
    let rates = searches.iter().map(Search::rate).collect::<Result<Vec<_>>>()?;
    let Spread { from_limit, from_each_other } = Spread::of(&rates, limit);
    writeln!(
        io::stdout(),
        "limit {limit}/s: at most {:.1} % from the limit, at most {:.1} % from each other",
        from_limit * 100.0,
        from_each_other * 100.0
    )?;
    ensure!(
        from_limit <= DISTANCE_MAX && from_each_other <= DISTANCE_MAX,
        "a result differs by more than {} % from the limit or from another result",
        DISTANCE_MAX * 100.0
    );
    Ok(())
}

/// The maximum distances of the results.
#[derive(Debug, PartialEq)]
struct Spread {
    from_limit: f64,
    from_each_other: f64,
}

impl Spread {
    fn of(rates: &[f64], limit: f64) -> Self {
        let distance = |one: f64, other: f64| one.max(other) / one.min(other) - 1.0;
        let (least, most) =
            rates.iter().fold((f64::INFINITY, 0.0_f64), |(least, most), rate| (least.min(*rate), most.max(*rate)));
        Self { from_limit: distance(least, limit).max(distance(most, limit)), from_each_other: distance(least, most) }
    }
}

/// A finished search.
struct Search {
    report: Report,
    seconds: f64,
}

impl Search {
    fn run(program: &Path, check: &CapacityCheck, url: &str, number: u64, folder: &Path) -> Result<Self> {
        let file = folder.join(format!("search-{number}.json"));
        let mut command = Command::new(program);
        command.args(["run", "--quiet", "--target", url, "--find-capacity", &check.find_capacity.to_string()]);
        command.args(["--rate", &check.rate.to_string(), "--duration", &check.duration]);
        // Each trial of a search uses the next seed, so steps of 1,000 keep event ids unique.
        command.args(["--seed", &(number * 1_000).to_string(), "--report"]).arg(&file);
        let began = Instant::now();
        let output = command.output().with_context(|| format!("start {}", program.display()))?;
        let seconds = began.elapsed().as_secs_f64();
        // The program writes a report with exit codes 1 and 3 as well.
        if !matches!(output.status.code(), Some(0 | 1 | 3)) {
            bail!("seeker-sim ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        Ok(Self { report: read_report(file)?.report, seconds })
    }

    fn rate(&self) -> Result<f64> {
        let rate = self.report.capacity.as_ref().and_then(|capacity| capacity.rate_per_s);
        rate.with_context(|| format!("a search found no rate: {}", self.report.reasons.join("; ")))
    }

    fn sentence(&self) -> String {
        match self.rate() {
            Ok(rate) => format!("{rate}/s"),
            Err(error) => error.to_string(),
        }
    }

    fn row(&self, number: u32, limit: f64) -> Vec<String> {
        let capacity = self.report.capacity.as_ref();
        let shown = |rate: Option<f64>| rate.map_or_else(|| "-".to_owned(), |rate| rate.to_string());
        let rate = capacity.and_then(|capacity| capacity.rate_per_s);
        let trials = capacity.map(|capacity| capacity.trials.as_slice()).unwrap_or_default();
        let missed = trials.iter().filter(|trial| trial.outcome == Outcome::ThresholdMissed && trial.rate_per_s <= limit).count();
        let untrusted = trials.iter().filter(|trial| trial.outcome == Outcome::NotTrustworthy).count();
        vec![
            number.to_string(),
            shown(rate),
            shown(capacity.and_then(|capacity| capacity.too_high_per_s)),
            rate.map_or_else(|| "-".to_owned(), |rate| format!("{:+.1} %", (rate / limit - 1.0) * 100.0)),
            trials.len().to_string(),
            missed.to_string(),
            untrusted.to_string(),
            format!("{:.0}", self.seconds),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_extremes() {
        for (rates, from_limit, from_each_other) in [
            (vec![1000.0], 0.0, 0.0),
            (vec![950.0, 1000.0], 50.0 / 950.0, 50.0 / 950.0),
            (vec![1020.0, 1030.0, 1010.0], 0.03, 20.0 / 1010.0),
        ] {
            let spread = Spread::of(&rates, 1000.0);
            assert!((spread.from_limit - from_limit).abs() < 1e-9, "{spread:?}");
            assert!((spread.from_each_other - from_each_other).abs() < 1e-9, "{spread:?}");
        }
    }
}
