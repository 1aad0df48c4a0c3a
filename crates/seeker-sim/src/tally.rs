//! Counts and histograms of what came of events: what an outbox adds to, what the recorder adds up. Constant in size, whatever the
//! length of the run.

use std::collections::BTreeMap;

use client_event::EventType;
use hdrhistogram::Histogram;

/// What came of an event that was sent, or could not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Answered with 2xx.
    Acknowledged,
    /// Answered otherwise, below 500: not taken.
    Refused,
    /// Answered with 5xx, or there was no connection to send it over or to get the answer from.
    Failed,
    /// Sent, and no answer in time.
    Unknown,
}

/// Events of one type by their fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fates {
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
    pub(crate) failed: u64,
    pub(crate) unknown: u64,
}

impl Fates {
    pub(crate) const fn sent(self) -> u64 {
        self.acknowledged + self.refused + self.failed + self.unknown
    }

    pub(crate) const fn not_acknowledged(self) -> u64 {
        self.refused + self.failed + self.unknown
    }

    fn of(&mut self, fate: Fate) -> &mut u64 {
        match fate {
            Fate::Acknowledged => &mut self.acknowledged,
            Fate::Refused => &mut self.refused,
            Fate::Failed => &mut self.failed,
            Fate::Unknown => &mut self.unknown,
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.failed += other.failed;
        self.unknown += other.unknown;
    }
}

/// A time in microseconds: three significant digits, from one microsecond to more than an hour.
pub(crate) fn time_histogram() -> Histogram<u64> {
    const HOUR_MICROS: u64 = 3_600_000_000;
    const SIGNIFICANT_DIGITS: u8 = 3;
    let mut histogram = Histogram::new_with_bounds(1, HOUR_MICROS, SIGNIFICANT_DIGITS).expect("the bounds are sound");
    histogram.auto(true);
    histogram
}

/// At most so many kinds of errors are told apart; the rest is counted together.
const ERROR_KINDS_MAX: usize = 20;

/// What came of events.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) fates: [Fates; 16],
    /// Events of the warm-up; in no other figure.
    pub(crate) warm_up: Fates,
    /// Sent before the end of the plan, and not in the time after it.
    pub(crate) sent_in_time: u64,
    /// Answered - intended, of answered events.
    pub(crate) latency: Histogram<u64>,
    /// Answered - sent, of answered events.
    pub(crate) service_time: Histogram<u64>,
    /// Sent - intended, of sent events.
    pub(crate) schedule_lag: Histogram<u64>,
    /// How late the outbox looked at an event that was due: the part of the lag that only the generator can be blamed for.
    pub(crate) release_lag: Histogram<u64>,
    /// What went wrong, and how often.
    pub(crate) errors: BTreeMap<String, u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            fates: [Fates::default(); 16],
            warm_up: Fates::default(),
            sent_in_time: 0,
            latency: time_histogram(),
            service_time: time_histogram(),
            schedule_lag: time_histogram(),
            release_lag: time_histogram(),
            errors: BTreeMap::new(),
        }
    }
}

impl Tally {
    pub(crate) fn count(&mut self, event_type: EventType, fate: Fate) {
        *self.fates[event_type.index()].of(fate) += 1;
    }

    pub(crate) fn count_warm_up(&mut self, fate: Fate) {
        *self.warm_up.of(fate) += 1;
    }

    pub(crate) fn error(&mut self, kind: String) {
        self.add_errors(kind, 1);
    }

    pub(crate) fn total(&self) -> Fates {
        let mut total = Fates::default();
        for fates in self.fates {
            total.add(fates);
        }
        total
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.release_lag.is_empty() && self.total().sent() == 0 && self.warm_up.sent() == 0
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, fates) in self.fates.iter_mut().zip(other.fates) {
            sum.add(fates);
        }
        self.warm_up.add(other.warm_up);
        self.sent_in_time += other.sent_in_time;
        for (sum, histogram) in [
            (&mut self.latency, &other.latency),
            (&mut self.service_time, &other.service_time),
            (&mut self.schedule_lag, &other.schedule_lag),
            (&mut self.release_lag, &other.release_lag),
        ] {
            sum.add(histogram).expect("a histogram that resizes itself takes every value");
        }
        for (kind, count) in &other.errors {
            self.add_errors(kind.clone(), *count);
        }
    }

    fn add_errors(&mut self, kind: String, count: u64) {
        const OTHERS: &str = "other errors";
        let known = self.errors.contains_key(&kind) || self.errors.len() < ERROR_KINDS_MAX;
        *self.errors.entry(if known { kind } else { OTHERS.to_owned() }).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up() {
        let mut one = Tally::default();
        one.count(EventType::View, Fate::Acknowledged);
        one.latency.saturating_record(1_500);
        one.error("connection refused".to_owned());
        let mut sum = one.clone();
        sum.add(&one);
        assert_eq!(sum.total().acknowledged, 2);
        assert_eq!(sum.latency.len(), 2);
        assert_eq!(sum.errors["connection refused"], 2);
        assert!(Tally::default().is_empty() && !sum.is_empty());
    }

    #[test]
    fn kinds_of_errors_are_bounded() {
        let mut tally = Tally::default();
        for number in 0..1000 {
            tally.error(format!("error {number}"));
        }
        assert!(tally.errors.len() <= ERROR_KINDS_MAX + 1);
        assert_eq!(tally.errors.values().sum::<u64>(), 1000);
    }
}
