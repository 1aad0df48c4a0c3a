//! Statistics of a time: percentiles, extremes and moments, and which of them are lower bounds.

use hdrhistogram::Histogram;
use load_plan::threshold::{Percentile, Statistic};
use measure::latency::Latencies;
use serde::{Deserialize, Serialize};

/// Statistics of a time, in milliseconds, to three significant digits; null if nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Percentiles {
    /// The smallest value; null in reports of older versions.
    #[serde(default)]
    pub min: Option<f64>,
    /// The arithmetic mean; null in reports of older versions.
    #[serde(default)]
    pub mean: Option<f64>,
    /// The standard deviation; null in reports of older versions.
    #[serde(default)]
    pub stddev: Option<f64>,
    /// Half of the values are at most this value.
    pub p50: Option<f64>,
    /// 90 % of the values are at most this value.
    pub p90: Option<f64>,
    /// 95 % of the values are at most this value; null in reports of older versions.
    #[serde(default)]
    pub p95: Option<f64>,
    /// 99 % of the values are at most this value.
    pub p99: Option<f64>,
    /// 99.9 % of the values are at most this value.
    pub p99_9: Option<f64>,
    /// The largest value.
    pub max: Option<f64>,
    /// The percentage of answered events, if some events had no answer. Percentiles above it, the mean and the standard deviation are then
    /// lower bounds. Null if all values are exact.
    #[serde(default)]
    pub lower_bound_above: Option<f64>,
}

impl Percentiles {
    /// Returns the percentiles of a histogram in microseconds.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        Self::of_latencies(&Latencies::new(histogram, None))
    }

    /// Returns the percentiles of latencies, including events without an answer.
    pub fn of_latencies(latencies: &Latencies<'_, u64>) -> Self {
        let of = |statistic: Statistic| latencies.statistic(statistic).map(|(millis, _)| millis);
        let at = |percentile| of(Statistic::Percentile(percentile));
        Self {
            min: of(Statistic::Min),
            mean: of(Statistic::Mean).map(thousandths),
            stddev: of(Statistic::StandardDeviation).map(thousandths),
            p50: at(Percentile::P50),
            p90: at(Percentile::P90),
            p95: at(Percentile::P95),
            p99: at(Percentile::P99),
            p99_9: at(Percentile::P99_9),
            max: of(Statistic::Max),
            lower_bound_above: latencies.answered_percent(),
        }
    }

    /// Returns a statistic and whether it is a lower bound; `None` if it was not measured or the report does not contain it.
    pub fn get(&self, statistic: Statistic) -> Option<(f64, bool)> {
        let value = match statistic {
            Statistic::Min => self.min,
            Statistic::Mean => self.mean,
            Statistic::StandardDeviation => self.stddev,
            Statistic::Percentile(Percentile::P50) => self.p50,
            Statistic::Percentile(Percentile::P90) => self.p90,
            Statistic::Percentile(Percentile::P95) => self.p95,
            Statistic::Percentile(Percentile::P99) => self.p99,
            Statistic::Percentile(Percentile::P99_9) => self.p99_9,
            Statistic::Percentile(_) => None,
            Statistic::Max => self.max,
        };
        value.map(|value| (value, self.is_lower_bound(statistic)))
    }

    /// Whether the true value of a statistic may be greater.
    pub fn is_lower_bound(&self, statistic: Statistic) -> bool {
        // A percentage with decimals is not exact.
        const ROUNDING: f64 = 1e-9;
        self.lower_bound_above.is_some_and(|above| statistic.part().is_none_or(|part| part * 100.0 > above + ROUNDING))
    }
}

/// Rounds to three decimals.
pub fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
