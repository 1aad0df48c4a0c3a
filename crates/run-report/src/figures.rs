//! Creates a report from the recorded figures and the accounts of the arbiters.

use std::collections::BTreeMap;
use std::time::Duration;

use client_event::EventType;
use jiff::Timestamp;
use load_plan::Moment;
use load_plan::load::{Load, LoadKind};
use load_plan::units::millis;
use measure::counters::{Counters, InFlight};
use measure::ledger_account::{LedgerAccount, WarmUpAccount};
use measure::outcome_counts::OutcomeCounts;
use measure::pause::PauseTimes;
use measure::retry_counts::RetryCounts;
use measure::run_record::{ArbiterAccount, RunRecord};
use measure::search_figures::SearchFigures;
use measure::sent_check::SentFindings;
use measure::time_histogram::time_histogram;
use measure::windows::WindowCounts;

use crate::curve::curve;
use crate::percentiles::thousandths;
use crate::{
    ChangeOfLoad, Connections, Events, EventsOfType, Generator, Histograms, LoadFigures, Outcome, Pauses, Percentiles,
    RateFigures, Report, Retries, Searches, Seekers, WarmUp, Window,
};

/// The facts that are known before the run starts.
#[derive(Clone, Debug)]
pub struct Heading {
    /// The target, without secrets.
    pub target: String,
    /// The seed.
    pub seed: u64,
    /// Simulated seconds per second.
    pub speed: f64,
    /// The planned load.
    pub load: Load,
}

/// The facts that are known when the run has ended.
pub struct Figures {
    /// Counters, histograms and windows.
    pub recorded: RunRecord,
    /// The account of each arbiter.
    pub accounts: Vec<ArbiterAccount>,
    /// The time during which events were due, including warm-up.
    pub duration: Duration,
    /// The time from which events could be due.
    pub started_at: Option<Timestamp>,
    /// The maximum number of live seekers, over all arbiters.
    pub live_max: u64,
    /// The working time of the arbiters.
    pub worked: Duration,
    /// The processor time that the process used in the working time.
    pub cpu: Option<Duration>,
    /// The number of cores that the process may use.
    pub cores: usize,
    /// The counts of the built-in receiver.
    pub receiver: Option<receiver_summary::Summary>,
}

impl Figures {
    /// Creates the report of the run, without a verdict.
    pub fn report(&self, heading: Heading) -> Report {
        let (counters, mut windows) = (&self.recorded.counters, self.recorded.windows.clone());
        let mut ledger = LedgerAccount::default();
        let mut check_sent: Option<SentFindings> = None;
        let mut searches: Option<SearchFigures> = None;
        for account in &self.accounts {
            ledger.add(&account.ledger);
            if let Some(figures) = &account.searches {
                searches.get_or_insert_default().add(figures);
            }
            if let Some(findings) = &account.remainder.findings {
                check_sent.get_or_insert_default().add(findings);
            }
        }
        let generator = self.generator();
        let histograms = Histograms::of(counters, searches.as_ref());
        let events = accounted(ledger.begun + ledger.never_begun, counters.total());
        let warm_up = (!heading.load.warm_up().is_zero()).then(|| WarmUp {
            duration_s: thousandths(heading.load.warm_up().min(self.duration).as_secs_f64()),
            events: {
                let WarmUpAccount { begun, never_begun } = ledger.warm_up;
                accounted(
                    begun + never_begun,
                    OutcomeCounts { not_sent: counters.warm_up.not_sent + never_begun, ..counters.warm_up },
                )
            },
        });
        // After the end of the load, only windows with activity matter.
        let windows_of_load = seconds_begun(self.duration.saturating_sub(heading.load.warm_up()));
        while windows.iter().map(|row| row.seconds).sum::<u64>() > windows_of_load
            && windows.last().is_some_and(WindowCounts::is_empty)
        {
            windows.pop();
        }
        let seconds = self.duration.saturating_sub(heading.load.warm_up()).as_secs_f64();
        Report {
            outcome: Outcome::Passed,
            reasons: Vec::new(),
            not_measured: Vec::new(),
            thresholds: Vec::new(),
            aborted_after_s: None,
            started_at: self.started_at,
            run: None,
            shard: None,
            target_clock: None,
            target: heading.target,
            format: None,
            seed: heading.seed,
            speed: heading.speed,
            duration_s: thousandths(self.duration.as_secs_f64()),
            load: load_figures(&heading.load, &ledger, &events, counters.sent_in_time, self.duration),
            warm_up,
            capacity: None,
            events,
            by_type: by_type(counters),
            rate: RateFigures {
                planned_per_s: per_second(events.planned, seconds),
                achieved_per_s: per_second(counters.sent_in_time, seconds),
            },
            requests: counters.requests,
            latency_ms: Percentiles::of_latencies(&counters.latency.latencies()),
            answered_latency_ms: Percentiles::of(&counters.latency.answered),
            connections: Connections::of(&counters.connections),
            service_time_ms: Percentiles::of(&counters.service_time),
            schedule_lag_ms: Percentiles::of(&counters.schedule_lag),
            retries: retries(&counters.retries),
            searches: searches.as_ref().map(Searches::of),
            times_by_percentile: curve(&histograms),
            histograms: Some(histograms),
            latency_blocks: Some(self.recorded.latency_blocks.clone()),
            second_series: self.recorded.second_series.clone(),
            seekers: Seekers {
                started: ledger.seekers_started,
                finished: ledger.seekers_finished,
                left_early: ledger.seekers_left_early,
                panicked: ledger.panicked,
                live_max: self.live_max,
            },
            generator,
            windows: windows_of(&heading.load, &windows),
            errors: counters.errors.clone(),
            error_examples: counters.error_examples.clone(),
            check_sent,
            receiver: self.receiver.clone(),
            parts: Vec::new(),
            merge: None,
        }
    }

    fn generator(&self) -> Generator {
        let part = |used: Duration| thousandths(used.as_secs_f64() / self.worked.as_secs_f64().max(f64::MIN_POSITIVE));
        let InFlight { looks, sum } = self.recorded.counters.in_flight;
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
        let in_flight = sum as f64 / looks as f64 * self.accounts.len() as f64;
        Generator {
            host: None,
            cores: self.cores,
            cores_used: self.cpu.map(part),
            busiest_thread: self.accounts.iter().filter_map(|account| account.cpu).max().map(part),
            in_flight_mean: (looks > 0).then(|| thousandths(in_flight)),
            pauses: Some(pauses(self.recorded.counters.pauses)),
            local_errors: self.recorded.counters.local_errors,
        }
    }
}

fn pauses(times: PauseTimes) -> Pauses {
    let PauseTimes { count, sum, longest, longest_from } = times;
    Pauses {
        count,
        total_ms: millis(sum),
        longest_ms: millis(longest),
        longest_from_s: (count > 0).then(|| thousandths(longest_from.since(Moment::default()).as_secs_f64())),
    }
}

/// Creates the report of a run that ended before it started.
pub fn unreachable(heading: Heading, reason: String) -> Report {
    let nothing = Percentiles::of(&time_histogram());
    Report {
        outcome: Outcome::TargetUnreachable,
        reasons: vec![reason],
        not_measured: Vec::new(),
        thresholds: Vec::new(),
        aborted_after_s: None,
        started_at: None,
        run: None,
        shard: None,
        target_clock: None,
        target: heading.target,
        format: None,
        seed: heading.seed,
        speed: heading.speed,
        duration_s: 0.0,
        load: load_figures(&heading.load, &LedgerAccount::default(), &Events::default(), 0, Duration::ZERO),
        warm_up: None,
        capacity: None,
        events: Events::default(),
        by_type: BTreeMap::new(),
        rate: RateFigures::default(),
        requests: 0,
        connections: None,
        latency_ms: nothing,
        answered_latency_ms: nothing,
        service_time_ms: nothing,
        schedule_lag_ms: nothing,
        retries: Retries::default(),
        searches: None,
        times_by_percentile: Vec::new(),
        histograms: Some(Histograms::default()),
        latency_blocks: None,
        second_series: Vec::new(),
        seekers: Seekers::default(),
        generator: Generator::default(),
        windows: Vec::new(),
        errors: BTreeMap::new(),
        error_examples: BTreeMap::new(),
        check_sent: None,
        receiver: None,
        parts: Vec::new(),
        merge: None,
    }
}

/// Returns the events of each type that occurred.
fn by_type(counters: &Counters) -> BTreeMap<EventType, EventsOfType> {
    let mut by_type = BTreeMap::new();
    for (position, event_type) in EventType::ALL.into_iter().enumerate() {
        let outcomes = counters.outcomes[position];
        let of_type = EventsOfType {
            acknowledged: outcomes.acknowledged,
            refused: outcomes.refused,
            failed: outcomes.failed,
            unknown: outcomes.unknown,
            not_sent: outcomes.not_sent,
            latency_ms: counters.latency_by_type[position]
                .as_deref()
                .map(|counts| Percentiles::of_latencies(&counts.latencies()))
                .unwrap_or_default(),
        };
        if of_type != EventsOfType::default() {
            by_type.insert(event_type, of_type);
        }
    }
    by_type
}

fn retries(counts: &RetryCounts) -> Retries {
    let RetryCounts { attempts, events_retried, succeeded_after_retry, causes } = counts.clone();
    Retries { attempts, events_retried, succeeded_after_retry, causes }
}

fn accounted(planned: u64, outcomes: OutcomeCounts) -> Events {
    let OutcomeCounts { acknowledged, refused, failed, unknown, not_sent } = outcomes;
    Events { planned, acknowledged, refused, failed, unknown, not_sent }
}

fn load_figures(load: &Load, ledger: &LedgerAccount, events: &Events, sent_in_time: u64, duration: Duration) -> LoadFigures {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    let exact = |count: u64| count as f64;
    let (from, to) = (load.measured_from(), Moment::from_duration(duration));
    let seconds = to.since(from).as_secs_f64();
    let (planned, achieved) = match load.kind() {
        LoadKind::Rate => (exact(events.planned), exact(sent_in_time)),
        LoadKind::Arrivals => (exact(load.planned_by(to).saturating_sub(load.planned_by(from))), exact(ledger.arrived)),
        LoadKind::Seekers if seconds > 0.0 => {
            let planned = load.mean_wanted(from, to);
            (thousandths(planned), thousandths(exact(ledger.seeker_micros) / 1e6 / seconds))
        }
        LoadKind::Seekers => (0.0, 0.0),
    };
    LoadFigures {
        kind: load.kind(),
        stages: load.stages().map(|stage| stage.to_string()).collect(),
        pacing: (load.kind() != LoadKind::Seekers).then(|| load.pacing()),
        changes: ChangeOfLoad::all_of(load, to),
        planned,
        achieved,
        achieved_ratio: (planned > 0.0).then(|| achieved / planned),
    }
}

fn windows_of(load: &Load, rows: &[WindowCounts]) -> Vec<Window> {
    const SECOND_MICROS: u64 = 1_000_000;
    let mut from = load.measured_from();
    let windows = rows.iter().map(|row| {
        let to = from.plus(row.seconds * SECOND_MICROS);
        let window = Window::of(load, from, to, row);
        from = to;
        window
    });
    windows.collect()
}

/// The duration in seconds, rounded up.
fn seconds_begun(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

fn per_second(events: u64, seconds: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
    let events = events as f64;
    if seconds > 0.0 { thousandths(events / seconds) } else { 0.0 }
}
