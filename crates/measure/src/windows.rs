//! Counts for each second of the measured time. An open second keeps histograms. A closed second keeps only a row of
//! numbers. The number of rows is bounded: above the bound, neighbours are merged, and a row stands for two seconds, then
//! for four. The memory does not depend on the length of the run.
//!
//! Latency belongs to the second for which an event was scheduled, whenever it was answered. Each planned event counts in
//! exactly one second, and a second without answers has a latency too. All other figures count by their own time: sending by
//! its start, outcomes and service times by when they were known, lags by when the event was sent.
//!
//! A second is closed when all its events are settled, and [`OPEN_SECONDS_MAX`] after its end at the latest. Events that are
//! not settled by then count as unanswered up to then.

mod counts;
mod open_second;

use std::collections::VecDeque;

use hdrhistogram::Histogram;
use load_plan::Moment;

use crate::latency::Latencies;
use crate::observations::{Release, Sent, Settled};
use crate::time_histogram::time_histogram;
use crate::windows::open_second::OpenSecond;

pub use counts::{Quantiles, WindowCounts};

/// One hour of one-second rows.
const ROWS_MAX: usize = 3_600;

/// Minimum delay between the end of a second and its closing. Arbiters report observations hundredths of a second later, on
/// a busy machine tenths.
const OPEN_SECONDS_MIN: u64 = 2;

/// Maximum delay between the end of a second and its closing.
pub const OPEN_SECONDS_MAX: u64 = 60;

/// Microseconds in a second.
pub const SECOND_MICROS: u64 = 1_000_000;

/// Shorter pauses of the generator, in total, do not count as the cause of a delay.
const PAUSE_MICROS_MIN: u64 = 10_000;

/// A second that was just closed.
pub struct ClosedSecond<'a> {
    /// Number of the second, from 0.
    pub number: u64,
    /// The counts of the second.
    pub row: &'a WindowCounts,
    /// Latencies of the events scheduled in this second.
    pub latencies: Latencies<'a, u32>,
    /// Number of events that were not settled. They count as unanswered.
    pub unsettled: u64,
    /// Minimum time after which the unsettled events were given up, in microseconds.
    pub unsettled_micros: u64,
}

impl ClosedSecond<'_> {
    /// Whether pauses of the generator may have delayed events of this second: pauses of at least one per cent of a second.
    pub const fn is_near_pause(&self) -> bool {
        self.row.paused_near >= PAUSE_MICROS_MIN
    }
}

/// The windows of a run.
pub struct Windows {
    /// Start of the first window.
    from: Moment,
    rows: Vec<WindowCounts>,
    rows_max: usize,
    /// Seconds per row.
    width: u64,
    /// Number of seconds in the rows.
    closed: u64,
    /// The seconds after the closed seconds.
    open: VecDeque<OpenSecond>,
    /// Whether events have latencies and service times.
    has_latency: bool,
    /// An empty histogram.
    nothing: Histogram<u32>,
}

impl Windows {
    /// Creates windows that start at `from`.
    pub fn new(from: Moment) -> Self {
        Self::with_bound(from, ROWS_MAX)
    }

    fn with_bound(from: Moment, rows_max: usize) -> Self {
        let nothing = time_histogram();
        Self { from, rows: Vec::new(), rows_max, width: 1, closed: 0, open: VecDeque::new(), has_latency: true, nothing }
    }

    /// Returns the same windows for a run without acknowledgements, whose events have no latency.
    #[must_use]
    pub fn without_latency(self) -> Self {
        Self { has_latency: false, ..self }
    }

    /// Counts an event that a seeker began, by its scheduled time.
    pub fn begun(&mut self, scheduled: Moment) {
        self.row_at(scheduled).begun += 1;
    }

    /// Counts an event whose sending began at `at`.
    pub fn attempted(&mut self, at: Moment) {
        self.row_at(at).sent += 1;
    }

    /// Counts a sent event.
    pub fn sent(&mut self, sent: &Sent) {
        if let Some(open) = self.open_at(sent.at) {
            open.lag.record(sent.lag_micros);
        }
    }

    /// Counts the release of a due event.
    pub fn released(&mut self, release: &Release) {
        if let Some(open) = self.open_at(release.at) {
            open.generator_lag.record(release.late_micros);
        }
    }

    /// Counts an event with a known outcome.
    pub fn settled(&mut self, settled: &Settled) {
        *self.row_at(settled.at).outcomes.of_mut(settled.outcome) += 1;
        let latency_micros = settled.latency_micros();
        if !self.has_latency {
            if let Some(open) = self.open_at(settled.scheduled) {
                open.settled += 1;
            }
            return;
        }
        if let Some(open) = self.open_at(settled.scheduled) {
            open.settled += 1;
            let times = if settled.answered_request.is_some() { &mut open.answered } else { &mut open.unanswered };
            times.record(latency_micros);
        } else if let Some(latency) = &mut self.row_at(settled.scheduled).latency {
            // The percentiles of a closed second are lower bounds for the unsettled events.
            latency.max = latency.max.max(latency_micros);
        }
        if let Some(service_micros) = settled.service_micros()
            && let Some(open) = self.open_at(settled.at)
        {
            open.service_time.record(service_micros);
        }
    }

    /// Counts `count` events that no seeker began. They were scheduled for `scheduled` and given up at `given_up`.
    pub fn never_begun(&mut self, scheduled: Moment, count: u64, given_up: Moment) {
        self.row_at(given_up).outcomes.not_sent += count;
        let has_latency = self.has_latency;
        if let Some(open) = self.open_at(scheduled) {
            open.settled += count;
            if !has_latency {
                return;
            }
            open.unanswered.record_many(given_up.micros_since(scheduled), count);
        }
    }

    /// Records the number of live seekers.
    pub fn live(&mut self, now: Moment, seekers: u64) {
        if now >= self.from {
            let row = self.row_at(now);
            row.live = row.live.max(seekers);
        }
    }

    /// Records a pause of the generator. Events in flight before the pause, and events that queued after it, may be late as
    /// well.
    pub fn paused(&mut self, from: Moment, to: Moment) {
        let length = to.micros_since(from);
        let reach = length.min(OPEN_SECONDS_MAX * SECOND_MICROS);
        let reach = (from.minus(reach), to.plus(reach.max(SECOND_MICROS)));
        for second in self.second_of(reach.0)..=self.second_of(reach.1) {
            let (begin, end) = (self.begin_of(second), self.begin_of(second + 1));
            if to > self.from {
                let row = self.row_at(begin);
                row.paused_near += length;
                row.paused += to.min(end).micros_since(from.max(begin));
            }
        }
    }

    /// Closes the seconds whose events are settled, and the seconds that are overdue. `planned` returns the number of
    /// planned events between two moments.
    pub fn close_settled(
        &mut self,
        now: Moment,
        planned: impl Fn(Moment, Moment) -> u64,
        mut each: impl FnMut(&ClosedSecond<'_>),
    ) {
        let reported = self.second_of(now).saturating_sub(self.closed + OPEN_SECONDS_MIN);
        let reported = usize::try_from(reported).unwrap_or(usize::MAX);
        self.open.iter_mut().take(reported).for_each(OpenSecond::pack);
        while let Some(first) = self.open.front() {
            let (begin, end) = (self.begin_of(self.closed), self.begin_of(self.closed + 1));
            if now < end.plus(OPEN_SECONDS_MIN * SECOND_MICROS) {
                return;
            }
            let planned = planned(begin, end);
            let is_overdue = now >= end.plus(OPEN_SECONDS_MAX * SECOND_MICROS);
            if !is_overdue && !first.is_settled(planned) {
                return;
            }
            let unsettled = if is_overdue { first.unsettled(planned) } else { 0 };
            self.close_first(unsettled, now.micros_since(end), &mut each);
        }
    }

    /// Returns the latest `count` rows of the seconds that ended before `by`, oldest first, each with the number of its
    /// first second.
    pub fn latest(&self, count: usize, by: Moment) -> Vec<(u64, WindowCounts)> {
        let over = self.open.iter().zip(self.closed..).take_while(|(_, second)| *second < self.second_of(by));
        let mut latest: Vec<_> = over.map(|(open, second)| (second, open.row_so_far(&self.nothing))).collect();
        let first = (self.rows.len() + latest.len()).saturating_sub(count).min(self.rows.len());
        let closed = self.rows[first..].iter().zip(first as u64..).map(|(row, position)| (position * self.width, *row));
        latest.splice(0..0, closed);
        latest
    }

    /// Returns the sum of the counts of all rows, without the times.
    pub fn sum(&self) -> WindowCounts {
        WindowCounts::sum(self.rows.iter().chain(self.open.iter().map(|open| &open.row)))
    }

    /// Closes all seconds and returns all rows in order. Call it after the run has ended and all events are settled.
    pub fn finish(mut self, mut each: impl FnMut(&ClosedSecond<'_>)) -> Vec<WindowCounts> {
        while !self.open.is_empty() {
            self.close_first(0, 0, &mut each);
        }
        self.rows
    }

    fn second_of(&self, moment: Moment) -> u64 {
        moment.micros_since(self.from) / SECOND_MICROS
    }

    fn begin_of(&self, second: u64) -> Moment {
        self.from.plus(second.saturating_mul(SECOND_MICROS))
    }

    /// Returns the open second of `moment`, or `None` if it is closed.
    fn open_at(&mut self, moment: Moment) -> Option<&mut OpenSecond> {
        let second = self.second_of(moment);
        while second >= self.closed + self.open.len() as u64 {
            self.open.push_back(OpenSecond::new());
        }
        let position = usize::try_from(second.checked_sub(self.closed)?).ok()?;
        self.open.get_mut(position)
    }

    /// Returns the row that contains `moment`, even if its second is closed.
    fn row_at(&mut self, moment: Moment) -> &mut WindowCounts {
        let second = self.second_of(moment);
        if second < self.closed {
            let last = self.rows.len() - 1;
            let position = usize::try_from(second / self.width).unwrap_or(last);
            return &mut self.rows[position.min(last)];
        }
        &mut self.open_at(moment).expect("a second that is not closed is opened").row
    }

    /// Closes the first open second. `unsettled` of its events had no outcome `unsettled_micros` after its end.
    fn close_first(&mut self, unsettled: u64, unsettled_micros: u64, each: &mut impl FnMut(&ClosedSecond<'_>)) {
        let Some(mut open) = self.open.pop_front() else { return };
        if unsettled > 0 && self.has_latency {
            open.unanswered.record_many(unsettled_micros, unsettled);
        }
        let row = open.row_so_far(&self.nothing);
        each(&ClosedSecond {
            number: self.closed,
            row: &row,
            latencies: Latencies::new(open.answered.0.as_deref().unwrap_or(&self.nothing), open.unanswered.0.as_deref()),
            unsettled,
            unsettled_micros,
        });
        self.closed += 1;
        let has_room = self.rows.last().is_some_and(|last| last.seconds < self.width);
        if !has_room && self.rows.len() == self.rows_max {
            self.width *= 2;
            self.rows = self.rows.chunks(2).map(merged).collect();
        }
        match self.rows.last_mut() {
            // After a merge of an odd number of rows, the last row has room.
            Some(last) if last.seconds < self.width => last.merge(&row),
            _ => self.rows.push(row),
        }
    }
}

fn merged(rows: &[WindowCounts]) -> WindowCounts {
    let mut first = rows[0];
    for row in &rows[1..] {
        first.merge(row);
    }
    first
}

#[cfg(test)]
mod tests;
