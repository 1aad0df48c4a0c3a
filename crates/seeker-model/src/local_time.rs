//! What the clocks of a place say at a moment of the simulation: where in its week it starts, and when the clocks are changed. Which
//! places there are, and their rules, is known elsewhere.

use std::iter;

use crate::time::SimTime;

/// What the local clocks say. The default is a place whose clocks are never changed, and a start on a Monday at 00:00.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// From when on the clocks show that many seconds since a Monday at 00:00 more than have passed since the start; the first from
    /// the start, in the order of time.
    offsets: Vec<(SimTime, i64)>,
}

impl LocalTime {
    /// Clocks that show `start_s` seconds since Monday 00:00 at the start, and that are changed at these times by so many seconds.
    pub fn new(start_s: u32, changes: impl IntoIterator<Item = (SimTime, i32)>) -> Self {
        let mut changes: Vec<_> = changes.into_iter().collect();
        changes.sort_by_key(|(time, _)| *time);
        let mut shown_s = i64::from(start_s);
        let offsets = iter::once((SimTime::ZERO, shown_s)).chain(changes.into_iter().map(|(time, change_s)| {
            shown_s += i64::from(change_s);
            (time, shown_s)
        }));
        Self { offsets: offsets.collect() }
    }

    /// What the clocks show more than has passed since the start, in seconds.
    pub(crate) fn offset_s(&self, at: SimTime) -> f64 {
        as_f64(self.offsets[self.position(at)].1)
    }

    /// The offsets from that time on, in seconds, each with the time until which it holds; the last for ever.
    pub(crate) fn spans(&self, from: SimTime) -> impl Iterator<Item = (f64, Option<SimTime>)> {
        let offsets = &self.offsets[self.position(from)..];
        let ends = offsets[1..].iter().map(|(time, _)| Some(*time)).chain([None]);
        offsets.iter().zip(ends).map(|((_, offset_s), end)| (as_f64(*offset_s), end))
    }

    fn position(&self, at: SimTime) -> usize {
        self.offsets.partition_point(|(time, _)| *time <= at) - 1
    }
}

impl Default for LocalTime {
    fn default() -> Self {
        Self::new(0, [])
    }
}

#[expect(clippy::cast_precision_loss, reason = "hours and weeks")]
fn as_f64(seconds: i64) -> f64 {
    seconds as f64
}
