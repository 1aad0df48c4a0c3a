//! The laws of changed loads: nothing before a change moves, the integral continues, and the shares add up.

use proptest::prelude::*;

use super::*;
use crate::load::due::DueMoments;
use crate::load::gaps::Gaps;
use crate::load::points::tests::dispersion;
use crate::load::tests::loads;
use crate::load::{LoadSpec, Pacing, Rate, Share};

/// A change, and the time from the change before it, in thousandths of the load.
pub(crate) fn changes() -> impl Strategy<Value = Vec<(u64, LoadChange)>> {
    let change = prop_oneof![
        1 => Just(LoadChange::Factor(0.0)),
        1 => Just(LoadChange::Factor(1.0)),
        3 => (0.0..4.0_f64).prop_map(LoadChange::Factor),
        1 => Just(LoadChange::Hold(0.0)),
        2 => (0.0..2e4_f64).prop_map(LoadChange::Hold),
    ];
    let apart = prop_oneof![Just(0), 0_u64..5, 0_u64..400];
    prop::collection::vec((apart, change), 0..8)
}

/// Applies the changes one after the other. Returns the loads, the original load first.
fn all_changed(load: &Load, changes: &[(u64, LoadChange)]) -> Vec<Load> {
    let (mut loads, mut at) = (vec![load.clone()], Moment::default());
    for (apart, change) in changes {
        at = at.plus(load.end().as_micros() * apart / 1000);
        if at >= load.end() {
            break;
        }
        loads.extend(loads[loads.len() - 1].changed(at, *change, ChangeSource::Http));
    }
    loads
}

fn amounts(load: &Load, moment: Moment) -> (u64, u64, [u64; 2]) {
    (load.planned_by(moment), load.wanted_at(moment), [load.level_at(moment), load.integral_by(moment)].map(f64::to_bits))
}

proptest! {
    /// For all loads and changes: before a change, every amount is the amount before the change. The end stays.
    #[test]
    fn the_past_does_not_change(load in loads(), changes in changes(), at in 0.0..1.0_f64) {
        for pair in all_changed(&load, &changes).windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            prop_assert_eq!((after.end(), after.kind(), after.warm_up()), (before.end(), before.kind(), before.warm_up()));
            let changed_at = after.changes().last().unwrap().at;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "microseconds of a short load")]
            let moment = Moment::from_micros((changed_at.as_micros() as f64 * at) as u64);
            prop_assert!(moment >= changed_at || amounts(before, moment) == amounts(after, moment), "{:?} {:?}", before, after);
            prop_assert_eq!(before.planned_by(changed_at), after.planned_by(changed_at));
            prop_assert_eq!(before.integral_by(changed_at).to_bits(), after.integral_by(changed_at).to_bits());
        }
    }

    /// For all loads and changes: from a change on, the load is the original plan times the factor, or the held amount.
    #[test]
    fn the_change_applies_until_the_next_one(load in loads(), changes in changes(), at in 0_u64..110_000_000) {
        let moment = Moment::from_micros(at);
        let changed = all_changed(&load, &changes).pop().unwrap();
        let applied = changed.changes().iter().rfind(|change| change.at <= moment).map(|change| change.change);
        let expected = match applied {
            _ if moment > load.end() => 0.0,
            None => load.level_at(moment),
            Some(LoadChange::Factor(factor)) => factor * load.level_at(moment),
            Some(LoadChange::Hold(amount)) => amount,
        };
        prop_assert!((changed.level_at(moment) - expected).abs() <= 1e-6, "{} {}", changed.level_at(moment), expected);
        prop_assert!(changed.level_at(moment) <= changed.peak() * (1.0 + 1e-9));
    }

    /// For all loads and changes: the plan only grows, the shares add up to it, and a steady plan stays within one event of the
    /// integral.
    #[test]
    fn changed_plans_grow_and_shares_add_up(load in loads(), changes in changes(), of in 1_u64..9, at in 0_u64..110_000_000) {
        let changed = all_changed(&load, &changes).pop().unwrap();
        let shares = || (0..of).map(|part| Share { load: changed.clone(), part, of });
        let near = changed.changes().iter().map(|change| change.at);
        for moment in near.flat_map(|at| [at.minus(1), at, at.plus(1)]).chain([Moment::from_micros(at)]) {
            let planned = changed.planned_by(moment);
            prop_assert!(planned <= changed.planned_by(moment.plus(1)) && planned <= changed.total());
            prop_assert!(changed.integral_by(moment) <= changed.integral_by(moment.plus(1)));
            prop_assert_eq!(shares().map(|share| share.planned_by(moment)).sum::<u64>(), planned);
            prop_assert_eq!(shares().map(|share| share.wanted_at(moment)).sum::<u64>(), changed.wanted_at(moment));
            #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
            let off = planned as f64 - changed.integral_by(moment);
            prop_assert!(load.pacing() == Pacing::Poisson || off.abs() <= 1.0, "{off}");
        }
        prop_assert_eq!(shares().map(|share| share.total()).sum::<u64>(), changed.total());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// For all loads, changes and numbers of arbiters, with each arbiter told of a change at any moment before it: the moments
    /// taken up to any moment are the planned number, in order, and none is left at the end.
    #[test]
    fn moments_follow_the_changes(load in loads(), changes in changes(), of in 1_u64..4, told in 0.0..=1.0_f64) {
        let loads = all_changed(&load, &changes);
        let last = loads.last().unwrap();
        for part in 0..of {
            let mut due = DueMoments::new(Share { load: load.clone(), part, of });
            let (mut taken, mut latest) = (0, Moment::default());
            let mut take_until = |due: &mut DueMoments, now: Moment| {
                while let Some(moment) = due.take_until(now) {
                    prop_assert!(latest <= moment && moment <= now);
                    (latest, taken) = (moment, taken + 1);
                }
                prop_assert_eq!(taken, Share { load: last.clone(), part, of }.planned_by(now));
                Ok(())
            };
            let mut before = Moment::default();
            for changed in &loads[1..] {
                let at = changed.changes().last().unwrap().at;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "microseconds of a short load")]
                let told = before.plus((at.micros_since(before) as f64 * told) as u64).min(at.minus(1)).max(before);
                if told < at {
                    take_until(&mut due, told)?;
                }
                due.change_load(changed.clone());
                before = at;
            }
            take_until(&mut due, load.end())?;
            prop_assert_eq!(due.peek(), None);
        }
    }
}

fn rate(per_second: f64, seconds: u64, pacing: Pacing) -> Load {
    let spec =
        LoadSpec { pacing: Some(pacing), ..LoadSpec::rate(Rate::per_second(per_second).unwrap(), Duration::from_secs(seconds)) };
    spec.check_seeded(11).unwrap()
}

fn seconds(seconds: u64) -> Moment {
    Moment::from_micros(seconds * 1_000_000)
}

/// At 1,000 a second for 2,000 s with a change each 100 s: between the changes, the variance of the counts equals their mean.
/// So it is for counts that span a change.
#[test]
fn a_changed_poisson_load_is_a_poisson_process() {
    let mut load = rate(1_000.0, 2_000, Pacing::Poisson);
    let factors = [1.0, 0.5, 2.0, 0.1, 1.3];
    for number in 1..20 {
        let factor = LoadChange::Factor(factors[usize::try_from(number).unwrap() % factors.len()]);
        load = load.changed(seconds(number * 100), factor, ChangeSource::Http).unwrap();
    }
    let mut due = DueMoments::new(Share { load: load.clone(), part: 0, of: 1 });
    // On the axis of the integral, the process has the rate 1.
    let places: Vec<_> = std::iter::from_fn(|| due.take_until(load.end())).map(|at| load.integral_by(at)).collect();
    let length = load.integral_by(load.end());
    for window in [1.0, 10.0, 100.0, 1_000.0] {
        let index = dispersion(&places, length, window);
        assert!((index - 1.0).abs() <= 0.1, "{index} over {window}");
    }
}

/// A thousand changes of a load with millions of events take little memory, and further ones are refused.
#[test]
fn changes_are_bounded() {
    let mut load = rate(100_000.0, 1_000, Pacing::Poisson);
    for number in 0..CHANGES_MAX as u64 {
        load = load.changed(Moment::from_micros(number * 900_000), LoadChange::Factor(2.0), ChangeSource::Screen).unwrap();
    }
    assert_eq!(load.changed(seconds(999), LoadChange::Factor(1.0), ChangeSource::Http), Err(ChangeError::TooMany));
    assert!(load.points.cells() < 2_000_000, "{}", load.points.cells());
    assert_eq!(load.changes().len(), CHANGES_MAX);
}

#[test]
fn changes_out_of_range_are_refused() {
    let load = rate(100.0, 10, Pacing::Steady);
    let high = rate(1e5, 10, Pacing::Steady);
    for (load, at, change, message) in [
        (&load, 5, LoadChange::Factor(-0.1), "factor is -0.1; expected 0 to 1000"),
        (&load, 5, LoadChange::Factor(1000.5), "factor is 1000.5; expected 0 to 1000"),
        (&load, 5, LoadChange::Factor(f64::NAN), "factor is NaN; expected 0 to 1000"),
        (&load, 5, LoadChange::Hold(1e7 + 1.0), "rate is 10000001; expected 0 to 10000000/s"),
        (&load, 5, LoadChange::Hold(f64::INFINITY), "rate is inf; expected 0 to 10000000/s"),
        (&high, 5, LoadChange::Factor(200.0), "factor 200 raises the planned rate to 20000000/s; expected at most 10000000/s"),
        (&load, 10, LoadChange::Factor(1.0), "the load ends before a change can take effect"),
    ] {
        let error = load.changed(seconds(at), change, ChangeSource::Http).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn steps_are_tenths_of_the_plan() {
    let load = rate(200.0, 10, Pacing::Steady);
    let changed = |change| load.changed(seconds(1), change, ChangeSource::Screen).unwrap();
    for (load, tenths, expected) in [
        (&load, 1, LoadChange::Factor(1.1)),
        (&load, -3, LoadChange::Factor(0.7)),
        (&load, -11, LoadChange::Factor(0.0)),
        (&load, i32::MAX, LoadChange::Factor(FACTOR_MAX)),
        (&changed(LoadChange::Factor(1.25)), 1, LoadChange::Factor(1.35)),
        (&changed(LoadChange::Hold(50.0)), 2, LoadChange::Hold(90.0)),
        (&changed(LoadChange::Hold(50.0)), -9, LoadChange::Hold(0.0)),
    ] {
        assert_eq!(load.stepped(tenths), expected);
    }
    assert_eq!(LoadChange::Factor(1.0).stepped(&changed(LoadChange::Hold(50.0)), 0), LoadChange::Factor(1.0));
}

/// A load that pauses and continues: 100/s for 4 s, nothing for 3 s, 250/s for 2 s, the plan for 1 s.
#[test]
fn a_pause_plans_nothing() {
    let load = rate(100.0, 10, Pacing::Steady);
    let changes = [(4, LoadChange::Factor(0.0)), (7, LoadChange::Hold(250.0)), (9, LoadChange::Factor(1.0))];
    let load = changes.iter().fold(load, |load, (at, change)| load.changed(seconds(*at), *change, ChangeSource::Http).unwrap());
    let planned: Vec<_> = (1..=10).map(|at| load.planned_by(seconds(at))).collect();
    assert_eq!(planned, [100, 200, 300, 400, 400, 400, 400, 650, 900, 1_000]);
    let mut gaps = Gaps::new(Share { load: load.clone(), part: 0, of: 1 });
    gaps.merge_by(seconds(7));
    assert_eq!(gaps.waiting(), 400);
}
