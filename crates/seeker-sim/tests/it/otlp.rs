//! Tests of pushes to an OpenTelemetry collector.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, metric, number_data_point};
use prost::Message;
use serde_json::Value;

use crate::program::{Ended, Reported, assert_sound, count};
use crate::service::{Manner, Request, Service, silent_port};

type Labels = BTreeMap<String, String>;

/// One push.
#[derive(Debug, Default)]
struct Push {
    /// The time of the newest value, in nanoseconds since 1970.
    at: u64,
    resource: Labels,
    /// The counters by name and labels.
    sums: BTreeMap<(String, Labels), u64>,
    /// The number of times in a histogram, by name and labels.
    times: BTreeMap<(String, Labels), u64>,
}

impl Push {
    fn read(request: &Request) -> Self {
        let decoded = ExportMetricsServiceRequest::decode(request.body.as_slice()).unwrap();
        let [of_resource] = decoded.resource_metrics.try_into().unwrap();
        let mut push = Self { resource: labels(of_resource.resource.unwrap().attributes), ..Self::default() };
        let [scope] = of_resource.scope_metrics.try_into().unwrap();
        for metric in scope.metrics {
            assert!(metric.name.starts_with("seeker_sim.") && !metric.description.is_empty(), "{metric:?}");
            match metric.data.unwrap() {
                metric::Data::Sum(sum) => {
                    assert!(sum.is_monotonic && sum.aggregation_temporality == i32::from(AggregationTemporality::Cumulative));
                    for point in sum.data_points {
                        assert!(0 < point.start_time_unix_nano && point.start_time_unix_nano < point.time_unix_nano);
                        push.at = push.at.max(point.time_unix_nano);
                        let Some(number_data_point::Value::AsInt(value)) = point.value else { panic!("{point:?}") };
                        let series = (metric.name.clone(), labels(point.attributes));
                        assert_eq!(push.sums.insert(series, value.try_into().unwrap()), None);
                    }
                }
                metric::Data::Histogram(histogram) => {
                    assert_eq!(histogram.aggregation_temporality, i32::from(AggregationTemporality::Cumulative));
                    assert_eq!(metric.unit, "s");
                    for point in histogram.data_points {
                        assert!(point.explicit_bounds.is_sorted_by(|one, next| one < next), "{point:?}");
                        assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
                        assert_eq!(point.bucket_counts.iter().sum::<u64>(), point.count);
                        let series = (metric.name.clone(), labels(point.attributes));
                        assert_eq!(push.times.insert(series, point.count), None);
                    }
                }
                metric::Data::Gauge(gauge) => assert!(!gauge.data_points.is_empty(), "{}", metric.name),
                other => panic!("{other:?}"),
            }
        }
        push
    }

    /// The sum of a counter over all labels.
    fn sum(&self, name: &str) -> u64 {
        self.sums.iter().filter(|((known, _), _)| known == name).map(|(_, value)| value).sum()
    }

    fn assert_grown_from(&self, before: &Self) {
        for (now, before) in [(&self.sums, &before.sums), (&self.times, &before.times)] {
            for (series, before) in before {
                assert!(now.get(series).is_some_and(|now| now >= before), "{series:?} was {before} and is {:?}", now.get(series));
            }
        }
    }
}

fn labels(attributes: Vec<KeyValue>) -> Labels {
    let labels = attributes.into_iter().map(|KeyValue { key, value, .. }| match value.and_then(|value| value.value) {
        Some(any_value::Value::StringValue(value)) => (key, value),
        other => panic!("{key} is {other:?}"),
    });
    labels.collect()
}

/// Asserts that the final values equal those of the report.
fn assert_is_like(push: &Push, report: &Value) {
    assert_eq!(push.sum("seeker_sim.events") + push.sum("seeker_sim.events_never_begun"), count(report, "events.planned"));
    assert_eq!(push.sum("seeker_sim.requests"), count(report, "requests"));
    assert_eq!(push.sum("seeker_sim.retries"), count(report, "retries.attempts"));
    let warm_up = report["warm_up"].as_object().map_or(0, |warm_up| count(&warm_up["events"], "planned"));
    assert_eq!(push.sum("seeker_sim.warm_up_events"), warm_up);
    for (error, number) in report["errors"].as_object().unwrap() {
        let series = ("seeker_sim.errors".to_owned(), Labels::from([("error".to_owned(), error.clone())]));
        assert_eq!(push.sums.get(&series), number.as_u64().as_ref(), "{error}");
    }
    let by_type = report["by_type"].as_object().unwrap();
    for ((_, labels), value) in push.sums.iter().filter(|((name, _), _)| name == "seeker_sim.events") {
        let of_type = by_type.get(&labels["type"]).map_or(0, |figures| count(figures, &labels["outcome"]));
        assert_eq!(*value, of_type, "{labels:?}");
    }
    assert_eq!(
        push.times.iter().filter(|((name, _), _)| name == "seeker_sim.latency").map(|(_, count)| count).sum::<u64>(),
        answered(report)
    );
    assert_eq!(push.times[&("seeker_sim.service_time".to_owned(), Labels::new())], answered(report));
}

/// The number of answered events, if all failed events were answered too.
fn answered(report: &Value) -> u64 {
    ["acknowledged", "refused", "failed"].map(|fate| count(report, &format!("events.{fate}"))).iter().sum()
}

/// Runs with these options and pushes to a collector that accepts everything. Returns the pushes and the report.
fn pushed(options: &str) -> (Vec<Request>, Value) {
    let (collector, reported) = (Service::answering("200 OK"), Reported::new());
    let mut command = reported.command(&format!("--quiet --otlp {} --otlp-interval 100ms {options}", collector.url()));
    command.env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20key").env("OTEL_RESOURCE_ATTRIBUTES", "team=jobs");
    let ended = Ended::from(command.output().unwrap());
    assert_eq!(ended.stderr, "");
    let mut requests = collector.requests();
    // The end of a run cuts off the push under way. The collector may read it after the last push; values are ordered by their time.
    requests.sort_by_key(|request| Push::read(request).at);
    (requests, reported.report())
}

#[test]
fn pushes_lead_to_the_report() {
    for options in ["", "--batch 10 --batch-wait 20ms"] {
        assert_pushes_lead_to_the_report(options);
    }
}

fn assert_pushes_lead_to_the_report(options: &str) {
    let (requests, report) = pushed(&format!("--duration 1s --rate 200/s {options}"));
    for Request { head, .. } in &requests {
        let lines: Vec<_> = head.lines().map(str::to_ascii_lowercase).collect();
        assert_eq!(lines[0], "post /v1/metrics http/1.1");
        for expected in ["content-type: application/x-protobuf", "api-key: a key"] {
            assert_eq!(lines.iter().filter(|line| *line == expected).count(), 1, "{head}");
        }
    }
    let pushes: Vec<_> = requests.iter().map(Push::read).collect();
    assert!(pushes.len() > 1, "at least one push during the run, and one at its end");
    for pair in pushes.windows(2) {
        pair[1].assert_grown_from(&pair[0]);
        assert_eq!(pair[0].resource, pair[1].resource);
    }
    let last = pushes.last().unwrap();
    assert_eq!((last.resource["service.name"].as_str(), last.resource["team"].as_str()), ("seeker-sim", "jobs"));
    assert_eq!(count(&report, "events.planned"), 200);
    assert_is_like(last, &report);
}

/// The last push has values that are known only at the end: unanswered events, and events that were never sent or begun.
#[test]
fn the_end_is_pushed_for_any_target() {
    let refusing = Service::answering("503 Service Unavailable");
    let silent = Service::start(Manner::KeepsSilent);
    for (target, options) in [
        (&refusing, "--retries 1"),
        (&silent, "--connections 2 --timeout 400ms --drain 100ms"),
        (&silent, "--timeout 400ms --seekers-max 5 --warm-up 500ms"),
    ] {
        let (requests, report) = pushed(&format!("--duration 1s --rate 100/s --target {} {options}", target.url()));
        assert_is_like(&Push::read(requests.last().unwrap()), &report);
    }
}

/// A failing collector is reported once during the run and once at its end, and does not affect the run.
#[test]
fn a_run_does_without_its_collector() {
    let refusing = Service::answering("503 Service Unavailable");
    let silent = format!("http://127.0.0.1:{}", silent_port());
    for (url, expected, advice) in [
        (refusing.url(), "the collector answered 503", "check the log of the collector."),
        (silent, "refused", "is the collector running, and is the URL right?"),
    ] {
        let (ended, report) =
            Reported::new().run(&format!("--quiet --duration 1s --rate 50/s --otlp {url} --otlp-interval 100ms"));
        assert_sound(&ended, &report);
        assert_eq!(count(&report, "events.planned"), 50);
        let [first, last] = ended.stderr.lines().collect::<Vec<_>>().try_into().unwrap_or_else(|lines| panic!("{lines:?}"));
        let begins = |what| format!("seeker-sim: warning: --otlp: {what} could not be pushed to {url}/v1/metrics: ");
        assert!(first.starts_with(&begins("metrics")) && first.contains(expected) && first.contains(advice), "{first}");
        assert!(first.ends_with(" The run continues and pushes again every 100ms"), "{first}");
        assert!(last.starts_with(&begins("the final metrics")) && last.contains(expected), "{last}");
    }
}
