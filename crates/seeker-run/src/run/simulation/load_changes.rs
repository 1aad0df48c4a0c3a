//! Runs whose load changes while they go on.

use load_plan::load::{ChangeSpec, LoadKind};
use run_report::Outcome;

use super::cases::{at_millis, held, rate};
use super::*;
use crate::clock::LEAD_MICROS;

const FAST: Behaviour = Behaviour::Fixed { micros: 3_000 };

/// The number of events that seekers may begin ahead of the plan.
const AHEAD_EVENTS_MAX: u64 = 20;

fn factor(factor: f64) -> ChangeSpec {
    ChangeSpec { factor: Some(factor), ..ChangeSpec::default() }
}

fn held_rate(rate: f64) -> ChangeSpec {
    ChangeSpec { rate: Some(rate), ..ChangeSpec::default() }
}

fn changes() -> impl Strategy<Value = Vec<(Moment, ChangeSpec)>> {
    let change = prop_oneof![
        1 => Just(factor(0.0)),
        1 => Just(factor(1.0)),
        2 => (0.0..3.0_f64).prop_map(factor),
        2 => (0.0..300.0_f64).prop_map(held_rate),
    ];
    // Too late for a change in a load of six seconds, with the last values.
    prop::collection::vec((0_u64..5_000, change), 1..5).prop_map(|mut changes| {
        changes.sort_by_key(|(millis, _)| *millis);
        changes.into_iter().map(|(millis, change)| (at_millis(millis), change)).collect()
    })
}

fn loads() -> impl Strategy<Value = LoadSpec> {
    let stages = (10_u32..150, 10_u32..150).prop_map(|(from, to)| {
        let stages = [format!("3s:{from}->{to}/s"), format!("2s:{to}/s"), "1s:sine 10..100/s every 500ms".to_owned()];
        LoadSpec { stages: stages.iter().map(|stage| stage.parse().unwrap()).collect(), ..LoadSpec::default() }
    });
    let pacing = prop::sample::select(vec![load_plan::load::Pacing::Steady, load_plan::load::Pacing::Poisson]);
    let load = prop_oneof![2 => (20_u32..200).prop_map(|per_second| rate(per_second, 6_000)), 1 => stages];
    (load, pacing, 0_u64..2_000).prop_map(|(load, pacing, warm_up)| LoadSpec {
        pacing: Some(pacing),
        warm_up: Some(Duration::from_millis(warm_up)),
        ..load
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// For all loads of events and all changes: the target receives exactly the planned events of the changed load, and each window of the
    /// report holds its plan.
    #[test]
    fn planned_events_are_sent_events(load in loads(), changes in changes()) {
        let simulation = Simulation { changes, ..Simulation::new(FAST, load) };
        let (report, log, load) = simulation.run();
        let measured = log.iter().filter(|seen| seen.is_measured).count() as u64;
        let of_warm_up = report.warm_up.map_or(0, |warm_up| warm_up.events.planned);
        prop_assert_eq!((report.events.planned + of_warm_up, log.len() as u64), (load.total(), load.total()));
        prop_assert_eq!((report.events.planned, report.events.acknowledged), (measured, measured));
        prop_assert_eq!(report.load.changes.len(), load.changes().len());
        let in_windows: u64 = report.windows.iter().map(|window| window.planned).sum();
        prop_assert_eq!(in_windows, load.total() - load.planned_by(load.measured_from()));
        for seen in &log {
            let before = log.iter().filter(|other| other.scheduled <= seen.scheduled).count() as u64;
            let planned_by = |ahead_micros| load.planned_by(seen.scheduled.plus(ahead_micros));
            let ahead = planned_by(1_000_000).min(planned_by(10_000).max(planned_by(0) + AHEAD_EVENTS_MAX));
            // Live seekers begin the events of a tick before the seekers that are missing in the same tick, and some of these events are due
            // later than those of the missing seekers.
            let early = ahead + planned_by(0) - load.planned_by(seen.scheduled.minus(LEAD_MICROS));
            let late = load.planned_by(seen.scheduled.minus(50_000));
            prop_assert!(before >= late && before <= early, "{before} {late} {early}");
        }
        let expected = if report.events.planned > 0 { Outcome::Passed } else { Outcome::NotTrustworthy };
        prop_assert_eq!(report.outcome, expected, "{:?}", report.reasons);
    }
}

/// At least a hundred cases, unless `PROPTEST_CASES` sets another number.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100)
}

/// 100/s, a pause, 300/s, and the plan again: all figures of the report follow the changes.
#[test]
fn figures_follow_the_changes() {
    let changes = [(1_750, factor(0.0)), (3_750, held_rate(300.0)), (5_750, factor(1.0))];
    let changes = changes.into_iter().map(|(millis, change)| (at_millis(millis), change)).collect();
    let simulation = Simulation {
        changes,
        thresholds: vec!["achieved_ratio >= 99%", "latency.p99 < 100ms"],
        ..Simulation::new(FAST, rate(100, 9_000))
    };
    let (report, _) = held(&simulation);
    assert_eq!(report.outcome, Outcome::Passed, "{:?}", report.reasons);
    let changes: Vec<_> = report.load.changes.iter().map(|change| change.shown(LoadKind::Rate).to_string()).collect();
    assert_eq!(
        changes,
        [
            "at 3.0 s: 100 -> 0/s (plan x 0, by HTTP)",
            "at 5.0 s: 0 -> 300/s (held, by HTTP)",
            "at 7.0 s: 300 -> 100/s (plan x 1, by HTTP)",
        ]
    );
    let planned: Vec<_> = report.windows.iter().map(|window| window.planned).collect();
    assert_eq!(planned, [100, 100, 100, 0, 0, 300, 300, 100, 100]);
    for window in &report.windows {
        assert!(window.begun.abs_diff(window.planned) <= AHEAD_EVENTS_MAX, "{window:?}");
    }
    assert_eq!((report.load.planned, report.load.stages.clone()), (1_100.0, vec!["9s:100/s".to_owned()]));
}

/// The end of the run is not moved by a pause at its end, and every begun event is still planned.
#[test]
fn a_pause_until_the_end_loses_nothing() {
    for per_second in [3, 17, 200, 900] {
        let changes = vec![(at_millis(1_000), factor(0.0))];
        let (report, log, load) = Simulation { changes, ..Simulation::new(FAST, rate(per_second, 5_000)) }.run();
        assert_eq!(load.total(), load.planned_by(at_millis(2_250)));
        assert_eq!((report.events.planned, log.len() as u64), (load.total(), load.total()), "{per_second}");
        assert_eq!((report.duration_s, report.outcome), (5.0, Outcome::Passed), "{:?}", report.reasons);
    }
}

/// Seekers leave during a pause, and others come after it.
#[test]
fn seekers_leave_during_a_pause() {
    let changes = vec![(at_millis(750), factor(0.0)), (at_millis(5_750), factor(1.0))];
    let simulation = Simulation { changes, speed: 3_000.0, ..Simulation::new(FAST, rate(200, 9_000)) };
    let (report, ..) = simulation.run();
    assert_eq!(report.outcome, Outcome::Passed, "{:?}", report.reasons);
    let live: Vec<_> = report.windows.iter().map(|window| window.live_seekers).collect();
    assert!(live[6] * 4 < live[2] * 3 && live[6] * 2 < live[8], "{live:?}");
}

/// The same changes apply to arrivals and to a number of seekers.
#[test]
fn other_loads_follow_changes_too() {
    let duration = Some(Duration::from_secs(6));
    let arrivals = LoadSpec { arrivals: Some("40/s".parse().unwrap()), duration, ..LoadSpec::default() };
    let seekers = LoadSpec { seekers: Some(60), duration, ..LoadSpec::default() };
    let held_arrivals = ChangeSpec { arrivals: Some(100.0), ..ChangeSpec::default() };
    let held_seekers = ChangeSpec { seekers: Some(120), ..ChangeSpec::default() };
    for (load, change, planned) in [(arrivals, held_arrivals, 40.0 * 2.0 + 100.0 * 4.0), (seekers, held_seekers, 100.0)] {
        let changes = vec![(at_millis(750), change)];
        let (report, ..) = Simulation { changes, ..Simulation::new(FAST, load) }.run();
        assert_eq!(report.outcome, Outcome::Passed, "{:?}", report.reasons);
        assert!((report.load.planned - planned).abs() < 1e-9, "{:?}", report.load);
        assert!(report.load.achieved_ratio.unwrap() >= 0.99, "{:?}", report.load);
    }
}

/// A change that leaves nothing to measure does not pass.
#[test]
fn a_pause_in_the_warm_up_is_not_trusted() {
    let load = LoadSpec { warm_up: Some(Duration::from_secs(3)), ..rate(100, 6_000) };
    let (report, ..) = Simulation { changes: vec![(at_millis(0), factor(0.0))], ..Simulation::new(FAST, load) }.run();
    assert_eq!((report.outcome, report.events.planned), (Outcome::NotTrustworthy, 0));
    assert_eq!(report.reasons, ["the changed load planned no event after the warm-up, so nothing was measured"]);
}
