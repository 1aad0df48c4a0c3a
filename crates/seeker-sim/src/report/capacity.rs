//! What a search for the capacity of a target found: the highest rate that it holds, and what it did at each rate.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::report::{Outcome, Percentiles, Report};

/// The highest rate at which a target held the thresholds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capacity {
    /// The rate that was held at the end, in events a second; null when none was, or the search ended before.
    pub rate_per_s: Option<f64>,
    /// The lowest rate above it that was not held; null when there was none.
    pub too_high_per_s: Option<f64>,
    /// Everything that was tried, one after the other.
    pub trials: Vec<Trial>,
}

/// A run at one rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trial {
    /// The rate as planned, in events a second.
    pub rate_per_s: f64,
    /// As it came.
    pub achieved_per_s: f64,
    /// Whether it was to confirm the rate by holding it for longer.
    pub is_hold: bool,
    /// How long it was, warm-up included.
    pub duration_s: f64,
    /// What the random numbers were drawn from.
    pub seed: u64,
    /// `passed` if the rate was held.
    pub outcome: Outcome,
    /// Why it was not.
    pub reasons: Vec<String>,
    /// From the intended time of sending to the answer, of answered events.
    pub latency_ms: Percentiles,
}

impl Trial {
    pub(crate) fn of(rate_per_s: f64, is_hold: bool, report: &Report) -> Self {
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

    fn is_held(&self) -> bool {
        self.outcome == Outcome::Passed
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.rate_per_s)?;
        if self.is_hold {
            write!(f, " over {} s", self.duration_s)?;
        }
        match (self.outcome, self.latency_ms.p50.zip(self.latency_ms.p99)) {
            (Outcome::Passed, Some((p50, p99))) => write!(f, " held: latency p50 {p50} ms, p99 {p99} ms"),
            (Outcome::Passed, None) => write!(f, " held"),
            (outcome, _) => write!(f, " {}: {}", outcome.name().replace('_', " "), self.reasons.join("; ")),
        }
    }
}

impl Capacity {
    /// Of a search that was not brought to its end.
    pub(crate) fn ended_early(trials: Vec<Trial>) -> Self {
        Self { rate_per_s: None, too_high_per_s: None, trials }
    }

    /// Of a search whose last trial was its end.
    pub(crate) fn of(trials: Vec<Trial>) -> Self {
        let rate_per_s = trials.last().filter(|last| last.is_hold && last.is_held()).map(|last| last.rate_per_s);
        let above = |trial: &&Trial| rate_per_s.is_none_or(|rate| trial.rate_per_s > rate);
        // What is not trusted is tried twice: the second time counts.
        let is_told = |position: usize| {
            trials.get(position + 1).is_none_or(|next| next.rate_per_s.to_bits() != trials[position].rate_per_s.to_bits())
        };
        let too_high =
            trials.iter().enumerate().filter(|(position, trial)| !trial.is_held() && is_told(*position)).map(|(_, trial)| trial);
        let too_high_per_s = too_high.filter(above).map(|trial| trial.rate_per_s).min_by(f64::total_cmp);
        Self { rate_per_s, too_high_per_s, trials }
    }

    /// The trial that says that a rate is too high.
    fn too_high(&self) -> Option<&Trial> {
        let rate = self.too_high_per_s?;
        self.trials.iter().rfind(|trial| trial.rate_per_s.to_bits() == rate.to_bits() && !trial.is_held())
    }

    /// Enters all this into the report of the last trial. Where the generator was the limit, the target's is not known: then the run
    /// is not trustworthy.
    pub(crate) fn enter(self, mut report: Report) -> Report {
        let limit = self.too_high().filter(|trial| trial.outcome == Outcome::NotTrustworthy);
        if let (Some(rate), Some(limit)) = (self.rate_per_s, limit) {
            report.outcome = Outcome::NotTrustworthy;
            report.reasons.push(format!(
                "the target holds {rate}/s, and perhaps more: at {}/s the generator was the limit: {}",
                limit.rate_per_s,
                limit.reasons.join("; ")
            ));
            report.thresholds = report.thresholds.iter().map(|judged| judged.in_run(report.outcome, false)).collect();
        }
        if self.rate_per_s.is_none() && report.outcome == Outcome::ThresholdMissed {
            let lowest = self.trials.iter().map(|trial| trial.rate_per_s).min_by(f64::total_cmp).unwrap_or_default();
            report.reasons.insert(0, format!("no rate was held to the end; the lowest that was tried is {lowest}/s"));
        }
        report.capacity = Some(self);
        report
    }

    /// What was found, in a sentence.
    pub(crate) fn sentence(&self) -> String {
        match (self.rate_per_s, self.too_high()) {
            (None, _) => "none was found".to_owned(),
            (Some(rate), None) => format!("{rate}/s at least"),
            (Some(rate), Some(trial)) => format!("{rate}/s; {trial}"),
        }
    }

    /// The trials by their rate, from low to high; those at the same rate in their order.
    pub(crate) fn by_rate(&self) -> Vec<&Trial> {
        let mut trials: Vec<_> = self.trials.iter().collect();
        trials.sort_by(|a, b| a.rate_per_s.total_cmp(&b.rate_per_s));
        trials
    }
}
