//! The `capacity` section of a report: the result of a capacity search.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Outcome, Percentiles, Report};

/// The summary of all trials. Rates are in events per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CapacityBounds {
    /// The highest rate that the target sustained, below all rates that were too high.
    pub held: Option<f64>,
    /// Whether a final, longer trial confirmed `held`.
    pub is_confirmed: bool,
    /// The lowest rate that was too high.
    pub too_high: Option<f64>,
    /// The lowest rate at which the generator was the limit; `None` if a lower rate was too high for the target.
    pub generator_limit: Option<f64>,
}

/// The capacity of a target as a range of rates, and the trials of the search. Rates are in events per second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Capacity {
    /// The highest rate that the target sustained, confirmed by the final, longer trial; null if no rate was confirmed.
    pub rate_per_s: Option<f64>,
    /// The lowest rate that was too high for the target: at least two trials missed a threshold, and more missed than passed. Null if no
    /// rate was too high.
    pub too_high_per_s: Option<f64>,
    /// The highest rate that passed in shorter trials, if the search ended before a final trial confirmed it; else null. Missing in reports
    /// of older versions.
    #[serde(default)]
    pub unconfirmed_rate_per_s: Option<f64>,
    /// The lowest rate at which repeated trials were not trustworthy, so the generator was the limit; null if there is no such rate. Missing
    /// in reports of older versions.
    #[serde(default)]
    pub generator_limit_per_s: Option<f64>,
    /// All trials in chronological order. A rate that failed, or was not trustworthy, has several trials.
    pub trials: Vec<Trial>,
}

/// A run at one rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trial {
    /// The planned rate, in events per second.
    pub rate_per_s: f64,
    /// The achieved rate, in events per second.
    pub achieved_per_s: f64,
    /// Whether the trial is a final trial, which is longer than the other trials.
    pub is_hold: bool,
    /// The duration of the trial, including warm-up.
    pub duration_s: f64,
    /// The seed of the random numbers.
    pub seed: u64,
    /// The outcome of the trial.
    pub outcome: Outcome,
    /// The reasons for the outcome; empty if the trial passed.
    pub reasons: Vec<String>,
    /// The time from the scheduled time to the answer, over all planned events. An event without an answer ranks above all answered events.
    pub latency_ms: Percentiles,
}

impl Trial {
    /// Creates the trial at this rate from its report.
    pub fn of(rate_per_s: f64, is_hold: bool, report: &Report) -> Self {
        Self {
            rate_per_s,
            achieved_per_s: report.rate.achieved_per_s,
            is_hold,
            duration_s: report.duration_s,
            seed: report.seed,
            outcome: report.outcome,
            reasons: report.reasons.clone(),
            latency_ms: report.latency_ms,
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let result = match self.outcome {
            Outcome::Passed => "passed",
            Outcome::ThresholdMissed => "failed",
            Outcome::NotTrustworthy => "not trustworthy",
            Outcome::TargetUnreachable => "target unreachable",
            Outcome::Interrupted => "interrupted",
        };
        write!(f, "{result} at {}/s", self.rate_per_s)?;
        if self.is_hold {
            write!(f, " over {} s", self.duration_s)?;
        }
        match (self.outcome, self.latency_ms.p50.zip(self.latency_ms.p99)) {
            (Outcome::Passed, Some((p50, p99))) => write!(f, ": latency p50 {p50} ms, p99 {p99} ms"),
            (Outcome::Passed, None) => Ok(()),
            (_, _) => write!(f, ": {}", self.reasons.join("; ")),
        }
    }
}

impl Capacity {
    /// Creates the section from the summary and the trials.
    pub fn new(found: CapacityBounds, trials: Vec<Trial>) -> Self {
        let CapacityBounds { held, is_confirmed, too_high, generator_limit } = found;
        Self {
            rate_per_s: held.filter(|_| is_confirmed),
            too_high_per_s: too_high,
            unconfirmed_rate_per_s: held.filter(|_| !is_confirmed),
            generator_limit_per_s: generator_limit,
            trials,
        }
    }

    /// Returns the reasons of the last trial at this rate with this outcome.
    fn reasons_at(&self, rate: f64, outcome: Outcome) -> String {
        let is_meant = |trial: &&Trial| trial.rate_per_s.to_bits() == rate.to_bits() && trial.outcome == outcome;
        self.trials.iter().rfind(is_meant).map(|trial| trial.reasons.join("; ")).unwrap_or_default()
    }

    /// Adds the result of the search to the report of the last trial. If the generator was the limit, the capacity of the target is unknown
    /// and the run is not trustworthy.
    pub fn enter(self, mut report: Report) -> Report {
        let ended_by_itself = matches!(report.outcome, Outcome::Passed | Outcome::ThresholdMissed | Outcome::NotTrustworthy);
        if let Some(limit) = self.generator_limit_per_s
            && ended_by_itself
        {
            let held = match self.rate_per_s {
                Some(rate) => format!("the target sustains {rate}/s or more: "),
                None => String::new(),
            };
            let reasons = self.reasons_at(limit, Outcome::NotTrustworthy);
            if report.outcome == Outcome::NotTrustworthy {
                // These are the reasons of the last trial. The sentence contains them.
                report.reasons.clear();
            }
            report.outcome = Outcome::NotTrustworthy;
            report.reasons.insert(0, format!("{held}the generator was the limit at {limit}/s: {reasons}"));
            report.thresholds = report.thresholds.iter().map(|judged| judged.in_run(report.outcome, false)).collect();
        } else if self.rate_per_s.is_none() && report.outcome == Outcome::ThresholdMissed {
            let lowest = self.trials.iter().map(|trial| trial.rate_per_s).min_by(f64::total_cmp).unwrap_or_default();
            report.reasons.insert(0, format!("no rate was confirmed; the lowest tried rate is {lowest}/s"));
        }
        report.capacity = Some(self);
        report
    }

    /// Describes the result in a sentence.
    pub fn sentence(&self) -> String {
        let above = match (self.too_high_per_s, self.generator_limit_per_s) {
            (Some(rate), _) => format!("; {rate}/s is too high: {}", self.reasons_at(rate, Outcome::ThresholdMissed)),
            (None, Some(limit)) => format!("; the generator was the limit at {limit}/s"),
            (None, None) => String::new(),
        };
        match (self.rate_per_s, self.unconfirmed_rate_per_s) {
            (Some(rate), _) if above.is_empty() => format!("at least {rate}/s"),
            (Some(rate), _) => format!("{rate}/s{above}"),
            (None, Some(rate)) => format!("{rate}/s passed, not confirmed{above}"),
            (None, None) => format!("not found{above}"),
        }
    }

    /// Returns the trials sorted by rate, lowest first. Trials at the same rate keep their order.
    pub fn by_rate(&self) -> Vec<&Trial> {
        let mut trials: Vec<_> = self.trials.iter().collect();
        trials.sort_by(|a, b| a.rate_per_s.total_cmp(&b.rate_per_s));
        trials
    }
}
