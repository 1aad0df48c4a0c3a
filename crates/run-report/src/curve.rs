//! Times at many percentiles, for a chart of the distribution. The percentiles are close together where events are few.

use hdrhistogram::Histogram;
use load_plan::units::millis;
use serde::{Deserialize, Serialize};

use crate::Histograms;

/// The times at one percentile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TimesAtPercentile {
    /// The percentile, 0 to 100.
    pub percentile: f64,
    /// The time from the scheduled time to the answer, over all planned events, in milliseconds. A lower bound for percentiles above
    /// `latency_ms.lower_bound_above`.
    pub latency_ms: Option<f64>,
    /// The time from sending to the answer, in milliseconds; null if nothing was answered.
    pub service_time_ms: Option<f64>,
    /// The time from the scheduled time to sending, in milliseconds; null if nothing was sent.
    pub schedule_lag_ms: Option<f64>,
}

/// Returns the curve of a run, up to the highest percentile with events; empty if nothing was sent.
pub fn curve(times: &Histograms) -> Vec<TimesAtPercentile> {
    let latency = times.latencies();
    let [service_time, schedule_lag] = [&times.service_time, &times.schedule_lag].map(AsRef::<Histogram<u64>>::as_ref);
    let cases = latency.len().max(schedule_lag.len());
    let at = |histogram: &Histogram<u64>, share| (!histogram.is_empty()).then(|| millis(histogram.value_at_quantile(share)));
    let row = |percentile: f64| TimesAtPercentile {
        percentile,
        latency_ms: latency.at(percentile / 100.0).map(|bound| millis(bound.micros)),
        service_time_ms: at(service_time, percentile / 100.0),
        schedule_lag_ms: at(schedule_lag, percentile / 100.0),
    };
    percentiles(cases).into_iter().map(row).collect()
}

/// Every fifth percentile up to 90, then nine in each power of ten while at least one event lies above, then 100.
fn percentiles(cases: u64) -> Vec<f64> {
    if cases == 0 {
        return Vec::new();
    }
    let mut percentiles: Vec<_> = (0..18_u32).map(|step| f64::from(step * 5)).collect();
    // Steps through a power of ten in the unit that makes the steps whole numbers, so that 99.9 is written as 99.9.
    let (mut above, mut unit) = (10_u64, 1_u64);
    while cases >= above {
        let decade = (0..9).filter(|step| cases.saturating_mul(10 - step) >= 10 * above);
        #[expect(clippy::cast_precision_loss, reason = "powers of ten far below 2^53")]
        percentiles.extend(decade.map(|step| (100 * unit - (10 - step)) as f64 / unit as f64));
        if unit == 1_000_000 {
            break;
        }
        (above, unit) = (above * 10, unit * 10);
    }
    percentiles.retain(|percentile| *percentile < 100.0);
    percentiles.push(100.0);
    percentiles
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use measure::strategies::histogram;

    #[test]
    fn percentiles_go_as_far_as_there_are_events() {
        assert_eq!(percentiles(0), [0.0; 0]);
        assert_eq!(percentiles(1).last_chunk(), Some(&[85.0, 100.0]));
        assert_eq!(percentiles(100).last_chunk(), Some(&[98.0, 99.0, 100.0]));
        assert_eq!(percentiles(1000).last_chunk(), Some(&[99.8, 99.9, 100.0]));
    }

    proptest! {
        /// For all runs, the curve rises from the minimum to the maximum, and has a bounded length.
        #[test]
        fn curves_rise(latencies in prop::collection::vec(1_u64..100_000_000, 1..2000)) {
            let times = Histograms { latency: histogram(&latencies), ..Histograms::default() };
            let curve = curve(&times);
            prop_assert!(curve.len() <= 100);
            prop_assert!(curve.is_sorted_by(|a, b| a.percentile < b.percentile && a.latency_ms <= b.latency_ms), "{curve:?}");
            prop_assert_eq!(curve.last().and_then(|last| last.latency_ms), Some(millis(times.latency.as_ref().max())));
            prop_assert!(curve.iter().all(|row| row.service_time_ms.is_none() && row.schedule_lag_ms.is_none()));
        }
    }
}
