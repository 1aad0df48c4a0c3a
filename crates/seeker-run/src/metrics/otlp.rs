//! Encodes metrics as a request of the OpenTelemetry protocol: cumulative sums and histograms with explicit bounds, in protobuf.

mod messages;

use std::time::{SystemTime, UNIX_EPOCH};

use prost::Message;

use messages::{
    AnyValue, CUMULATIVE, Data, ExportMetricsServiceRequest, Gauge, Histogram, HistogramDataPoint, InstrumentationScope,
    KeyValue, Metric, Number, NumberDataPoint, Resource, ResourceMetrics, ScopeMetrics, Sum, Value,
};

use super::buckets::Buckets;
use super::{Family, Label, Metrics, NAMESPACE, Point, Points, Unit};

/// The content type of the body.
pub(crate) const CONTENT_TYPE: &str = "application/x-protobuf";

/// Returns the body of the request that pushes these metrics of a resource with these attributes.
pub(crate) fn body(metrics: &Metrics, resource: &[(String, String)]) -> Vec<u8> {
    let attributes = resource.iter().map(|(key, value)| attribute(key, value)).collect();
    let span = Span { began: nanos(metrics.began), at: nanos(metrics.at) };
    let scope = InstrumentationScope { name: NAMESPACE.to_owned(), version: metrics.version.to_owned() };
    let families = metrics.families.iter().filter_map(|family| span.metric(family)).collect();
    let request = ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(Resource { attributes }),
            scope_metrics: vec![ScopeMetrics { scope: Some(scope), metrics: families }],
        }],
    };
    request.encode_to_vec()
}

/// The time range of the counted values, in nanoseconds since 1970.
struct Span {
    began: u64,
    at: u64,
}

impl Span {
    /// Encodes a family; `None` if it has no value yet.
    fn metric(&self, family: &Family) -> Option<Metric> {
        let (ending, data) = match &family.points {
            Points::Counter(points) => {
                let value = |count: &u64| Number::AsInt(i64::try_from(*count).unwrap_or(i64::MAX));
                let data_points = self.numbers(points, value);
                ("", Data::Sum(Sum { data_points, aggregation_temporality: CUMULATIVE, is_monotonic: true }))
            }
            Points::Gauge(points) => {
                ("", Data::Gauge(Gauge { data_points: self.numbers(points, |value| Number::AsDouble(*value)) }))
            }
            Points::Histogram(points) => {
                let data_points = points.iter().map(|point| self.histogram(point)).collect();
                ("", Data::Histogram(Histogram { data_points, aggregation_temporality: CUMULATIVE }))
            }
            Points::Info(labels) => {
                let point = Point { labels: labels.clone(), value: () };
                ("_info", Data::Gauge(Gauge { data_points: self.numbers(&[point], |()| Number::AsInt(1)) }))
            }
        };
        (!family.is_empty()).then(|| Metric {
            // A dot ends the namespace in OTLP; Prometheus converts it to the underscore of the text format.
            name: format!("{NAMESPACE}.{}{ending}", family.name),
            description: family.help.to_owned(),
            unit: match family.unit {
                Unit::Seconds => "s".to_owned(),
                Unit::Number(of) => format!("{{{of}}}"),
                Unit::None => String::new(),
            },
            data: Some(data),
        })
    }

    fn numbers<V>(&self, points: &[Point<V>], value: impl Fn(&V) -> Number) -> Vec<NumberDataPoint> {
        let numbers = points.iter().map(|point| NumberDataPoint {
            attributes: attributes(&point.labels),
            start_time_unix_nano: self.began,
            time_unix_nano: self.at,
            value: Some(value(&point.value)),
        });
        numbers.collect()
    }

    fn histogram(&self, Point { labels, value }: &Point<Buckets>) -> HistogramDataPoint {
        HistogramDataPoint {
            attributes: attributes(labels),
            start_time_unix_nano: self.began,
            time_unix_nano: self.at,
            count: value.count(),
            sum: Some(value.sum_s()),
            bucket_counts: value.counts().to_vec(),
            explicit_bounds: Buckets::bounds_s().collect(),
        }
    }
}

impl Family {
    fn is_empty(&self) -> bool {
        match &self.points {
            Points::Counter(points) => points.is_empty(),
            Points::Gauge(points) => points.is_empty(),
            Points::Histogram(points) => points.is_empty(),
            Points::Info(_) => false,
        }
    }
}

fn attributes(labels: &[Label]) -> Vec<KeyValue> {
    labels.iter().map(|(key, value)| attribute(key, value)).collect()
}

fn attribute(key: &str, value: &str) -> KeyValue {
    let value = AnyValue { value: Some(Value::StringValue(value.to_owned())) };
    KeyValue { key: key.to_owned(), value: Some(value) }
}

/// Fits until the year 2554.
fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
