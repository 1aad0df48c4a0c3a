//! Tests each outcome with its inputs, and each reason with its cause.

use load_plan::load::LoadSpec;
use measure::counters::InFlight;
use measure::sent_check::{BrokenRule, SentFindings};

use super::*;
use crate::figures::{Heading, unreachable};
use crate::{Events, Generator, Percentiles, RateFigures};

fn report(events: Events, achieved_per_s: f64) -> Report {
    let load = LoadSpec::default().check().unwrap();
    let heading = Heading { target: String::new(), seed: 0, speed: 1.0, load };
    let mut report = unreachable(heading, String::new());
    report.events = events;
    report.rate = RateFigures { planned_per_s: 100.0, achieved_per_s };
    report.seekers.live_max = 10;
    report.generator = Generator {
        cores: 2,
        cores_used: Some(0.5),
        busiest_thread: Some(0.3),
        in_flight_mean: Some(1.0),
        ..Generator::default()
    };
    report
}

const FINE: Events = Events { planned: 1000, acknowledged: 1000, refused: 0, failed: 0, unknown: 0, not_sent: 0 };

fn late(micros: u64) -> Counters {
    let mut counters = Counters::default();
    counters.release_lag.saturating_record_n(micros, 1_000);
    counters
}

fn judged(mut report: Report, counters: &Counters, ledger: &LedgerAccount, interrupted: bool) -> Report {
    judge(
        &mut report,
        &VerdictInputs {
            interrupted,
            aborted: false,
            thresholds: &[Threshold::BUILT_IN],
            counters,
            worst_windows: &WorstWindows::default(),
            outside_pauses: &OutsidePauses::new(&[], Moment::default()),
            silence: None,
            ledger,
            seekers_max: 10,
            connections: Some(64),
        },
    );
    report
}

#[test]
fn a_generator_that_breaks_rules_is_not_trusted() {
    let mut report = report(FINE, 100.0);
    report.check_sent = Some(SentFindings { events: 1000, ..SentFindings::default() });
    let mut report = judged(report, &late(1_000), &LedgerAccount::default(), false);
    assert_eq!(report.outcome, Outcome::Passed);
    let broken = BrokenRule { findings: 2, example: "no job was shown".to_owned() };
    report.check_sent.as_mut().unwrap().broken_rules.insert("job-was-shown".into(), broken);
    let mut report = judged(report, &late(1_000), &LedgerAccount::default(), false);
    assert_eq!(report.outcome, Outcome::NotTrustworthy);
    assert!(report.reasons[0].contains("generator; first finding, job-was-shown: no job was shown"), "{:?}", report.reasons);
    report.searches = Some(Searches::default());
    let report = judged(report, &late(1_000), &LedgerAccount::default(), false);
    assert!(report.reasons[0].contains("unless the search returned a requestId twice; first finding"), "{:?}", report.reasons);
}

#[test]
fn verdicts_and_their_order() {
    let some_refused = Events { acknowledged: 989, refused: 11, ..FINE };
    let few_refused = Events { acknowledged: 990, failed: 4, unknown: 6, ..FINE };
    let never_begun = Events { acknowledged: 900, not_sent: 100, ..FINE };
    let nothing_sent = Events { acknowledged: 0, not_sent: 1000, ..FINE };
    for (events, achieved, late_micros, interrupted, outcome) in [
        (FINE, 100.0, 1_000, false, Outcome::Passed),
        (FINE, 98.1, 1_000, false, Outcome::Passed),
        (few_refused, 100.0, 1_000, false, Outcome::Passed),
        (FINE, 97.9, 1_000, false, Outcome::NotTrustworthy),
        (FINE, 100.0, 30_000, false, Outcome::NotTrustworthy),
        (never_begun, 90.0, 1_000, false, Outcome::NotTrustworthy),
        (some_refused, 100.0, 1_000, false, Outcome::ThresholdMissed),
        (some_refused, 50.0, 1_000, false, Outcome::ThresholdMissed),
        (some_refused, 50.0, 30_000, false, Outcome::NotTrustworthy),
        (nothing_sent, 0.0, 1_000, false, Outcome::NotTrustworthy),
        (some_refused, 50.0, 30_000, true, Outcome::Interrupted),
    ] {
        let ledger = LedgerAccount { never_begun: events.not_sent, ..LedgerAccount::default() };
        let report = judged(report(events, achieved), &late(late_micros), &ledger, interrupted);
        assert_eq!(report.outcome, outcome, "{events:?} {:?}", report.reasons);
        assert_eq!(report.reasons.is_empty(), outcome == Outcome::Passed);
    }
}

/// The reasons of a run that is not trustworthy.
fn reasons(report: Report, counters: &Counters, ledger: &LedgerAccount) -> String {
    let report = judged(report, counters, ledger, false);
    assert_eq!(report.outcome, Outcome::NotTrustworthy);
    report.reasons.join("; ")
}

#[test]
fn the_processor_is_named_when_it_was_used_up() {
    let with = |cores_used, busiest_thread| {
        let mut report = report(FINE, 100.0);
        report.generator.cores_used = Some(cores_used);
        report.generator.busiest_thread = Some(busiest_thread);
        report
    };
    let nobody = LedgerAccount::default();
    assert!(
        reasons(with(1.9, 0.9), &late(6_000), &nobody).contains("late by 6 ms (p99), and this process used 1.9 of its 2 cores")
    );
    assert!(reasons(with(1.0, 0.97), &late(6_000), &nobody).contains("one of its threads was busy 97 % of the time"));
    assert!(reasons(with(0.5, 0.3), &late(30_000), &nobody).contains("the generator was late by 30 ms (p99), limit 25 ms"));
    for (report, late_micros) in [(with(1.9, 0.97), 4_000), (with(0.5, 0.3), 6_000)] {
        assert_eq!(judged(report, &late(late_micros), &nobody, false).outcome, Outcome::Passed);
    }
}

#[test]
fn littles_law_is_compared_with_the_samples() {
    let mut counters = late(1_000);
    // 100/s for 10 s that take 0.1 s each are ten at once.
    counters.busy_micros = 1_000 * 100_000;
    counters.in_flight = InFlight { looks: 300, sum: 3000 };
    for (in_flight, looks, is_trusted) in
        [(10.0, 300, true), (14.0, 300, true), (7.0, 300, true), (20.0, 300, false), (6.0, 300, false), (20.0, 99, true)]
    {
        let mut report = report(FINE, 100.0);
        report.duration_s = 10.0;
        report.generator.in_flight_mean = Some(in_flight);
        counters.in_flight.looks = looks;
        let report = judged(report, &counters, &LedgerAccount::default(), false);
        assert_eq!(report.outcome == Outcome::Passed, is_trusted, "{in_flight} {:?}", report.reasons);
        assert!(is_trusted || report.reasons[0].contains("but their times give 10 (Little's law)"), "{:?}", report.reasons);
    }
}

#[test]
fn the_reason_for_missing_seekers_is_named() {
    let never_begun = Events { acknowledged: 900, not_sent: 100, ..FINE };
    let blocked = |by_bound, seekers_at_bound, others_at_bound, by_outbox| LedgerAccount {
        never_begun: 100,
        blocked_starts: BlockedStarts { by_bound, seekers_at_bound, others_at_bound, by_outbox, by_search: 0 },
        ..LedgerAccount::default()
    };
    for (ledger, reason) in [
        (blocked(9, 90, 0, 0), "100 planned events had no seeker: all 10 allowed seekers were live; raise --seekers-max"),
        (blocked(9, 18, 72, 0), "80 % of the 10 allowed seekers were alerts and employers; raise --seekers-max"),
        (blocked(0, 0, 0, 0), "seekers could not be started fast enough"),
        (
            blocked(0, 0, 0, 9),
            "90.0 % of the planned rate was achieved, and the send queue was full: all 64 connections were waiting",
        ),
    ] {
        let reasons = reasons(report(never_begun, 90.0), &late(1_000), &ledger);
        assert!(reasons.contains(reason), "{reasons}");
    }
    let of_p99 = |p99| Percentiles { p50: Some(1.0), p99: Some(p99), ..Percentiles::default() };
    for (searches, by_search, reason) in [
        (
            Searches { made: 90, answered: 60, empty: 40, failed: 30, ..Searches::default() },
            0,
            "of 90 searches, 30 failed and 40 returned no jobs",
        ),
        (
            Searches { made: 90, empty: 10, answered: 15, failed: 5, unanswered: 70, ..Searches::default() },
            0,
            "of 90 searches, 5 failed and 10 returned no jobs",
        ),
        (Searches { made: 90, unanswered: 90, ..Searches::default() }, 0, "searches delayed seekers; raise --connections"),
        (
            Searches { made: 90, answered: 89, failed: 1, ..Searches::default() },
            1,
            "of 90 searches, 1 failed and 0 returned no jobs",
        ),
        (Searches { made: 90, answered: 90, ..Searches::default() }, 1, "searches delayed seekers; raise --connections"),
        (
            Searches { made: 90, answered: 90, time_ms: of_p99(20.0), ..Searches::default() },
            0,
            "seekers could not be started fast enough",
        ),
        (
            Searches { made: 90, answered: 90, time_ms: of_p99(30.0), ..Searches::default() },
            0,
            "searches took 1 ms (p50) and delayed seekers",
        ),
        (
            Searches { made: 90, answered: 80, unanswered: 10, time_ms: of_p99(20.0), ..Searches::default() },
            0,
            "searches took 1 ms (p50) and delayed seekers",
        ),
        (Searches { made: 90, answered: 90, ..Searches::default() }, 0, "searches delayed seekers; raise --connections"),
    ] {
        let report = Report { searches: Some(searches), ..report(never_begun, 90.0) };
        let ledger =
            LedgerAccount { blocked_starts: BlockedStarts { by_search, ..BlockedStarts::default() }, ..blocked(0, 0, 0, 0) };
        let reasons = reasons(report, &late(1_000), &ledger);
        assert!(reasons.contains(reason), "{reasons}");
    }
    let mut closed = report(FINE, 100.0);
    closed.load.kind = LoadKind::Seekers;
    closed.load.achieved_ratio = Some(0.5);
    let reasons = reasons(closed, &late(1_000), &blocked(9, 90, 0, 0));
    assert!(reasons.contains("50.0 % of the planned seekers were achieved: all 10 allowed seekers were live"), "{reasons}");
}

#[test]
fn answers_that_keep_the_next_events_waiting_are_named() {
    let few_refused = Events { acknowledged: 980, refused: 20, ..FINE };
    let mut counters = late(1_000);
    let waiting = |in_flight| {
        let mut report = report(FINE, 65.5);
        report.generator.in_flight_mean = in_flight;
        report
    };
    let nobody = LedgerAccount::default();
    let reason = reasons(waiting(Some(17.0)), &counters, &nobody);
    assert!(
        reason.ends_with("achieved: failed and unanswered events delayed other events; the errors name the causes"),
        "{reason}"
    );
    counters.service_time.saturating_record(400_000);
    let reason = reasons(waiting(Some(17.0)), &counters, &nobody);
    assert!(
        reason
            .contains("65.5 % of the planned rate was achieved: a seeker sends its next event after the answer to the last one"),
        "{reason}"
    );
    assert!(reason.contains("answers took 400 ms; lower --speed"), "{reason}");
    let mut again = waiting(Some(17.0));
    again.retries.attempts = 9;
    assert!(reasons(again, &counters, &nobody).contains("retries delayed the next events of the same seekers"));
    for in_flight in [None, Some(63.5)] {
        let reason = reasons(waiting(in_flight), &counters, &nobody);
        assert!(reason.contains("all 64 connections were waiting for answers; raise --connections"), "{reason}");
    }
    let lost = Events { acknowledged: 975, failed: 5, unknown: 20, ..FINE };
    let missed = judged(Report { events: lost, ..waiting(Some(17.0)) }, &counters, &nobody, false);
    assert!(missed.reasons[1].contains("failed and unanswered events"), "{:?}", missed.reasons);
    let missed = judged(Report { events: few_refused, ..waiting(Some(17.0)) }, &counters, &nobody, false);
    assert_eq!((missed.outcome, missed.reasons.len()), (Outcome::ThresholdMissed, 2), "{:?}", missed.reasons);
    assert!(missed.reasons[0].contains(", limit ") && missed.reasons[1].contains("lower --speed"), "{:?}", missed.reasons);
}

#[test]
fn too_few_connections_are_counted_by_littles_law() {
    let mut counters = late(1_000);
    counters.service_time.saturating_record(2_000_000);
    let reasons = reasons(report(FINE, 32.0), &counters, &LedgerAccount::default());
    assert!(reasons.contains("32.0 % of the planned rate was achieved: 100.0 requests/s of 2000"), "{reasons}");
    assert!(reasons.contains("need 201 requests in flight") || reasons.contains("need 200 requests in flight"), "{reasons}");
}

/// One late event among few is chance; one in fifty among many is a reason.
#[test]
fn few_late_events_of_few_are_chance() {
    for (on_time, late, outcome) in [
        (19, 1, Outcome::Passed),
        (17, 3, Outcome::NotTrustworthy),
        (980, 20, Outcome::NotTrustworthy),
        (999, 1, Outcome::Passed),
    ] {
        let mut counters = Counters::default();
        counters.release_lag.record_n(500, on_time).unwrap();
        counters.release_lag.record_n(90_000, late).unwrap();
        let judged = judged(report(FINE, 100.0), &counters, &LedgerAccount::default(), false);
        assert_eq!(judged.outcome, outcome, "{late} late events besides {on_time}");
    }
}

/// A run against a target that stopped answering has missed a threshold, unless the generator could not send.
#[test]
fn a_silent_target_and_a_blocked_generator_are_distinguished() {
    let silent = Events { acknowledged: 995, not_sent: 5, ..FINE };
    let silence = Some(Silence { since: Some(Moment::from_micros(58_900_000)), events: 5 });
    for (local_errors, outcome, reason) in [
        (0, Outcome::ThresholdMissed, "the target stopped answering at 58.9 s: 5 events without an answer"),
        (4, Outcome::ThresholdMissed, "the target stopped answering at 58.9 s: 5 events without an answer"),
        (5, Outcome::NotTrustworthy, "5 events were not sent because this machine lacked resources"),
    ] {
        let mut report = report(silent, 100.0);
        report.generator.local_errors = local_errors;
        let (worst_windows, outside_pauses) = (WorstWindows::default(), OutsidePauses::default());
        let inputs = VerdictInputs {
            interrupted: false,
            aborted: false,
            thresholds: &[Threshold::BUILT_IN],
            counters: &late(1_000),
            worst_windows: &worst_windows,
            outside_pauses: &outside_pauses,
            silence,
            ledger: &LedgerAccount::default(),
            seekers_max: 10,
            connections: Some(64),
        };
        judge(&mut report, &inputs);
        assert_eq!(report.outcome, outcome);
        assert!(report.reasons[0].starts_with(reason), "{:?}", report.reasons);
    }
}
