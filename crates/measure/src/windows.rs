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

use std::collections::VecDeque;

use hdrhistogram::Histogram;
use load_plan::Moment;

use crate::latency::{Bound, Latencies};
use crate::observations::{Release, Sent, Settled};
use crate::outcome_counts::OutcomeCounts;
use crate::time_histogram::TIME_MICROS_MAX;
use crate::time_histogram::growing_histogram;
use crate::time_histogram::time_histogram;

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

/// The counts of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WindowCounts {
    /// Length of the window, in seconds.
    pub seconds: u64,
    /// Events that seekers began, by their scheduled time.
    pub begun: u64,
    /// Events whose sending began.
    pub sent: u64,
    /// Events by outcome, in the window in which the outcome was known.
    pub outcomes: OutcomeCounts,
    /// Latency of events scheduled in the window.
    pub latency: Option<Quantiles>,
    /// Service time of events answered in the window.
    pub service_time: Option<Quantiles>,
    /// The 99 % quantile of sent - scheduled, in microseconds.
    pub lag_p99: Option<u64>,
    /// The 99 % quantile of released - scheduled, in microseconds: the generator's own part of the lag.
    pub generator_lag_p99: Option<u64>,
    /// Time that the generator was paused in the window, in microseconds.
    pub paused: u64,
    /// Total length of the pauses that may have delayed events of the window, in microseconds. For merged seconds, that of
    /// the worst second.
    pub paused_near: u64,
    /// The highest number of live seekers seen in the window.
    pub live: u64,
}

/// Quantiles of a time in microseconds. For merged seconds, each quantile is that of the worst second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    /// Half of the values are at most this value.
    pub p50: u64,
    /// 90 % of the values are at most this value.
    pub p90: u64,
    /// 99 % of the values are at most this value.
    pub p99: u64,
    /// The largest value.
    pub max: u64,
    /// The percentile above which quantiles are lower bounds, if any are.
    pub lower_bound_above: Option<f64>,
}

impl Quantiles {
    /// Computes the quantiles of latencies; `None` without events.
    pub fn of<C: hdrhistogram::Counter>(latencies: &Latencies<'_, C>) -> Option<Self> {
        let at = |part| latencies.at(part).map(|Bound { micros, .. }| micros);
        Some(Self {
            p50: at(0.5)?,
            p90: at(0.9)?,
            p99: at(0.99)?,
            max: at(1.0)?,
            lower_bound_above: latencies.answered_percent(),
        })
    }

    fn worse(self, other: Self) -> Self {
        Self {
            p50: self.p50.max(other.p50),
            p90: self.p90.max(other.p90),
            p99: self.p99.max(other.p99),
            max: self.max.max(other.max),
            lower_bound_above: match (self.lower_bound_above, other.lower_bound_above) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        }
    }
}

impl WindowCounts {
    /// Returns the sum of the counts and the worst of the times.
    pub fn sum<'a>(rows: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for row in rows {
            sum.merge(row);
        }
        sum
    }

    /// Whether the window has no events.
    pub fn is_empty(&self) -> bool {
        self.begun == 0 && self.sent == 0 && self.outcomes.planned() == 0 && self.latency.is_none()
    }

    /// Adds the row of the following time.
    fn merge(&mut self, next: &Self) {
        self.seconds += next.seconds;
        self.begun += next.begun;
        self.sent += next.sent;
        self.outcomes.add(next.outcomes);
        self.latency = either(self.latency, next.latency);
        self.service_time = either(self.service_time, next.service_time);
        self.lag_p99 = self.lag_p99.max(next.lag_p99);
        self.generator_lag_p99 = self.generator_lag_p99.max(next.generator_lag_p99);
        self.paused += next.paused;
        self.paused_near = self.paused_near.max(next.paused_near);
        self.live = self.live.max(next.live);
    }
}

/// Returns the worse of both, or the only one.
fn either(one: Option<Quantiles>, other: Option<Quantiles>) -> Option<Quantiles> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.worse(other)),
        (one, other) => one.or(other),
    }
}

/// Times of one second, allocated for the first one. 32-bit counters are large enough for one second.
#[derive(Default)]
struct Times(Option<Box<Histogram<u32>>>);

impl Times {
    fn record_many(&mut self, micros: u64, count: u64) {
        let histogram = self.0.get_or_insert_with(|| Box::new(growing_histogram()));
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        histogram.record_n(micros.min(TIME_MICROS_MAX), count).expect("a histogram that grows accepts any value");
    }

    fn record(&mut self, micros: u64) {
        self.record_many(micros, 1);
    }

    fn quantile(&self, quantile: f64) -> Option<u64> {
        self.0.as_ref().map(|histogram| histogram.value_at_quantile(quantile))
    }

    fn quantiles(&self) -> Option<Quantiles> {
        self.0.as_deref().and_then(|histogram| Quantiles::of(&Latencies::new(histogram, None)))
    }
}

/// An open second.
#[derive(Default)]
struct Open {
    row: WindowCounts,
    /// Number of events scheduled in this second whose outcome is known.
    settled: u64,
    answered: Times,
    unanswered: Times,
    service_time: Times,
    lag: Times,
    generator_lag: Times,
}

impl Open {
    fn new() -> Self {
        Self { row: WindowCounts { seconds: 1, ..WindowCounts::default() }, ..Self::default() }
    }

    fn row_so_far(&self, nothing: &Histogram<u32>) -> WindowCounts {
        let latencies = Latencies::new(self.answered.0.as_deref().unwrap_or(nothing), self.unanswered.0.as_deref());
        WindowCounts { latency: Quantiles::of(&latencies), ..self.row_of_own_time() }
    }

    /// Returns the row without the latency: the figures that count by the second in which they happened.
    fn row_of_own_time(&self) -> WindowCounts {
        WindowCounts {
            service_time: either(self.row.service_time, self.service_time.quantiles()),
            lag_p99: self.row.lag_p99.max(self.lag.quantile(0.99)),
            generator_lag_p99: self.row.generator_lag_p99.max(self.generator_lag.quantile(0.99)),
            ..self.row
        }
    }

    /// Replaces the histograms of this second's own time by numbers, once all its observations have arrived.
    fn pack(&mut self) {
        self.row = self.row_of_own_time();
        for times in [&mut self.service_time, &mut self.lag, &mut self.generator_lag] {
            *times = Times::default();
        }
    }

    /// Returns the number of unsettled events of this second, if `planned` events were planned.
    fn unsettled(&self, planned: u64) -> u64 {
        self.row.begun.max(planned).saturating_sub(self.settled)
    }

    /// Whether all events are settled, if `planned` events were planned. Seekers that are briefly ahead of the plan begin a
    /// few events of one second in place of another second's.
    fn is_settled(&self, planned: u64) -> bool {
        const AHEAD_EVENTS: u64 = 16;
        self.settled >= self.row.begun && self.row.begun + planned / 50 + AHEAD_EVENTS >= planned
    }
}

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
    open: VecDeque<Open>,
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
        Self { from, rows: Vec::new(), rows_max, width: 1, closed: 0, open: VecDeque::new(), nothing }
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
    pub fn lacked(&mut self, scheduled: Moment, count: u64, given_up: Moment) {
        self.row_at(given_up).outcomes.not_sent += count;
        if let Some(open) = self.open_at(scheduled) {
            open.settled += count;
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
        let told = self.second_of(now).saturating_sub(self.closed + OPEN_SECONDS_MIN);
        let told = usize::try_from(told).unwrap_or(usize::MAX);
        self.open.iter_mut().take(told).for_each(Open::pack);
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
    fn open_at(&mut self, moment: Moment) -> Option<&mut Open> {
        let second = self.second_of(moment);
        while second >= self.closed + self.open.len() as u64 {
            self.open.push_back(Open::new());
        }
        let position = usize::try_from(second.checked_sub(self.closed)?).ok()?;
        self.open.get_mut(position)
    }

    /// Returns the row that counts for `moment`, even if its second is closed.
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
        if unsettled > 0 {
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
