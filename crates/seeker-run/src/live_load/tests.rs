//! The laws of a live load: no arbiter passes a change that it does not know, and a late change waits.

use std::time::Duration;

use load_plan::load::{CHANGES_MAX, LoadSpec, Rate};
use proptest::prelude::*;
use scenario::Scenario;

use super::*;
use crate::clock::virtual_time;

fn live_load(spec: &LoadSpec) -> LiveLoad {
    let scenario = Scenario::default();
    LiveLoad::new(RunClock::start(1.0, scenario.timestamps, scenario.start()), spec.check().unwrap(), 1_000)
}

fn rate() -> LoadSpec {
    LoadSpec::rate(Rate::per_second(100.0).unwrap(), Duration::from_mins(1))
}

fn factor(factor: f64) -> ChangeSpec {
    ChangeSpec { factor: Some(factor), ..ChangeSpec::default() }
}

proptest! {
    /// For all arbiters that look ahead by any time, and all moments of changes: an arbiter that looks as far as a change knows the change,
    /// and the changes are in order.
    #[test]
    fn an_arbiter_knows_each_change_before_it_looks_so_far(
        steps in prop::collection::vec((0_usize..4, 0_u64..2_000_000, 0.0..3.0_f64), 1..60),
    ) {
        let _runtime = virtual_time::runtime();
        let live = live_load(&rate());
        let mut followers: Vec<_> = (0..3).map(|_| (live.follower(&live.current()), live.current(), Moment::default())).collect();
        for (step, micros, value) in steps {
            if let Some((follower, known, looked)) = followers.get_mut(step) {
                let horizon = looked.plus(micros);
                if let Some(load) = follower.look_until(horizon) {
                    let at = load.changes()[known.changes().len()].at;
                    prop_assert!(*looked < at, "an arbiter has looked as far as {looked:?}, and the load changes at {at:?}");
                    *known = load;
                }
                *looked = horizon;
            } else {
                match live.change(&factor(value), ChangeSource::Http) {
                    Ok(changed) => prop_assert_eq!(changed, live.current()),
                    Err(error) => prop_assert_eq!(error, ChangeRefused::Load(ChangeError::Ended)),
                }
            }
        }
        prop_assert!(live.current().changes().is_sorted_by(|one, other| one.at < other.at));
        virtual_time::end();
    }
}

#[test]
fn refused_changes_leave_the_load_as_it_was() {
    let _runtime = virtual_time::runtime();
    let live = live_load(&LoadSpec { seekers: Some(500), duration: Some(Duration::from_mins(1)), ..LoadSpec::default() });
    let seekers = |seekers| ChangeSpec { seekers: Some(seekers), ..ChangeSpec::default() };
    for (spec, is_of_request, message) in [
        (factor(2.5), true, "the load would need 1250 live seekers, but --seekers-max is 1000; expected fewer seekers"),
        (seekers(1_001), true, "the load would need 1001 live seekers, but --seekers-max is 1000"),
        (factor(-1.0), true, "factor is -1; expected 0 to 1000"),
        (ChangeSpec::default(), true, "expected one of factor and seekers"),
    ] {
        let error = live.change(&spec, ChangeSource::Http).unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
        assert_eq!(error.is_of_request(), is_of_request, "{error}");
    }
    assert!(live.current().changes().is_empty());
    assert_eq!(live.change(&factor(1.0), ChangeSource::Http).unwrap(), live.current(), "the plan stays as it is");
    assert_eq!(live.change(&seekers(1_000), ChangeSource::Http).unwrap().changes().len(), 1);
    assert_eq!(live.change(&seekers(1_000), ChangeSource::Screen).unwrap().changes().len(), 1);
    live.follower(&live.current()).look_until(Moment::from_micros(59_000_000));
    let late = live.change(&factor(1.0), ChangeSource::Http).unwrap_err();
    assert_eq!((late.is_of_request(), late.to_string()), (false, "the load ends before a change can take effect".to_owned()));
    live.close();
    assert_eq!(live.change(&seekers(1_000), ChangeSource::Http), Err(ChangeRefused::Ended));
    virtual_time::end();
}

#[test]
fn the_number_of_changes_is_bounded() {
    let _runtime = virtual_time::runtime();
    let live = live_load(&rate());
    let changes = (0..CHANGES_MAX).map(|number| live.step(false, if number % 2 == 0 { 1 } else { -1 }, ChangeSource::Screen));
    assert!(changes.map(Result::unwrap).count() == CHANGES_MAX);
    let error = live.step(false, 1, ChangeSource::Screen).unwrap_err();
    assert_eq!(
        (error.is_of_request(), error.to_string()),
        (false, "the load has changed 1000 times, the limit of a run".to_owned())
    );
    virtual_time::end();
}
