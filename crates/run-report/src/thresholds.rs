//! Compares a report with thresholds.

use client_event::EventType;
use load_plan::EventOutcome;
use load_plan::threshold::{Figure, Statistic, Threshold, TimeFigure};
use measure::latency::Latencies;
use measure::thresholds::sliding::WorstWindows;
use serde::{Deserialize, Serialize};

use crate::{Outcome, Report};

/// A threshold and its result.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JudgedThreshold {
    /// The threshold, in the syntax of `--threshold`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub threshold: Threshold,
    /// The measured value: times in milliseconds, ratios from 0 to 1, rates per second; null if nothing was measured. For a threshold over
    /// a window: the value of the worst window.
    pub value: Option<f64>,
    /// Whether the true value may be greater, because it falls among events without an answer. Such a threshold is missed.
    #[serde(default)]
    pub is_lower_bound: bool,
    /// Whether the threshold passed. Null if nothing was measured, if the figures of the run do not describe the target, or if the run
    /// stopped early and had not missed the threshold yet.
    pub passed: Option<bool>,
    /// For a threshold over a window: the start of the worst window, in seconds since the end of the warm-up. Null for other thresholds.
    pub worst_from_s: Option<u64>,
}

impl JudgedThreshold {
    /// Judges the run by a threshold, assuming that all measured figures count.
    pub fn of(threshold: Threshold, report: &Report, worst_windows: &WorstWindows) -> Self {
        let worst = worst_windows.of(&threshold);
        let found = if threshold.over.is_some() {
            worst.map(|worst| (worst.value, worst.is_lower_bound))
        } else {
            value(&threshold, report)
        };
        let passed = found.map(|(value, is_lower_bound)| !is_lower_bound && threshold.holds(value));
        Self {
            threshold,
            value: found.map(|(value, _)| value),
            is_lower_bound: found.is_some_and(|(_, is_lower_bound)| is_lower_bound),
            passed,
            worst_from_s: worst.map(|worst| worst.from),
        }
    }

    /// Adjusts the result to the outcome of the run. In a run that `ended_early`, no threshold passes, but missed thresholds stay missed.
    /// Events that the end cut off do not count as a miss.
    #[must_use]
    pub fn in_run(self, outcome: Outcome, ended_early: bool) -> Self {
        let is_cut_off = self.is_lower_bound && self.value.is_some_and(|value| self.threshold.holds(value));
        let passed = match outcome {
            Outcome::Passed | Outcome::ThresholdMissed => self.passed.filter(|passed| !(ended_early && (*passed || is_cut_off))),
            Outcome::NotTrustworthy | Outcome::TargetUnreachable | Outcome::Interrupted => None,
        };
        Self { passed, ..self }
    }

    /// Returns why the run missed the threshold, if it did.
    pub fn reason(&self) -> Option<String> {
        match (self.passed, self.value) {
            (Some(false), Some(_)) => {
                let when = self.when().map(|when| format!(" {when}")).unwrap_or_default();
                let unanswered = if self.is_lower_bound { " (some events had no answer)" } else { "" };
                let (figure, limit) = (self.threshold.figure_name(), self.threshold.limit());
                Some(format!("{figure} was {}{when}{unanswered}, limit {limit}", self.shown()?))
            }
            _ => None,
        }
    }

    /// Whether the threshold is on the ratio of acknowledged events and would pass for the sent events alone.
    pub fn holds_of_sent(&self, report: &Report) -> bool {
        let counts = Counts::of(&self.threshold, report);
        let sent = counts.planned() - counts.not_sent;
        let is_about_sent = self.threshold.figure == Figure::Ratio(EventOutcome::Acknowledged) && self.threshold.over.is_none();
        is_about_sent && (sent == 0 || self.threshold.holds(exact(counts.acknowledged) / exact(sent)))
    }

    /// Returns the value with its unit, if it was measured. A lower bound starts with `≥`.
    pub fn shown(&self) -> Option<String> {
        let value = self.threshold.shown(self.value?);
        Some(if self.is_lower_bound { format!("\u{2265} {value}") } else { value })
    }

    /// Returns the window of the value, if the threshold is over a window.
    pub fn when(&self) -> Option<String> {
        let (from, over) = (self.worst_from_s?, self.threshold.over?);
        Some(format!("from {from} s to {} s", from + over.as_secs()))
    }

    /// Returns the reason if nothing was measured for the threshold.
    pub fn lack(&self) -> Option<String> {
        let (figure, limit) = (self.threshold.figure_name(), self.threshold.limit());
        self.value.is_none().then(|| format!("{figure} was not measured, limit {limit}"))
    }
}

/// Returns the value of the figure of a threshold, and whether the value is a lower bound.
fn value(threshold: &Threshold, report: &Report) -> Option<(f64, bool)> {
    let exact_value = |value: f64| (value, false);
    match threshold.figure {
        Figure::Time(time, statistic) => time_value(threshold.event_type, time, statistic, report),
        Figure::Count(counted) => Some(exact_value(exact(Counts::of(threshold, report).get(counted)))),
        Figure::Ratio(counted) => {
            let counts = Counts::of(threshold, report);
            let whole = counts.planned();
            (whole > 0).then(|| exact_value(exact(counts.get(counted)) / exact(whole)))
        }
        Figure::AchievedRatio => report.load.achieved_ratio.map(exact_value),
        Figure::Rate => (report.rate.planned_per_s > 0.0).then_some(exact_value(report.rate.achieved_per_s)),
    }
}

/// Returns a statistic of a time in milliseconds: from the histograms if the report has any, otherwise from the statistics in the report.
fn time_value(event_type: Option<EventType>, time: TimeFigure, statistic: Statistic, report: &Report) -> Option<(f64, bool)> {
    let of_type = event_type.map(|event_type| report.by_type.get(&event_type).copied().unwrap_or_default());
    let latency = of_type.as_ref().map_or(&report.latency_ms, |of_type| &of_type.latency_ms);
    let Some(histograms) = &report.histograms else {
        return match time {
            TimeFigure::Latency => latency,
            TimeFigure::AnsweredLatency if event_type.is_none() => &report.answered_latency_ms,
            TimeFigure::AnsweredLatency => return None,
            TimeFigure::ServiceTime => &report.service_time_ms,
            TimeFigure::ScheduleLag => &report.schedule_lag_ms,
        }
        .get(statistic);
    };
    let latencies = event_type.map_or(Some(histograms.latencies()), |event_type| histograms.latencies_of(event_type));
    match time {
        TimeFigure::Latency => latencies?.statistic(statistic),
        TimeFigure::AnsweredLatency => Latencies::new(latencies?.answered, None).statistic(statistic),
        TimeFigure::ServiceTime => Latencies::new(histograms.service_time.as_ref(), None).statistic(statistic),
        TimeFigure::ScheduleLag => Latencies::new(histograms.schedule_lag.as_ref(), None).statistic(statistic),
    }
}

/// The outcomes of the events that a threshold covers.
struct Counts {
    acknowledged: u64,
    refused: u64,
    failed: u64,
    unknown: u64,
    not_sent: u64,
}

impl Counts {
    fn of(threshold: &Threshold, report: &Report) -> Self {
        let Some(event_type) = threshold.event_type else {
            let events = &report.events;
            return Self {
                acknowledged: events.acknowledged,
                refused: events.refused,
                failed: events.failed,
                unknown: events.unknown,
                not_sent: events.not_sent,
            };
        };
        let events = report.by_type.get(&event_type).copied().unwrap_or_default();
        Self {
            acknowledged: events.acknowledged,
            refused: events.refused,
            failed: events.failed,
            unknown: events.unknown,
            not_sent: events.not_sent,
        }
    }

    const fn get(&self, counted: EventOutcome) -> u64 {
        match counted {
            EventOutcome::Acknowledged => self.acknowledged,
            EventOutcome::Refused => self.refused,
            EventOutcome::Failed => self.failed,
            EventOutcome::Unknown => self.unknown,
            EventOutcome::NotSent => self.not_sent,
        }
    }

    const fn planned(&self) -> u64 {
        self.acknowledged + self.refused + self.failed + self.unknown + self.not_sent
    }
}

fn exact(count: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
    let count = count as f64;
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::figures::{Heading, unreachable};
    use crate::verdict::{VerdictInputs, judge};
    use crate::{Events, EventsOfType, Percentiles, RateFigures};
    use load_plan::load::LoadSpec;
    use load_plan::strategies::any_threshold;
    use measure::counters::Counters;
    use measure::ledger_account::LedgerAccount;
    use measure::thresholds::outside_pauses::OutsidePauses;

    /// Any report with correct sums, of a run that sent only views.
    fn any_report() -> impl Strategy<Value = Report> {
        let counts = (0_u64..2_000, 0_u64..20, 0_u64..20, 0_u64..20, 0_u64..40);
        (counts, prop::option::of(0.0..1_000.0), 0.9..1.1).prop_map(|(counts, latency, achieved)| {
            let (acknowledged, refused, failed, unknown, not_sent) = counts;
            let load = LoadSpec::default().check().unwrap();
            let heading = Heading { target: String::new(), seed: 0, speed: 1.0, load };
            let mut report = unreachable(heading, String::new());
            let planned = acknowledged + refused + failed + unknown + not_sent;
            report.events = Events { planned, acknowledged, refused, failed, unknown, not_sent };
            let latency_ms =
                Percentiles { p50: latency, p90: latency, p99: latency, p99_9: latency, max: latency, ..Percentiles::default() };
            report.histograms = None;
            let of_type = EventsOfType { acknowledged, refused, failed, unknown, not_sent, latency_ms };
            report.by_type = [(EventType::View, of_type)].into();
            report.latency_ms = latency_ms;
            report.load.achieved_ratio = Some(achieved);
            report.rate = RateFigures { planned_per_s: 100.0, achieved_per_s: 100.0 * achieved };
            report
        })
    }

    proptest! {
        /// For all reports and thresholds: in a passed run, all thresholds passed. In a run that missed thresholds, at least one is missed. If
        /// the run does not describe the target, no threshold is judged. In a run that ended early, no threshold passed.
        #[test]
        fn no_run_passes_by_a_threshold_that_it_does_not_hold(
            mut report in any_report(),
            thresholds in prop::collection::vec(any_threshold(), 0..4),
            late_micros in prop_oneof![Just(500_u64), 0_u64..60_000],
            interrupted in prop::bool::weighted(0.1),
            aborted in prop::bool::weighted(0.1),
        ) {
            let mut counters = Counters::default();
            counters.release_lag.saturating_record(late_micros);
            let ledger = LedgerAccount::default();
            let thresholds = Threshold::in_force(&thresholds);
            let (seekers_max, connections) = (10, Some(64));
            let inputs = VerdictInputs {
                interrupted,
                aborted,
                thresholds: &thresholds,
                counters: &counters,
                worst_windows: &WorstWindows::default(),
                outside_pauses: &OutsidePauses::new(&[], load_plan::Moment::default()),
                silence: None,
                ledger: &ledger,
                seekers_max,
                connections,
            };
            judge(&mut report, &inputs);
            let passed: Vec<_> = report.thresholds.iter().map(|judged| judged.passed).collect();
            prop_assert_eq!(passed.len(), thresholds.len());
            match report.outcome {
                Outcome::Passed => prop_assert!(passed.iter().all(|passed| *passed == Some(true)), "{:?}", passed),
                Outcome::ThresholdMissed if aborted => prop_assert!(!passed.contains(&Some(true)), "{:?}", passed),
                Outcome::ThresholdMissed => prop_assert!(passed.iter().any(|passed| *passed != Some(true)), "{:?}", passed),
                _ => prop_assert!(passed.iter().all(Option::is_none), "{:?}", passed),
            }
            prop_assert_eq!(report.reasons.is_empty(), report.outcome == Outcome::Passed);
            for judged in &report.thresholds {
                prop_assert!(judged.passed.is_none_or(|passed| Some(passed) == judged.value.map(|value| judged.threshold.holds(value))));
            }
        }
    }

    #[test]
    fn values_are_those_of_the_report() {
        let load = LoadSpec::default().check().unwrap();
        let mut report = unreachable(Heading { target: String::new(), seed: 0, speed: 1.0, load }, String::new());
        report.events = Events { planned: 200, acknowledged: 90, refused: 4, failed: 3, unknown: 3, not_sent: 100 };
        let of_type = EventsOfType { refused: 4, acknowledged: 4, ..EventsOfType::default() };
        report.by_type = [(EventType::View, of_type)].into();
        report.service_time_ms.p99_9 = Some(5.0);
        report.histograms = None;
        for (text, value) in [
            ("acknowledged == 0", Some(90.0)),
            ("refused == 0", Some(4.0)),
            ("failed == 0", Some(3.0)),
            ("unknown == 0", Some(3.0)),
            ("not_sent == 0", Some(100.0)),
            ("acknowledged_ratio > 0", Some(0.45)),
            ("not_sent_ratio > 0", Some(0.5)),
            ("VIEW.refused_ratio > 0", Some(0.5)),
            ("HIRED.refused > 0", Some(0.0)),
            ("HIRED.refused_ratio > 0", None),
            ("HIRED.latency.p99 < 1s", None),
            ("service_time.p99.9 < 1s", Some(5.0)),
            ("schedule_lag.p50 < 1s", None),
            ("rate > 0", None),
        ] {
            assert_eq!(JudgedThreshold::of(text.parse().unwrap(), &report, &WorstWindows::default()).value, value, "{text}");
        }
    }
}
