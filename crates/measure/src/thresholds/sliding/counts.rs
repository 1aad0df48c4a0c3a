//! The counts of one second or of all seconds of a window, by bucket, so that a second that leaves the window can be subtracted.

use std::collections::BTreeMap;

use load_plan::threshold::{Figure, Statistic};
use load_plan::units::millis;

use super::packed_counts::PackedCounts;
use crate::latency::rank;
use crate::outcome_counts::OutcomeCounts;
use crate::time_bucket::{bucket, longest, shortest};

/// Counts of times in one second, by bucket.
#[derive(Debug, Default)]
pub(super) struct TimeCounts {
    counts: BTreeMap<u32, u64>,
}

impl TimeCounts {
    pub(super) fn record(&mut self, micros: u64, count: u64) {
        if count > 0 {
            *self.counts.entry(bucket(micros)).or_default() += count;
        }
    }
}

/// Counts of times in all seconds of a window, by the number of the bucket.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct WindowTimes {
    counts: Vec<u64>,
    sum: u64,
}

impl WindowTimes {
    fn add(&mut self, packed: &PackedCounts) {
        for (bucket, count) in packed.iter() {
            let place = bucket as usize;
            if place >= self.counts.len() {
                self.counts.resize(place + 1, 0);
            }
            self.counts[place] += count;
            self.sum += count;
        }
    }

    /// Subtracts counts that were added before.
    fn subtract(&mut self, packed: &PackedCounts) {
        for (bucket, count) in packed.iter() {
            self.counts[bucket as usize] -= count;
            self.sum -= count;
        }
    }

    fn with_counts(&self) -> impl DoubleEndedIterator<Item = (u32, u64)> {
        let buckets = 0..u32::try_from(self.counts.len()).unwrap_or(u32::MAX);
        buckets.zip(&self.counts).map(|(bucket, count)| (bucket, *count)).filter(|(_, count)| *count > 0)
    }

    /// Returns the bucket of the time with that rank, from 1.
    fn at_rank(&self, rank: u64) -> Option<u32> {
        let after = self.sum.checked_sub(rank)?;
        let mut seen = 0;
        // Most ranks are among the longest times.
        let reached = self.with_counts().rev().find(|(_, count)| {
            seen += count;
            seen > after
        });
        reached.map(|(bucket, _)| bucket)
    }

    /// Returns the time of each bucket in milliseconds, and its count.
    fn weighted(&self, time: fn(u32) -> u64) -> impl Iterator<Item = (f64, f64)> {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
        self.with_counts().map(move |(bucket, count)| (time(bucket) as f64 / 1000.0, count as f64))
    }
}

/// The counts that a threshold needs, for one second or for all seconds of a window. The time of an answered event is the longest time of its
/// bucket, as in a histogram. The time of an event without an answer is the shortest time of its bucket, because it is a lower bound.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Part<T = TimeCounts> {
    pub(super) answered: T,
    /// Times after which events without an answer were given up.
    pub(super) unanswered: T,
    pub(super) outcomes: OutcomeCounts,
    /// Number of events whose sending began.
    pub(super) sent: u64,
    /// Total length of the generator's pauses near these seconds, in microseconds.
    pub(super) paused: u64,
}

impl Part<PackedCounts> {
    /// Returns the sum of the counts of two generators in the same second.
    #[must_use]
    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut outcomes = self.outcomes;
        outcomes.add(other.outcomes);
        Self {
            answered: self.answered.plus(&other.answered),
            unanswered: self.unanswered.plus(&other.unanswered),
            outcomes,
            sent: self.sent + other.sent,
            paused: self.paused + other.paused,
        }
    }
}

impl Part {
    pub(super) fn packed(&self) -> Part<PackedCounts> {
        let Self { answered, unanswered, outcomes, sent, paused } = self;
        let (answered, unanswered) = (PackedCounts::from(&answered.counts), PackedCounts::from(&unanswered.counts));
        Part { answered, unanswered, outcomes: *outcomes, sent: *sent, paused: *paused }
    }
}

impl Part<WindowTimes> {
    pub(super) fn add(&mut self, other: &Part<PackedCounts>) {
        self.answered.add(&other.answered);
        self.unanswered.add(&other.unanswered);
        self.outcomes.add(other.outcomes);
        self.sent += other.sent;
        self.paused += other.paused;
    }

    /// Subtracts counts that were added before.
    pub(super) fn subtract(&mut self, other: &Part<PackedCounts>) {
        self.answered.subtract(&other.answered);
        self.unanswered.subtract(&other.unanswered);
        self.outcomes.subtract(other.outcomes);
        self.sent -= other.sent;
        self.paused -= other.paused;
    }

    /// Returns the smallest time that is not exceeded by the share `part` of all times, in milliseconds, and whether it is a
    /// lower bound.
    pub(super) fn quantile(&self, part: f64) -> Option<(f64, bool)> {
        let rank = rank(part, self.answered.sum + self.unanswered.sum)?;
        if rank <= self.answered.sum {
            return self.answered.at_rank(rank).map(|bucket| (millis(longest(bucket)), false));
        }
        let longest_answer = self.answered.with_counts().next_back().map_or(0, |(bucket, _)| longest(bucket));
        self.unanswered.at_rank(rank - self.answered.sum).map(|bucket| (millis(shortest(bucket).max(longest_answer)), true))
    }

    /// Returns the mean or the standard deviation, in milliseconds, and whether it is a lower bound.
    pub(super) fn moment(&self, statistic: Statistic) -> Option<(f64, bool)> {
        let all = || self.answered.weighted(longest).chain(self.unanswered.weighted(shortest));
        let count: f64 = all().map(|(_, count)| count).sum();
        if count < 1.0 {
            return None;
        }
        let mean = all().map(|(millis, count)| millis * count).sum::<f64>() / count;
        let value = match statistic {
            Statistic::StandardDeviation => {
                (all().map(|(millis, times)| (millis - mean).powi(2) * times).sum::<f64>() / count).sqrt()
            }
            _ => mean,
        };
        Some((value, self.unanswered.sum > 0))
    }

    /// Returns the figure in its own unit, and whether it is a lower bound; `None` if nothing was measured.
    pub(super) fn value(&self, figure: Figure, seconds: u64) -> Option<(f64, bool)> {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
        let exact = |count: u64| count as f64;
        match figure {
            Figure::Time(_, statistic) => match statistic.part() {
                Some(part) => self.quantile(part),
                None => self.moment(statistic),
            },
            Figure::Count(counted) => Some((exact(self.outcomes.of(counted)), false)),
            Figure::Ratio(counted) => {
                let whole = self.outcomes.planned();
                (whole > 0).then(|| (exact(self.outcomes.of(counted)) / exact(whole), false))
            }
            Figure::Rate => Some((exact(self.sent) / exact(seconds), false)),
            Figure::AchievedRatio => None,
        }
    }
}
