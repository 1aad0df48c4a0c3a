//! The progress of the stream in event time. It decides when requests are closed and event ids are dropped.
//!
//! A single wrong time must not close all earlier requests or keep all later ones open. So the watermark moves to a time immediately only
//! if the time is within reach: two windows and a week. Times out of reach, ahead or behind, move the watermark when [`JUMP_EVENTS`] more
//! events had such times than had times within reach. A long run of events without a plausible time moves the watermark in small steps.
//! So memory is bounded for any times.
//!
//! Requests are closed by the elapsed time, which [`Watermark::observe`] returns. The elapsed time never decreases, even if the
//! watermark does.

/// The number of events that must agree before the watermark jumps. The delay costs memory and nothing else.
pub(super) const JUMP_EVENTS: u32 = 1_000;

/// One week: pauses up to this length are normal for any window.
const REACH_MIN_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// The number of events without a plausible time that count as one window.
const EVENTS_WITHOUT_TIME_PER_WINDOW: i64 = 1 << 20;

/// Smaller than the time of any event.
const UNKNOWN: i64 = i64::MIN;

/// The watermark of one stream.
#[derive(Debug)]
pub(super) struct Watermark {
    /// `None` if requests are never closed.
    window_ms: Option<i64>,
    /// The maximum distance of a time that moves the watermark immediately, ahead or behind.
    reach_ms: i64,
    jump_events: u32,
    /// The value of the watermark; `None` before the first time.
    value: Option<i64>,
    /// The elapsed time, counted from the first time of the stream; [`UNKNOWN`] before it.
    elapsed: i64,
    /// The jump that the times out of reach would cause.
    jump: Jump,
    /// The number of consecutive events without a plausible time.
    events_without_time: u32,
}

/// A jump of the watermark that has not happened yet.
#[derive(Clone, Copy, Debug, Default)]
struct Jump {
    /// The number of events for the jump minus the number of events against it.
    events: u32,
    /// Whether the jump is forward.
    is_ahead: bool,
    /// The time nearest to the watermark among the times out of reach.
    nearest: i64,
}

impl Watermark {
    pub(super) fn new(window_ms: Option<i64>) -> Self {
        Self::with_jump_events(window_ms, JUMP_EVENTS)
    }

    fn with_jump_events(window_ms: Option<i64>, jump_events: u32) -> Self {
        let window_ms = window_ms.map(|window_ms| window_ms.max(0));
        let reach_ms = window_ms.map_or(i64::MAX, |window_ms| window_ms.saturating_mul(2).saturating_add(REACH_MIN_MS));
        Self { window_ms, reach_ms, jump_events, value: None, elapsed: UNKNOWN, jump: Jump::default(), events_without_time: 0 }
    }

    /// Observes the plausible time of an event. Returns the elapsed time if it increased.
    pub(super) fn observe(&mut self, time: i64) -> Option<i64> {
        self.events_without_time = 0;
        let Some(value) = self.value else {
            self.value = Some(time);
            return self.increase_elapsed(0, time);
        };
        let ahead = time.saturating_sub(value);
        if ahead.unsigned_abs() <= self.reach_ms.unsigned_abs() {
            self.jump.events = self.jump.events.saturating_sub(1);
            if ahead <= 0 {
                return None;
            }
            self.value = Some(time);
            return self.increase_elapsed(ahead, time);
        }
        let is_ahead = ahead > 0;
        if self.jump.events > 0 && self.jump.is_ahead != is_ahead {
            self.jump.events -= 1;
            return None;
        }
        let nearest = match self.jump.events {
            0 => time,
            _ if is_ahead => self.jump.nearest.min(time),
            _ => self.jump.nearest.max(time),
        };
        self.jump = Jump { events: self.jump.events + 1, is_ahead, nearest };
        if self.jump.events < self.jump_events {
            return None;
        }
        self.jump = Jump::default();
        self.value = Some(nearest);
        // A longer jump than the reach closes no more requests than the reach does.
        if is_ahead { self.increase_elapsed(self.reach_ms, nearest) } else { None }
    }

    /// Observes an event without a plausible time. Returns the elapsed time if it increased.
    pub(super) fn observe_without_time(&mut self) -> Option<i64> {
        self.events_without_time = self.events_without_time.saturating_add(1);
        if self.events_without_time <= self.jump_events {
            return None;
        }
        self.increase_elapsed((self.window_ms? / EVENTS_WITHOUT_TIME_PER_WINDOW).max(1), 0)
    }

    /// Increases the elapsed time, or sets it to `start`.
    fn increase_elapsed(&mut self, more_ms: i64, start: i64) -> Option<i64> {
        let before = self.elapsed;
        self.elapsed = if before == UNKNOWN { start } else { before.saturating_add(more_ms) };
        (self.elapsed > before).then_some(self.elapsed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const JUMP: u32 = 5;
    const HOUR_MS: i64 = 3_600_000;
    const YEAR_MS: i64 = 365 * 24 * HOUR_MS;
    const START: i64 = 50 * YEAR_MS;

    fn watermark(window_ms: i64) -> Watermark {
        Watermark::with_jump_events(Some(window_ms), JUMP)
    }

    proptest! {
        /// For all windows and times whose steps are within the reach, the elapsed time is the largest time.
        #[test]
        fn within_reach_it_is_the_largest_time(window_ms in 0..10 * HOUR_MS, steps in vec(-8..24_i64, 0..100)) {
            let mut watermark = watermark(window_ms);
            let (mut time, mut largest) = (START, None);
            for step in steps {
                time += step * HOUR_MS / 4;
                let before = largest;
                largest = largest.max(Some(time));
                prop_assert_eq!(watermark.observe(time), largest.filter(|_| largest > before));
            }
        }

        /// For all wrong times among right ones, fewer in a row than a jump needs and at most half of all, the stream continues as without
        /// them.
        #[test]
        fn single_mistakes_change_nothing(mistakes in vec((any::<i64>(), 1..JUMP), 0..40)) {
            let (mut with, mut without) = (watermark(HOUR_MS), watermark(HOUR_MS));
            let mut time = START;
            let mut step = || {
                time += 60_000;
                time
            };
            let first = step();
            prop_assert_eq!(with.observe(first), without.observe(first));
            for (mistake, count) in mistakes {
                prop_assume!(mistake.abs_diff(START) > with.reach_ms.unsigned_abs() + YEAR_MS.unsigned_abs());
                for _ in 0..count {
                    prop_assert_eq!(with.observe(mistake), None);
                }
                for _ in 0..count {
                    let time = step();
                    prop_assert_eq!(with.observe(time), without.observe(time));
                }
            }
        }

        /// For all times, the elapsed time increases and nothing overflows.
        #[test]
        fn time_never_goes_back(times in vec(prop_oneof![any::<Option<i64>>(), (0..100 * YEAR_MS).prop_map(Some)], 0..200), window_ms: Option<i64>) {
            let mut watermark = Watermark::with_jump_events(window_ms, JUMP);
            let mut last = i64::MIN;
            for time in times {
                let passed = if let Some(time) = time { watermark.observe(time) } else { watermark.observe_without_time() };
                if let Some(passed) = passed {
                    prop_assert!(passed > last);
                    last = passed;
                }
            }
        }
    }

    /// The stream jumps a year forward and a year back. Afterwards it continues as before.
    #[test]
    fn a_lasting_jump_is_followed() {
        let mut watermark = watermark(HOUR_MS);
        let mut passed = watermark.observe(START).unwrap();
        for (start, jumped) in [(START + YEAR_MS, true), (START - YEAR_MS, false)] {
            for _ in 1..JUMP {
                assert_eq!(watermark.observe(start), None);
            }
            let more = watermark.observe(start);
            assert_eq!(more.is_some(), jumped);
            assert!(more.is_none_or(|more| more > passed + HOUR_MS), "idle requests are closed");
            passed = more.unwrap_or(passed);
            assert_eq!(watermark.observe(start + 2 * HOUR_MS), Some(passed + 2 * HOUR_MS));
            passed += 2 * HOUR_MS;
        }
    }

    #[test]
    fn events_without_a_time_pass_a_window_too() {
        let mut watermark = watermark(EVENTS_WITHOUT_TIME_PER_WINDOW * 10);
        for _ in 0..JUMP {
            assert_eq!(watermark.observe_without_time(), None);
        }
        assert_eq!(watermark.observe_without_time(), Some(0));
        assert_eq!(watermark.observe_without_time(), Some(10));
        // The first time of the stream has no effect; the next ones do.
        assert_eq!(watermark.observe(START), None);
        assert_eq!(watermark.observe(START + 5), Some(15));
    }
}
