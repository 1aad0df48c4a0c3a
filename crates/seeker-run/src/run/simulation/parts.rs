//! The parts of one run (`--shard`): each is simulated, and the merged report must equal plain arithmetic on what all targets have seen.

use run_report::Outcome;
use run_report::merge::{MergeOptions, merge};
use run_report::read::NamedReport;
use seeker_model::Shard;

use super::cases::{behaviours, loads};
use super::expected::Expected;
use super::*;

/// Simulates all parts of a run, each against a target of its own. Returns their reports and the logs of all targets.
fn parts(simulation: &Simulation, of: u64) -> (Vec<NamedReport>, Vec<Seen>) {
    let part = |part| {
        let simulation = Simulation { shard: Some(Shard::new(part, of).unwrap()), ..simulation.clone() };
        let (report, log, _) = simulation.run();
        (NamedReport { name: format!("{part}.json"), report }, log)
    };
    let (reports, logs): (_, Vec<_>) = (1..=of).map(part).unzip();
    (reports, logs.into_iter().flatten().collect())
}

fn merged(reports: &[NamedReport]) -> Report {
    merge(reports, MergeOptions { expected: None, clocks_agree: true }).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.div_ceil(4)))]

    /// For all targets, loads and numbers of parts: the parts plan what the whole plans, every figure of the merged report is exact, and so is
    /// the threshold over a window.
    #[test]
    fn every_figure_of_all_parts_is_exact(
        behaviour in behaviours(),
        load in loads().prop_filter("has a whole second", |load| load.check().unwrap().duration().as_secs() > 0),
        of in 2_u64..5,
    ) {
        let simulation = Simulation {
            drain: Duration::from_millis(1_500),
            thresholds: vec!["latency.p99 < 100ms over 1s"],
            ..Simulation::new(behaviour, load)
        };
        let (reports, log) = parts(&simulation, of);
        let merged = merged(&reports);
        prop_assert_eq!(merged.events.planned, simulation.load.check().unwrap().total());
        let expected = Expected::of(merged.events.planned, &log, simulation.timeout, &[]);
        expected.hold_sums(&merged);
        prop_assert!(reports.iter().all(|named| named.report.second_series.len() == 1));
        let whole_seconds = simulation.load.check().unwrap().duration().as_secs();
        let judged = merged.thresholds.iter().find(|judged| judged.threshold.over.is_some()).unwrap();
        expected.hold_worst_second(judged, whole_seconds);
        prop_assert!(merged.reasons.iter().all(|reason| !reason.contains("missing")), "{:?}", merged.reasons);
    }
}

/// As many parts as there can be, with job seekers instead of a rate: every part has its own seekers, and all together make the whole.
#[test]
fn sixty_four_parts_are_one_run() {
    let load = LoadSpec { stages: vec!["4s:1280 seekers".parse().unwrap()], ..LoadSpec::default() };
    let simulation =
        Simulation { thresholds: vec!["acknowledged_ratio >= 99%"], ..Simulation::new(Behaviour::Fixed { micros: 5_000 }, load) };
    let (reports, log) = parts(&simulation, 64);
    let whole = merged(&reports);
    assert_eq!((whole.outcome, whole.parts.len()), (Outcome::Passed, 64), "{:?}", whole.reasons);
    assert!((whole.load.planned - 1_280.0).abs() < 1e-6 && whole.load.achieved > 1_250.0, "{:?}", whole.load);
    Expected::of(whole.events.planned, &log, simulation.timeout, &[]).hold_sums(&whole);
    let without_one: Vec<_> = reports.into_iter().filter(|named| named.name != "17.json").collect();
    let incomplete = merged(&without_one);
    assert_eq!(incomplete.outcome, Outcome::NotTrustworthy);
    assert_eq!(incomplete.reasons, ["part 17 of 64 is missing; merge the reports of all parts"]);
}

/// The network of one part is lost at half of the run. Its target never answers again, so the whole fails, although all others pass and 87 % of
/// all events are acknowledged.
#[test]
fn a_part_without_a_network_fails_the_whole() {
    let sound = Simulation {
        thresholds: vec!["acknowledged_ratio >= 80%"],
        ..Simulation::new(
            Behaviour::Fixed { micros: 2_000 },
            LoadSpec::rate(load_plan::load::Rate::per_second(400.0).unwrap(), Duration::from_secs(4)),
        )
    };
    let (mut reports, _) = parts(&sound, 4);
    let dead = Behaviour::Death { micros: 2_000, at: Moment::from_micros(2_000_000) };
    let lost = Simulation { behaviour: dead, shard: Some(Shard::new(3, 4).unwrap()), ..sound };
    reports[2].report = lost.run().0;
    let whole = merged(&reports);
    assert_eq!(whole.outcome, Outcome::ThresholdMissed);
    assert!(whole.reasons[0].starts_with("part 3 of 4 (3.json): the target stopped answering at 2.0 s"), "{:?}", whole.reasons);
}
