//! Figures over a sliding window, for thresholds such as `latency.p99 < 50ms over 10s`. Windows consist of whole seconds and
//! slide by one second, within the time in which events are due. Only the worst value of all windows is kept, so the memory
//! is that of one window.
//!
//! An event counts in the second of its schedule with any outcome, so a window without an answer counts too. Only a rate
//! counts by the time of sending. Events scheduled after the last whole second count in that second, so every event is
//! judged. Percentiles have the precision of a histogram with three digits. They are kept as counts by bucket, because a second that
//! leaves the window must be subtracted. The counts of a closed second are packed: about a byte for each bucket.
//!
//! A generator that has a part of a load can keep the counts of all seconds as [`SecondSeries`], so that [`SeriesSum`] finds
//! the worst window of all parts together.

mod counts;
mod packed_counts;
mod series;
mod series_sum;
mod worst;

use std::collections::{BTreeSet, VecDeque};

use load_plan::Moment;
use load_plan::load::Load;
use load_plan::threshold::{Figure, Threshold, TimeFigure};
use load_plan::units::millis;

use crate::observations::Observations;
use crate::outcome_counts::OutcomeCounts;
use crate::thresholds::sliding::counts::{Part, WindowTimes};
use crate::thresholds::sliding::packed_counts::PackedCounts;
use crate::thresholds::sliding::series::SeriesWriter;
use crate::windows::{ClosedSecond, SECOND_MICROS};

pub use series::{SecondSeries, SeriesCounts};
pub use series_sum::SeriesSum;
pub use worst::Worst;

/// The result of a threshold over a window.
#[derive(Clone, Copy, Debug, PartialEq)]
struct WindowResult {
    threshold: Threshold,
    worst: Option<Worst>,
    /// Whether the threshold was missed in a window that no pause of the generator may have delayed.
    is_missed_without_pause: bool,
}

/// The results of all thresholds over a window.
#[derive(Clone, Debug, Default)]
pub struct WorstWindows(Vec<WindowResult>);

impl WorstWindows {
    /// Returns the worst value for a threshold; `None` if nothing was measured.
    pub fn of(&self, threshold: &Threshold) -> Option<Worst> {
        self.found(threshold)?.worst
    }

    /// Whether a threshold was missed in a window that no pause of the generator may have delayed.
    pub fn is_missed_without_pause(&self, threshold: &Threshold) -> bool {
        self.found(threshold).is_some_and(|found| found.is_missed_without_pause)
    }

    fn found(&self, threshold: &Threshold) -> Option<&WindowResult> {
        self.0.iter().find(|found| found.threshold == *threshold)
    }
}

/// The sliding windows of all thresholds over a window.
pub struct SlidingWindows {
    windows: Vec<SlidingWindow>,
}

impl SlidingWindows {
    /// Creates the windows of the thresholds over a window.
    pub fn new(thresholds: &[Threshold], load: &Load) -> Self {
        let windows = thresholds.iter().filter_map(|threshold| SlidingWindow::new(*threshold, load));
        Self { windows: windows.collect() }
    }

    /// Keeps the counts of all seconds, for the windows of several generators together.
    #[must_use]
    pub fn keep_seconds(mut self) -> Self {
        let counts: BTreeSet<_> = self.windows.iter().map(|window| SeriesCounts::of(&window.threshold)).collect();
        for counts_of_series in &counts {
            // Thresholds on the same events share a series.
            if let Some(window) = self.windows.iter_mut().find(|window| SeriesCounts::of(&window.threshold) == *counts_of_series)
            {
                window.series = Some(SeriesWriter::new(*counts_of_series, counts.len()));
            }
        }
        self
    }

    /// Adds the observations of an arbiter.
    pub fn add(&mut self, observations: &Observations) {
        for window in &mut self.windows {
            window.add(observations);
        }
    }

    /// Counts `count` events that no seeker began. They were scheduled for `scheduled` and given up at `given_up`.
    pub fn never_begun(&mut self, scheduled: Moment, count: u64, given_up: Moment) {
        for window in &mut self.windows {
            window.give_up(scheduled, count, given_up.micros_since(scheduled));
        }
    }

    /// Takes a closed second, which gets no more events. The last second stays open for events that are scheduled after it.
    pub fn close(&mut self, closed: &ClosedSecond<'_>) {
        for window in &mut self.windows {
            window.close(closed);
        }
    }

    /// Returns the worst value for a threshold so far.
    pub fn worst_so_far(&self, threshold: &Threshold) -> Option<Worst> {
        self.windows.iter().find(|window| window.threshold == *threshold).and_then(|window| window.worst)
    }

    /// Whether any window missed its threshold.
    pub fn has_miss(&self) -> bool {
        self.windows.iter().any(|window| window.worst.is_some_and(|worst| !worst.holds(&window.threshold)))
    }

    /// Returns the results over the whole seconds in which events were due. Call it after the last observations.
    pub fn finish(&mut self, due_until: Moment) -> WorstWindows {
        let found = self.windows.iter_mut().map(|window| {
            window.close_by(window.second_of(due_until));
            let SlidingWindow { threshold, worst, is_missed_without_pause, .. } = *window;
            WindowResult { threshold, worst, is_missed_without_pause }
        });
        WorstWindows(found.collect())
    }

    /// Returns the kept counts of all closed seconds. Call it after [`finish`](Self::finish).
    pub fn take_series(&mut self) -> Vec<SecondSeries> {
        self.windows.iter_mut().filter_map(|window| window.series.take()?.finish()).collect()
    }
}

/// The sliding window of one threshold.
struct SlidingWindow {
    threshold: Threshold,
    /// Length of the window, in seconds.
    seconds: u64,
    /// Start of the first second.
    from: Moment,
    /// The last second that is due as a whole.
    last: u64,
    /// Number of closed seconds.
    closed: u64,
    /// The seconds after the closed seconds.
    open: VecDeque<Part>,
    /// The last closed seconds, up to the length of the window.
    in_window: VecDeque<Part<PackedCounts>>,
    /// Sum of `in_window`.
    sum: Part<WindowTimes>,
    worst: Option<Worst>,
    is_missed_without_pause: bool,
    /// Keeps the closed seconds.
    series: Option<SeriesWriter>,
}

impl SlidingWindow {
    fn new(threshold: Threshold, load: &Load) -> Option<Self> {
        let due = load.end().micros_since(load.measured_from()) / SECOND_MICROS;
        Some(Self {
            threshold,
            seconds: threshold.over?.as_secs(),
            from: load.measured_from(),
            last: due.saturating_sub(1),
            closed: 0,
            open: VecDeque::new(),
            in_window: VecDeque::new(),
            sum: Part::default(),
            worst: None,
            is_missed_without_pause: false,
            series: None,
        })
    }

    fn second_of(&self, moment: Moment) -> u64 {
        moment.micros_since(self.from) / SECOND_MICROS
    }

    fn add(&mut self, observations: &Observations) {
        let Threshold { event_type, figure, .. } = self.threshold;
        match figure {
            Figure::Rate => {
                for at in &observations.attempted {
                    if self.second_of(*at) <= self.last {
                        self.part_at(*at).sent += 1;
                    }
                }
            }
            Figure::Time(TimeFigure::ScheduleLag, _) => {
                for sent in &observations.sent {
                    let scheduled = sent.at.minus(sent.lag_micros);
                    self.part_at(scheduled).answered.record(sent.lag_micros, 1);
                }
            }
            Figure::Time(..) | Figure::Count(_) | Figure::Ratio(_) | Figure::AchievedRatio => {
                let settled =
                    observations.settled.iter().filter(|settled| event_type.is_none_or(|wanted| wanted == settled.event_type));
                for settled in settled {
                    let part = self.part_at(settled.scheduled);
                    *part.outcomes.of_mut(settled.outcome) += 1;
                    let Figure::Time(time, _) = figure else { continue };
                    match (time, settled.service_micros()) {
                        (TimeFigure::ServiceTime, Some(micros)) => part.answered.record(micros, 1),
                        (_, Some(_)) => part.answered.record(settled.latency_micros(), 1),
                        (TimeFigure::Latency, None) => part.unanswered.record(settled.latency_micros(), 1),
                        (_, None) => {}
                    }
                }
            }
        }
    }

    /// Counts events that were scheduled for `scheduled` and given up after `micros`. Their type is unknown, so they count
    /// for every type.
    fn give_up(&mut self, scheduled: Moment, count: u64, micros: u64) {
        let figure = self.threshold.figure;
        if matches!(figure, Figure::Rate) {
            return;
        }
        let part = self.part_at(scheduled);
        part.outcomes.not_sent += count;
        if matches!(figure, Figure::Time(TimeFigure::Latency, _)) {
            part.unanswered.record(micros, count);
        }
    }

    /// Returns the part of the second of `moment`, or of the nearest open second.
    fn part_at(&mut self, moment: Moment) -> &mut Part {
        let second = self.second_of(moment).min(self.last).max(self.closed);
        let position = usize::try_from(second - self.closed).unwrap_or(usize::MAX);
        if self.open.len() <= position {
            self.open.resize_with(position + 1, Part::default);
        }
        &mut self.open[position]
    }

    /// Takes a closed second.
    fn close(&mut self, closed: &ClosedSecond<'_>) {
        let begin = self.from.plus(closed.number.saturating_mul(SECOND_MICROS));
        if closed.unsettled > 0 {
            self.give_up(begin, closed.unsettled, closed.unsettled_micros);
        }
        if closed.is_near_pause() {
            self.part_at(begin).paused += closed.row.paused_near;
        }
        // Events scheduled after the last second count in it, so it stays open.
        self.close_by((closed.number + 1).min(self.last));
    }

    /// Whether pauses of the generator may have caused a miss in the closed window. A pause explains times that are longer
    /// by at most twice the pauses. It also explains ratios and counts that would hold without the events that had no
    /// answer.
    fn is_explained_by_pauses(&self, worst: &Worst) -> bool {
        if self.sum.paused == 0 {
            return false;
        }
        let threshold = &self.threshold;
        match threshold.figure {
            Figure::Time(..) => worst.value <= threshold.amount.value() + millis(self.sum.paused.saturating_mul(2)),
            Figure::Count(_) | Figure::Ratio(_) => {
                let outcomes = OutcomeCounts { unknown: 0, not_sent: 0, ..self.sum.outcomes };
                let of_answered = Part::<WindowTimes> { outcomes, ..Part::default() }.value(threshold.figure, self.seconds);
                of_answered.is_none_or(|(value, _)| threshold.holds(value))
            }
            Figure::Rate | Figure::AchievedRatio => true,
        }
    }

    /// Closes the seconds before `second`, except seconds that are not due as a whole.
    fn close_by(&mut self, second: u64) {
        while self.closed < second.min(self.last + 1) {
            let next = self.open.pop_front().unwrap_or_default().packed();
            if let Some(series) = &mut self.series {
                series.push(&next);
            }
            self.sum.add(&next);
            self.in_window.push_back(next);
            self.closed += 1;
            if self.closed > self.seconds
                && let Some(gone) = self.in_window.pop_front()
            {
                self.sum.subtract(&gone);
            }
            if self.closed >= self.seconds
                && let Some((value, is_lower_bound)) = self.sum.value(self.threshold.figure, self.seconds)
            {
                let worst = Worst { value, is_lower_bound, from: self.closed - self.seconds };
                self.is_missed_without_pause |= !worst.holds(&self.threshold) && !self.is_explained_by_pauses(&worst);
                if self.worst.is_none_or(|before| worst.is_worse(&before, &self.threshold)) {
                    self.worst = Some(worst);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
