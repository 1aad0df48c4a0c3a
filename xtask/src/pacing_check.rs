//! Measures the distribution of events over time on arrival: the index of dispersion (variance over mean) of the counts in windows of 1 ms
//! to 1 s, for both pacings, compared with the schedule.
//!
//! A receiver in this process records when each request arrives. The schedule comes from the events, because a message contains the moment
//! at which it was due. The invariant: both count the same events.

mod receiver;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use load_plan::load::Pacing;

use crate::release;
use crate::table::table;
use crate::tools::say;
use receiver::{Arrival, Receiver};

/// The windows, in microseconds.
const WINDOWS_MICROS: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// The maximum distance of the index from 1 for Poisson arrivals.
const TOLERANCE: f64 = 0.1;

/// The minimum number of windows for an index: with fewer, it varies by half of the tolerance by chance alone.
const WINDOWS_MIN: u64 = 800;

/// The skipped beginning of a run, in microseconds. It differs from the rest, because all of its events come from new seekers.
const SKIPPED_MICROS: u64 = 2_000_000;

/// Measures a program, or builds and measures the release build.
pub(crate) fn run(rate: u32, seconds: u32, seed: u64, program: Option<PathBuf>) -> Result<()> {
    ensure!(rate > 0, "--rate is 0; expected a number above 0");
    ensure!(u64::from(seconds) * 1_000_000 > 2 * SKIPPED_MICROS, "--seconds is {seconds}; expected more than 4");
    let program = match program {
        Some(program) => program,
        None => release::built("dist", &["seeker-sim"])?.join("seeker-sim"),
    };
    let (mut rows, mut missed) = (Vec::new(), Vec::new());
    for pacing in [Pacing::Steady, Pacing::Poisson] {
        let receiver = Receiver::start()?;
        let output = Command::new(&program)
            .args(["run", "--target", &receiver.url(), "--pacing", pacing.name(), "--rate", &format!("{rate}/s")])
            .args(["--duration", &format!("{seconds}s"), "--seed", &seed.to_string(), "--quiet"])
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("start {}", program.display()))?;
        let summary = String::from_utf8_lossy(&output.stdout);
        say(&format!("{pacing}: {}", summary.lines().next().unwrap_or_default()))?;
        let lag = summary.lines().find(|line| line.trim_start().starts_with("schedule lag")).unwrap_or_default();
        say(&format!("{pacing}: {} (p50, p90, p99, p99.9, max)", lag.split_whitespace().collect::<Vec<_>>().join(" ")))?;
        let arrivals = receiver.stop();
        let planned = u64::from(rate) * u64::from(seconds);
        ensure!(arrivals.len() as u64 == planned, "{} of {planned} planned events arrived", arrivals.len());
        for window in WINDOWS_MICROS {
            let of =
                |moment: fn(&Arrival) -> u64| dispersion(arrivals.iter().map(moment), window, u64::from(seconds) * 1_000_000);
            let (windows, scheduled) = of(|arrival| arrival.scheduled_micros).context("the run has no complete window")?;
            let (_, arrived) = of(|arrival| arrival.arrived_micros).context("the run has no complete window")?;
            let is_judged = pacing == Pacing::Poisson && windows >= WINDOWS_MIN;
            let is_missed = is_judged && (arrived - 1.0).abs() > TOLERANCE;
            if is_missed {
                missed.push(format!("{arrived:.3} over {window} us"));
            }
            rows.push(vec![
                pacing.to_string(),
                format!("{} ms", window / 1_000),
                format!("{arrived:.3}"),
                format!("{scheduled:.3}"),
                format!("{:.3}", (2.0 / precise(windows)).sqrt()),
                match (is_judged, is_missed) {
                    (false, _) if pacing == Pacing::Poisson => "too few windows".to_owned(),
                    (false, _) => "none".to_owned(),
                    (true, false) => format!("1 +- {TOLERANCE}: met"),
                    (true, true) => format!("1 +- {TOLERANCE}: missed"),
                },
            ]);
        }
    }
    let headings = ["pacing", "window", "at the receiver", "schedule", "deviation by chance", "limit"];
    writeln!(io::stdout(), "{}", table(&headings, &rows))?;
    if missed.is_empty() {
        Ok(())
    } else {
        bail!("the index of dispersion of Poisson arrivals is {}; expected 1 +- {TOLERANCE}", missed.join(", "))
    }
}

/// Returns the number of windows, without the beginning and the end of the run, and the index of dispersion of their counts.
fn dispersion(moments: impl Iterator<Item = u64>, window_micros: u64, run_micros: u64) -> Option<(u64, f64)> {
    let windows = (run_micros - 2 * SKIPPED_MICROS) / window_micros;
    let mut counts = vec![0_u64; usize::try_from(windows).ok()?];
    for moment in moments {
        let window = moment.checked_sub(SKIPPED_MICROS).and_then(|micros| usize::try_from(micros / window_micros).ok());
        if let Some(count) = window.and_then(|window| counts.get_mut(window)) {
            *count += 1;
        }
    }
    let mean = precise(counts.iter().sum()) / precise(windows);
    let variance = counts.iter().map(|count| (precise(*count) - mean).powi(2)).sum::<f64>() / precise(windows.checked_sub(1)?);
    (mean > 0.0).then(|| (windows, variance / mean))
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
fn precise(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Evenly spaced events have an index of 0; pairs of events in every other window have an index of about 1.
    #[test]
    fn dispersion_is_variance_over_mean() {
        let run = 2 * SKIPPED_MICROS + 1_000;
        let even = (0..run).step_by(10);
        assert_eq!(dispersion(even, 10, run), Some((100, 0.0)));
        // Every other window has two events: the mean is 1, the variance 1 (n / (n - 1)).
        let pairs = (0..run).step_by(20).flat_map(|micros| [micros, micros]);
        let (windows, index) = dispersion(pairs, 10, run).unwrap();
        assert!(windows == 100 && (index - 100.0 / 99.0).abs() < 1e-9, "{index}");
        assert_eq!(dispersion(std::iter::empty(), 10, run), None);
    }
}
