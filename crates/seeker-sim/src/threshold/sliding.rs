//! Figures over a sliding window: what `latency.p99 < 50ms over 10s` looks at. Windows are of whole seconds and slide by one second, within
//! the time in which events are due; of all of them the worst value is kept, so the memory is that of one window.
//!
//! What was settled after the last event was due counts for the last second, so that no event escapes. Quantiles are those of a
//! histogram of three digits, kept as counts by value, since those of a second that has gone by must be taken away again.

use std::collections::{BTreeMap, VecDeque};

use hdrhistogram::Histogram;

use super::{Figure, Threshold, TimeFigure};
use crate::clock::Moment;
use crate::load::Load;
use crate::notes::Notes;
use crate::report::millis;
use crate::tally::{Fates, time_histogram};
use crate::windows::{OPEN_MAX, SECOND_MICROS};

/// The worst value of a figure over any window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Worst {
    /// In the figure's own unit.
    pub(crate) value: f64,
    /// With which second after the warm-up its window begins.
    pub(crate) from: u64,
}

/// The worst values of those thresholds that are over a window.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorstWindows(Vec<(Threshold, Option<Worst>)>);

impl WorstWindows {
    /// That of a threshold; none when nothing was measured for it.
    pub(crate) fn of(&self, threshold: &Threshold) -> Option<Worst> {
        self.0.iter().find(|(of, _)| of == threshold).and_then(|(_, worst)| *worst)
    }
}

/// All thresholds of a run that are over a window.
pub(crate) struct SlidingWindows {
    windows: Vec<SlidingWindow>,
    /// Says which values a histogram of three digits takes for the same.
    scale: Histogram<u64>,
}

impl SlidingWindows {
    pub(crate) fn new(thresholds: &[Threshold], load: &Load) -> Self {
        let windows = thresholds.iter().filter_map(|threshold| SlidingWindow::new(*threshold, load));
        Self { windows: windows.collect(), scale: time_histogram() }
    }

    /// Adds what an arbiter has to tell.
    pub(crate) fn add(&mut self, notes: &Notes) {
        for window in &mut self.windows {
            window.add(notes, &self.scale);
        }
    }

    /// Closes the seconds of which nothing more is told; the last one stays open for what is answered later.
    pub(crate) fn advance(&mut self, now: Moment) {
        for window in &mut self.windows {
            let over = window.second_of(now).saturating_sub(OPEN_MAX as u64);
            window.close_by(over.min(window.last));
        }
    }

    /// Whether one was missed by any window.
    pub(crate) fn has_miss(&self) -> bool {
        self.windows.iter().any(|window| window.worst.is_some_and(|worst| !window.threshold.holds(worst.value)))
    }

    /// The worst of each, of the whole seconds in which events were due; nothing is added any more.
    pub(crate) fn finish(&mut self, due_until: Moment) -> WorstWindows {
        let worst = self.windows.iter_mut().map(|window| {
            window.close_by(window.second_of(due_until));
            (window.threshold, window.worst)
        });
        WorstWindows(worst.collect())
    }
}

/// What a threshold is about, in one second or in the seconds of a window.
#[derive(Default)]
struct Part {
    /// How often each time was measured, in microseconds.
    times: BTreeMap<u64, u64>,
    fates: Fates,
    /// Events whose sending began.
    sent: u64,
}

impl Part {
    fn add(&mut self, other: &Self) {
        for (micros, count) in &other.times {
            *self.times.entry(*micros).or_default() += count;
        }
        self.fates.add(other.fates);
        self.sent += other.sent;
    }

    /// Takes away what was added.
    fn subtract(&mut self, other: &Self) {
        for (micros, count) in &other.times {
            if let Some(left) = self.times.get_mut(micros) {
                *left -= count;
                if *left == 0 {
                    self.times.remove(micros);
                }
            }
        }
        self.fates.subtract(other.fates);
        self.sent -= other.sent;
    }

    /// The least time that such a part of all times does not exceed, in milliseconds.
    fn quantile(&self, quantile: f64) -> Option<f64> {
        let count: u64 = self.times.values().sum();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "far below 2^53"
        )]
        let wanted = ((count as f64 * quantile).ceil() as u64).max(1);
        let mut seen = 0;
        let reached = self.times.iter().find(|(_, count)| {
            seen += **count;
            seen >= wanted
        });
        reached.map(|(micros, _)| millis(*micros))
    }

    /// The figure, in its own unit; none when nothing was measured.
    fn value(&self, figure: Figure, seconds: u64) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
        let exact = |count: u64| count as f64;
        match figure {
            Figure::Time(_, quantile) => self.quantile(quantile.part()),
            Figure::Count(counted) => counted.of(self.fates).map(exact),
            Figure::Ratio(counted) => {
                let whole = self.fates.sent();
                counted.of(self.fates).filter(|_| whole > 0).map(|count| exact(count) / exact(whole))
            }
            Figure::Rate => Some(exact(self.sent) / exact(seconds)),
            Figure::AchievedRatio => None,
        }
    }
}

/// One threshold over a window.
struct SlidingWindow {
    threshold: Threshold,
    /// How many seconds the window has.
    seconds: u64,
    /// Where the first second begins.
    from: Moment,
    /// The last second that is due as a whole.
    last: u64,
    /// How many seconds are closed.
    closed: u64,
    /// The last of them, as many as the window has, and those that are open.
    parts: VecDeque<Part>,
    /// Those that are closed together.
    sum: Part,
    worst: Option<Worst>,
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
            parts: VecDeque::new(),
            sum: Part::default(),
            worst: None,
        })
    }

    fn second_of(&self, moment: Moment) -> u64 {
        moment.micros_since(self.from) / SECOND_MICROS
    }

    fn add(&mut self, notes: &Notes, scale: &Histogram<u64>) {
        let Threshold { event_type, figure, .. } = self.threshold;
        match figure {
            Figure::Rate => {
                for at in &notes.attempted {
                    if self.second_of(*at) <= self.last {
                        self.part_at(*at).sent += 1;
                    }
                }
            }
            Figure::Time(TimeFigure::ScheduleLag, _) => {
                for sent in &notes.sent {
                    *self.part_at(sent.at).times.entry(scale.highest_equivalent(sent.lag_micros)).or_default() += 1;
                }
            }
            Figure::Time(..) | Figure::Count(_) | Figure::Ratio(_) | Figure::AchievedRatio => {
                let settled = notes.settled.iter().filter(|settled| event_type.is_none_or(|wanted| wanted == settled.event_type));
                for settled in settled {
                    let part = self.part_at(settled.at);
                    *part.fates.of(settled.fate) += 1;
                    if let (Figure::Time(time, _), Some(times)) = (figure, settled.times) {
                        let micros = if time == TimeFigure::Latency { times.latency_micros } else { times.service_micros };
                        *part.times.entry(scale.highest_equivalent(micros)).or_default() += 1;
                    }
                }
            }
        }
    }

    /// The part that counts for a moment: that of its second, or of the nearest that is open.
    fn part_at(&mut self, moment: Moment) -> &mut Part {
        let second = self.second_of(moment).min(self.last).max(self.closed);
        let first = self.closed - self.closed.min(self.seconds);
        let position = usize::try_from(second - first).unwrap_or(usize::MAX);
        self.open_up_to(position);
        &mut self.parts[position]
    }

    fn open_up_to(&mut self, position: usize) {
        if self.parts.len() <= position {
            self.parts.resize_with(position + 1, Part::default);
        }
    }

    /// Closes the seconds before that one; none that is not due as a whole.
    fn close_by(&mut self, second: u64) {
        while self.closed < second.min(self.last + 1) {
            let in_window = self.closed.min(self.seconds);
            let position = usize::try_from(in_window).unwrap_or(usize::MAX);
            self.open_up_to(position);
            self.sum.add(&self.parts[position]);
            self.closed += 1;
            if in_window == self.seconds
                && let Some(gone) = self.parts.pop_front()
            {
                self.sum.subtract(&gone);
            }
            if self.closed >= self.seconds
                && let Some(value) = self.sum.value(self.threshold.figure, self.seconds)
                && self.worst.is_none_or(|before| self.threshold.is_worse(value, before.value))
            {
                self.worst = Some(Worst { value, from: self.closed - self.seconds });
            }
        }
    }
}

#[cfg(test)]
mod tests;
