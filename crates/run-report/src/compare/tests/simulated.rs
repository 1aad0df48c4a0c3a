//! Tests the statistics with simulated runs whose truth is known: how often the comparison reports equal targets as different, and how
//! often it finds a difference.
//!
//! The latencies of a run are not independent: the level of each second follows the level of the second before, the target stalls now and
//! then, and runs differ from each other.

use measure::latency_blocks::{LatencyBlockRecorder, LatencyBlocks};
use measure::time_histogram::TimeHistogram;
use measure::time_histogram::time_histogram;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::compare::probability::float;
use crate::compare::side::ComparableRun;
use crate::samples::{named, report_of};
use crate::{Events, Histograms, Percentiles, Window};

const SECONDS: u64 = 12;
const EVENTS_PER_S: u64 = 1_000;

/// A simulated target.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// The median latency in milliseconds.
    pub(super) median_ms: f64,
    /// The share of events that are answered with an error.
    pub(super) failed: f64,
    /// The share of events without an answer.
    pub(super) unknown: f64,
    /// How much the level of a second varies: the standard deviation of its logarithm.
    pub(super) second_to_second: f64,
    /// How much the level varies from run to run, in the same measure.
    pub(super) run_to_run: f64,
    /// The share of seconds with a stall of a tenth of a second.
    pub(super) stalls: f64,
    /// The share of runs during which another program keeps the machine busy: more than half of their seconds have stalls.
    pub(super) busy_runs: f64,
    /// The number of consecutive errors.
    pub(super) errors_in_a_row: u64,
}

impl Target {
    pub(super) const USUAL: Self = Self {
        median_ms: 10.0,
        failed: 0.01,
        unknown: 0.0,
        second_to_second: 0.02,
        run_to_run: 0.0,
        stalls: 0.05,
        busy_runs: 0.0,
        errors_in_a_row: 1,
    };

    /// Simulates a run against this target.
    pub(super) fn run(&self, random: &mut StdRng) -> SimulatedRun {
        /// The part of the level of a second that carries over to the next second.
        const PERSISTENCE: f64 = 0.7;
        let mut recorder = LatencyBlockRecorder::default();
        let (mut all, mut windows, mut events) = (time_histogram(), Vec::new(), Events::default());
        let of_run = self.run_to_run * normal(random);
        let stalls = if random.random_bool(self.busy_runs) { 0.6 } else { self.stalls };
        let mut level = 0.0;
        let mut errors_left = 0;
        for second in 0..SECONDS {
            level = PERSISTENCE * level + (1.0 - PERSISTENCE * PERSISTENCE).sqrt() * self.second_to_second * normal(random);
            let stall_from = random.random_bool(stalls).then(|| random.random_range(0..EVENTS_PER_S));
            let (mut answered, mut of_second) = (time_histogram(), Events::default());
            for event in 0..EVENTS_PER_S {
                of_second.planned += 1;
                if random.random_bool(self.unknown) {
                    of_second.unknown += 1;
                    continue;
                }
                if random.random_bool(self.failed / float(self.errors_in_a_row)) {
                    errors_left += self.errors_in_a_row;
                }
                let is_failed = errors_left > 0;
                errors_left -= u64::from(is_failed);
                *if is_failed { &mut of_second.failed } else { &mut of_second.acknowledged } += 1;
                let own_ms = self.median_ms * (of_run + level + 0.2 * normal(random)).exp();
                // One event per millisecond: events during a stall wait for its end.
                let waited_ms =
                    stall_from.and_then(|from| event.checked_sub(from)).map_or(0, |after| 100_u64.saturating_sub(after));
                answered.record(micros(own_ms + float(waited_ms))).unwrap();
            }
            recorder.push_second(&answered, of_second.unknown);
            all.add(&answered).unwrap();
            windows.push(window(second, &of_second));
            events = events.plus(&of_second);
        }
        let mut report = report_of(&[], random.random());
        report.events = events;
        report.windows = windows;
        report.latency_ms = Percentiles::of(&all);
        let (latency, service_time) = (TimeHistogram::from(all.clone()), TimeHistogram::from(all));
        report.histograms = Some(Histograms { latency, service_time, ..Histograms::default() });
        SimulatedRun { named: named("run.json", report), blocks: recorder.finish() }
    }
}

/// A run, and its latencies by blocks of time.
pub(super) struct SimulatedRun {
    named: NamedReport,
    blocks: LatencyBlocks,
}

fn side(runs: &[SimulatedRun]) -> Side<'_> {
    Side(runs.iter().map(SimulatedRun::comparable).collect())
}

impl SimulatedRun {
    fn comparable(&self) -> ComparableRun<'_> {
        ComparableRun { named: &self.named, latency_blocks: Some(&self.blocks) }
    }
}

fn window(second: u64, events: &Events) -> Window {
    let Events { planned, acknowledged, refused, failed, unknown, .. } = *events;
    Window {
        from_s: float(second),
        to_s: float(second + 1),
        planned,
        begun: planned,
        sent: planned,
        acknowledged,
        refused,
        failed,
        unknown,
        latency_ms: None,
        service_time_ms: None,
        schedule_lag_p99_ms: None,
        not_sent: 0,
        generator_lag_p99_ms: None,
        generator_pause_ms: 0.0,
        live_seekers: 0,
    }
}

fn micros(ms: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "less than a minute")]
    let micros = (ms * 1000.0) as u64;
    micros
}

/// A standard normal number, by Box and Muller.
fn normal(random: &mut StdRng) -> f64 {
    let (radius, angle): (f64, f64) = (random.random(), random.random());
    (-2.0 * (1.0 - radius).ln()).sqrt() * (angle * std::f64::consts::TAU).cos()
}

/// Compares this many pairs with this many runs a side. Returns the number of comparisons that report a regression, and for each of these
/// figures the number that report it as worse.
fn found<const N: usize>(pairs: u64, runs: usize, [before, after]: [Target; 2], figures: [&str; N]) -> (u64, [u64; N]) {
    let (mut regressions, mut worse) = (0, [0; N]);
    for pair in 0..pairs {
        let mut random = StdRng::seed_from_u64(pair);
        let mut drawn = |target: Target| -> Vec<_> { (0..runs).map(|_| target.run(&mut random)).collect() };
        let (before, after) = (drawn(before), drawn(after));
        let comparison = compare_sides(&side(&before), &side(&after), &CompareOptions::default()).unwrap();
        regressions += u64::from(comparison.verdict == CompareVerdict::Regression);
        for (count, figure) in worse.iter_mut().zip(figures) {
            *count += u64::from(change_of(&comparison, figure).change == Change::Worse);
        }
    }
    (regressions, worse)
}

/// Equal targets that vary from second to second, stall, and answer with errors: at most 2 of 200 comparisons report a regression.
#[test]
fn equal_targets_are_called_equal() {
    let (regressions, []) = found(200, 1, [Target::USUAL; 2], []);
    assert!(regressions <= 2, "{regressions} of 200");
}

/// Equal targets whose runs differ by more than the tolerance, on a machine that is busy during some runs: several runs a side reveal this.
#[test]
fn variation_between_runs_is_not_a_regression() {
    let (regressions, []) = found(30, 4, [Target { run_to_run: 0.15, busy_runs: 0.3, ..Target::USUAL }; 2], []);
    assert_eq!(regressions, 0);
}

/// Equal targets whose errors come in bursts.
#[test]
fn errors_in_bursts_are_no_regression() {
    let (regressions, []) = found(50, 1, [Target { errors_in_a_row: 40, ..Target::USUAL }; 2], []);
    assert_eq!(regressions, 0);
}

/// A target that is 20 % slower, with one percentage point more errors: at least 95 of 100 comparisons find each of the two.
#[test]
fn worse_targets_are_found() {
    let worse = Target { median_ms: Target::USUAL.median_ms * 1.2, failed: Target::USUAL.failed + 0.01, ..Target::USUAL };
    let (_, [slower, more_errors]) = found(100, 1, [Target::USUAL, worse], ["latency.p50", "failed_ratio"]);
    assert!(slower >= 95 && more_errors >= 95, "{slower} and {more_errors} of 100");
}

/// Three runs a side: a target that is 30 % slower is found, although three runs show little about how much runs differ.
#[test]
fn few_runs_a_side_find_slower_targets() {
    let slower = Target { median_ms: Target::USUAL.median_ms * 1.3, ..Target::USUAL };
    let (_, [worse]) = found(20, 3, [Target::USUAL, slower], ["latency.p50"]);
    assert!(worse >= 19, "{worse} of 20");
}

/// A target that leaves 2 % of the events unanswered: the percentiles above fall on events without an answer.
#[test]
fn events_without_an_answer_are_the_slowest() {
    let mut random = StdRng::seed_from_u64(7);
    let steady = Target { stalls: 0.0, ..Target::USUAL };
    let (before, after) = (steady.run(&mut random), Target { unknown: 0.02, ..steady }.run(&mut random));
    let comparison = compare_sides(&side(&[before]), &side(&[after]), &CompareOptions::default()).unwrap();
    for (name, is_worse, is_bound) in [
        ("latency.p50", false, false),
        ("latency.p99", true, true),
        ("service_time.p99", false, false),
        ("unknown_ratio", true, false),
    ] {
        let figure = change_of(&comparison, name);
        assert_eq!((figure.change == Change::Worse, figure.after_is_lower_bound), (is_worse, is_bound), "{figure:?}");
    }
    let reason = comparison.reasons.iter().find(|reason| reason.starts_with("latency.p99 ")).unwrap();
    assert!(reason.contains(" to \u{2265} "), "{reason}");
}
