//! A live stream over a month: the checker keeps the memory of one day, even if some events have wrong times.

use std::collections::BTreeMap;

use client_event::sequence::{SequenceChecker, Totals};
use client_event::{ClientEvent, EventTimestamp, EventType};
use proptest::prelude::*;

const MINUTE_MS: i64 = 60_000;
const DAY_MINUTES: i64 = 24 * 60;
const DAYS: i64 = 30;
const START_MS: i64 = 1_700_000_000_000;

/// Wrong times of senders: in another unit, from a clock that is far off, from a clock that is not set.
fn mistaken(kind: u64, millis: i64) -> i64 {
    match kind % 6 {
        0 => millis / 1_000,
        1 => millis * 1_000,
        2 => 4_070_908_800_000,
        3 => millis - 400 * DAY_MINUTES * MINUTE_MS,
        4 => 0,
        _ => millis + 400 * DAY_MINUTES * MINUTE_MS,
    }
}

/// The errors in a stream.
#[derive(Clone, Copy, Debug)]
struct Mistakes {
    /// The number of events with a wrong time per thousand events.
    per_mille: u64,
    /// The number of consecutive events with a wrong time on the tenth day.
    in_a_row: u64,
    seed: u64,
}

/// The stream and its checker.
struct Followed {
    checker: SequenceChecker,
    /// Whether the test passes the current time to the checker.
    knows_now: bool,
    mistakes: Mistakes,
    events: u64,
    random: u64,
}

impl Followed {
    /// The next random number (`xorshift64`, Marsaglia 2003).
    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    fn send(&mut self, event_type: EventType, request: i64, millis: i64) {
        let random = self.random();
        // The first time of the stream is right.
        let millis =
            if self.events > 0 && random % 1_000 < self.mistakes.per_mille { mistaken(random >> 32, millis) } else { millis };
        let event = ClientEvent {
            event_id: format!("e-{}", self.events).parse().unwrap(),
            event_type,
            request_id: format!("r-{request}").parse().unwrap(),
            related_job_names: vec![format!("jobs/{request}").parse().unwrap()],
            event_timestamp_millis: EventTimestamp::from_millis(millis),
            details: BTreeMap::new(),
        };
        self.events += 1;
        let mut findings = Vec::new();
        self.checker.observe(&event, &mut findings);
    }

    /// One minute: pages of results, and views of jobs on pages from some minutes before.
    fn minute(&mut self, minute: i64) {
        let now = START_MS + minute * MINUTE_MS;
        if self.knows_now {
            self.checker.set_now(EventTimestamp::from_millis(now));
        }
        for page in 0..2 {
            let request = minute * 2 + page;
            self.send(EventType::Impression, request, now - 1_000);
            self.send(EventType::View, (request - 10).max(0), now - 500);
        }
        if minute == 10 * DAY_MINUTES {
            for number in 0..self.mistakes.in_a_row {
                let request = -1 - i64::try_from(number).unwrap();
                self.send(EventType::Impression, request, mistaken(5, now));
            }
        }
    }
}

/// The bytes in memory and the counts at the end of each day.
fn follow(knows_now: bool, mistakes: Mistakes) -> Vec<(usize, Totals)> {
    let options = SequenceChecker::builder().window_ms(Some(DAY_MINUTES * MINUTE_MS));
    let random = mistakes.seed | 1;
    let mut followed = Followed { checker: options.build(), knows_now, mistakes, events: 0, random };
    let mut days = Vec::new();
    for minute in 0..DAYS * DAY_MINUTES {
        followed.minute(minute);
        if minute % DAY_MINUTES == DAY_MINUTES - 1 {
            days.push((followed.checker.heap_bytes(), followed.checker.totals()));
        }
    }
    days
}

/// From the fourth day on, only the hashes of closed requests add memory, up to their limit.
fn assert_constant(days: &[(usize, Totals)]) -> Result<(), TestCaseError> {
    const BYTES_PER_CLOSED: u64 = 24;
    let (fourth_bytes, fourth) = days[3];
    for (day, (bytes, totals)) in days.iter().enumerate().skip(4) {
        let remembered = usize::try_from((totals.closed - fourth.closed) * BYTES_PER_CLOSED).unwrap();
        prop_assert!(*bytes <= fourth_bytes * 3 / 2 + remembered, "day {day}: {fourth_bytes} bytes grew to {bytes}, {totals:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(64), max_shrink_iters: 0, ..ProptestConfig::default() })]

    /// For all streams with up to a third of wrong times, with and without the current time: memory is constant, and no request is closed
    /// too early.
    #[test]
    fn a_month_takes_the_memory_of_a_day(per_mille in 0..330_u64, seed: u64, knows_now: bool) {
        let days = follow(knows_now, Mistakes { per_mille, in_a_row: 0, seed });
        assert_constant(&days)?;
        let (_, totals) = days[days.len() - 1];
        prop_assert_eq!(totals.late, 0);
        prop_assert!(totals.closed * 10 > totals.requests * 9, "{:?}", totals);
    }
}

/// For some time, the only sender has a clock that is a year ahead. The watermark follows it and comes back.
#[test]
fn a_run_of_mistakes_is_got_over() {
    for knows_now in [false, true] {
        let days = follow(knows_now, Mistakes { per_mille: 10, in_a_row: 20_000, seed: 1 });
        // The events of that sender are forgotten too.
        assert_constant(&days[10..]).unwrap();
        let (_, totals) = days[days.len() - 1];
        assert!(totals.closed * 10 > totals.requests * 9, "{totals:?}");
    }
}

/// No event has a plausible time.
#[test]
fn a_stream_without_times_is_forgotten_too() {
    let options = SequenceChecker::builder().window_ms(Some(1));
    let mistakes = Mistakes { per_mille: 0, in_a_row: 0, seed: 1 };
    let mut followed = Followed { checker: options.build(), knows_now: false, mistakes, events: 0, random: 1 };
    for request in 0..20_000 {
        followed.send(EventType::Impression, request, 0);
    }
    let totals = followed.checker.totals();
    assert!(totals.closed > totals.requests / 2, "{totals:?}");
}
