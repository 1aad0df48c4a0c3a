//! The coarse clock of a worker. It counts steps instead of measuring time, so a pause of the process does not count as waiting time of its
//! clients.

use std::time::Duration;

/// A time of a worker, in steps of [`TICK`].
pub(crate) type Tick = u32;

/// The step of the clock.
pub(crate) const TICK: Duration = Duration::from_millis(250);

/// A time in ticks, rounded up. At least one tick.
pub(crate) fn ticks(time: Duration) -> Tick {
    Tick::try_from(time.as_nanos().div_ceil(TICK.as_nanos()).max(1)).unwrap_or(Tick::MAX)
}
