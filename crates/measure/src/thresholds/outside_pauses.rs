//! Checks whether a threshold on the whole run would hold without the events near pauses of the generator. A pause delays
//! events as a slow target does, so a miss that occurs only near pauses says nothing about the target.
//!
//! Memory is constant: each second keeps only the number of events and the number of events beyond the bound.

use std::collections::VecDeque;

use load_plan::threshold::{Comparison, Figure, Threshold, TimeFigure};
use load_plan::{EventOutcome, Moment};

use crate::latency::rank;
use crate::observations::{Observations, Settled};
use crate::windows::{ClosedSecond, SECOND_MICROS};

/// The thresholds of a run, judged outside of pauses.
#[derive(Default)]
pub struct OutsidePauses {
    /// Start of the first second.
    from: Moment,
    thresholds: Vec<Judged>,
}

/// Events of a second. `counted` is the number of events beyond the bound of the threshold or, for ratios and counts, with
/// the counted outcome.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    all: u64,
    counted: u64,
    /// The answered events of `all` and `counted`. A pause of the generator cannot cause a refusal by the target.
    answered: u64,
    counted_answered: u64,
    /// Events beyond the bound, by the power of two of their excess in microseconds.
    by_excess: [u32; EXCESS_POWERS],
}

/// Excesses of an hour and more share one count.
const EXCESS_POWERS: usize = 32;

/// How a threshold rates an event.
#[derive(Clone, Copy, Debug)]
struct Observed {
    /// Whether the event is beyond the bound or has the counted outcome.
    is_beyond: bool,
    is_answered: bool,
    /// Excess of the event's time over the bound, in microseconds.
    excess_micros: u64,
}

impl Counts {
    fn add(&mut self, events: u64, event: Observed) {
        let counted = if event.is_beyond { events } else { 0 };
        self.all += events;
        self.counted += counted;
        if event.is_answered {
            self.answered += events;
            self.counted_answered += counted;
        }
        if counted > 0 {
            let power = event.excess_micros.max(1).ilog2() as usize;
            let sum = &mut self.by_excess[power.min(EXCESS_POWERS - 1)];
            *sum = sum.saturating_add(u32::try_from(counted).unwrap_or(u32::MAX));
        }
    }

    /// Returns the number of events that are beyond the bound by at least `micros`, or a little more.
    fn beyond(&self, micros: u64) -> u64 {
        let power = micros.max(1).ilog2() as usize + 1;
        self.by_excess.iter().skip(power).map(|count| u64::from(*count)).sum()
    }
}

/// A threshold, the counts of its open seconds, and the sum of its closed seconds without the effect of pauses.
struct Judged {
    threshold: Threshold,
    closed: u64,
    open: VecDeque<Counts>,
    sum: Counts,
}

impl OutsidePauses {
    /// Creates the counts for a run whose measured time begins at `from`.
    pub fn new(thresholds: &[Threshold], from: Moment) -> Self {
        let of_run = thresholds.iter().filter(|threshold| threshold.over.is_none() && is_decided_by_counts(threshold));
        let judged =
            |threshold: &Threshold| Judged { threshold: *threshold, closed: 0, open: VecDeque::new(), sum: Counts::default() };
        Self { from, thresholds: of_run.map(judged).collect() }
    }

    /// Adds the observations of an arbiter.
    pub fn add(&mut self, observations: &Observations) {
        let second_of = |moment: Moment| moment.micros_since(self.from) / SECOND_MICROS;
        for judged in &mut self.thresholds {
            if matches!(judged.threshold.figure, Figure::Time(TimeFigure::ScheduleLag, _)) {
                for sent in &observations.sent {
                    let event = judged.threshold.time(sent.lag_micros, true);
                    judged.counts_of(second_of(sent.at.minus(sent.lag_micros))).add(1, event);
                }
                continue;
            }
            for settled in &observations.settled {
                if let Some(event) = judged.threshold.counts(settled) {
                    judged.counts_of(second_of(settled.scheduled)).add(1, event);
                }
            }
        }
    }

    /// Counts `count` events that no seeker began. They were scheduled for `scheduled` and given up at `given_up`.
    pub fn never_begun(&mut self, scheduled: Moment, count: u64, given_up: Moment) {
        let second = scheduled.micros_since(self.from) / SECOND_MICROS;
        let micros = given_up.micros_since(scheduled);
        self.thresholds.iter_mut().for_each(|judged| judged.give_up(second, count, micros));
    }

    /// Takes a closed second.
    pub fn close(&mut self, second: &ClosedSecond<'_>) {
        for judged in &mut self.thresholds {
            judged.give_up(second.number, second.unsettled, second.unsettled_micros);
            judged.close(second);
        }
    }

    /// Whether a threshold holds outside of pauses. It holds if there are no events outside of pauses. `None` if the result
    /// is unknown.
    pub fn holds(&self, threshold: &Threshold) -> Option<bool> {
        let judged = self.thresholds.iter().find(|judged| judged.threshold == *threshold)?;
        let Counts { all, counted, .. } = judged.sum;
        if all == 0 {
            return is_decided_by_counts(threshold).then_some(true);
        }
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
        let exact = |count: u64| count as f64;
        match threshold.figure {
            // The percentile is within the bound if at least `rank` events are.
            Figure::Time(_, statistic) => rank(statistic.part()?, all).map(|rank| all - counted >= rank),
            Figure::Count(_) => Some(threshold.holds(exact(counted))),
            Figure::Ratio(_) => Some(threshold.holds(exact(counted) / exact(all))),
            Figure::AchievedRatio | Figure::Rate => None,
        }
    }
}

/// Whether counts of events can decide a threshold. They cannot for a mean, for a load, or for a threshold that requires
/// long times.
fn is_decided_by_counts(threshold: &Threshold) -> bool {
    match threshold.figure {
        Figure::Time(_, statistic) => {
            statistic.part().is_some() && matches!(threshold.comparison, Comparison::Less | Comparison::AtMost)
        }
        Figure::Count(_) | Figure::Ratio(_) => true,
        Figure::AchievedRatio | Figure::Rate => false,
    }
}

/// Rates single events by a threshold.
trait Observe {
    /// Compares a time with the bound.
    fn time(&self, micros: u64, is_answered: bool) -> Observed;

    /// Rates an event; `None` if the threshold does not count it.
    fn counts(&self, settled: &Settled) -> Option<Observed>;
}

impl Observe for Threshold {
    fn time(&self, micros: u64, is_answered: bool) -> Observed {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; never negative")]
        let bound_micros = (self.amount.value() * 1000.0) as u64;
        let is_beyond = !is_answered || !self.holds(load_plan::units::millis(micros));
        Observed { is_beyond, is_answered, excess_micros: micros.saturating_sub(bound_micros) }
    }

    fn counts(&self, settled: &Settled) -> Option<Observed> {
        if self.event_type.is_some_and(|wanted| wanted != settled.event_type) {
            return None;
        }
        let (is_answered, latency) = (settled.answered_request.is_some(), settled.latency_micros());
        match self.figure {
            Figure::Time(TimeFigure::Latency, _) => Some(self.time(latency, is_answered)),
            Figure::Time(TimeFigure::AnsweredLatency, _) => is_answered.then(|| self.time(latency, true)),
            Figure::Time(..) => settled.service_micros().map(|micros| self.time(micros, true)),
            Figure::Count(counted) | Figure::Ratio(counted) => {
                Some(Observed { is_beyond: counted == settled.outcome, is_answered, excess_micros: 0 })
            }
            Figure::AchievedRatio | Figure::Rate => None,
        }
    }
}

impl Judged {
    /// Returns the counts of a second.
    fn counts_of(&mut self, second: u64) -> &mut Counts {
        // An event that arrives after its second was closed counts in the first open second, so it is not lost.
        let position = usize::try_from(second.saturating_sub(self.closed)).unwrap_or(usize::MAX);
        if self.open.len() <= position {
            self.open.resize(position + 1, Counts::default());
        }
        &mut self.open[position]
    }

    /// Counts events that were not sent, or still had no outcome after `micros`. Their type is unknown, so they count for
    /// every type.
    fn give_up(&mut self, second: u64, events: u64, micros: u64) {
        let event = match self.threshold.figure {
            Figure::Time(TimeFigure::Latency, _) => self.threshold.time(micros, false),
            Figure::Count(counted) | Figure::Ratio(counted) => {
                Observed { is_beyond: counted == EventOutcome::NotSent, is_answered: false, excess_micros: 0 }
            }
            Figure::Time(..) | Figure::AchievedRatio | Figure::Rate => return,
        };
        if events > 0 {
            self.counts_of(second).add(events, event);
        }
    }

    fn close(&mut self, second: &ClosedSecond<'_>) {
        let counts = self.open.pop_front().unwrap_or_default();
        self.closed = second.number + 1;
        let added = if second.is_near_pause() { self.near_pause(counts, second.row.paused_near) } else { counts };
        self.sum.all += added.all;
        self.sum.counted += added.counted;
    }

    /// Returns the counts of a second near pauses. For counts and ratios, only answered events count. For times, only
    /// events count that exceed the bound by more than twice the pauses: a pause delays the events in flight, and then the
    /// events that queued behind them.
    fn near_pause(&self, counts: Counts, paused_micros: u64) -> Counts {
        match self.threshold.figure {
            Figure::Count(_) | Figure::Ratio(_) => Counts { all: counts.answered, counted: counts.counted_answered, ..counts },
            Figure::Time(..) => {
                let counted = counts.beyond(paused_micros.saturating_mul(2));
                Counts { all: if counted == 0 { 0 } else { counts.all }, counted, ..counts }
            }
            Figure::AchievedRatio | Figure::Rate => Counts::default(),
        }
    }
}

#[cfg(test)]
mod tests;
