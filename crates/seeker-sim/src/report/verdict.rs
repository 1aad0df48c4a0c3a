//! Judges a run. A run is trusted only if the generator kept its plan; only a trusted run can pass or miss a threshold.
//!
//! In this order: an interrupted run is interrupted. If the generator itself was late or full, the run is not trustworthy. If the
//! target did not take enough of what was sent, the threshold is missed. If then the plan was still not kept, because all connections
//! were waiting for answers or no seeker was left to start, the run is not trustworthy. Else it passed.

use hdrhistogram::Histogram;

use crate::load::LoadKind;
use crate::report::{Outcome, Report, millis};

/// The 99 % quantile of how late due events are looked at, above which the generator is the limit, in microseconds. Normally this is
/// 1 ms, the interval of the timer; a generator that has too little of the processor is behind by far more.
const RELEASE_LAG_P99_MICROS_MAX: u64 = 25_000;

/// The share of the planned events that must be sent in time, for the rate to count as kept.
const ACHIEVED_RATIO_MIN: f64 = 0.98;

/// The share of the sent events that must be acknowledged.
pub(crate) const ACKNOWLEDGED_RATIO_MIN: f64 = 0.99;

/// What only the one who judges needs to know.
pub(crate) struct Evidence<'a> {
    pub(crate) interrupted: bool,
    /// How late the outboxes looked at due events, in microseconds.
    pub(crate) release_lag: &'a Histogram<u64>,
    /// Events that no seeker was there to begin.
    pub(crate) never_begun: u64,
    pub(crate) seekers_max: u64,
    pub(crate) connections: usize,
}

/// Enters the outcome and its reasons into the report.
pub(crate) fn judge(report: &mut Report, evidence: &Evidence<'_>) {
    (report.outcome, report.reasons) = verdict(report, evidence);
}

fn verdict(report: &Report, evidence: &Evidence<'_>) -> (Outcome, Vec<String>) {
    if evidence.interrupted {
        return (Outcome::Interrupted, vec!["a signal ended the run before its time".to_owned()]);
    }
    let generator = limits_of_generator(report, evidence);
    if !generator.is_empty() {
        return (Outcome::NotTrustworthy, generator);
    }
    let sent = report.events.sent();
    let acknowledged = ratio(report.events.acknowledged, sent);
    if sent > 0 && acknowledged < ACKNOWLEDGED_RATIO_MIN {
        let reason = format!(
            "the target acknowledged {:.1} % of the events that were sent; expected {:.0} %",
            acknowledged * 100.0,
            ACKNOWLEDGED_RATIO_MIN * 100.0
        );
        return (Outcome::ThresholdMissed, vec![reason]);
    }
    let achieved = report.rate.achieved_per_s / report.rate.planned_per_s;
    if achieved < ACHIEVED_RATIO_MIN {
        let reason = format!(
            "{:.1} % of the planned rate was achieved: all {} connections were waiting for answers; raise --connections, or \
             lower --rate to what the target can take",
            achieved * 100.0,
            evidence.connections
        );
        return (Outcome::NotTrustworthy, vec![reason]);
    }
    (Outcome::Passed, Vec::new())
}

/// Signs that the generator, and not the target, was the limit.
fn limits_of_generator(report: &Report, evidence: &Evidence<'_>) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(found) = &report.check_sent
        && let Some((code, broken)) = found.broken_rules.first_key_value()
    {
        reasons.push(format!(
            "{} times a rule was broken by what was sent, which is a bug of the generator; the first, {code}: {}",
            found.findings(),
            broken.example
        ));
    }
    let late_micros = evidence.release_lag.value_at_quantile(0.99);
    if late_micros > RELEASE_LAG_P99_MICROS_MAX {
        reasons.push(format!(
            "the generator was late by {:.0} ms (p99, at most {} ms is trusted): it had too little of the processor; lower --rate, or \
             give it more cores",
            millis(late_micros),
            RELEASE_LAG_P99_MICROS_MAX / 1000
        ));
    }
    if report.load.kind != LoadKind::Rate
        && let Some(ratio) = report.load.achieved_ratio
        && ratio < ACHIEVED_RATIO_MIN
    {
        let reason = lack_of_seekers(report, evidence);
        reasons.push(format!("{:.1} % of the planned {} were there: {reason}", ratio * 100.0, report.load.kind.name()));
    }
    let few = |count| ratio(count, report.events.planned) <= 1.0 - ACHIEVED_RATIO_MIN;
    if !few(evidence.never_begun) {
        let reason = lack_of_seekers(report, evidence);
        reasons.push(format!("{} events had no seeker to begin them: {reason}", evidence.never_begun));
    }
    reasons
}

/// Why seekers could not begin, and what to do.
fn lack_of_seekers(report: &Report, evidence: &Evidence<'_>) -> String {
    if report.seekers.live_max >= evidence.seekers_max {
        format!("all {} seekers were live and none could be started; raise --seekers-max", evidence.seekers_max)
    } else {
        "seekers could not be started fast enough; want less, or give the generator more cores".to_owned()
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
    let (part, whole) = (part as f64, whole as f64);
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::LoadSpec;
    use crate::report::figures::{Heading, unreachable};
    use crate::report::{Events, RateFigures};
    use crate::sent_check::{BrokenRule, SentFindings};
    use crate::tally::time_histogram;

    fn report(events: Events, achieved_per_s: f64) -> Report {
        let load = LoadSpec::default().check().unwrap();
        let heading = Heading { target: String::new(), seed: 0, speed: 1.0, load };
        let mut report = unreachable(heading, String::new());
        report.events = events;
        report.rate = RateFigures { planned_per_s: 100.0, achieved_per_s };
        report.seekers.live_max = 10;
        report
    }

    #[test]
    fn a_generator_that_breaks_rules_is_not_trusted() {
        let fine = Events { planned: 1000, acknowledged: 1000, ..Events::default() };
        let mut report = report(fine, 100.0);
        let release_lag = time_histogram();
        let evidence =
            Evidence { interrupted: false, release_lag: &release_lag, never_begun: 0, seekers_max: 10, connections: 64 };
        report.check_sent = Some(SentFindings { events: 1000, ..SentFindings::default() });
        judge(&mut report, &evidence);
        assert_eq!(report.outcome, Outcome::Passed);
        let broken = BrokenRule { findings: 2, example: "no job was shown".to_owned() };
        report.check_sent.as_mut().unwrap().broken_rules.insert("job-was-shown", broken);
        judge(&mut report, &evidence);
        assert_eq!(report.outcome, Outcome::NotTrustworthy);
        assert!(report.reasons[0].contains("job-was-shown: no job was shown"), "{:?}", report.reasons);
    }

    #[test]
    fn verdicts_and_their_order() {
        let fine = Events { planned: 1000, acknowledged: 1000, ..Events::default() };
        let some_refused = Events { acknowledged: 989, refused: 11, ..fine };
        let few_refused = Events { acknowledged: 990, failed: 4, unknown: 6, ..fine };
        let never_begun = Events { acknowledged: 900, not_sent: 100, ..fine };
        let nothing_sent = Events { acknowledged: 0, not_sent: 1000, ..fine };
        for (events, achieved, late_micros, interrupted, outcome) in [
            (fine, 100.0, 1_000, false, Outcome::Passed),
            (fine, 98.1, 1_000, false, Outcome::Passed),
            (few_refused, 100.0, 1_000, false, Outcome::Passed),
            (fine, 97.9, 1_000, false, Outcome::NotTrustworthy),
            (fine, 100.0, 30_000, false, Outcome::NotTrustworthy),
            (never_begun, 90.0, 1_000, false, Outcome::NotTrustworthy),
            (some_refused, 100.0, 1_000, false, Outcome::ThresholdMissed),
            (some_refused, 50.0, 1_000, false, Outcome::ThresholdMissed),
            (some_refused, 50.0, 30_000, false, Outcome::NotTrustworthy),
            (nothing_sent, 0.0, 1_000, false, Outcome::NotTrustworthy),
            (some_refused, 50.0, 30_000, true, Outcome::Interrupted),
        ] {
            let mut release_lag = time_histogram();
            release_lag.saturating_record(late_micros);
            let mut report = report(events, achieved);
            let evidence = Evidence {
                interrupted,
                release_lag: &release_lag,
                never_begun: events.not_sent,
                seekers_max: 10,
                connections: 64,
            };
            judge(&mut report, &evidence);
            assert_eq!(report.outcome, outcome, "{events:?} {:?}", report.reasons);
            assert_eq!(report.reasons.is_empty(), outcome == Outcome::Passed);
        }
    }
}
