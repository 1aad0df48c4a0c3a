//! Tests of the look-ahead: alone, and with a ledger and seekers that search.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use load_plan::load::{LoadSpec, Rate, Share};
use proptest::prelude::*;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::actors::ledger::{Admission, Ledger};

const TICK_MICROS: u64 = 1_000;

/// Looks every millisecond for this period, with searches of this duration and seekers that send one event per millisecond.
fn looked(ahead: &mut LookAhead, millis: u64, usual_micros: u64) {
    for _ in 0..millis {
        let now = ahead.looked.plus(TICK_MICROS);
        ahead.look(now, usual_micros, ahead.by_live + 1, 100.0);
    }
}

#[test]
fn the_time_ahead_grows_slowly_and_is_bounded() {
    let mut ahead = LookAhead::default();
    looked(&mut ahead, 100, 104_000);
    assert_eq!(ahead.micros(), 25_000);
    looked(&mut ahead, 1_000, 104_000);
    assert_eq!(ahead.micros(), 100_000);
    looked(&mut ahead, 1, 1_000);
    assert_eq!(ahead.micros(), 0, "an immediate response needs no time ahead");
    looked(&mut ahead, 60_000, u64::MAX);
    assert_eq!(ahead.micros(), AHEAD_MICROS_MAX - EARLY_MICROS);
}

#[test]
fn recent_events_are_expected_again() {
    let mut ahead = LookAhead::default();
    assert_eq!(ahead.expected(1_000_000), 0);
    looked(&mut ahead, 10_000, 0);
    assert_eq!(ahead.expected(100_000), 100);
}

#[test]
fn starts_are_not_without_limit() {
    let mut ahead = LookAhead::default();
    assert_eq!(ahead.allowed(), 0);
    looked(&mut ahead, 1, 0);
    let (mut started, mut most) = (0, 0);
    for _ in 0..10_000 {
        most = most.max(ahead.allowed());
        started += ahead.allowed();
        ahead.started(ahead.allowed());
        looked(&mut ahead, 1, 0);
    }
    assert_eq!(most, 400, "the allowance of one second");
    assert!((4_300..=4_401).contains(&started), "{started}");
}

/// An event of the simulation: the response to a seeker's first search, or this many more events of a live seeker.
type Happening = Reverse<(Moment, bool, u32)>;

/// A load whose seekers search first, for about this long, and then send up to this many events at this interval. Returns the events begun
/// in each second.
fn simulated(rate: f64, seconds: u64, search_micros: u64, events: u32, think_micros: u64) -> Vec<u64> {
    let load = LoadSpec::rate(Rate::per_second(rate).unwrap(), Duration::from_secs(seconds)).check().unwrap();
    let end = load.end();
    let ledger = Ledger::new(Share { load, part: 0, of: 1 }, Arc::default(), Rc::default());
    let mut ahead = LookAhead::default();
    let mut happenings: BinaryHeap<Happening> = BinaryHeap::new();
    let (mut now, mut horizon, mut usual_micros) = (Moment::default(), Moment::default(), 0);
    let mut random = SmallRng::seed_from_u64(7);
    let mut begun = vec![0; usize::try_from(seconds).unwrap()];
    while now < end {
        while let Some(Reverse((at, is_first, left))) = happenings.peek().copied().filter(|Reverse((at, ..))| *at <= now) {
            happenings.pop();
            if is_first {
                usual_micros = search_micros;
                ledger.seeker_answered(true);
            }
            if let Admission::Begun(_) = ledger.begin_event(at, true) {
                let second = usize::try_from(at.as_micros() / 1_000_000).unwrap();
                *begun.get_mut(second).unwrap() += 1;
                if left > 1 {
                    let think_micros = random.random_range(0..=2 * think_micros);
                    happenings.push(Reverse((at.plus(think_micros), false, left - 1)));
                }
            }
        }
        // As in the population.
        let (soon, from) = (now.plus(LEAD_MICROS).min(end), horizon);
        ahead.look(now, usual_micros, ledger.begun_by_live(), rate);
        horizon = soon.plus(ahead.micros()).min(end).max(from);
        ledger.look(from, horizon, ahead.expected(horizon.micros_since(soon)));
        let mut starts = 0;
        while starts < ahead.allowed() && ledger.has_gap_by(horizon) {
            let Some(start) = ledger.start_seeker() else { break };
            starts += 1;
            let takes_micros = random.random_range(search_micros * 3 / 4..=search_micros * 5 / 4);
            happenings.push(Reverse((start.max(now.plus(takes_micros)), true, random.random_range(1..=events))));
        }
        ahead.started(starts);
        ledger.end_look(horizon);
        now = now.plus(TICK_MICROS);
    }
    begun
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// For all search durations up to half a second, and all seekers, the rate holds from the first seconds to the end.
    #[test]
    fn the_rate_holds_however_long_searches_take(
        rate in 1_000_u32..3_000,
        search_micros in 0_u64..500_000,
        events in 1_u32..6,
        think_micros in 50_000_u64..1_500_000,
    ) {
        const SETTLED_AFTER: usize = 6;
        // The number of events during a search is known except for chance: three standard deviations (Poisson).
        let by_chance = 3.0 * (f64::from(rate) * precise(search_micros) / SECOND_MICROS).sqrt();
        let begun = simulated(rate.into(), 12, search_micros, events, think_micros);
        for (second, begun) in begun.iter().enumerate().skip(SETTLED_AFTER) {
            let off = (precise(*begun) - f64::from(rate)).abs();
            prop_assert!(off < f64::from(rate) * 0.02 + by_chance, "{} of {} in second {}", begun, rate, second);
        }
        let all: u64 = begun.iter().sum();
        prop_assert!(precise(all) >= f64::from(rate) * 12.0 * 0.98, "{} of {}", all, rate * 12);
    }
}
