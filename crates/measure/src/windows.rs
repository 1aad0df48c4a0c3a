//! What happened in each second of the measured time. A second that is going on keeps histograms; of a second that is closed only a row
//! of numbers stays. There are never more rows than a bound: beyond it, neighbours are merged, so that a row stands for two seconds, then
//! for four. So the memory is the same whatever the length of the run.
//!
//! Latency belongs to the second for which an event was scheduled, whenever it was answered, so that each planned event counts in exactly
//! one second and a second in which nothing was answered has a latency too. All else counts by its own moment: sending by when it began,
//! outcomes and service times by when they were known, lags by when the event went out.
//!
//! A second is closed when each of its events is settled, and [`OPEN_SECONDS_MAX`] after its end at the latest. Events that are not
//! settled by then count as unanswered up to then.

use std::collections::VecDeque;

use hdrhistogram::Histogram;
use load_plan::Moment;

use crate::latency::{Bound, Latencies};
use crate::observations::{Release, Sent, Settled};
use crate::outcome_counts::OutcomeCounts;
use crate::time_histogram::TIME_MICROS_MAX;
use crate::time_histogram::growing_histogram;
use crate::time_histogram::time_histogram;

/// An hour by the second.
const ROWS_MAX: usize = 3_600;

/// How long after its end a second is closed at the earliest: arbiters tell what happened hundredths of a second later, on a busy machine
/// tenths.
const OPEN_SECONDS_MIN: u64 = 2;

/// How long after its end a second is closed at the latest.
pub const OPEN_SECONDS_MAX: u64 = 60;

/// Microseconds in a second.
pub const SECOND_MICROS: u64 = 1_000_000;

/// Shorter pauses of the generator, together, are not taken for the cause of anything.
const PAUSE_MICROS_MIN: u64 = 10_000;

/// What happened in a window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WindowCounts {
    /// How many seconds it stands for.
    pub seconds: u64,
    /// Events that seekers began, by their scheduled time.
    pub begun: u64,
    /// Events whose sending began.
    pub sent: u64,
    /// Events whose outcome was known.
    pub outcomes: OutcomeCounts,
    /// Of events that were scheduled for it.
    pub latency: Option<Quantiles>,
    /// Of events that were answered in it.
    pub service_time: Option<Quantiles>,
    /// The 99 % quantile of sent - scheduled, in microseconds.
    pub lag_p99: Option<u64>,
    /// The same of released - scheduled: the part of the lag that is the generator's own.
    pub generator_lag_p99: Option<u64>,
    /// For how long the generator stood still in it, in microseconds.
    pub paused: u64,
    /// How long the pauses were that may have delayed events of it, in microseconds. Where seconds were merged, of the worst second.
    pub paused_near: u64,
    /// The most seekers that were seen live.
    pub live: u64,
}

/// Quantiles of a time in microseconds. Where seconds were merged, each is that of the worst second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantiles {
    /// Half of the values are at most this.
    pub p50: u64,
    /// 90 % are.
    pub p90: u64,
    /// 99 % are.
    pub p99: u64,
    /// The largest value.
    pub max: u64,
    /// Above this percentile they are lower bounds, if any is.
    pub lower_bound_above: Option<f64>,
}

impl Quantiles {
    /// The percentiles of latencies; `None` without events.
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
    /// What was counted in these together, and the worst of the times.
    pub fn sum<'a>(rows: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for row in rows {
            sum.merge(row);
        }
        sum
    }

    /// Whether nothing happened to any event.
    pub fn is_empty(&self) -> bool {
        self.begun == 0 && self.sent == 0 && self.outcomes.planned() == 0 && self.latency.is_none()
    }

    /// Adds the row of the time that follows.
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

/// The worse of both, or the one that is there.
fn either(one: Option<Quantiles>, other: Option<Quantiles>) -> Option<Quantiles> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.worse(other)),
        (one, other) => one.or(other),
    }
}

/// Times of one second; there once there is one. Counters of 32 bits do for a second.
#[derive(Default)]
struct Times(Option<Box<Histogram<u32>>>);

impl Times {
    fn record_many(&mut self, micros: u64, count: u64) {
        let histogram = self.0.get_or_insert_with(|| Box::new(growing_histogram()));
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        histogram.record_n(micros.min(TIME_MICROS_MAX), count).expect("a histogram that grows takes any value");
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

/// A second that is not closed.
#[derive(Default)]
struct Open {
    row: WindowCounts,
    /// How many of the events that were scheduled for it are settled.
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

    /// The row without the latency: all that counts by the second in which it happened.
    fn row_of_own_time(&self) -> WindowCounts {
        WindowCounts {
            service_time: either(self.row.service_time, self.service_time.quantiles()),
            lag_p99: self.row.lag_p99.max(self.lag.quantile(0.99)),
            generator_lag_p99: self.row.generator_lag_p99.max(self.generator_lag.quantile(0.99)),
            ..self.row
        }
    }

    /// Keeps numbers in place of the histograms of what happened in this second, once all of it is told.
    fn pack(&mut self) {
        self.row = self.row_of_own_time();
        for times in [&mut self.service_time, &mut self.lag, &mut self.generator_lag] {
            *times = Times::default();
        }
    }

    /// Events of this second that are not settled, where so many were planned.
    fn unsettled(&self, planned: u64) -> u64 {
        self.row.begun.max(planned).saturating_sub(self.settled)
    }

    /// Whether all of its events are settled, where so many were planned. Seekers who are ahead of the plan for a moment begin a few events
    /// of one second in place of another's.
    fn is_settled(&self, planned: u64) -> bool {
        const AHEAD_EVENTS: u64 = 16;
        self.settled >= self.row.begun && self.row.begun + planned / 50 + AHEAD_EVENTS >= planned
    }
}

/// A second that has just been closed.
pub struct ClosedSecond<'a> {
    /// Which one, from 0.
    pub number: u64,
    /// The counts of the second.
    pub row: &'a WindowCounts,
    /// Of the events that were scheduled for it.
    pub latencies: Latencies<'a, u32>,
    /// How many of them were not settled, and are counted as unanswered.
    pub unsettled: u64,
    /// After how long they were, in microseconds, at least.
    pub unsettled_micros: u64,
}

impl ClosedSecond<'_> {
    /// Whether pauses of the generator may have delayed its events: one per cent of a second of them.
    pub const fn is_near_pause(&self) -> bool {
        self.row.paused_near >= PAUSE_MICROS_MIN
    }
}

/// The windows of a run.
pub struct Windows {
    /// Where the first begins.
    from: Moment,
    rows: Vec<WindowCounts>,
    rows_max: usize,
    /// How many seconds a row stands for.
    width: u64,
    /// How many seconds are in the rows.
    closed: u64,
    /// The seconds that follow them.
    open: VecDeque<Open>,
    /// Without an entry.
    nothing: Histogram<u32>,
}

impl Windows {
    /// Windows from that moment on.
    pub fn new(from: Moment) -> Self {
        Self::with_bound(from, ROWS_MAX)
    }

    fn with_bound(from: Moment, rows_max: usize) -> Self {
        let nothing = time_histogram();
        Self { from, rows: Vec::new(), rows_max, width: 1, closed: 0, open: VecDeque::new(), nothing }
    }

    /// Counts an event that a seeker began and that is scheduled for that moment.
    pub fn begun(&mut self, scheduled: Moment) {
        self.row_at(scheduled).begun += 1;
    }

    /// Counts an event whose sending began at that moment.
    pub fn attempted(&mut self, at: Moment) {
        self.row_at(at).sent += 1;
    }

    /// Counts an event that went out.
    pub fn sent(&mut self, sent: &Sent) {
        if let Some(open) = self.open_at(sent.at) {
            open.lag.record(sent.lag_micros);
        }
    }

    /// Counts an event that was due and has been released to be sent.
    pub fn released(&mut self, release: &Release) {
        if let Some(open) = self.open_at(release.at) {
            open.generator_lag.record(release.late_micros);
        }
    }

    /// Counts an event whose outcome is known.
    pub fn settled(&mut self, settled: &Settled) {
        *self.row_at(settled.at).outcomes.of_mut(settled.outcome) += 1;
        let latency_micros = settled.latency_micros();
        if let Some(open) = self.open_at(settled.scheduled) {
            open.settled += 1;
            let times = if settled.answered_request.is_some() { &mut open.answered } else { &mut open.unanswered };
            times.record(latency_micros);
        } else if let Some(latency) = &mut self.row_at(settled.scheduled).latency {
            // The percentiles of a closed second are lower bounds for what was not settled.
            latency.max = latency.max.max(latency_micros);
        }
        if let Some(service_micros) = settled.service_micros()
            && let Some(open) = self.open_at(settled.at)
        {
            open.service_time.record(service_micros);
        }
    }

    /// Counts events that no seeker began, though they were scheduled for that moment; they were given up at the other.
    pub fn lacked(&mut self, scheduled: Moment, count: u64, given_up: Moment) {
        self.row_at(given_up).outcomes.not_sent += count;
        if let Some(open) = self.open_at(scheduled) {
            open.settled += count;
            open.unanswered.record_many(given_up.micros_since(scheduled), count);
        }
    }

    /// Records how many seekers are live.
    pub fn live(&mut self, now: Moment, seekers: u64) {
        if now >= self.from {
            let row = self.row_at(now);
            row.live = row.live.max(seekers);
        }
    }

    /// Records that the generator stood still. What was on its way before, and what piled up after, may be late as well.
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

    /// Closes the seconds whose events are settled by then; those whose events should have been settled long ago as well. How many
    /// events are planned from one moment to another is asked for.
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

    /// The latest rows, oldest first, of the seconds that are over by then, each with the second that it begins with.
    pub fn latest(&self, count: usize, by: Moment) -> Vec<(u64, WindowCounts)> {
        let over = self.open.iter().zip(self.closed..).take_while(|(_, second)| *second < self.second_of(by));
        let mut latest: Vec<_> = over.map(|(open, second)| (second, open.row_so_far(&self.nothing))).collect();
        let first = (self.rows.len() + latest.len()).saturating_sub(count).min(self.rows.len());
        let closed = self.rows[first..].iter().zip(first as u64..).map(|(row, position)| (position * self.width, *row));
        latest.splice(0..0, closed);
        latest
    }

    /// What was counted in all rows together, without the times.
    pub fn sum(&self) -> WindowCounts {
        WindowCounts::sum(self.rows.iter().chain(self.open.iter().map(|open| &open.row)))
    }

    /// Closes all seconds, once the run has ended and each event is settled; all rows, one after the other.
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

    /// The open second of a moment, unless it is closed.
    fn open_at(&mut self, moment: Moment) -> Option<&mut Open> {
        let second = self.second_of(moment);
        while second >= self.closed + self.open.len() as u64 {
            self.open.push_back(Open::new());
        }
        let position = usize::try_from(second.checked_sub(self.closed)?).ok()?;
        self.open.get_mut(position)
    }

    /// The row that counts for a moment, even if its second is closed.
    fn row_at(&mut self, moment: Moment) -> &mut WindowCounts {
        let second = self.second_of(moment);
        if second < self.closed {
            let last = self.rows.len() - 1;
            let position = usize::try_from(second / self.width).unwrap_or(last);
            return &mut self.rows[position.min(last)];
        }
        &mut self.open_at(moment).expect("a second that is not closed is opened").row
    }

    /// Closes the first open second, in which so many events were not settled, so long after its end.
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
            // After a merge of an odd number of rows the last one has room.
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
