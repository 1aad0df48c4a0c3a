//! Whether a threshold on the whole run would hold without what happened near pauses of the generator. A pause delays events as a slow
//! target does; what was missed only near pauses says nothing about the target.
//!
//! Memory is constant: of each second only the number of events counts, and of those among them that are beyond the bound.

use std::collections::VecDeque;

use hdrhistogram::Histogram;

use super::{Comparison, Figure, Threshold, TimeFigure};
use crate::clock::Moment;
use crate::latency::rank;
use crate::notes::{Notes, Settled};
use crate::windows::{ClosedSecond, SECOND_MICROS};

/// The thresholds of a run, judged outside of pauses.
pub(crate) struct OutsidePauses {
    /// Where the first second begins.
    from: Moment,
    thresholds: Vec<Judged>,
}

/// Events, and those of them that are beyond the bound of the threshold, or, of ratios and counts, are those that are counted.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    all: u64,
    counted: u64,
}

/// A threshold, what its seconds hold that are open, and what those hold together that are closed and near no pause.
struct Judged {
    threshold: Threshold,
    closed: u64,
    open: VecDeque<Counts>,
    sum: Counts,
}

impl OutsidePauses {
    /// Of a run whose measured time begins at that moment.
    pub(crate) fn new(thresholds: &[Threshold], from: Moment) -> Self {
        let of_run = thresholds.iter().filter(|threshold| threshold.over.is_none() && is_told(threshold));
        let judged = |threshold: &Threshold| Judged {
            threshold: *threshold,
            closed: 0,
            open: VecDeque::new(),
            sum: Counts::default(),
        };
        Self { from, thresholds: of_run.map(judged).collect() }
    }

    /// Adds what an arbiter has to tell.
    pub(crate) fn add(&mut self, notes: &Notes) {
        let second_of = |moment: Moment| moment.micros_since(self.from) / SECOND_MICROS;
        for judged in &mut self.thresholds {
            if matches!(judged.threshold.figure, Figure::Time(TimeFigure::ScheduleLag, _)) {
                for sent in &notes.sent {
                    let is_beyond = judged.threshold.is_beyond(sent.lag_micros);
                    judged.count(second_of(sent.at.minus(sent.lag_micros)), 1, is_beyond);
                }
                continue;
            }
            for settled in &notes.settled {
                if let Some(is_counted) = judged.threshold.counts(settled) {
                    judged.count(second_of(settled.scheduled), 1, is_counted);
                }
            }
        }
    }

    /// Counts events that no seeker began, though they were scheduled for that moment.
    pub(crate) fn lacked(&mut self, scheduled: Moment, count: u64) {
        let second = scheduled.micros_since(self.from) / SECOND_MICROS;
        self.thresholds.iter_mut().for_each(|judged| judged.give_up(second, count));
    }

    /// Takes a second that has been closed.
    pub(crate) fn close(&mut self, second: &ClosedSecond<'_>) {
        for judged in &mut self.thresholds {
            judged.give_up(second.number, second.unsettled);
            judged.close(second);
        }
    }

    /// Whether a threshold holds outside of pauses, as it does where there is nothing outside of them; `None` where that is not known.
    pub(crate) fn holds(&self, threshold: &Threshold) -> Option<bool> {
        let judged = self.thresholds.iter().find(|judged| judged.threshold == *threshold)?;
        let Counts { all, counted } = judged.sum;
        if all == 0 {
            return is_told(threshold).then_some(true);
        }
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
        let exact = |count: u64| count as f64;
        match threshold.figure {
            // The percentile lies within the bound if as many events do as its rank says.
            Figure::Time(_, statistic) => rank(statistic.part()?, all).map(|rank| all - counted >= rank),
            Figure::Count(_) => Some(threshold.holds(exact(counted))),
            Figure::Ratio(_) => Some(threshold.holds(exact(counted) / exact(all))),
            Figure::AchievedRatio | Figure::Rate => None,
        }
    }
}

/// Whether counts of events tell how a threshold does: not where it is about a mean, a load, or wants a long time.
fn is_told(threshold: &Threshold) -> bool {
    match threshold.figure {
        Figure::Time(_, statistic) => {
            statistic.part().is_some() && matches!(threshold.comparison, Comparison::Less | Comparison::AtMost)
        }
        Figure::Count(_) | Figure::Ratio(_) => true,
        Figure::AchievedRatio | Figure::Rate => false,
    }
}

impl Threshold {
    /// Whether a time in microseconds is beyond the bound.
    fn is_beyond(&self, micros: u64) -> bool {
        !self.holds(crate::report::millis(micros))
    }

    /// Whether an event is one of those that are counted; `None` if the threshold is not about it.
    fn counts(&self, settled: &Settled) -> Option<bool> {
        if self.event_type.is_some_and(|wanted| wanted != settled.event_type) {
            return None;
        }
        match self.figure {
            Figure::Time(TimeFigure::Latency, _) => {
                Some(settled.answered_request.is_none() || self.is_beyond(settled.latency_micros()))
            }
            Figure::Time(TimeFigure::AnsweredLatency, _) => {
                settled.answered_request.map(|_| self.is_beyond(settled.latency_micros()))
            }
            Figure::Time(..) => settled.service_micros().map(|micros| self.is_beyond(micros)),
            Figure::Count(counted) | Figure::Ratio(counted) => Some(counted.is(settled.fate)),
            Figure::AchievedRatio | Figure::Rate => None,
        }
    }
}

impl Judged {
    fn count(&mut self, second: u64, events: u64, is_counted: bool) {
        // What comes too late for its second counts for the first that is open: it is not forgotten.
        let position = usize::try_from(second.saturating_sub(self.closed)).unwrap_or(usize::MAX);
        if self.open.len() <= position {
            self.open.resize(position + 1, Counts::default());
        }
        let counts = &mut self.open[position];
        counts.all += events;
        counts.counted += if is_counted { events } else { 0 };
    }

    /// Counts events that were not sent, or of which nothing is known; of each type there may have been some.
    fn give_up(&mut self, second: u64, events: u64) {
        let is_counted = match self.threshold.figure {
            Figure::Time(TimeFigure::Latency, _) => true,
            Figure::Count(counted) | Figure::Ratio(counted) => counted.is(crate::tally::Fate::NotSent),
            Figure::Time(..) | Figure::AchievedRatio | Figure::Rate => return,
        };
        if events > 0 {
            self.count(second, events, is_counted);
        }
    }

    fn close(&mut self, second: &ClosedSecond<'_>) {
        let counts = self.open.pop_front().unwrap_or_default();
        self.closed = second.number + 1;
        let added = if second.is_near_pause() { self.near_pause(second) } else { counts };
        self.sum.all += added.all;
        self.sum.counted += added.counted;
    }

    /// What counts of a second near a pause: nothing, unless events took longer than the bound and the pauses together explain. A pause
    /// delays what was on its way, and then again what piled up behind it.
    fn near_pause(&self, second: &ClosedSecond<'_>) -> Counts {
        let Threshold { event_type: None, figure: Figure::Time(TimeFigure::Latency, _), amount, .. } = self.threshold else {
            return Counts::default();
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; never negative")]
        let bound_micros = (amount.value() * 1000.0) as u64;
        let explained = bound_micros.saturating_add(second.row.paused_near.saturating_mul(2));
        let above = |histogram: &Histogram<u32>| histogram.len() - histogram.count_between(0, explained);
        let beyond = above(second.latencies.answered) + second.latencies.unanswered.map_or(0, above);
        if beyond == 0 { Counts::default() } else { Counts { all: second.latencies.len(), counted: beyond } }
    }
}

#[cfg(test)]
mod tests;
