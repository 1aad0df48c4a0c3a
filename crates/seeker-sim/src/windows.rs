//! What happened in each second of the measured time. The seconds that are still going on keep histograms; of a second that is over only
//! a row of numbers stays. There are never more rows than a bound: beyond it, neighbours are merged, so that a row stands for two
//! seconds, then for four. So the memory is the same whatever the length of the run.
//!
//! Each figure counts by its own moment: what was begun by the time it was intended for, what was sent by when its sending began, what
//! was settled and its times by when that was known, the lag by when the event went out.

use std::collections::VecDeque;

use hdrhistogram::Histogram;

use crate::clock::Moment;
use crate::notes::{Sent, Settled, Times};
use crate::tally::{Fates, time_histogram};

/// An hour by the second.
const ROWS_MAX: usize = 3_600;

/// How many seconds are kept open at least: what arbiters tell comes hundredths of a second later, on a busy machine tenths.
pub(crate) const OPEN_MAX: usize = 4;

pub(crate) const SECOND_MICROS: u64 = 1_000_000;

/// What happened in a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// How many seconds it stands for.
    pub(crate) seconds: u64,
    /// Events that seekers began, by the time that they are intended for.
    pub(crate) begun: u64,
    /// Events whose sending began.
    pub(crate) sent: u64,
    /// Events whose fate was known.
    pub(crate) fates: Fates,
    pub(crate) latency: Option<Quantiles>,
    pub(crate) service_time: Option<Quantiles>,
    /// The 99 % quantile of sent - intended, in microseconds.
    pub(crate) lag_p99: Option<u64>,
    /// The most seekers that were seen live.
    pub(crate) live: u64,
}

/// Quantiles of a time in microseconds. Where seconds were merged, each is that of the worst second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quantiles {
    pub(crate) p50: u64,
    pub(crate) p90: u64,
    pub(crate) p99: u64,
    pub(crate) max: u64,
}

impl Quantiles {
    pub(crate) fn of(histogram: &Histogram<u64>) -> Option<Self> {
        let at = |quantile| histogram.value_at_quantile(quantile);
        (!histogram.is_empty()).then(|| Self { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: histogram.max() })
    }

    fn worse(self, other: Self) -> Self {
        Self {
            p50: self.p50.max(other.p50),
            p90: self.p90.max(other.p90),
            p99: self.p99.max(other.p99),
            max: self.max.max(other.max),
        }
    }
}

impl Row {
    /// What was counted in these together, and the worst of the times.
    pub(crate) fn sum<'a>(rows: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        for row in rows {
            sum.merge(row);
        }
        sum
    }

    /// Whether nothing happened to any event.
    pub(crate) fn is_empty(&self) -> bool {
        self.begun == 0 && self.sent == 0 && self.fates.sent() == 0
    }

    /// Adds the row of the time that follows.
    fn merge(&mut self, next: &Self) {
        let either = |one: Option<Quantiles>, other: Option<Quantiles>| match (one, other) {
            (Some(one), Some(other)) => Some(one.worse(other)),
            (one, other) => one.or(other),
        };
        self.seconds += next.seconds;
        self.begun += next.begun;
        self.sent += next.sent;
        self.fates.add(next.fates);
        self.latency = either(self.latency, next.latency);
        self.service_time = either(self.service_time, next.service_time);
        self.lag_p99 = self.lag_p99.max(next.lag_p99);
        self.live = self.live.max(next.live);
    }
}

/// A second that is going on.
struct Open {
    row: Row,
    latency: Histogram<u64>,
    service_time: Histogram<u64>,
    lag: Histogram<u64>,
}

impl Open {
    fn new() -> Self {
        let row = Row { seconds: 1, ..Row::default() };
        Self { row, latency: time_histogram(), service_time: time_histogram(), lag: time_histogram() }
    }

    fn row_so_far(&self) -> Row {
        Row {
            latency: Quantiles::of(&self.latency),
            service_time: Quantiles::of(&self.service_time),
            lag_p99: (!self.lag.is_empty()).then(|| self.lag.value_at_quantile(0.99)),
            ..self.row
        }
    }

    /// The row of this second; it is free for another.
    fn close(&mut self) -> Row {
        let row = self.row_so_far();
        for histogram in [&mut self.latency, &mut self.service_time, &mut self.lag] {
            histogram.reset();
        }
        self.row = Row { seconds: 1, ..Row::default() };
        row
    }
}

/// Is told of seconds.
type Listener = Box<dyn FnMut(&Row)>;

/// The windows of a run.
pub(crate) struct Windows {
    /// Where the first begins.
    from: Moment,
    rows: Vec<Row>,
    rows_max: usize,
    /// How many seconds a row stands for.
    width: u64,
    /// How many seconds are in the rows.
    closed: u64,
    /// The seconds that follow them.
    open: VecDeque<Open>,
    /// An open second that is kept for its memory.
    spare: Option<Open>,
    /// Is told each second when it is over.
    listener: Option<Listener>,
}

impl Windows {
    /// Windows from that moment on.
    pub(crate) fn new(from: Moment) -> Self {
        Self::with_bound(from, ROWS_MAX)
    }

    fn with_bound(from: Moment, rows_max: usize) -> Self {
        Self { from, rows: Vec::new(), rows_max, width: 1, closed: 0, open: VecDeque::new(), spare: None, listener: None }
    }

    /// The same; each second is told when it is over, before any are merged.
    pub(crate) fn told_to(self, listener: impl FnMut(&Row) + 'static) -> Self {
        Self { listener: Some(Box::new(listener)), ..self }
    }

    /// Takes note of an event that is to be sent at that moment.
    pub(crate) fn begun(&mut self, intended: Moment) {
        self.row_at(intended).begun += 1;
    }

    /// Takes note of an event whose sending began at that moment.
    pub(crate) fn attempted(&mut self, at: Moment) {
        self.row_at(at).sent += 1;
    }

    /// Takes note of an event that went out.
    pub(crate) fn sent(&mut self, sent: &Sent) {
        if let Some(open) = self.open_at(sent.at) {
            open.lag.saturating_record(sent.lag_micros);
        }
    }

    /// Takes note of an event whose fate is known.
    pub(crate) fn settled(&mut self, settled: &Settled) {
        *self.row_at(settled.at).fates.of(settled.fate) += 1;
        if let Some(Times { latency_micros, service_micros }) = settled.times
            && let Some(open) = self.open_at(settled.at)
        {
            open.latency.saturating_record(latency_micros);
            open.service_time.saturating_record(service_micros);
        }
    }

    /// Takes note of how many seekers are live.
    pub(crate) fn live(&mut self, now: Moment, seekers: u64) {
        if now >= self.from {
            let row = self.row_at(now);
            row.live = row.live.max(seekers);
        }
    }

    /// The latest rows, oldest first, of the seconds that are over by then, each with the second that it begins with.
    pub(crate) fn latest(&self, count: usize, by: Moment) -> Vec<(u64, Row)> {
        let over = self.open.iter().zip(self.closed..).take_while(|(_, second)| *second < self.second_of(by));
        let mut latest: Vec<_> = over.map(|(open, second)| (second, open.row_so_far())).collect();
        let first = (self.rows.len() + latest.len()).saturating_sub(count).min(self.rows.len());
        let closed = self.rows[first..].iter().zip(first as u64..).map(|(row, position)| (position * self.width, *row));
        latest.splice(0..0, closed);
        latest
    }

    /// What was counted in all rows together, without the times.
    pub(crate) fn sum(&self) -> Row {
        Row::sum(self.rows.iter().chain(self.open.iter().map(|open| &open.row)))
    }

    /// All rows, one after the other, once the run has ended.
    pub(crate) fn finish(mut self) -> Vec<Row> {
        while !self.open.is_empty() {
            self.close_first();
        }
        self.rows
    }

    fn second_of(&self, moment: Moment) -> u64 {
        moment.micros_since(self.from) / SECOND_MICROS
    }

    /// The open second of a moment, unless it is over.
    fn open_at(&mut self, moment: Moment) -> Option<&mut Open> {
        let second = self.second_of(moment);
        while second >= self.closed + self.open.len() as u64 {
            if self.open.len() == OPEN_MAX {
                self.close_first();
            }
            let open = self.spare.take().unwrap_or_else(Open::new);
            self.open.push_back(open);
        }
        let position = usize::try_from(second.checked_sub(self.closed)?).ok()?;
        self.open.get_mut(position)
    }

    /// The row that counts for a moment, even if its second is over.
    fn row_at(&mut self, moment: Moment) -> &mut Row {
        let second = self.second_of(moment);
        if second < self.closed {
            let last = self.rows.len() - 1;
            let position = usize::try_from(second / self.width).unwrap_or(last);
            return &mut self.rows[position.min(last)];
        }
        &mut self.open_at(moment).expect("a second that is not closed is opened").row
    }

    fn close_first(&mut self) {
        let Some(mut open) = self.open.pop_front() else { return };
        let row = open.close();
        if let Some(listener) = &mut self.listener {
            listener(&row);
        }
        self.spare = Some(open);
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

fn merged(rows: &[Row]) -> Row {
    let mut first = rows[0];
    for row in &rows[1..] {
        first.merge(row);
    }
    first
}

#[cfg(test)]
mod tests {
    use client_event::EventType;
    use proptest::prelude::*;

    use super::*;
    use crate::tally::Fate;

    fn settled(at: Moment, fate: Fate, latency_micros: u64) -> Settled {
        let times = Some(Times { latency_micros, service_micros: latency_micros / 2 });
        Settled { at, event_type: EventType::View, fate, times }
    }

    proptest! {
        /// For all runs, however long and in whatever order things are told: rows follow one another without a gap, there are no more
        /// than the bound, and all that was noted is counted once, in its own window.
        #[test]
        fn windows_count_everything_once(
            notes in prop::collection::vec((0_u64..40_000_000, 1_u64..5_000_000), 1..400),
            rows_max in 2_usize..20,
            from in 0_u64..3_000_000,
            is_in_order in any::<bool>(),
        ) {
            let mut notes = notes;
            if is_in_order {
                notes.sort_unstable();
            }
            let mut windows = Windows::with_bound(Moment::from_micros(from), rows_max);
            for &(at, latency) in &notes {
                let at = Moment::from_micros(from + at);
                windows.begun(at);
                windows.attempted(at);
                windows.sent(&Sent { at, lag_micros: latency });
                windows.settled(&settled(at, if latency % 2 == 0 { Fate::Acknowledged } else { Fate::Refused }, latency));
                windows.live(at, latency);
            }
            let (sum, latest) = (windows.sum(), windows.latest(usize::MAX, Moment::from_micros(u64::MAX)));
            let last = windows.latest(2, Moment::from_micros(u64::MAX));
            let rows = windows.finish();
            prop_assert_eq!((sum.begun, sum.sent, sum.fates.sent()), (notes.len() as u64, notes.len() as u64, notes.len() as u64));
            prop_assert_eq!(&last[..], &latest[latest.len() - last.len()..]);
            prop_assert!(latest.iter().map(|(_, row)| row.begun).sum::<u64>() == sum.begun);
            prop_assert!(latest.windows(2).all(|pair| pair[0].0 + pair[0].1.seconds == pair[1].0), "{:?}", latest);
            prop_assert!(rows.len() <= rows_max);
            let width = rows[0].seconds;
            prop_assert!(width.is_power_of_two() && rows[..rows.len() - 1].iter().all(|row| row.seconds == width));
            let mut begins = 0;
            for row in &rows {
                let ends = begins + row.seconds;
                let within: Vec<_> = notes.iter().filter(|(at, _)| (begins..ends).contains(&(at / SECOND_MICROS))).collect();
                let count = within.len() as u64;
                prop_assert_eq!((row.begun, row.sent, row.fates.sent()), (count, count, count));
                prop_assert_eq!(row.live, within.iter().map(|(_, latency)| *latency).max().unwrap_or(0));
                if is_in_order {
                    let most = within.iter().map(|(_, latency)| *latency).max();
                    // Three digits.
                    let close = |micros: u64, most: u64| micros.abs_diff(most) <= most / 1000 + 1;
                    prop_assert_eq!(row.latency.is_some(), most.is_some());
                    prop_assert!(row.latency.zip(most).is_none_or(|(latency, most)| close(latency.max, most)), "{:?} {:?}", row, most);
                    prop_assert!(row.lag_p99.zip(most).is_none_or(|(lag, most)| lag <= most + most / 1000 + 1));
                }
                begins = ends;
            }
            prop_assert!(notes.iter().all(|(at, _)| at / SECOND_MICROS < begins));
        }

        /// For all merged seconds, each quantile is that of the worst of them.
        #[test]
        fn merged_windows_show_the_worst_second(latencies in prop::collection::vec(1_u64..1_000_000, 2..40)) {
            let play = |rows_max| {
                let mut windows = Windows::with_bound(Moment::default(), rows_max);
                for (second, &latency) in latencies.iter().enumerate() {
                    let at = Moment::from_micros(second as u64 * SECOND_MICROS);
                    windows.settled(&settled(at, Fate::Acknowledged, latency));
                    windows.settled(&settled(at, Fate::Acknowledged, latency / 3));
                }
                windows.finish()
            };
            let (seconds, merged) = (play(1000), play(2));
            let width = usize::try_from(merged[0].seconds).unwrap();
            for (row, seconds) in merged.iter().zip(seconds.chunks(width)) {
                let worst = seconds.iter().filter_map(|row| row.latency).reduce(Quantiles::worse);
                prop_assert_eq!(row.latency, worst);
            }
        }
    }

    /// Whatever is recorded and however long the run: the histograms of the whole run, with one for each type, those of the open
    /// seconds, and all rows.
    #[test]
    fn measurements_have_little_memory() {
        let mut largest = time_histogram();
        largest.saturating_record(u64::MAX);
        let (of_run, of_seconds) = (4 + EventType::ALL.len(), 3 * (OPEN_MAX + 1));
        let bytes = (of_run + of_seconds) * largest.distinct_values() * size_of::<u64>() + ROWS_MAX * size_of::<Row>();
        assert!(bytes < 32 << 20, "{bytes}");
    }

    /// A machine that was asleep for an hour.
    #[test]
    fn a_leap_is_a_row_of_nothing() {
        let mut windows = Windows::new(Moment::default());
        windows.begun(Moment::default());
        windows.begun(Moment::from_micros(3_599 * SECOND_MICROS));
        let rows = windows.finish();
        assert_eq!((rows.len(), rows[0].begun, rows[3_599].begun, rows[5]), (3_600, 1, 1, Row { seconds: 1, ..Row::default() }));
    }
}
