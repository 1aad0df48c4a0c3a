//! The expected results of a run, computed from the target's log. This module uses no code under test: it sorts lists and counts their
//! elements.

use std::time::Duration;

use load_plan::Moment;
use run_report::thresholds::JudgedThreshold;
use run_report::{Percentiles, Report, Window};

use crate::delivery::scripted::{Reply, Seen};

/// The times of events in microseconds, sorted, with and without a response.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    answered: Vec<u64>,
    /// How long the other events took until they were given up, if known.
    given_up: Vec<u64>,
    /// The number of further events.
    unknown: usize,
}

impl Times {
    fn new(mut answered: Vec<u64>, mut given_up: Vec<u64>, unknown: usize) -> Self {
        answered.sort_unstable();
        given_up.sort_unstable();
        Self { answered, given_up, unknown }
    }

    fn count(&self) -> usize {
        self.answered.len() + self.given_up.len() + self.unknown
    }

    /// The value at `permille` thousandths, and whether it is a lower bound: the smallest element that is at least as large as this share
    /// of the elements. Elements without a response are the largest.
    fn at(&self, permille: usize) -> Option<(u64, bool)> {
        let rank = (self.count() * permille).div_ceil(1000).max(1);
        if self.count() == 0 {
            None
        } else if rank <= self.answered.len() {
            Some((self.answered[rank - 1], false))
        } else {
            let longest = self.answered.last().copied().unwrap_or(0);
            let given_up = if self.unknown > 0 { None } else { self.given_up.get(rank - self.answered.len() - 1) };
            Some((longest.max(given_up.copied().unwrap_or(0)), true))
        }
    }

    fn mean(&self) -> f64 {
        let sum: u64 = self.answered.iter().chain(&self.given_up).sum();
        precise(sum) / precise(self.count() as u64)
    }
}

/// The expected results of a run.
pub(super) struct Expected {
    pub(super) planned: u64,
    pub(super) acknowledged: u64,
    pub(super) refused: u64,
    pub(super) failed: u64,
    pub(super) unknown: u64,
    pub(super) latency: Times,
    pub(super) answered_latency: Times,
    pub(super) service_time: Times,
    pub(super) schedule_lag: Times,
    events: Vec<Judged>,
}

/// An event and its outcome by the script.
#[derive(Clone, Copy, Debug)]
struct Judged {
    scheduled: Moment,
    sent: Moment,
    settled: Moment,
    /// `None` if the event was given up.
    status: Option<u16>,
}

impl Judged {
    fn latency(&self) -> u64 {
        self.settled.micros_since(self.scheduled)
    }
}

impl Expected {
    /// Computes the results of a run with this many planned events, this log of the target, and these pauses of the generator.
    pub(super) fn of(planned: u64, log: &[Seen], timeout: Duration, pauses: &[(Moment, Moment)]) -> Self {
        // Anything that happens in a pause of the generator is seen at its end.
        let seen_at = |moment: Moment| {
            let pause = pauses.iter().find(|(from, to)| *from <= moment && moment < *to);
            pause.map_or(moment, |(_, to)| *to)
        };
        let judged = |seen: &Seen| {
            let limit = seen.sent.plus(u64::try_from(timeout.as_micros()).unwrap());
            let (settled, status) = match seen.reply {
                Reply::At(at, status) if at < limit => (at, Some(status)),
                Reply::At(..) | Reply::Never => (limit, None),
            };
            Judged { scheduled: seen.scheduled, sent: seen.sent, settled: seen_at(settled), status }
        };
        let events: Vec<_> = log.iter().filter(|seen| seen.is_measured).map(judged).collect();
        let with = |is: fn(u16) -> bool| events.iter().filter(|event| event.status.is_some_and(is)).count() as u64;
        let answered: Vec<_> = events.iter().filter(|event| event.status.is_some()).collect();
        let not_sent = usize::try_from(planned).unwrap() - events.len();
        let of_answered = |of: fn(&Judged) -> u64| answered.iter().map(|event| of(event)).collect::<Vec<_>>();
        let given_up = events.iter().filter(|event| event.status.is_none()).map(Judged::latency).collect();
        Self {
            planned,
            acknowledged: with(|status| status < 300),
            refused: with(|status| (300..500).contains(&status)),
            failed: with(|status| status >= 500),
            unknown: (events.len() - answered.len()) as u64,
            latency: Times::new(of_answered(Judged::latency), given_up, not_sent),
            answered_latency: Times::new(of_answered(Judged::latency), Vec::new(), 0),
            service_time: Times::new(of_answered(|event| event.settled.micros_since(event.sent)), Vec::new(), 0),
            schedule_lag: Times::new(
                events.iter().map(|event| event.sent.micros_since(event.scheduled)).collect(),
                Vec::new(),
                0,
            ),
            events,
        }
    }

    fn not_sent(&self) -> u64 {
        self.planned - self.events.len() as u64
    }

    /// Checks a report against these results.
    pub(super) fn hold(&self, report: &Report) {
        self.hold_sums(report);
        self.hold_windows(&report.windows);
    }

    /// Checks the figures of the whole run.
    pub(super) fn hold_sums(&self, report: &Report) {
        let events = &report.events;
        assert_eq!(
            (events.planned, events.acknowledged, events.refused, events.failed, events.unknown, events.not_sent),
            (self.planned, self.acknowledged, self.refused, self.failed, self.unknown, self.not_sent()),
        );
        for (name, found, expected) in [
            ("latency", &report.latency_ms, &self.latency),
            ("answered latency", &report.answered_latency_ms, &self.answered_latency),
            ("service time", &report.service_time_ms, &self.service_time),
            ("schedule lag", &report.schedule_lag_ms, &self.schedule_lag),
        ] {
            hold_times(name, found, expected);
        }
    }

    /// Checks the 99 % quantile of latency in the worst of so many seconds. Events that are scheduled after them count in the last one. Events
    /// that no seeker began have no scheduled time here, so the worst second cannot be computed with such events.
    pub(super) fn hold_worst_second(&self, judged: &JudgedThreshold, seconds: u64) {
        if self.not_sent() > 0 {
            return;
        }
        let second =
            |event: &&Judged| (event.scheduled.micros_since(Moment::default()) / 1_000_000).min(seconds.saturating_sub(1));
        let of_second = |number: u64| {
            let events: Vec<_> = self.events.iter().filter(|event| second(event) == number).collect();
            let times = |is_answered: bool| {
                let events = events.iter().filter(|event| event.status.is_some() == is_answered);
                events.map(|event| event.latency()).collect()
            };
            Times::new(times(true), times(false), 0).at(990)
        };
        let worst = (0..seconds).filter_map(of_second).max_by_key(|(micros, is_lower_bound)| (*is_lower_bound, *micros));
        assert_eq!(judged.value.is_some(), worst.is_some(), "{judged:?}");
        if let (Some(value), Some((micros, is_lower_bound))) = (judged.value, worst) {
            assert_eq!(judged.is_lower_bound, is_lower_bound, "{judged:?}");
            assert!(is_close(value, micros), "{judged:?}: {micros} us");
        }
    }

    /// Checks each window against the events of its second.
    fn hold_windows(&self, windows: &[Window]) {
        for window in windows {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a short run")]
            let bounds = [window.from_s, window.to_s].map(|seconds| Moment::from_micros((seconds * 1e6).round() as u64));
            let is_in = |moment: Moment| bounds[0] <= moment && moment < bounds[1];
            let count = |is: &dyn Fn(&Judged) -> bool| self.events.iter().filter(|event| is(event)).count() as u64;
            let status = |event: &Judged, range: std::ops::Range<u16>| event.status.is_some_and(|status| range.contains(&status));
            assert_eq!(window.sent, count(&|event| is_in(event.sent)), "sent in {window:?}");
            assert_eq!(window.acknowledged, count(&|event| is_in(event.settled) && status(event, 200..300)), "{window:?}");
            assert_eq!(window.failed, count(&|event| is_in(event.settled) && status(event, 500..600)), "{window:?}");
            assert_eq!(window.unknown, count(&|event| is_in(event.settled) && event.status.is_none()), "{window:?}");
            if self.not_sent() > 0 {
                continue;
            }
            let scheduled: Vec<_> = self.events.iter().filter(|event| is_in(event.scheduled)).collect();
            assert_eq!(window.begun, scheduled.len() as u64, "begun in {window:?}");
            let times = |is_answered: bool| {
                let events = scheduled.iter().filter(|event| event.status.is_some() == is_answered);
                events.map(|event| event.latency()).collect::<Vec<_>>()
            };
            let expected = Times::new(times(true), times(false), 0);
            let Some(latency) = &window.latency_ms else {
                assert_eq!(expected.count(), 0, "{window:?}");
                continue;
            };
            for (permille, found) in [(500, latency.p50), (900, latency.p90), (990, latency.p99), (1000, latency.max)] {
                let (micros, is_lower_bound) = expected.at(permille).unwrap();
                assert!(is_close(found, micros), "{permille} of {window:?}: {micros}");
                assert_eq!(latency.is_lower_bound(precise(permille as u64) / 10.0), is_lower_bound, "{permille} of {window:?}");
            }
        }
    }

    /// The 99 % quantile of latency over all planned events, in milliseconds; infinite for events without a response.
    pub(super) fn p99(&self) -> f64 {
        match self.latency.at(990) {
            Some((micros, false)) => precise(micros) / 1000.0,
            _ => f64::INFINITY,
        }
    }

    /// The number of consecutive events without a response at the end of the schedule.
    pub(super) fn silent_at_the_end(&self) -> usize {
        let mut events: Vec<_> = self.events.iter().collect();
        events.sort_by_key(|event| event.scheduled);
        let unsent = usize::try_from(self.not_sent()).unwrap();
        unsent + events.iter().rev().take_while(|event| event.status.is_none()).count()
    }
}

fn hold_times(name: &str, found: &Percentiles, expected: &Times) {
    for (permille, value) in
        [(500, found.p50), (900, found.p90), (950, found.p95), (990, found.p99), (999, found.p99_9), (1000, found.max)]
    {
        let Some((micros, is_lower_bound)) = expected.at(permille) else {
            assert_eq!(value, None, "{name} {permille}");
            continue;
        };
        let value = value.unwrap();
        let is_flagged = found.lower_bound_above.is_some_and(|above| precise(permille as u64) / 10.0 > above + 1e-9);
        assert_eq!(is_flagged, is_lower_bound, "{name} {permille}: {found:?}");
        if is_lower_bound && expected.unknown > 0 {
            assert!(value * 1000.0 >= precise(micros) * 0.999 - 1.0, "{name} {permille}: {value} ms, at least {micros} us");
        } else {
            assert!(is_close(value, micros), "{name} {permille}: {value} ms, expected {micros} us");
        }
    }
    if expected.unknown == 0 && expected.count() > 0 {
        let (mean, expected) = (found.mean.unwrap() * 1000.0, expected.mean());
        assert!((mean - expected).abs() <= expected / 500.0 + 2.0, "{name}: mean {mean} us, expected {expected}");
    }
}

/// Whether the values agree to three significant digits.
fn is_close(millis: f64, micros: u64) -> bool {
    (millis * 1000.0 - precise(micros)).abs() <= precise(micros) / 1000.0 + 1.0
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn precise(number: u64) -> f64 {
    number as f64
}
