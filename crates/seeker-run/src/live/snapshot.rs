//! The data of the screen: a copy of the figures at one moment, of bounded size. The recorder makes snapshots at intervals, so that an
//! event costs nothing more.

use std::collections::BTreeMap;
use std::time::Duration;

use load_plan::Moment;
use load_plan::load::{Load, LoadChange, LoadKind};
use measure::counters::Counters;
use measure::latency::Latencies;
use measure::outcome_counts::OutcomeCounts;
use measure::thresholds::current_figure::CurrentFigure;
use measure::windows::{Quantiles, WindowCounts, Windows};

use crate::clock::RunClock;
use crate::live::line::Rounded;
use crate::live_load::LiveLoad;
use crate::process::cpu;

/// The maximum number of past rows to show.
const ROWS_SHOWN_MAX: usize = 180;

/// The time after the end of a second by which all arbiters have reported their observations of it.
const REPORTED_AFTER_MICROS: u64 = 300_000;

/// The figures at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    pub(super) elapsed: Duration,
    pub(super) phase: Phase,
    /// The current load of the plan, in its unit.
    pub(super) wanted: f64,
    pub(super) unit: &'static str,
    /// How the load differs from the original plan, if it does.
    pub(super) changed: Option<String>,
    /// The past rows, oldest first.
    pub(super) past: Vec<PastWindow>,
    /// The sum of all rows.
    pub(super) sum: WindowCounts,
    pub(super) outcomes: [OutcomeCounts; 16],
    pub(super) latency: Option<Quantiles>,
    pub(super) service_time: Option<Quantiles>,
    pub(super) lag: Option<Quantiles>,
    pub(super) live: u64,
    /// Events sent in the last complete second; in the warm-up, events settled.
    pub(super) achieved_per_s: f64,
    /// The current values of the thresholds.
    pub(super) thresholds: Vec<CurrentFigure>,
    /// The number of cores that this process keeps busy, if known.
    pub(super) cores_used: Option<f64>,
    /// The errors, latest first.
    pub(super) errors: Vec<ErrorEntry>,
}

/// The phase of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    WarmUp,
    #[default]
    Measured,
    /// No more events are due; the run waits for responses.
    Ending,
}

/// A window of the past.
#[derive(Clone, Copy, Debug)]
pub(super) struct PastWindow {
    /// Its middle, in seconds since the start of the run.
    pub(super) at_s: f64,
    pub(super) planned_per_s: f64,
    pub(super) achieved_per_s: f64,
    pub(super) latency: Option<Quantiles>,
}

/// An error.
#[derive(Clone, Debug)]
pub(super) struct ErrorEntry {
    pub(super) what: String,
    pub(super) count: u64,
    /// When the error last occurred.
    pub(super) last: Duration,
}

/// Makes snapshots.
pub(super) struct Camera {
    clock: RunClock,
    load: LiveLoad,
    /// When the CPU time was last read, and the CPU time used until then.
    used: Option<(Moment, Duration)>,
    cores_used: Option<f64>,
    /// When the events of the warm-up were last counted, their number, and their rate per second.
    warm_up: (Moment, u64, f64),
    /// The count of each kind of error, and when the count last increased.
    errors: BTreeMap<String, (u64, Duration)>,
}

impl Camera {
    pub(super) fn new(clock: RunClock, load: LiveLoad) -> Self {
        Self { clock, load, used: None, cores_used: None, warm_up: (Moment::default(), 0, 0.0), errors: BTreeMap::new() }
    }

    pub(super) fn take(&mut self, counters: &Counters, windows: &Windows, live: u64) -> Snapshot {
        const SECOND: Duration = Duration::from_secs(1);
        let now = self.clock.now();
        let elapsed = now.since(Moment::default());
        if self.used.is_none_or(|(at, _)| now.since(at) >= SECOND) {
            let used = cpu::of_process().map(|used| (now, used));
            if let (Some((before, had)), Some((_, has))) = (self.used, used) {
                self.cores_used = Some(has.saturating_sub(had).as_secs_f64() / now.since(before).as_secs_f64());
            }
            self.used = used;
        }
        for (what, &count) in &counters.errors {
            let known = self.errors.entry(what.clone()).or_default();
            if known.0 != count {
                *known = (count, elapsed);
            }
        }
        let wrong = |(what, &(count, last)): (&String, &(u64, Duration))| ErrorEntry { what: what.clone(), count, last };
        let mut errors: Vec<_> = self.errors.iter().map(wrong).collect();
        errors.sort_by_key(|wrong| std::cmp::Reverse((wrong.last, wrong.count)));
        let load = self.load.current();
        let phase = if now > load.end() {
            Phase::Ending
        } else if now < load.measured_from() {
            Phase::WarmUp
        } else {
            Phase::Measured
        };
        let (counted, before, _) = self.warm_up;
        if now.since(counted) >= SECOND {
            let events = counters.warm_up.planned();
            #[expect(clippy::cast_precision_loss, reason = "only shown")]
            let per_second = (events - before) as f64 / now.since(counted).as_secs_f64();
            self.warm_up = (now, events, per_second);
        }
        let past = past(&load, windows, now);
        let of_last_second = past.last().map_or(0.0, |past| past.achieved_per_s);
        Snapshot {
            elapsed,
            phase,
            achieved_per_s: if phase == Phase::WarmUp { self.warm_up.2 } else { of_last_second },
            thresholds: Vec::new(),
            wanted: load.level_at(now),
            unit: load.kind().unit(),
            changed: changed(&load, now),
            past,
            sum: windows.sum(),
            outcomes: counters.outcomes,
            latency: Quantiles::of(&counters.latency.latencies()),
            service_time: Quantiles::of(&Latencies::new(&counters.service_time, None)),
            lag: Quantiles::of(&Latencies::new(&counters.schedule_lag, None)),
            live,
            cores_used: self.cores_used,
            errors,
        }
    }
}

/// Describes the latest change of the load: in effect, or still to come.
fn changed(load: &Load, now: Moment) -> Option<String> {
    let last = load.changes().last()?;
    let what = match last.change {
        LoadChange::Factor(factor) if factor.to_bits() == 1.0_f64.to_bits() => "as planned".to_owned(),
        LoadChange::Factor(factor) => format!("{} % of the plan", Rounded(factor * 100.0)),
        LoadChange::Hold(amount) => format!("held at {}{}", Rounded(amount), load.kind().unit()),
    };
    Some(if last.at > now { format!("{what} soon") } else { what })
}

#[expect(clippy::cast_precision_loss, reason = "only shown")]
fn past(load: &Load, windows: &Windows, now: Moment) -> Vec<PastWindow> {
    let measured_from = load.measured_from();
    let reported = Moment::default().plus(now.micros_since(Moment::default()).saturating_sub(REPORTED_AFTER_MICROS));
    let past = windows.latest(ROWS_SHOWN_MAX, reported).into_iter().map(|(begins_s, row)| {
        let seconds = row.seconds.max(1) as f64;
        let middle_s = measured_from.since(Moment::default()).as_secs_f64() + begins_s as f64 + seconds / 2.0;
        PastWindow {
            at_s: middle_s,
            planned_per_s: match load.kind() {
                LoadKind::Rate => load.level_at(Moment::from_duration(Duration::from_secs_f64(middle_s))),
                // Every event that a seeker begins is due.
                LoadKind::Arrivals | LoadKind::Seekers => row.begun as f64 / seconds,
            },
            achieved_per_s: row.sent as f64 / seconds,
            latency: row.latency,
        }
    });
    past.collect()
}
