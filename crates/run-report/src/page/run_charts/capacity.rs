//! The result of a capacity search as a chart: latency by tested rate.

use charts::{Axis, NumberFormat, Series, Shape, Tone};

use super::{CaptionedChart, drawn, plain, scale_of, without_chart};
use crate::capacity::Capacity;
use crate::{Outcome, Percentiles};

/// The latency at each rate, and the capacity.
pub(super) fn latency_by_rate(capacity: &Capacity) -> CaptionedChart {
    const TITLE: &str = "Latency by rate";
    let trials: Vec<_> = capacity.by_rate().into_iter().filter(|trial| trial.latency_ms.p50.is_some()).collect();
    if trials.is_empty() {
        return without_chart(TITLE, "nothing was answered at any rate.");
    }
    let held = capacity.trials.iter().filter(|trial| trial.outcome == Outcome::Passed).count();
    let found = match (capacity.rate_per_s, capacity.too_high_per_s, capacity.generator_limit_per_s) {
        (Some(rate), Some(too_high), _) => {
            format!("The capacity is {}/s; {}/s was too high.", plain(rate), plain(too_high))
        }
        (Some(rate), None, Some(limit)) => {
            format!("The capacity is at least {}/s; the generator was the limit at {}/s.", plain(rate), plain(limit))
        }
        (Some(rate), None, None) => format!("The capacity is at least {}/s, the highest tried rate.", plain(rate)),
        (None, _, _) => match capacity.unconfirmed_rate_per_s {
            Some(rate) => format!("{}/s passed, but the search ended before it was confirmed.", plain(rate)),
            None => "No rate passed.".to_owned(),
        },
    };
    let sentence = format!("{found} {held} of {} trials passed.", capacity.trials.len());
    let line = |of: fn(&Percentiles) -> Option<f64>| -> Vec<[f64; 2]> {
        trials.iter().map(|trial| [trial.rate_per_s, of(&trial.latency_ms).unwrap_or(f64::NAN)]).collect()
    };
    let lines = [line(|latency| latency.max), line(|latency| latency.p99), line(|latency| latency.p50)];
    let y = scale_of(lines.iter().flatten().map(|[_, millis]| *millis));
    let x = Axis::new("events per second", scale_of(trials.iter().map(|trial| trial.rate_per_s)), NumberFormat::Plain);
    let [max, p99, p50] = lines.map(Shape::DottedLine);
    let mut series =
        vec![Series::new("max", Tone::Red, max), Series::new("p99", Tone::Orange, p99), Series::new("p50", Tone::Blue, p50)];
    if let Some(rate) = capacity.rate_per_s {
        series.push(Series::new("", Tone::Grey, Shape::Uprights(vec![(rate, "capacity".to_owned())])));
    }
    drawn(TITLE, sentence, x, Axis::new("milliseconds", y, NumberFormat::Plain), series)
}
