//! Makes a report from what was recorded and from the accounts of the arbiters.

use std::collections::BTreeMap;
use std::time::Duration;

use client_event::EventType;

use crate::ledger::LedgerAccount;
use crate::messages::ArbiterAccount;
use crate::report::{Events, EventsOfType, Outcome, Percentiles, RateFigures, Report, Seekers};
use crate::sent_check::SentFindings;
use crate::tally::{Tally, time_histogram};

/// What is known of a run before it begins.
#[derive(Clone, Debug)]
pub(crate) struct Heading {
    pub(crate) target: String,
    pub(crate) seed: u64,
    pub(crate) speed: f64,
}

/// What is known of a run when it has ended.
pub(crate) struct Figures {
    pub(crate) tally: Box<Tally>,
    pub(crate) accounts: Vec<ArbiterAccount>,
    /// For how long events were due.
    pub(crate) duration: Duration,
    /// The most seekers live at once, on all arbiters.
    pub(crate) live_max: u64,
    pub(crate) receiver: Option<event_receiver::Summary>,
}

impl Figures {
    /// The report of the run, not yet judged.
    pub(crate) fn report(self, heading: Heading) -> Report {
        let mut ledger = LedgerAccount::default();
        let (mut not_sent, mut unanswered) = ([0; 16], [0; 16]);
        let mut check_sent: Option<SentFindings> = None;
        for account in &self.accounts {
            ledger.add(&account.ledger);
            add(&mut not_sent, &account.ledger.turned_away);
            add(&mut not_sent, &account.remainder.unsent);
            add(&mut unanswered, &account.remainder.unanswered);
            if let Some(findings) = &account.remainder.findings {
                check_sent.get_or_insert_default().add(findings);
            }
        }
        let mut by_type = BTreeMap::new();
        for (position, event_type) in EventType::ALL.into_iter().enumerate() {
            let fates = self.tally.fates[position];
            let of_type = EventsOfType {
                acknowledged: fates.acknowledged,
                refused: fates.refused,
                failed: fates.failed,
                unknown: fates.unknown + unanswered[position],
                not_sent: not_sent[position],
            };
            if of_type != EventsOfType::default() {
                by_type.insert(event_type, of_type);
            }
        }
        let total = self.tally.total();
        let events = Events {
            planned: ledger.planned,
            acknowledged: total.acknowledged,
            refused: total.refused,
            failed: total.failed,
            unknown: total.unknown + unanswered.iter().sum::<u64>(),
            not_sent: ledger.never_begun + not_sent.iter().sum::<u64>(),
        };
        let sent_in_time = self.tally.sent_in_time + unanswered.iter().sum::<u64>();
        let seconds = self.duration.as_secs_f64();
        Report {
            outcome: Outcome::Passed,
            reasons: Vec::new(),
            target: heading.target,
            seed: heading.seed,
            speed: heading.speed,
            duration_s: thousandths(seconds),
            events,
            by_type,
            rate: RateFigures {
                planned_per_s: per_second(events.planned, seconds),
                achieved_per_s: per_second(sent_in_time, seconds),
            },
            latency_ms: Percentiles::of(&self.tally.latency),
            service_time_ms: Percentiles::of(&self.tally.service_time),
            schedule_lag_ms: Percentiles::of(&self.tally.schedule_lag),
            seekers: Seekers { started: ledger.seekers_started, finished: ledger.seekers_finished, live_max: self.live_max },
            errors: self.tally.errors,
            check_sent,
            receiver: self.receiver,
        }
    }
}

/// The report of a run that was over before it began.
pub(crate) fn unreachable(heading: Heading, reason: String) -> Report {
    let nothing = Percentiles::of(&time_histogram());
    Report {
        outcome: Outcome::TargetUnreachable,
        reasons: vec![reason],
        target: heading.target,
        seed: heading.seed,
        speed: heading.speed,
        duration_s: 0.0,
        events: Events::default(),
        by_type: BTreeMap::new(),
        rate: RateFigures::default(),
        latency_ms: nothing,
        service_time_ms: nothing,
        schedule_lag_ms: nothing,
        seekers: Seekers::default(),
        errors: BTreeMap::new(),
        check_sent: None,
        receiver: None,
    }
}

fn add(sums: &mut [u64; 16], counts: &[u64; 16]) {
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum += count;
    }
}

fn per_second(events: u64, seconds: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
    let events = events as f64;
    if seconds > 0.0 { thousandths(events / seconds) } else { 0.0 }
}

fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
