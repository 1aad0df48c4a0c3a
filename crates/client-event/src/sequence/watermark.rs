//! How far the stream has come, in the time of its events: the clock by which requests are closed and event ids forgotten.
//!
//! One mistaken time must not close everything before it, nor keep everything after it open. So the watermark follows a time at once only
//! within its reach, twice the window and a week. Times beyond the reach, ahead or behind, move the watermark once [`JUMP_EVENTS`] more
//! events have had such times than have not. Events without a plausible time move it a little, if there is no other event for long. So
//! memory is bounded whatever the times are.
//!
//! What closes requests is the time that has passed ([`Watermark::take`] returns it). It never goes back, even if the watermark does.

/// How many events have to agree before the watermark jumps. A jump comes late by so many events, which costs memory and nothing else.
pub(super) const JUMP_EVENTS: u32 = 1_000;

/// A week: pauses up to it are nothing special, however short the window is.
const REACH_MIN_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// So many events without a plausible time count as a window.
const TIMELESS_EVENTS: i64 = 1 << 20;

/// Before every time that an event can have.
const UNKNOWN: i64 = i64::MIN;

/// The watermark of one stream.
#[derive(Debug)]
pub(super) struct Watermark {
    /// `None` if nothing is ever closed.
    window_ms: Option<i64>,
    /// How far ahead or behind a time may lie to be followed at once.
    reach_ms: i64,
    jump_events: u32,
    /// The largest time that was followed; `None` before the first.
    stream: Option<i64>,
    /// The time that has passed, counted from the first time of the stream; [`UNKNOWN`] before it.
    passed: i64,
    /// The jump that events ask for.
    jump: Jump,
    /// Events without a plausible time in a row.
    timeless: u32,
}

/// A jump of the watermark that some events ask for.
#[derive(Clone, Copy, Debug, Default)]
struct Jump {
    /// How many more events have asked for it than have not.
    events: u32,
    /// Whether it goes ahead.
    is_ahead: bool,
    /// Of the times that asked for it the one next to the watermark.
    nearest: i64,
}

impl Watermark {
    pub(super) fn new(window_ms: Option<i64>) -> Self {
        Self::with_jump_events(window_ms, JUMP_EVENTS)
    }

    fn with_jump_events(window_ms: Option<i64>, jump_events: u32) -> Self {
        let window_ms = window_ms.map(|window_ms| window_ms.max(0));
        let reach_ms = window_ms.map_or(i64::MAX, |window_ms| window_ms.saturating_mul(2).saturating_add(REACH_MIN_MS));
        Self { window_ms, reach_ms, jump_events, stream: None, passed: UNKNOWN, jump: Jump::default(), timeless: 0 }
    }

    /// Takes the plausible time of an event. Returns the time that has passed, if more has than before.
    pub(super) fn take(&mut self, time: i64) -> Option<i64> {
        self.timeless = 0;
        let Some(stream) = self.stream else {
            self.stream = Some(time);
            return self.pass(0, time);
        };
        let ahead = time.saturating_sub(stream);
        if ahead.unsigned_abs() <= self.reach_ms.unsigned_abs() {
            self.jump.events = self.jump.events.saturating_sub(1);
            if ahead <= 0 {
                return None;
            }
            self.stream = Some(time);
            return self.pass(ahead, time);
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
        self.stream = Some(nearest);
        // More than the reach closes no more than the reach does.
        if is_ahead { self.pass(self.reach_ms, nearest) } else { None }
    }

    /// Takes note of an event whose time cannot be. Returns the time that has passed, if more has than before.
    pub(super) fn take_timeless(&mut self) -> Option<i64> {
        self.timeless = self.timeless.saturating_add(1);
        if self.timeless <= self.jump_events {
            return None;
        }
        self.pass((self.window_ms? / TIMELESS_EVENTS).max(1), 0)
    }

    /// Lets time pass, or begins at `start`.
    fn pass(&mut self, more_ms: i64, start: i64) -> Option<i64> {
        let before = self.passed;
        self.passed = if before == UNKNOWN { start } else { before.saturating_add(more_ms) };
        (self.passed > before).then_some(self.passed)
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
        /// For all windows and times whose steps are within the reach, as much time has passed as the largest time says.
        #[test]
        fn within_reach_it_is_the_largest_time(window_ms in 0..10 * HOUR_MS, steps in vec(-8..24_i64, 0..100)) {
            let mut watermark = watermark(window_ms);
            let (mut time, mut largest) = (START, None);
            for step in steps {
                time += step * HOUR_MS / 4;
                let before = largest;
                largest = largest.max(Some(time));
                prop_assert_eq!(watermark.take(time), largest.filter(|_| largest > before));
            }
        }

        /// For all mistaken times among others, fewer in a row than make a jump and no more than half of all: the stream goes on as
        /// without them.
        #[test]
        fn single_mistakes_change_nothing(mistakes in vec((any::<i64>(), 1..JUMP), 0..40)) {
            let (mut with, mut without) = (watermark(HOUR_MS), watermark(HOUR_MS));
            let mut time = START;
            let mut step = || {
                time += 60_000;
                time
            };
            let first = step();
            prop_assert_eq!(with.take(first), without.take(first));
            for (mistake, count) in mistakes {
                prop_assume!(mistake.abs_diff(START) > with.reach_ms.unsigned_abs() + YEAR_MS.unsigned_abs());
                for _ in 0..count {
                    prop_assert_eq!(with.take(mistake), None);
                }
                for _ in 0..count {
                    let time = step();
                    prop_assert_eq!(with.take(time), without.take(time));
                }
            }
        }

        /// For all times whatever, the time that has passed grows and nothing overflows.
        #[test]
        fn time_never_goes_back(times in vec(prop_oneof![any::<Option<i64>>(), (0..100 * YEAR_MS).prop_map(Some)], 0..200), window_ms: Option<i64>) {
            let mut watermark = Watermark::with_jump_events(window_ms, JUMP);
            let mut last = i64::MIN;
            for time in times {
                let passed = if let Some(time) = time { watermark.take(time) } else { watermark.take_timeless() };
                if let Some(passed) = passed {
                    prop_assert!(passed > last);
                    last = passed;
                }
            }
        }
    }

    /// The stream has really moved: a year later, and a year back. Afterwards time passes as before.
    #[test]
    fn what_lasts_is_followed() {
        let mut watermark = watermark(HOUR_MS);
        let mut passed = watermark.take(START).unwrap();
        for (start, jumped) in [(START + YEAR_MS, true), (START - YEAR_MS, false)] {
            for _ in 1..JUMP {
                assert_eq!(watermark.take(start), None);
            }
            let more = watermark.take(start);
            assert_eq!(more.is_some(), jumped);
            assert!(more.is_none_or(|more| more > passed + HOUR_MS), "idle requests are closed");
            passed = more.unwrap_or(passed);
            assert_eq!(watermark.take(start + 2 * HOUR_MS), Some(passed + 2 * HOUR_MS));
            passed += 2 * HOUR_MS;
        }
    }

    #[test]
    fn events_without_a_time_pass_a_window_too() {
        let mut watermark = watermark(TIMELESS_EVENTS * 10);
        for _ in 0..JUMP {
            assert_eq!(watermark.take_timeless(), None);
        }
        assert_eq!(watermark.take_timeless(), Some(0));
        assert_eq!(watermark.take_timeless(), Some(10));
        // The first time of the stream changes nothing, the next ones count.
        assert_eq!(watermark.take(START), None);
        assert_eq!(watermark.take(START + 5), Some(15));
    }
}
