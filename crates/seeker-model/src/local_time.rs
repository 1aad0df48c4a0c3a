//! The local time of a place: its offset within the week at the start of the simulation, and later changes of the clocks. The caller knows
//! the rules of time zones.

use std::iter;

use crate::sim_time::SimTime;

/// The local time of a place. The default is a start on a Monday at 00:00, without changes of the clocks.
///
/// ```
/// use seeker_model::{LocalTime, SimTime};
///
/// // The simulation starts on a Saturday at 18:00. Eight hours later the clocks go forward by an hour.
/// let saturday_evening_s = (5 * 24 + 18) * 3600;
/// let berlin = LocalTime::new(saturday_evening_s, [(SimTime::ZERO.after_seconds(8.0 * 3600.0), 3600)]);
/// assert_ne!(berlin, LocalTime::default());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// Each offset with the time from which it holds, in time order. An offset is the local time in seconds since a Monday at 00:00, less the
    /// seconds since the start.
    offsets: Vec<(SimTime, i64)>,
}

impl LocalTime {
    /// The local time of a place. At the start, the clocks show `start_s` seconds since Monday 00:00. At each time of `changes`, they go
    /// forward by that many seconds.
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

    /// The local time in seconds since a Monday at 00:00, less the seconds since the start.
    pub(crate) fn offset_s(&self, at: SimTime) -> f64 {
        as_f64(self.offsets[self.position(at)].1)
    }

    /// The offsets from that time on, in seconds, each with the end of its validity. The last one has no end.
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
