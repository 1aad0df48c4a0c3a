//! Encodes metrics as text for Prometheus and compatible scrapers: `OpenMetrics` 1.0 for clients that accept it, such as Prometheus, and
//! the older text format 0.0.4 for all others. The formats differ in the suffixes of names, and the older format has no type for families
//! that consist only of labels.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit as Suffix};

use super::buckets::Buckets;
use super::{Family, Metrics, NAMESPACE, Point, Points, Unit};

/// A text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextForm {
    OpenMetrics,
    Older,
}

impl TextForm {
    /// Selects the format for an `Accept` header.
    pub(crate) fn accepted(accept: Option<&str>) -> Self {
        let asks_for = |accept: &str| accept.contains("application/openmetrics-text");
        if accept.is_some_and(asks_for) { Self::OpenMetrics } else { Self::Older }
    }

    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Older => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// Encodes the metrics as text.
    pub(crate) fn text(self, metrics: Metrics) -> String {
        let mut registry = Registry::with_prefix(NAMESPACE);
        registry.register_collector(Box::new(InForm { form: self, metrics }));
        let mut text = String::new();
        encode(&mut text, &registry).expect("writing to a String does not fail");
        text
    }
}

#[derive(Debug)]
struct InForm {
    form: TextForm,
    metrics: Metrics,
}

impl Collector for InForm {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.metrics.families.iter().try_for_each(|family| match self.form {
            TextForm::OpenMetrics => family.encode(&mut encoder),
            TextForm::Older => family.encode_older(&mut encoder),
        })
    }
}

impl Family {
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        // By convention, the counted noun is part of the name, and a time has its unit as a suffix.
        let suffix = (self.unit == Unit::Seconds).then_some(Suffix::Seconds);
        let metric_type = match self.points {
            Points::Counter(_) => MetricType::Counter,
            Points::Gauge(_) => MetricType::Gauge,
            Points::Histogram(_) => MetricType::Histogram,
            Points::Info(_) => MetricType::Info,
        };
        let mut encoder = encoder.encode_descriptor(self.name, self.help, suffix.as_ref(), metric_type)?;
        match &self.points {
            Points::Counter(points) => each(&mut encoder, points, encode_count),
            Points::Gauge(points) => each(&mut encoder, points, encode_value),
            Points::Histogram(points) => each(&mut encoder, points, encode_buckets),
            Points::Info(labels) => encoder.encode_info(labels),
        }
    }

    /// Encodes the family in the format before `OpenMetrics`: every sample has the name of its family, except in histograms.
    fn encode_older(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        match &self.points {
            Points::Counter(points) => {
                let name = format!("{}_total", self.name);
                let mut encoder = encoder.encode_descriptor(&name, self.help, None, MetricType::Counter)?;
                each(&mut encoder, points, encode_value)
            }
            Points::Info(labels) => {
                let name = format!("{}_info", self.name);
                let mut encoder = encoder.encode_descriptor(&name, self.help, None, MetricType::Gauge)?;
                encoder.encode_family(labels)?.encode_gauge(&1_u64)
            }
            Points::Gauge(_) | Points::Histogram(_) => self.encode(encoder),
        }
    }
}

/// Encodes a value with the suffix of a counter.
fn encode_count(encoder: &mut MetricEncoder<'_>, count: &impl EncodeCounterValue) -> fmt::Result {
    encoder.encode_counter::<NoLabelSet, _, f64>(count, None)
}

/// Encodes a value without a suffix.
fn encode_value(encoder: &mut MetricEncoder<'_>, value: &impl EncodeGaugeValue) -> fmt::Result {
    encoder.encode_gauge(value)
}

fn encode_buckets(encoder: &mut MetricEncoder<'_>, buckets: &Buckets) -> fmt::Result {
    let bounds = Buckets::bounds_s().chain([f64::INFINITY]);
    let counts: Vec<_> = bounds.zip(buckets.counts().iter().copied()).collect();
    encoder.encode_histogram::<NoLabelSet>(buckets.sum_s(), buckets.count(), &counts, None)
}

/// Encodes each point with its labels.
fn each<V>(
    encoder: &mut MetricEncoder<'_>,
    points: &[Point<V>],
    encode: impl Fn(&mut MetricEncoder<'_>, &V) -> fmt::Result,
) -> fmt::Result {
    points.iter().try_for_each(|Point { labels, value }| match labels.as_slice() {
        [] => encode(encoder, value),
        _ => encode(&mut encoder.encode_family(labels)?, value),
    })
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn the_newer_format_requires_an_accept_header() {
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        assert_eq!(TextForm::accepted(Some(prometheus)), TextForm::OpenMetrics);
        for older in [None, Some("*/*"), Some("text/plain;version=0.0.4;q=1,*/*;q=0.1")] {
            assert_eq!(TextForm::accepted(older), TextForm::Older);
        }
    }

    #[test]
    fn each_form_has_its_names() {
        let point = |labels, value| Point { labels, value };
        let family = |name, unit, points| Family { name, help: "Help.", unit, points };
        let label = || vec![("error", r#"a "b" \c"#.into())];
        let families = vec![
            family("run", Unit::None, Points::Info(label())),
            family("errors", Unit::Number("error"), Points::Counter(vec![point(label(), 3), point(Vec::new(), 4)])),
            family("age", Unit::Seconds, Points::Gauge(vec![Point { labels: Vec::new(), value: 1.5 }])),
        ];
        let text =
            |form: TextForm| form.text(Metrics { version: "1.0", began: UNIX_EPOCH, at: UNIX_EPOCH, families: families.clone() });
        let age = "# HELP seeker_sim_age_seconds Help.\n# TYPE seeker_sim_age_seconds gauge\n# UNIT seeker_sim_age_seconds seconds\n\
                   seeker_sim_age_seconds 1.5\n# EOF\n";
        let samples = |info: &str, errors: &str| {
            format!(
                "{info}seeker_sim_run_info{{error=\"a \\\"b\\\" \\\\c\"}} 1\n{errors}\
                 seeker_sim_errors_total{{error=\"a \\\"b\\\" \\\\c\"}} 3\nseeker_sim_errors_total 4\n{age}"
            )
        };
        assert_eq!(
            text(TextForm::OpenMetrics),
            samples(
                "# HELP seeker_sim_run Help.\n# TYPE seeker_sim_run info\n",
                "# HELP seeker_sim_errors Help.\n# TYPE seeker_sim_errors counter\n"
            )
        );
        assert_eq!(
            text(TextForm::Older),
            samples(
                "# HELP seeker_sim_run_info Help.\n# TYPE seeker_sim_run_info gauge\n",
                "# HELP seeker_sim_errors_total Help.\n# TYPE seeker_sim_errors_total counter\n"
            )
        );
    }
}
