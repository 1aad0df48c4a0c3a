//! Describes all metrics, for the documentation.

use std::time::SystemTime;

use client_event::EventType;
use load_plan::load::LoadSpec;
use measure::counters::Counters;
use measure::windows::WindowCounts;

use super::{Family, FinalFigures, Label, Metrics, NAMESPACE, Observed, Point, Points, RunInfo, Unit};

/// A metric in the text format of Prometheus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricDescription {
    /// The name, with its unit and suffix.
    pub name: String,
    /// `counter`, `gauge`, `histogram` or `info`.
    pub kind: &'static str,
    /// The names of its labels.
    pub labels: Vec<&'static str>,
    /// What it counts or measures.
    pub help: &'static str,
}

impl MetricDescription {
    /// Returns the descriptions of all metrics, including the metrics of the end of a run.
    pub fn all() -> Vec<Self> {
        sample_metrics().families.iter().map(Self::of).collect()
    }

    fn of(family: &Family) -> Self {
        let (kind, suffix, labels) = match &family.points {
            Points::Counter(points) => ("counter", "_total", labels_of(points)),
            Points::Gauge(points) => ("gauge", "", labels_of(points)),
            Points::Histogram(points) => ("histogram", "", labels_of(points)),
            Points::Info(labels) => ("info", "_info", names_of(labels)),
        };
        let unit = if family.unit == Unit::Seconds { "_seconds" } else { "" };
        Self { name: format!("{NAMESPACE}_{}{unit}{suffix}", family.name), kind, labels, help: family.help }
    }
}

/// Counters in which every metric has a point, so that its labels are known.
fn sample_counters() -> Counters {
    let mut counters = Counters::default();
    counters.retries.causes.insert(String::new(), 1);
    counters.errors.insert(String::new(), 1);
    let position = EventType::ALL.into_iter().position(|event_type| event_type == EventType::View).unwrap_or_default();
    let by_type = counters.latency_by_type[position].get_or_insert_default();
    by_type.answered.record(1).expect("a microsecond is in the range of the histogram");
    counters
}

fn labels_of<V>(points: &[Point<V>]) -> Vec<&'static str> {
    points.first().map(|point| names_of(&point.labels)).unwrap_or_default()
}

fn names_of(labels: &[Label]) -> Vec<&'static str> {
    labels.iter().map(|(name, _)| *name).collect()
}

/// The metrics at the end of an example run, with a value for each metric.
fn sample_metrics() -> Metrics {
    let load = LoadSpec::default_load().check().expect("the default load is valid");
    let run = RunInfo { version: "", began: SystemTime::UNIX_EPOCH, target: String::new(), seed: 0, speed: 1.0, load };
    let counters = sample_counters();
    let observed = Observed {
        counters: &counters,
        windows: WindowCounts::default(),
        wanted: 0.0,
        live: 0,
        ended: Some(FinalFigures::default()),
    };
    Metrics::of(&run, &observed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::prometheus::TextForm;

    /// For all descriptions, the text for Prometheus has a metric of this name and help.
    #[test]
    fn names_are_those_of_prometheus() {
        let text = TextForm::Older.text(sample_metrics());
        let described = MetricDescription::all();
        for MetricDescription { name, labels, .. } in &described {
            assert!(text.contains(&format!("# HELP {name} ")), "{name}\n{text}");
            for label in labels {
                assert!(text.contains(&format!("{label}=\"")), "{name} {label}");
            }
        }
        assert_eq!(text.matches("# HELP ").count(), described.len());
    }
}
