//! Due seekers that are not started yet, each with its due moment. Memory is bounded, even if starts are blocked for long:
//! if there are too many moments, neighbouring moments are merged into a run, and only the count of a run is exact.

use std::collections::VecDeque;

use super::points::fraction;
use crate::Moment;

/// The maximum number of runs. With 24 bytes each, they need less than 1 MB.
const RUNS_MAX: usize = 32_768;

/// Events that were planned between two moments (inclusive) and not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LackedRun {
    /// The first moment.
    pub from: Moment,
    /// The last moment.
    pub to: Moment,
    /// The number of events.
    pub count: u64,
}

impl LackedRun {
    /// Returns the events with their scheduled moments. In a run of many events, a moment may be slightly later than the
    /// exact one.
    pub fn moments(&self) -> impl Iterator<Item = (Moment, u64)> {
        /// Enough for any figure, because the events of a run lie close together.
        const STEPS_MAX: u64 = 1_000;
        let Self { from, to, count } = *self;
        let (steps, length) = (count.min(STEPS_MAX), to.micros_since(from));
        let part = move |of: u64, step: u64| u64::try_from(u128::from(of) * u128::from(step) / u128::from(steps)).unwrap_or(of);
        (1..=steps).map(move |step| (from.plus(part(length, step)), part(count, step) - part(count, step - 1)))
    }
}

/// Due seekers that wait to be started, in chronological order.
#[derive(Debug)]
pub(crate) struct Backlog {
    runs: VecDeque<LackedRun>,
    count: u64,
    /// Moments at most this far apart are merged into a run. 0 until there are too many moments.
    width_micros: u64,
    /// No run spans this moment.
    border: Moment,
    seed: u64,
    /// How many random numbers were drawn.
    drawn: u64,
}

impl Backlog {
    /// Creates an empty backlog. Its runs end before `border`, or begin at `border` or later.
    pub(crate) fn new(border: Moment, seed: u64) -> Self {
        Self { runs: VecDeque::new(), count: 0, width_micros: 0, border, seed, drawn: 0 }
    }

    pub(crate) fn len(&self) -> u64 {
        self.count
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn runs(&self) -> impl Iterator<Item = LackedRun> {
        self.runs.iter().copied()
    }

    /// Adds a seeker that is due at `moment`.
    pub(crate) fn add(&mut self, moment: Moment) {
        self.add_run(LackedRun { from: moment, to: moment, count: 1 });
    }

    /// Adds seekers that are due between two moments.
    pub(crate) fn add_run(&mut self, run: LackedRun) {
        if run.count == 0 {
            return;
        }
        self.count += run.count;
        let place = self.runs.partition_point(|other| other.from <= run.from);
        match place.checked_sub(1).map(|before| self.runs[before]) {
            Some(before) if self.are_one(before, run) => self.runs[place - 1] = joined(before, run),
            _ => {
                self.runs.insert(place, run);
                self.bound();
            }
        }
    }

    /// Takes the earliest due moment. From a run of several, it draws the earliest of `count` random moments.
    pub(crate) fn take_oldest(&mut self) -> Option<Moment> {
        let run = *self.runs.front()?;
        let moment = run.from.plus(self.draw_first(run));
        self.leave(0, LackedRun { from: moment, count: run.count - 1, ..run });
        Some(moment)
    }

    /// Removes up to `count` of the latest due moments and returns how many it removed.
    pub(crate) fn cancel_newest(&mut self, count: u64) -> u64 {
        let mut left = count;
        while left > 0
            && let Some(run) = self.runs.back().copied()
        {
            let last = self.runs.len() - 1;
            if run.count <= left {
                left -= run.count;
                self.leave(last, LackedRun { count: 0, ..run });
            } else {
                left -= 1;
                let later_micros = self.draw_first(run);
                let to = run.from.plus(run.to.micros_since(run.from) - later_micros);
                self.leave(last, LackedRun { to, count: run.count - 1, ..run });
            }
        }
        count - left
    }

    /// Removes the first due moment at or after `moment` and returns whether there was one.
    pub(crate) fn cancel_first_from(&mut self, moment: Moment) -> bool {
        let place = self.runs.partition_point(|run| run.to < moment);
        let Some(run) = self.runs.get(place).copied() else { return false };
        self.leave(place, LackedRun { count: run.count - 1, ..run });
        true
    }

    /// Removes all due moments after `moment`. A run that spans `moment` keeps the part before it.
    pub(crate) fn cut_after(&mut self, moment: Moment) {
        while let Some(run) = self.runs.back().copied().filter(|run| run.to > moment) {
            let last = self.runs.len() - 1;
            if run.from > moment {
                self.leave(last, LackedRun { count: 0, ..run });
            } else {
                let (kept, whole) = (moment.micros_since(run.from) + 1, run.to.micros_since(run.from) + 1);
                let count = u128::from(run.count) * u128::from(kept) / u128::from(whole);
                let count = u64::try_from(count).expect("a part of the count");
                self.leave(last, LackedRun { to: moment, count, ..run });
            }
        }
    }

    /// Replaces a run by its remainder.
    fn leave(&mut self, place: usize, left: LackedRun) {
        self.count -= self.runs[place].count - left.count;
        if left.count == 0 {
            self.runs.remove(place);
        } else {
            self.runs[place] = left;
        }
        if self.runs.is_empty() {
            self.width_micros = 0;
        }
    }

    /// Draws the offset of the first moment from the start of a run: the minimum of `count` independent, uniform offsets.
    fn draw_first(&mut self, run: LackedRun) -> u64 {
        let span_micros = run.to.micros_since(run.from);
        if span_micros == 0 {
            return 0;
        }
        self.drawn += 1;
        #[expect(clippy::cast_precision_loss, reason = "any moment within the run is exact enough")]
        let (span, count) = (span_micros as f64, run.count as f64);
        let part = 1.0 - fraction(self.seed, self.drawn).powf(1.0 / count);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of the span")]
        let micros = (span * part) as u64;
        micros.min(span_micros)
    }

    /// Whether two runs are merged into one. The second must not begin earlier than the first.
    fn are_one(&self, run: LackedRun, next: LackedRun) -> bool {
        let is_same_side = (run.from < self.border) == (next.to < self.border);
        is_same_side && next.to.max(run.to).micros_since(run.from) <= self.width_micros.max(run.to.micros_since(run.from))
    }

    /// Merges runs until there are few enough.
    fn bound(&mut self) {
        if self.runs.len() <= RUNS_MAX {
            return;
        }
        while self.runs.len() > RUNS_MAX / 2 {
            self.width_micros = (self.width_micros * 2).max(1);
            let mut kept: VecDeque<LackedRun> = VecDeque::with_capacity(RUNS_MAX + 1);
            for run in std::mem::take(&mut self.runs) {
                match kept.back().copied() {
                    Some(last) if self.are_one(last, run) => {
                        kept.pop_back();
                        kept.push_back(joined(last, run));
                    }
                    _ => kept.push_back(run),
                }
            }
            self.runs = kept;
        }
    }
}

fn joined(run: LackedRun, next: LackedRun) -> LackedRun {
    LackedRun { from: run.from, to: run.to.max(next.to), count: run.count + next.count }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BORDER: Moment = Moment::from_micros(500);

    fn backlog() -> Backlog {
        Backlog::new(BORDER, 1)
    }

    proptest! {
        /// For all moments that fit without runs, in any order of taking and cancelling, the moments are exactly those of a
        /// sorted list.
        #[test]
        fn few_moments_are_exact(steps in prop::collection::vec((0_u8..6, 0_u64..1_000), 0..200)) {
            let (mut backlog, mut list) = (backlog(), Vec::new());
            for (step, micros) in steps {
                let moment = Moment::from_micros(micros);
                match step {
                    0..3 => {
                        backlog.add(moment);
                        list.push(moment);
                        list.sort_unstable();
                    }
                    3 => {
                        let first = (!list.is_empty()).then(|| list.remove(0));
                        prop_assert_eq!(backlog.take_oldest(), first);
                    }
                    4 => {
                        let count = micros / 300;
                        prop_assert_eq!(backlog.cancel_newest(count), count.min(list.len() as u64));
                        list.truncate(list.len().saturating_sub(usize::try_from(count).unwrap()));
                    }
                    _ => {
                        let place = list.iter().position(|other| *other >= moment);
                        prop_assert_eq!(backlog.cancel_first_from(moment), place.is_some());
                        place.map(|place| list.remove(place));
                    }
                }
                prop_assert_eq!((backlog.len(), backlog.is_empty()), (list.len() as u64, list.is_empty()));
            }
            list.retain(|moment| *moment <= BORDER);
            backlog.cut_after(BORDER);
            let runs = backlog.runs().flat_map(|run| vec![run.from; usize::try_from(run.count).unwrap()]);
            prop_assert_eq!(runs.collect::<Vec<_>>(), list);
        }
    }

    /// A lack every 20 µs for an hour: 180 million lacks in bounded memory. Each is taken close to its own moment, in order.
    #[test]
    fn an_hour_of_lacks_is_bounded() {
        const EVERY_MICROS: u64 = 20;
        const HOUR_MICROS: u64 = 3_600_000_000;
        let border = Moment::from_micros(HOUR_MICROS / 3);
        let mut backlog = Backlog::new(border, 1);
        // Groups of a hundred: the result cannot resolve smaller groups.
        for micros in (0..HOUR_MICROS).step_by(100 * 20) {
            let (from, to) = (Moment::from_micros(micros), Moment::from_micros(micros + 99 * EVERY_MICROS));
            backlog.add_run(LackedRun { from, to, count: 100 });
        }
        assert_eq!(backlog.len(), HOUR_MICROS / EVERY_MICROS);
        let runs: Vec<_> = backlog.runs().collect();
        assert!(runs.len() <= RUNS_MAX && runs.len() > RUNS_MAX / 4, "{}", runs.len());
        assert!(runs.iter().all(|run| run.to < border || run.from >= border));
        let mut last = Moment::default();
        for number in 0..100_000 {
            let moment = backlog.take_oldest().unwrap();
            assert!(last <= moment);
            let exact = Moment::from_micros(number * EVERY_MICROS);
            assert!(moment.micros_since(exact).max(exact.micros_since(moment)) < 20_000, "{moment:?} {exact:?}");
            last = moment;
        }
        assert_eq!(backlog.cancel_newest(1_000), 1_000);
        assert_eq!(backlog.len(), HOUR_MICROS / EVERY_MICROS - 101_000);
    }

    /// The moments taken from a run are its order statistics: the k-th of n lies at k / (n + 1) of its span, on average.
    #[test]
    fn moments_of_a_run_are_spread_evenly() {
        let mut backlog = Backlog::new(Moment::default(), 5);
        backlog.add_run(LackedRun { from: Moment::default(), to: Moment::from_micros(1_000_000), count: 9_999 });
        for number in 1..9_999 {
            let moment = backlog.take_oldest().unwrap();
            assert!(moment.as_micros().abs_diff(number * 100) < 20_000, "{number}: {moment:?}");
        }
    }
}
