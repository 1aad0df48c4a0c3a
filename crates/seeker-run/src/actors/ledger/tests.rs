//! Tests of the account law under any behaviour of the seekers.

use std::time::Duration;

use load_plan::load::{Load, LoadSpec, Pacing, Rate};
use proptest::prelude::*;

use super::*;

fn ledger(load: &Load, live: &Arc<LiveSeekers>) -> Ledger {
    Ledger::new(Share { load: load.clone(), part: 0, of: 1 }, Arc::clone(live), Rc::default())
}

/// Starts at most this many of the seekers that are missing between two moments. Returns when each begins.
fn start_missing(ledger: &Ledger, since: Moment, horizon: Moment, most: usize) -> Vec<Moment> {
    ledger.look(since, horizon, 0);
    let next = || ledger.has_gap_by(horizon).then(|| ledger.start_seeker()).flatten();
    let starts = std::iter::from_fn(next).take(most).collect();
    ledger.end_look(horizon);
    starts
}

#[derive(Clone, Debug)]
enum Step {
    /// Time passes, and the population starts at most this many of the missing seekers. Each begins an event, or fails to.
    Pass { micros: u64, starts: usize, begins: bool },
    /// Live seekers begin their next events.
    Begin { events: u64 },
    /// The journey of a seeker ends.
    Finish,
}

fn specs() -> impl Strategy<Value = LoadSpec> {
    let amount = 1_u32..2_000;
    let pacing = prop::sample::select(vec![Pacing::Steady, Pacing::Poisson]);
    (0_u8..4, amount, 1_u64..1_500, pacing).prop_map(|(kind, amount, warm_up, pacing)| {
        let rate = Rate::per_second(amount.into()).ok();
        let pacing = Some(pacing).filter(|_| kind != 2);
        let none = LoadSpec { warm_up: Some(Duration::from_millis(warm_up)), pacing, ..LoadSpec::default() };
        let duration = Some(Duration::from_secs(2));
        match kind {
            0 => LoadSpec { rate, duration, ..none },
            1 => LoadSpec { arrivals: rate, duration, ..none },
            2 => LoadSpec { seekers: Some(amount.into()), duration, ..none },
            _ => LoadSpec {
                stages: vec![format!("1s:0->{amount}/s").parse().unwrap(), format!("1s:{amount}->0/s").parse().unwrap()],
                ..none
            },
        }
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0_u64..300_000, prop_oneof![Just(usize::MAX), 0_usize..100], any::<bool>())
            .prop_map(|(micros, starts, begins)| Step::Pass { micros, starts, begins }),
        (0_u64..300).prop_map(|events| Step::Begin { events }),
        Just(Step::Finish),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    /// For all kinds of load, with and without events in the warm-up, any behaviour of seekers and any end:
    ///
    /// - Planned events are the sum of begun events and gaps.
    /// - The planned events of a rate equal the integral of the rate.
    /// - Gaps are dated in their phase.
    /// - No load is exceeded by more than its slack.
    /// - The number of live seekers is the number that began minus the number that ended.
    #[test]
    fn the_account_adds_up(spec in specs(), seed in any::<u64>(), steps in steps(), is_cut in any::<bool>()) {
        let Ok(load) = spec.check_seeded(seed) else { return Ok(()) };
        let kind = load.kind();
        let live = Arc::new(LiveSeekers::default());
        let ledger = ledger(&load, &live);
        let (mut now, mut begun, mut started) = (Moment::default(), [0_u64; 2], 0);
        let count = |begun: &mut [u64; 2], phase: Phase| begun[usize::from(phase == Phase::Measured)] += 1;
        for step in steps {
            match step {
                Step::Pass { micros, starts, begins } => {
                    let before = now;
                    now = now.plus(micros).min(load.end());
                    ledger.hold(before, now);
                    for start in start_missing(&ledger, before, now, starts) {
                        prop_assert!(start <= now);
                        started += 1;
                        ledger.seeker_arrived();
                        if begins {
                            match ledger.begin_event(start, true) {
                                Admission::Begun(phase) => {
                                    prop_assert_eq!(phase == Phase::Measured, start >= load.measured_from());
                                    count(&mut begun, phase);
                                }
                                Admission::TooMany => prop_assert_eq!(kind, LoadKind::Seekers),
                                Admission::Over => prop_assert_eq!(begun.iter().sum::<u64>(), load.total()),
                            }
                        }
                        ledger.settle_start();
                    }
                }
                Step::Begin { events } => {
                    for _ in 0..events {
                        match ledger.begin_event(now, true) {
                            Admission::Begun(phase) => count(&mut begun, phase),
                            Admission::TooMany if kind == LoadKind::Seekers => ledger.seeker_left_early(),
                            Admission::TooMany => {
                                prop_assert_eq!(kind, LoadKind::Rate);
                                prop_assert!(begun.iter().sum::<u64>() >= load.planned_by(now));
                            }
                            Admission::Over => prop_assert_eq!(begun.iter().sum::<u64>(), load.total()),
                        }
                    }
                }
                Step::Finish if ledger.live_seekers() > 0 => ledger.seeker_finished(),
                Step::Finish => {}
            }
            prop_assert_eq!(ledger.live_seekers(), live.now());
        }
        let end = if is_cut { now } else { load.end() };
        ledger.close(end);
        prop_assert_eq!(ledger.begin_event(now, true), Admission::Over);
        let account = ledger.account();
        prop_assert_eq!([account.warm_up.begun, account.begun], begun);
        let planned = account.begun + account.never_begun + account.warm_up.begun + account.warm_up.never_begun;
        let begun: u64 = begun.iter().sum();
        match kind {
            LoadKind::Rate => prop_assert_eq!(planned, load.planned_by(end).max(begun)),
            LoadKind::Arrivals => prop_assert_eq!(planned, begun + load.planned_by(end) - started),
            LoadKind::Seekers => prop_assert_eq!(planned, begun),
        }
        prop_assert_eq!(account.gaps.iter().map(|range| range.count).sum::<u64>(), account.never_begun);
        prop_assert!(account.gaps.iter().all(|range| load.measured_from() <= range.from && range.to <= end));
        let held_most = load.peak() * end.since(Moment::default()).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a few seconds of microseconds")]
        let held = account.seeker_micros as f64 / 1e6;
        prop_assert!(held <= held_most && (kind == LoadKind::Seekers || held == 0.0));
        prop_assert!(account.arrived <= account.seekers_started);
    }
}

/// The outbox rejects starts from 2 s to 8 s of a run with 1,000 events a second, of which live seekers begin half. With any pacing, every
/// first event keeps the moment of the gap that it fills, and none is lost.
#[test]
fn events_keep_their_time_while_starts_are_blocked() {
    const TICK_MICROS: u64 = 1_000;
    let rate = Rate::per_second(1_000.0).unwrap();
    for pacing in [Pacing::Steady, Pacing::Poisson] {
        let spec = LoadSpec { pacing: Some(pacing), ..LoadSpec::rate(rate, Duration::from_secs(10)) };
        let load = spec.check_seeded(5).unwrap();
        // The start times, if seekers are started in every tick, and if starts are blocked.
        let starts = |blocked: std::ops::Range<u64>| {
            let ledger = ledger(&load, &Arc::default());
            let mut starts = Vec::new();
            for tick in 0..10_000 {
                let (since, now) = (Moment::from_micros(tick * TICK_MICROS), Moment::from_micros((tick + 1) * TICK_MICROS));
                // The last seekers have time to use up planned events.
                if tick % 2 == 0 && tick < 9_900 {
                    assert_eq!(ledger.begin_event(since.plus(500), true), Admission::Begun(Phase::Measured));
                }
                let most = if blocked.contains(&tick) { 0 } else { 100 };
                for start in start_missing(&ledger, since, now, most) {
                    ledger.seeker_arrived();
                    assert_eq!(ledger.begin_event(start, true), Admission::Begun(Phase::Measured));
                    starts.push((start, tick));
                }
            }
            ledger.close(load.end());
            assert_eq!(ledger.account().never_begun, 0);
            starts
        };
        let moments = |starts: &[(Moment, u64)]| starts.iter().map(|(start, _)| *start).collect::<Vec<_>>();
        let (free, blocked) = (starts(0..0), starts(2_000..8_000));
        assert!(free.iter().all(|(start, tick)| start.as_micros().div_ceil(TICK_MICROS) == tick + 1));
        assert_eq!(moments(&blocked), moments(&free));
        let late_micros = blocked.iter().map(|(start, tick)| (tick + 1) * TICK_MICROS - start.as_micros());
        assert!(late_micros.max().unwrap() > 5_990_000);
    }
}

/// Events that never begin are reported with their times: all of them were due while starts were blocked.
#[test]
fn events_that_are_never_begun_have_their_times() {
    let rate = Rate::per_second(1_000.0).unwrap();
    let load = LoadSpec::rate(rate, Duration::from_secs(3)).check_seeded(1).unwrap();
    let ledger = ledger(&load, &Arc::default());
    let second = |second: u64| Moment::from_micros(second * 1_000_000);
    for (since, starts) in [(0, usize::MAX), (1, 0)] {
        for start in start_missing(&ledger, second(since), second(since + 1), starts) {
            ledger.seeker_arrived();
            ledger.begin_event(start, true);
        }
    }
    ledger.close(load.end());
    let account = ledger.account();
    assert_eq!((account.begun, account.never_begun), (1_000, 2_000));
    assert_eq!(account.gaps.len(), 2_000);
    assert!(account.gaps.iter().all(|range| range.from >= second(1)));
}

/// Seekers that start while the number of seekers rises stay, and are too many when it falls.
#[test]
fn seekers_of_a_ramp_stay_until_it_falls() {
    let stages = ["1s:0->1000 seekers", "1s:1000->0 seekers"].map(|stage| stage.parse().unwrap()).into();
    let load = LoadSpec { stages, ..LoadSpec::default() }.check().unwrap();
    let ledger = ledger(&load, &Arc::default());
    let mut left = 0;
    for milli in 0..2_000 {
        let (now, horizon) = (Moment::from_micros(milli * 1_000), Moment::from_micros((milli + 8) * 1_000));
        start_missing(&ledger, now, horizon, usize::MAX);
        let begins_at_once = ledger.begin_event(now, true);
        if begins_at_once == Admission::TooMany {
            ledger.seeker_left_early();
            left += 1;
        }
        // At the peak, either result is correct.
        assert!(left == 0 || milli > 990, "{milli}");
    }
    assert!(left > 900, "{left}");
}

/// A seeker that waits for the first search counts as arriving until the response, so no other seeker is started in its place. If the
/// search found nothing, another seeker is missing at the same moment.
#[test]
fn a_seeker_that_searches_is_not_missing() {
    let load = LoadSpec::rate(Rate::per_second(100.0).unwrap(), Duration::from_secs(1)).check().unwrap();
    let ledger = ledger(&load, &Arc::default());
    let now = Moment::from_micros(100_000);
    let missing = || start_missing(&ledger, now, now, usize::MAX);
    let first = missing();
    assert_eq!((first.len(), missing().len(), ledger.arriving()), (10, 0, 10));
    for answered in 0..10 {
        ledger.seeker_answered(answered < 7);
        if answered < 7 {
            assert_eq!(ledger.begin_event(now, true), Admission::Begun(Phase::Measured));
        }
    }
    assert_eq!(ledger.begun_by_live(), 0);
    // An event of a live seeker takes the place of one of the three.
    ledger.begin_event(first[8], true);
    assert_eq!(ledger.begun_by_live(), 1);
    assert_eq!(missing(), [first[7], first[9]]);
}

/// Events expected from live seekers leave no gaps. If fewer are expected, the oldest of them become gaps.
#[test]
fn expected_events_are_not_missing() {
    let load = LoadSpec::rate(Rate::per_second(100.0).unwrap(), Duration::from_secs(1)).check().unwrap();
    let ledger = ledger(&load, &Arc::default());
    let now = Moment::from_micros(100_000);
    let missing = |expected| {
        ledger.look(now, now, expected);
        let starts = std::iter::from_fn(|| ledger.has_gap_by(now).then(|| ledger.start_seeker()).flatten());
        starts.collect::<Vec<_>>()
    };
    let (later, sooner) = (missing(4), missing(1));
    assert_eq!((later.len(), sooner.len(), missing(1).len()), (6, 3, 0));
    assert!(sooner[2] < later[0]);
}
