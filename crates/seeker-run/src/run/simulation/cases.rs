use load_plan::load::{LoadKind, Rate, Stage};
use run_report::Outcome;

use super::expected::Expected;
use super::*;

const MILLI: u64 = 1_000;

pub(super) fn at_millis(millis: u64) -> Moment {
    Moment::from_micros(millis * MILLI)
}

pub(super) fn rate(per_second: u32, millis: u64) -> LoadSpec {
    LoadSpec::rate(Rate::per_second(f64::from(per_second)).unwrap(), Duration::from_millis(millis))
}

/// Executes a run, checks every figure against the target's log, and returns the report and the expected results.
pub(super) fn held(simulation: &Simulation) -> (Report, Expected) {
    let (report, log, load) = simulation.run();
    if load.kind() == LoadKind::Rate {
        let in_warm_up = report.warm_up.map_or(0, |warm_up| warm_up.events.planned);
        assert_eq!(report.events.planned + in_warm_up, load.total());
    }
    let expected = Expected::of(report.events.planned, &log, simulation.timeout, &simulation.pauses);
    expected.hold(&report);
    (report, expected)
}

pub(super) fn behaviours() -> impl Strategy<Value = Behaviour> {
    let micros = || prop_oneof![200_u64..2_000, 2_000_u64..60_000];
    prop_oneof![
        micros().prop_map(|micros| Behaviour::Fixed { micros }),
        (micros(), 0_u64..1_500, 50_u64..1_200).prop_map(|(micros, from, length)| Behaviour::Stall {
            micros,
            from: at_millis(from),
            to: at_millis(from + length),
        }),
        (micros(), 100_u64..1_900).prop_map(|(micros, at)| Behaviour::Death { micros, at: at_millis(at) }),
        (1_000_u64..30_000).prop_map(|micros| Behaviour::Queue { micros }),
        (micros(), 4_u64..600).prop_map(|(micros, one_of)| Behaviour::Errors { micros, one_of }),
        (micros(), 1_000_u64..200_000).prop_map(|(micros, more_per_s)| Behaviour::Slowing { micros, more_per_s }),
    ]
}

pub(super) fn loads() -> impl Strategy<Value = LoadSpec> {
    let stages = (10_u32..150, 10_u32..150).prop_map(|(from, to)| {
        let stages: Vec<Stage> = vec![format!("1s:{from}->{to}/s").parse().unwrap(), format!("700ms:{to}/s").parse().unwrap()];
        LoadSpec { stages, ..LoadSpec::default() }
    });
    prop_oneof![3 => (20_u32..200, 800_u64..2_000).prop_map(|(per_second, millis)| rate(per_second, millis)), 1 => stages]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    /// For all targets and loads, with more connections than a run needs: see [`assert_exact`].
    #[test]
    fn every_figure_is_exact(behaviour in behaviours(), load in loads(), timeout_millis in 300_u64..1_500) {
        let outcome = assert_exact(behaviour, load, 64, timeout_millis)?;
        prop_assert!(matches!(outcome, Outcome::Passed | Outcome::ThresholdMissed), "{outcome:?}");
    }

    /// The same with few connections. The generator is the limit if there are too few.
    #[test]
    fn every_figure_is_exact_with_few_connections(
        behaviour in behaviours(),
        load in loads(),
        connections in 1_usize..6,
        timeout_millis in 300_u64..1_500,
    ) {
        let outcome = assert_exact(behaviour, load, connections, timeout_millis)?;
        prop_assert!(matches!(outcome, Outcome::Passed | Outcome::ThresholdMissed | Outcome::NotTrustworthy), "{outcome:?}");
    }
}

/// Every figure and every window equals plain arithmetic on the log of the target, and the verdict follows from it.
fn assert_exact(behaviour: Behaviour, load: LoadSpec, connections: usize, timeout_millis: u64) -> Result<Outcome, TestCaseError> {
    let simulation = Simulation {
        connections,
        timeout: Duration::from_millis(timeout_millis),
        drain: Duration::from_millis(1_500),
        thresholds: vec!["latency.p99 < 100ms", "acknowledged_ratio >= 99%"],
        ..Simulation::new(behaviour, load)
    };
    let (report, expected) = held(&simulation);
    // Each seeker is started for an event, so no seeker starts once the plan is fulfilled.
    prop_assert!(report.seekers.started <= report.events.planned, "{:?}", report.seekers);
    let is_silent = expected.silent_at_the_end() >= 3;
    // A histogram of three digits may put a value close to the threshold on either side.
    let (is_slow, may_be_slow) = (expected.p99() >= 100.1, expected.p99() >= 99.9);
    let is_refused = expected.acknowledged * 100 < expected.planned * 99;
    match report.outcome {
        Outcome::Passed => prop_assert!(!is_silent && !is_slow && !is_refused, "{:?}", report.reasons),
        Outcome::ThresholdMissed => prop_assert!(is_silent || may_be_slow || is_refused, "{:?}", report.reasons),
        _ => {}
    }
    Ok(report.outcome)
}

/// Half of a thousand cases for each of the two properties, unless `PROPTEST_CASES` sets another number.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(500)
}

/// A target that is never slow, and a generator without pauses.
#[test]
fn a_sound_run_passes() {
    let simulation = Simulation::new(Behaviour::Fixed { micros: 5 * MILLI }, rate(500, 4_000));
    let (report, _) = held(&simulation);
    assert_eq!((report.outcome, report.reasons.len()), (Outcome::Passed, 0), "{:?}", report.reasons);
    // Nothing delays the generator, so an event is sent at the next check of the outbox.
    assert!(report.schedule_lag_ms.max.unwrap() <= 0.3, "{:?}", report.schedule_lag_ms);
    for window in &report.windows[..4] {
        assert!(window.begun.abs_diff(500) <= 10, "{window:?}");
    }
}

/// The target dies at 98.1 % of the run and never responds again.
#[test]
fn a_target_that_dies_late_does_not_pass() {
    let death = Behaviour::Death { micros: 2 * MILLI, at: at_millis(9_810) };
    let simulation = Simulation {
        thresholds: vec!["latency.p99 < 500ms over 1s", "acknowledged_ratio >= 98%"],
        ..Simulation::new(death, rate(1_000, 10_000))
    };
    let (report, expected) = held(&simulation);
    assert_eq!(report.outcome, Outcome::ThresholdMissed);
    assert!(expected.acknowledged * 100 >= expected.planned * 98, "the ratio alone would hold");
    assert!(report.reasons[0].starts_with("the target stopped answering at 9.8 s: 19"), "{:?}", report.reasons);
    let is_of_window = |reason: &String| reason.contains("latency.p99 over 1s was ") && reason.ends_with(", limit < 500ms");
    assert!(report.reasons.iter().any(is_of_window), "{:?}", report.reasons);
}

/// The last few events are enough.
#[test]
fn a_target_that_dies_at_the_very_end_does_not_pass() {
    let death = Behaviour::Death { micros: 2 * MILLI, at: at_millis(3_990) };
    let (report, _) = held(&Simulation::new(death, rate(1_000, 4_000)));
    assert_eq!(report.outcome, Outcome::ThresholdMissed, "{:?}", report.reasons);
    assert!(report.reasons[0].starts_with("the target stopped answering at 4.0 s: "), "{:?}", report.reasons);
}

/// A stall that would fill the queue: events withheld meanwhile keep their scheduled time, so the percentile follows from the plan.
#[test]
fn a_freeze_shows_in_the_percentiles_of_the_plan() {
    let stall = Behaviour::Stall { micros: MILLI, from: at_millis(2_000), to: at_millis(5_000) };
    let simulation = Simulation {
        timeout: Duration::from_secs(10),
        drain: Duration::from_secs(20),
        thresholds: vec!["latency.p90 < 1s"],
        ..Simulation::new(stall, rate(400, 10_000))
    };
    let (report, _) = held(&simulation);
    assert_eq!(report.outcome, Outcome::ThresholdMissed, "{:?}", report.reasons);
    // 30 % of the events are due in the stall; 20 % of all wait for more than a second.
    let p90 = report.latency_ms.p90.unwrap();
    assert!((1_900.0..2_100.0).contains(&p90), "{p90}");
}

/// 0.8 % never get a response, with a timeout of 2 s.
#[test]
fn a_percentile_among_lost_events_is_a_lower_bound() {
    let errors = Behaviour::Errors { micros: 3 * MILLI, one_of: 125 };
    let simulation = Simulation {
        thresholds: vec!["latency.p99.9 < 1s", "acknowledged_ratio > 0.9"],
        ..Simulation::new(errors, rate(500, 4_000))
    };
    let (report, _) = held(&simulation);
    assert_eq!(report.outcome, Outcome::ThresholdMissed, "{:?}", report.reasons);
    assert!(report.latency_ms.p99_9.unwrap() >= 1_999.0, "{:?}", report.latency_ms);
    assert!(report.reasons[0].contains("latency.p99.9 was \u{2265} 1.99"), "{:?}", report.reasons);
    assert_eq!(report.answered_latency_ms.lower_bound_above, None);
}

/// The generator pauses for 400 ms of a minute, or for 20 ms of every 100: the target is not blamed.
#[test]
fn pauses_of_the_generator_are_not_blamed_on_the_target() {
    let fast = Behaviour::Fixed { micros: 2 * MILLI };
    let one = vec![(at_millis(30_000), at_millis(30_400))];
    let many: Vec<_> = (0..60).map(|number| (at_millis(100 * number + 50), at_millis(100 * number + 70))).collect();
    for (pauses, threshold, load) in [
        (one.clone(), "latency.p99.9 < 100ms", rate(50, 60_000)),
        (one, "latency.p99 < 100ms over 1s", rate(50, 60_000)),
        (many.clone(), "latency.p99 < 10ms", rate(200, 6_000)),
        (many, "latency.p99 < 10ms over 1s", rate(200, 6_000)),
    ] {
        let simulation = Simulation { thresholds: vec![threshold], pauses, ..Simulation::new(fast, load) };
        let (report, _) = held(&simulation);
        assert_eq!(report.outcome, Outcome::NotTrustworthy, "{threshold}: {:?}", report.reasons);
        assert!(report.reasons[0].contains("the generator paused"), "{threshold}: {:?}", report.reasons);
        assert!(report.windows.iter().any(|window| window.generator_pause_ms > 0.0));
    }
}

/// A slow target stays slow, with or without pauses of the generator.
#[test]
fn pauses_of_the_generator_do_not_excuse_the_target() {
    let slow = Behaviour::Fixed { micros: 300 * MILLI };
    let simulation = Simulation {
        thresholds: vec!["latency.p99 < 100ms"],
        pauses: vec![(at_millis(1_000), at_millis(1_050))],
        ..Simulation::new(slow, rate(100, 4_000))
    };
    let (report, _) = held(&simulation);
    assert_eq!(report.outcome, Outcome::ThresholdMissed, "{:?}", report.reasons);
}

/// Responses that take 8 s, all acknowledged: Little's law is checked over the time of the load only.
#[test]
fn long_answers_are_no_contradiction_to_littles_law() {
    let slow = Behaviour::Fixed { micros: 8_000 * MILLI };
    let simulation = Simulation {
        // At this pace hardly any seeker has a next event, which would wait for the response to the previous one.
        speed: 0.02,
        connections: 1_000,
        timeout: Duration::from_secs(20),
        drain: Duration::from_secs(20),
        ..Simulation::new(slow, rate(50, 10_000))
    };
    let (report, _) = held(&simulation);
    assert_eq!(report.outcome, Outcome::Passed, "{:?}", report.reasons);
}

/// Arrivals and a number of seekers use the same code.
#[test]
fn other_loads_are_as_exact() {
    for load in [
        LoadSpec { arrivals: Some("40/s".parse().unwrap()), duration: Some(Duration::from_secs(2)), ..LoadSpec::default() },
        LoadSpec { seekers: Some(60), duration: Some(Duration::from_secs(2)), ..LoadSpec::default() },
        LoadSpec { warm_up: Some(Duration::from_millis(500)), ..rate(200, 2_000) },
    ] {
        let (report, _) = held(&Simulation::new(Behaviour::Fixed { micros: 3 * MILLI }, load));
        assert_eq!(report.outcome, Outcome::Passed, "{:?}", report.reasons);
    }
}

/// Too few connections for the response time, under any load: the run is not trustworthy, and the report names the limit and the remedy.
#[test]
fn too_few_connections_are_named_as_the_limit() {
    for (connections, micros, needed) in [(1, 199_000, 20), (4, 99_000, 10), (2, 499_000, 50)] {
        let simulation = Simulation { connections, ..Simulation::new(Behaviour::Fixed { micros }, rate(100, 2_000)) };
        let (report, _) = held(&simulation);
        assert_eq!(report.outcome, Outcome::NotTrustworthy, "{:?}", report.reasons);
        let limit = format!(
            "need {needed} requests in flight (Little's law), but --connections allows {connections}; raise --connections"
        );
        assert!(report.reasons.iter().any(|reason| reason.contains(&limit)), "{limit}: {:?}", report.reasons);
    }
}
