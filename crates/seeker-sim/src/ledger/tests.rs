//! The account law, under whatever seekers do.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::load::{LoadSpec, Rate};

#[derive(Clone, Debug)]
enum Step {
    /// That much time passes, and the population starts who is missing.
    Pass { micros: u64 },
    /// Seekers begin their next events.
    Begin { events: u64 },
    /// A seeker's journey ends.
    Finish,
}

fn specs() -> impl Strategy<Value = LoadSpec> {
    let amount = 1_u32..2_000;
    (0_u8..4, amount, 1_u64..1_500).prop_map(|(kind, amount, warm_up)| {
        let rate = Rate::per_second(amount.into()).ok();
        let none = LoadSpec { warm_up: Some(Duration::from_millis(warm_up)), ..LoadSpec::default() };
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
        (0_u64..300_000).prop_map(|micros| Step::Pass { micros }),
        (0_u64..300).prop_map(|events| Step::Begin { events }),
        Just(Step::Finish),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    /// For all kinds of load, with and without events in the warm-up, whatever seekers do and whenever it ends: what is planned is
    /// what was begun and what never was, a rate plans what its integral says, no load is exceeded by more than its slack, and
    /// as many seekers are live as began and have not gone.
    #[test]
    fn the_account_adds_up(spec in specs(), steps in steps(), is_cut in any::<bool>()) {
        let Ok(load) = spec.check() else { return Ok(()) };
        let kind = load.kind();
        let live = Arc::new(LiveSeekers::default());
        let ledger = Ledger::new(Share { load: load.clone(), part: 0, of: 1 }, Arc::clone(&live), Rc::default());
        let mut now = Moment::default();
        let mut begun = [0_u64; 2];
        for step in steps {
            match step {
                Step::Pass { micros } => {
                    let before = now;
                    now = now.plus(micros).min(load.end());
                    ledger.hold(before, now);
                    for _ in 0..ledger.missing_by(now, 0) {
                        ledger.seeker_started(now);
                        ledger.seeker_arrived();
                    }
                }
                Step::Begin { events } => {
                    for _ in 0..events {
                        match ledger.begin_event(now, true) {
                            Admission::Begun(phase) => begun[usize::from(phase == Phase::Measured)] += 1,
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
        match kind {
            LoadKind::Rate => prop_assert_eq!(planned, load.planned_by(end).max(begun.iter().sum())),
            LoadKind::Arrivals | LoadKind::Seekers => prop_assert_eq!(planned, begun.iter().sum::<u64>()),
        }
        let held_most = load.peak() * end.since(Moment::default()).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a few seconds of microseconds")]
        let held = account.held_micros as f64 / 1e6;
        prop_assert!(held <= held_most && (kind == LoadKind::Seekers || held == 0.0));
        prop_assert!(account.arrived <= account.seekers_started);
    }
}

/// Who waits for the first search counts as arriving until it is answered, so that nobody else is started instead; whoever found nothing is
/// missing then.
/// Whoever is started since the number of seekers rises stays, and is too many when it falls.
#[test]
fn seekers_of_a_ramp_stay_until_it_falls() {
    let stages = ["1s:0->1000 seekers", "1s:1000->0 seekers"].map(|stage| stage.parse().unwrap()).into();
    let load = LoadSpec { stages, ..LoadSpec::default() }.check().unwrap();
    let ledger = Ledger::new(Share { load, part: 0, of: 1 }, Arc::default(), Rc::default());
    let mut left = 0;
    for milli in 0..2_000 {
        let (now, horizon) = (Moment::from_micros(milli * 1_000), Moment::from_micros((milli + 8) * 1_000));
        for _ in 0..ledger.missing_by(horizon, 0) {
            ledger.seeker_started(horizon);
        }
        let begins_at_once = ledger.begin_event(now, true);
        if begins_at_once == Admission::TooMany {
            ledger.seeker_left_early();
            left += 1;
        }
        // At the top it may be either.
        assert!(left == 0 || milli > 990, "{milli}");
    }
    assert!(left > 900, "{left}");
}

#[test]
fn who_searches_is_not_missing() {
    let load = LoadSpec::rate(Rate::per_second(100.0).unwrap(), Duration::from_secs(1)).check().unwrap();
    let ledger = Ledger::new(Share { load, part: 0, of: 1 }, Arc::default(), Rc::default());
    let now = Moment::from_micros(100_000);
    assert_eq!((ledger.missing_by(now, 0), ledger.missing_by(now, 4)), (10, 6));
    for _ in 0..10 {
        ledger.seeker_started(now);
    }
    assert_eq!(ledger.missing_by(now, 0), 0);
    for answered in 0..10 {
        ledger.seeker_answered(answered < 7);
    }
    assert_eq!(ledger.missing_by(now, 0), 10, "before they have begun their events");
    for _ in 0..7 {
        assert_eq!(ledger.begin_event(now, true), Admission::Begun(Phase::Measured));
    }
    assert_eq!((ledger.missing_by(now, 0), ledger.begun_by_live()), (3, 0));
    ledger.begin_event(now, true);
    assert_eq!((ledger.missing_by(now, 0), ledger.begun_by_live()), (2, 1));
}
