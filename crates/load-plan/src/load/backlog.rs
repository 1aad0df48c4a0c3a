//! Due seekers that are not started yet, each with its due moment. Memory is bounded, even if starts are blocked for long:
//! if there are too many moments, neighbouring moments are merged into a range, and only the count of a range is exact.

use std::collections::VecDeque;

use super::points::fraction;
use crate::Moment;

/// The maximum number of ranges. With 24 bytes each, they need less than 1 MB.
const RANGES_MAX: usize = 32_768;

/// Events that were planned between two moments (inclusive) and not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapRange {
    /// The first moment.
    pub from: Moment,
    /// The last moment.
    pub to: Moment,
    /// The number of events.
    pub count: u64,
}

impl GapRange {
    /// Returns the events with their scheduled moments. In a range of many events, a moment may be slightly later than the
    /// exact one.
    pub fn moments(&self) -> impl Iterator<Item = (Moment, u64)> {
        /// Enough for any figure, because the events of a range lie close together.
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
    ranges: VecDeque<GapRange>,
    count: u64,
    /// Moments at most this far apart are merged into a range. 0 until there are too many moments.
    width_micros: u64,
    /// No range spans this moment.
    border: Moment,
    seed: u64,
    /// How many random numbers were drawn.
    drawn: u64,
}

impl Backlog {
    /// Creates an empty backlog. Its ranges end before `border`, or begin at `border` or later.
    pub(crate) fn new(border: Moment, seed: u64) -> Self {
        Self { ranges: VecDeque::new(), count: 0, width_micros: 0, border, seed, drawn: 0 }
    }

    pub(crate) fn len(&self) -> u64 {
        self.count
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn ranges(&self) -> impl Iterator<Item = GapRange> {
        self.ranges.iter().copied()
    }

    /// Adds a seeker that is due at `moment`.
    pub(crate) fn add(&mut self, moment: Moment) {
        self.add_range(GapRange { from: moment, to: moment, count: 1 });
    }

    /// Adds seekers that are due between two moments.
    pub(crate) fn add_range(&mut self, range: GapRange) {
        if range.count == 0 {
            return;
        }
        self.count += range.count;
        let place = self.ranges.partition_point(|other| other.from <= range.from);
        match place.checked_sub(1).map(|before| self.ranges[before]) {
            Some(before) if self.are_one(before, range) => self.ranges[place - 1] = joined(before, range),
            _ => {
                self.ranges.insert(place, range);
                self.bound();
            }
        }
    }

    /// Takes the earliest due moment. From a range of several, it draws the earliest of `count` random moments.
    pub(crate) fn take_oldest(&mut self) -> Option<Moment> {
        let range = *self.ranges.front()?;
        let moment = range.from.plus(self.draw_first(range));
        self.leave(0, GapRange { from: moment, count: range.count - 1, ..range });
        Some(moment)
    }

    /// Removes up to `count` of the latest due moments and returns how many it removed.
    pub(crate) fn cancel_newest(&mut self, count: u64) -> u64 {
        let mut left = count;
        while left > 0
            && let Some(range) = self.ranges.back().copied()
        {
            let last = self.ranges.len() - 1;
            if range.count <= left {
                left -= range.count;
                self.leave(last, GapRange { count: 0, ..range });
            } else {
                left -= 1;
                let later_micros = self.draw_first(range);
                let to = range.from.plus(range.to.micros_since(range.from) - later_micros);
                self.leave(last, GapRange { to, count: range.count - 1, ..range });
            }
        }
        count - left
    }

    /// Removes the first due moment at or after `moment` and returns whether there was one.
    pub(crate) fn cancel_first_from(&mut self, moment: Moment) -> bool {
        let place = self.ranges.partition_point(|range| range.to < moment);
        let Some(range) = self.ranges.get(place).copied() else { return false };
        self.leave(place, GapRange { count: range.count - 1, ..range });
        true
    }

    /// Removes all due moments after `moment`. A range that spans `moment` keeps the part before it.
    pub(crate) fn cut_after(&mut self, moment: Moment) {
        while let Some(range) = self.ranges.back().copied().filter(|range| range.to > moment) {
            let last = self.ranges.len() - 1;
            if range.from > moment {
                self.leave(last, GapRange { count: 0, ..range });
            } else {
                let (kept, whole) = (moment.micros_since(range.from) + 1, range.to.micros_since(range.from) + 1);
                let count = u128::from(range.count) * u128::from(kept) / u128::from(whole);
                let count = u64::try_from(count).expect("a part of the count");
                self.leave(last, GapRange { to: moment, count, ..range });
            }
        }
    }

    /// Replaces a range by its remainder.
    fn leave(&mut self, place: usize, left: GapRange) {
        self.count -= self.ranges[place].count - left.count;
        if left.count == 0 {
            self.ranges.remove(place);
        } else {
            self.ranges[place] = left;
        }
        if self.ranges.is_empty() {
            self.width_micros = 0;
        }
    }

    /// Draws the offset of the first moment from the start of a range: the minimum of `count` independent, uniform offsets.
    fn draw_first(&mut self, range: GapRange) -> u64 {
        let span_micros = range.to.micros_since(range.from);
        if span_micros == 0 {
            return 0;
        }
        self.drawn += 1;
        #[expect(clippy::cast_precision_loss, reason = "any moment within the range is exact enough")]
        let (span, count) = (span_micros as f64, range.count as f64);
        let part = 1.0 - fraction(self.seed, self.drawn).powf(1.0 / count);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of the span")]
        let micros = (span * part) as u64;
        micros.min(span_micros)
    }

    /// Whether two ranges are merged into one. The second must not begin earlier than the first.
    fn are_one(&self, range: GapRange, next: GapRange) -> bool {
        let is_same_side = (range.from < self.border) == (next.to < self.border);
        is_same_side && next.to.max(range.to).micros_since(range.from) <= self.width_micros.max(range.to.micros_since(range.from))
    }

    /// Merges ranges until there are few enough.
    fn bound(&mut self) {
        if self.ranges.len() <= RANGES_MAX {
            return;
        }
        while self.ranges.len() > RANGES_MAX / 2 {
            self.width_micros = (self.width_micros * 2).max(1);
            let mut kept: VecDeque<GapRange> = VecDeque::with_capacity(RANGES_MAX + 1);
            for range in std::mem::take(&mut self.ranges) {
                match kept.back().copied() {
                    Some(last) if self.are_one(last, range) => {
                        kept.pop_back();
                        kept.push_back(joined(last, range));
                    }
                    _ => kept.push_back(range),
                }
            }
            self.ranges = kept;
        }
    }
}

fn joined(range: GapRange, next: GapRange) -> GapRange {
    GapRange { from: range.from, to: range.to.max(next.to), count: range.count + next.count }
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
        /// For all moments that fit without ranges, in any order of taking and cancelling, the moments are exactly those of a
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
            let ranges = backlog.ranges().flat_map(|range| vec![range.from; usize::try_from(range.count).unwrap()]);
            prop_assert_eq!(ranges.collect::<Vec<_>>(), list);
        }
    }

    /// A gap every 20 µs for an hour: 180 million gaps in bounded memory. Each is taken close to its own moment, in order.
    #[test]
    fn an_hour_of_lacks_is_bounded() {
        const EVERY_MICROS: u64 = 20;
        const HOUR_MICROS: u64 = 3_600_000_000;
        let border = Moment::from_micros(HOUR_MICROS / 3);
        let mut backlog = Backlog::new(border, 1);
        // Groups of a hundred: the result cannot resolve smaller groups.
        for micros in (0..HOUR_MICROS).step_by(100 * 20) {
            let (from, to) = (Moment::from_micros(micros), Moment::from_micros(micros + 99 * EVERY_MICROS));
            backlog.add_range(GapRange { from, to, count: 100 });
        }
        assert_eq!(backlog.len(), HOUR_MICROS / EVERY_MICROS);
        let ranges: Vec<_> = backlog.ranges().collect();
        assert!(ranges.len() <= RANGES_MAX && ranges.len() > RANGES_MAX / 4, "{}", ranges.len());
        assert!(ranges.iter().all(|range| range.to < border || range.from >= border));
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

    /// The moments taken from a range are its order statistics: the k-th of n lies at k / (n + 1) of its span, on average.
    #[test]
    fn moments_of_a_range_are_spread_evenly() {
        let mut backlog = Backlog::new(Moment::default(), 5);
        backlog.add_range(GapRange { from: Moment::default(), to: Moment::from_micros(1_000_000), count: 9_999 });
        for number in 1..9_999 {
            let moment = backlog.take_oldest().unwrap();
            assert!(moment.as_micros().abs_diff(number * 100) < 20_000, "{number}: {moment:?}");
        }
    }
}
