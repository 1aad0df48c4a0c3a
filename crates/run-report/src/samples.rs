//! Reports for tests. They contain invented events, but are built in the same way as reports of runs.

use std::time::Duration;

use client_event::EventType;
use load_plan::load::{Load, LoadSpec};
use load_plan::strategies::any_threshold;
use load_plan::threshold::Threshold;
use load_plan::{EventOutcome, Moment};
use measure::counters::Counters;
use measure::latency_blocks::LatencyBlockRecorder;
use measure::ledger_account::LedgerAccount;
use measure::observations::{Observations, Sent, Settled};
use measure::open_times::OpenTimes;
use measure::run_record::{ArbiterAccount, OutboxAccount, RunRecord};
use measure::sent_check::{BrokenRule, SentFindings};
use measure::thresholds::outside_pauses::OutsidePauses;
use measure::thresholds::sliding::SlidingWindows;
use measure::windows::Windows;
use proptest::prelude::*;
use receiver_summary::ReasonCounts;

use crate::figures::{Figures, Heading, unreachable};
use crate::read::NamedReport;
use crate::thresholds::JudgedThreshold;
use crate::{Generator, MergeFacts, Outcome, Report, Retries, RunIdentity, ShardPart, TargetClock, WarmUp};

/// An event and its outcome.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The moment in microseconds for which the event was scheduled.
    at: u64,
    event_type: EventType,
    outcome: EventOutcome,
    latency_micros: u64,
    service_micros: u64,
}

impl Sample {
    /// Returns the same event, acknowledged.
    #[must_use]
    pub fn acknowledged(self) -> Self {
        Self { outcome: EventOutcome::Acknowledged, ..self }
    }

    /// Returns the same event, refused.
    #[must_use]
    pub fn refused(self) -> Self {
        Self { outcome: EventOutcome::Refused, ..self }
    }
}

/// Any event of the first seconds of a run.
pub fn any_sample() -> impl Strategy<Value = Sample> {
    let outcomes = [
        EventOutcome::Acknowledged,
        EventOutcome::Acknowledged,
        EventOutcome::Acknowledged,
        EventOutcome::Refused,
        EventOutcome::Failed,
        EventOutcome::Unknown,
    ];
    let times = (prop_oneof![0_u64..3_000, 0_u64..300_000], 0_u64..2_000);
    (0_u64..9_000_000, prop::sample::select(EventType::ALL[1..5].to_vec()), prop::sample::select(outcomes.to_vec()), times)
        .prop_map(|(at, event_type, outcome, (latency_micros, lag_micros))| {
            let service_micros = latency_micros.saturating_sub(lag_micros);
            Sample { at, event_type, outcome, latency_micros, service_micros }
        })
}

fn load() -> Load {
    LoadSpec::default().check().expect("the default load is valid")
}

fn heading(seed: u64) -> Heading {
    Heading { target: "http://127.0.0.1:8080/clientEvents".to_owned(), seed, speed: 60.0, load: load() }
}

/// The report of a run without events.
pub fn empty_report() -> Report {
    unreachable(heading(1), "connection refused".to_owned())
}

/// The report of a run that sent these events and passed.
pub fn report_of(samples: &[Sample], seed: u64) -> Report {
    report_with(samples, seed, &[])
}

/// The report of a part of a run that sent these events, with the seconds of its thresholds. The thresholds are judged on their own.
pub fn part_of(samples: &[Sample], shard: ShardPart, thresholds: &[Threshold]) -> Report {
    let mut report = report_with(samples, 7, thresholds);
    let missed: Vec<_> = report.thresholds.iter().filter_map(JudgedThreshold::reason).collect();
    if !missed.is_empty() {
        (report.outcome, report.reasons) = (Outcome::ThresholdMissed, missed);
    }
    report.shard = Some(shard);
    report.run = Some(RunIdentity { id: "ab12cd34ef567890".to_owned(), start_at: None, stages: vec!["30s:800/s".to_owned()] });
    report.target_clock = Some(TargetClock { url: report.target.clone(), offset_min_us: -40_000, offset_max_us: 40_000 });
    report
}

fn report_with(samples: &[Sample], seed: u64, thresholds: &[Threshold]) -> Report {
    let mut observations = Observations::default();
    let mut windows = Windows::new(Moment::default());
    let mut in_order: Vec<_> = samples.iter().collect();
    in_order.sort_by_key(|sample| sample.at);
    for sample in in_order {
        let at = Moment::from_micros(sample.at);
        let sent = Sent { at, lag_micros: sample.latency_micros - sample.service_micros };
        windows.begun(at);
        windows.attempted(at);
        observations.requests += 1;
        let tls = (sample.at % 3 == 0).then(|| Duration::from_micros(sample.service_micros));
        observations.connections.push(OpenTimes { connect: Duration::from_micros(sample.latency_micros), tls });
        observations.first_bytes.push(sample.service_micros);
        windows.sent(&sent);
        observations.attempted.push(at);
        observations.sent.push(sent);
        let is_answered = matches!(sample.outcome, EventOutcome::Acknowledged | EventOutcome::Refused);
        let settled = Settled {
            at: at.plus(sample.latency_micros),
            scheduled: at,
            event_type: sample.event_type,
            outcome: sample.outcome,
            answered_request: is_answered.then_some(at.plus(sample.latency_micros - sample.service_micros)),
        };
        windows.settled(&settled);
        observations.settled.push(settled);
        match sample.outcome {
            EventOutcome::Acknowledged => {}
            EventOutcome::Refused => observations.error("answered 400".to_owned()),
            EventOutcome::Failed => observations.error("connection refused".to_owned()),
            EventOutcome::Unknown | EventOutcome::NotSent => observations.error("no answer in time".to_owned()),
        }
    }
    let mut counters = Counters::default();
    counters.add(&observations, load().end());
    let ledger = LedgerAccount { begun: samples.len() as u64, seekers_started: samples.len() as u64, ..LedgerAccount::default() };
    let mut latency_blocks = LatencyBlockRecorder::default();
    let mut sliding = SlidingWindows::new(thresholds, &load()).keep_seconds();
    sliding.add(&observations);
    let windows = windows.finish(|second| {
        latency_blocks.push_second(second.latencies.answered, second.latencies.unanswered_len());
        sliding.close(second);
    });
    let worst_windows = sliding.finish(load().end());
    let figures = Figures {
        recorded: RunRecord {
            counters: Box::new(counters),
            windows,
            latency_blocks: latency_blocks.finish(),
            second_series: sliding.take_series(),
            worst_windows: worst_windows.clone(),
            outside_pauses: OutsidePauses::new(&[], Moment::default()),
            silence: None,
        },
        accounts: vec![ArbiterAccount {
            ledger,
            remainder: OutboxAccount::default(),
            searches: None,
            cpu: Some(Duration::from_millis(10)),
        }],
        duration: load().duration(),
        started_at: Some("2026-11-24T10:00:00Z".parse().expect("the text is a time")),
        live_max: samples.len() as u64,
        worked: load().duration(),
        cpu: Some(Duration::from_millis(20)),
        cores: 2,
        receiver: None,
    };
    let mut report = figures.report(heading(seed));
    report.thresholds = thresholds.iter().map(|threshold| JudgedThreshold::of(*threshold, &report, &worst_windows)).collect();
    report
}

/// Gives the report a name.
pub fn named(name: &str, report: Report) -> NamedReport {
    NamedReport { name: name.to_owned(), report }
}

/// Any report whose events add up.
pub fn any_report() -> impl Strategy<Value = Report> {
    let outcomes =
        [Outcome::Passed, Outcome::ThresholdMissed, Outcome::NotTrustworthy, Outcome::TargetUnreachable, Outcome::Interrupted];
    let verdict = (
        prop::sample::select(outcomes.to_vec()),
        prop::collection::vec("\\PC{0,20}", 0..3),
        prop::collection::vec((any_threshold(), prop::option::of(0.0..1e9), prop::option::of(any::<bool>())), 0..3),
        prop::option::of(0.0..1e6),
    );
    let more = (
        prop::option::of(prop::sample::select(vec!["message", "v3", "v4", "v4beta1", "pubsub"])),
        prop::option::of(0.0..1e3),
        prop::option::of((1_u64..9, "\\PC{0,20}")),
        prop::option::of(any::<[u64; 4]>()),
        any::<u64>(),
        prop::option::of((1_u64..=64, 1_u64..=64, any::<[i32; 2]>())),
    );
    (prop::collection::vec(any_sample(), 0..40), verdict, more).prop_map(|(samples, verdict, more)| {
        let mut report = report_of(&samples, more.4);
        (report.outcome, report.reasons, report.aborted_after_s) = (verdict.0, verdict.1, verdict.3);
        let judged = |(threshold, value, passed)| JudgedThreshold {
            threshold,
            value,
            is_lower_bound: value.is_some() && passed == Some(false),
            passed,
            worst_from_s: Some(5),
        };
        report.thresholds = verdict.2.into_iter().map(judged).collect();
        report.format = more.0.map(|form| form.parse().expect("the text is the name of a form"));
        report.warm_up = more.1.map(|duration_s| WarmUp { duration_s, events: report.events });
        report.generator = Generator { cores: 3, cores_used: more.1, in_flight_mean: more.1, ..report.generator };
        if let Some((one, other, offsets)) = more.5 {
            report.shard = Some(ShardPart { part: one.min(other), of: one.max(other) });
            report.run = Some(RunIdentity {
                id: format!("{:016x}", more.4),
                start_at: report.started_at.filter(|_| one > 32),
                stages: report.load.stages.clone(),
            });
            let (offset_min_us, offset_max_us) = (offsets[0].min(offsets[1]).into(), offsets[0].max(offsets[1]).into());
            report.target_clock = Some(TargetClock { url: report.target.clone(), offset_min_us, offset_max_us });
            report.generator.host = Some(format!("node-{one}"));
            let threshold = "latency.p99 < 1s over 2s".parse().expect("the text is a threshold");
            report.second_series = report_with(&samples, 1, &[threshold]).second_series;
        }
        if let Some((findings, example)) = more.2 {
            let broken = BrokenRule { findings, example: example.clone() };
            report.check_sent = Some(SentFindings { events: findings, broken_rules: [("D4".into(), broken)].into() });
            let causes = [(example, findings)].into();
            report.retries = Retries { attempts: findings, events_retried: findings, succeeded_after_retry: 1, causes };
        }
        if let Some(counts) = more.3 {
            let [received, accepted, messages, repeated] = counts.map(|count| count >> 11);
            report.receiver = Some(receiver_summary::Summary {
                received,
                accepted,
                by_type: [(EventType::View, accepted)].into(),
                refused: ReasonCounts { messages, by_reason: [(client_event::Reason::ALL[0], messages)].into() },
                too_large: 0,
                event_ids: receiver_summary::EventIdCounts { repeated, conflicting: 0 },
                warnings: ReasonCounts { messages: repeated, by_reason: [(client_event::Reason::JobNameForm, repeated)].into() },
                limits: receiver_summary::LimitCounts::default(),
            });
            report.parts = super::Part::of(&named("a.json", report.clone()));
            report.merge = Some(MergeFacts { expected: Some(1), starts_apart_ms: None, warnings: vec!["a warning".to_owned()] });
        }
        report
    })
}
