//! Tests of the Prometheus endpoint during a run.

#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Child;

use crate::interruption::signal;
use crate::program::{Ended, Reported, assert_sound, count, number};
use crate::service::Service;

/// The preferred format of Prometheus.
const OPEN_METRICS: &str = "application/openmetrics-text;version=1.0.0";

/// A run with a metrics endpoint, and the address of the endpoint.
struct Scraped {
    child: Child,
    addr: String,
}

impl Scraped {
    /// Starts a run with a free port, which the run prints even with `--quiet`.
    fn start(reported: &Reported, options: &str) -> Self {
        let mut child = reported.start(&format!("--quiet --metrics 127.0.0.1:0 {options}"));
        let mut line = String::new();
        // Reads one byte at a time, so that the later output stays in the pipe.
        BufReader::with_capacity(1, child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        let addr = line.trim().strip_prefix("seeker-sim: metrics are at http://").and_then(|url| url.strip_suffix("/metrics"));
        Self { addr: addr.unwrap_or_else(|| panic!("{line:?}")).to_owned(), child }
    }

    /// Returns the head and the body of a response for this `Accept` header.
    fn asked(&self, request: &str, accept: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.addr).unwrap();
        write!(stream, "{request} HTTP/1.1\r\nHost: {}\r\nAccept: {accept}\r\n\r\n", self.addr).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    fn scrape(&self) -> Samples {
        let (head, body) = self.asked("GET /metrics", OPEN_METRICS);
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        Samples::read(&body)
    }

    /// Ends the run with a signal.
    fn interrupt(self) -> Ended {
        signal(&self.child, "INT");
        self.child.wait_with_output().unwrap().into()
    }
}

/// The values of a scrape by name and labels, and the type of each family.
#[derive(Default)]
struct Samples {
    values: BTreeMap<(String, BTreeMap<String, String>), f64>,
    types: BTreeMap<String, String>,
}

impl Samples {
    /// Parses the text. Fails on a line that it does not understand.
    fn read(text: &str) -> Self {
        let mut samples = Self::default();
        let lines = text.strip_suffix("# EOF\n").unwrap_or_else(|| panic!("there is no end mark: {text}")).lines();
        for line in lines {
            if let Some(comment) = line.strip_prefix("# ") {
                let mut words = comment.splitn(3, ' ');
                let (kind, name, rest) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
                assert!(name.starts_with("seeker_sim_") && !rest.is_empty(), "{line}");
                if kind == "TYPE" {
                    assert_eq!(samples.types.insert(name.to_owned(), rest.to_owned()), None, "{line}");
                }
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap();
            let (name, labels) = match series.split_once('{') {
                Some((name, labels)) => (name, labels.strip_suffix('}').unwrap()),
                None => (series, ""),
            };
            let labels = labels.split_terminator("\",").map(|label| {
                let (key, value) = label.split_once("=\"").unwrap();
                (key.to_owned(), value.trim_end_matches('"').to_owned())
            });
            let series = (name.to_owned(), labels.collect());
            assert_eq!(samples.values.insert(series, value.parse().unwrap()), None, "duplicate line {line}");
        }
        samples
    }

    /// The sum of all values with this name and these labels.
    fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let wanted = |known: &BTreeMap<String, String>| {
            labels.iter().all(|(key, value)| known.get(*key).is_some_and(|known| known == value))
        };
        let found: Vec<_> =
            self.values.iter().filter(|((known, with), _)| known == name && wanted(with)).map(|(_, value)| value).collect();
        assert!(!found.is_empty(), "{name} {labels:?} is missing");
        found.into_iter().sum()
    }

    /// Like [`Samples::sum`], for a counter.
    fn count(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        self.sum(name, labels).to_string().parse().unwrap()
    }

    /// The bounds of a histogram, and the number of values up to each bound, over all series.
    fn buckets(&self, name: &str) -> Vec<(f64, f64)> {
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for ((_, labels), value) in self.values.iter().filter(|((known, _), _)| *known == format!("{name}_bucket")) {
            let bound = labels["le"].parse().unwrap();
            match buckets.iter_mut().find(|(known, _)| known.total_cmp(&bound).is_eq()) {
                Some((_, sum)) => *sum += value,
                None => buckets.push((bound, *value)),
            }
        }
        buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
        buckets
    }

    /// Asserts that no counter has decreased or disappeared.
    fn assert_grown_from(&self, before: &Self) {
        for (series, before) in &before.values {
            let (family, ending) = series.0.rsplit_once('_').unwrap();
            let counts = ["total", "bucket", "count", "sum"].contains(&ending) && self.types.contains_key(family);
            let now = self.values.get(series).unwrap_or_else(|| panic!("{series:?} is gone"));
            assert!(!counts || now >= before, "{series:?} was {before} and is {now}");
        }
    }
}

/// Scraped counters only grow, and the last values equal those of the report.
#[test]
fn scrapes_lead_to_the_report() {
    let reported = Reported::new();
    let run = Scraped::start(&reported, "--seed 7 --stage 1s:200/s --stage 1h:0/s");
    let mut last = Samples::default();
    loop {
        let scraped = run.scrape();
        scraped.assert_grown_from(&last);
        last = scraped;
        if last.count("seeker_sim_events_total", &[]) >= 200 {
            break;
        }
    }
    let ended = run.interrupt();
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    let report = reported.report();
    for name in ["seeker_sim_events_total", "seeker_sim_events_begun_total", "seeker_sim_events_sent_total"] {
        assert_eq!(last.count(name, &[]), count(&report, "events.planned"), "{name}");
    }
    assert_eq!(last.count("seeker_sim_events_in_flight", &[]), 0);
    for (event_type, figures) in report["by_type"].as_object().unwrap() {
        for outcome in ["acknowledged", "refused", "failed", "unknown"] {
            let scraped = last.count("seeker_sim_events_total", &[("type", event_type), ("outcome", outcome)]);
            assert_eq!(scraped, count(figures, outcome), "{event_type} {outcome}");
        }
        let answered = last.count("seeker_sim_latency_seconds_count", &[("type", event_type)]);
        assert_eq!(answered, count(figures, "acknowledged"), "{event_type}");
    }
    assert_eq!(last.count("seeker_sim_run_info", &[("seed", "7"), ("load", "1s:200/s 1h:0/s")]), 1);
    for (name, of_report) in [("latency", "latency_ms"), ("service_time", "service_time_ms"), ("schedule_lag", "schedule_lag_ms")]
    {
        assert_histogram_is_like(&last, &format!("seeker_sim_{name}_seconds"), &report[of_report]);
    }
}

/// Asserts that a histogram is valid, and that each percentile of the report lies in the bucket that reaches it.
fn assert_histogram_is_like(scraped: &Samples, name: &str, percentiles: &serde_json::Value) {
    let (buckets, all) = (scraped.buckets(name), scraped.sum(&format!("{name}_count"), &[]));
    assert_eq!((buckets.len(), all), (21, 200.0), "{name}");
    assert!(buckets.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1), "{name}: {buckets:?}");
    assert_eq!(buckets.last(), Some(&(f64::INFINITY, all)), "{name}");
    for (percentile, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99)] {
        let (time_s, reached) = (number(percentiles, percentile) / 1000.0, (share * all).ceil());
        for (bound, up_to) in &buckets {
            // Times are exact to a thousandth.
            assert!(*bound < time_s || *up_to >= reached, "{name} {percentile} {time_s}: {buckets:?}");
            assert!(*bound >= time_s * 0.999 || *up_to < reached, "{name} {percentile} {time_s}: {buckets:?}");
        }
    }
}

#[test]
fn there_are_metrics_and_nothing_else() {
    let reported = Reported::new();
    let service = Service::answering("200 OK");
    let run = Scraped::start(&reported, &format!("--target '{}/events?key=secret' --duration 1h --rate 1/s", service.url()));
    let mut body = String::new();
    for (accept, content_type, info) in [
        ("*/*", "text/plain; version=0.0.4; charset=utf-8", "# TYPE seeker_sim_run_info gauge\n"),
        (OPEN_METRICS, "application/openmetrics-text; version=1.0.0; charset=utf-8", "# TYPE seeker_sim_run info\n"),
    ] {
        let head;
        (head, body) = run.asked("GET /metrics", accept);
        let is_said = |line: &str| line.eq_ignore_ascii_case(&format!("content-type: {content_type}"));
        assert!(head.lines().any(is_said) && body.contains(info), "{head}");
    }
    assert!(body.contains(&format!("target=\"{}/events\"", service.url())) && !body.contains("secret"), "{body}");
    let (head, body) = run.asked("HEAD /metrics", "*/*");
    assert!(head.starts_with("HTTP/1.1 200 ") && body.is_empty(), "{head} {body}");
    for (request, status, expected) in [
        ("GET /", "404", "metrics are at /metrics"),
        ("GET /metrics/", "404", "metrics are at /metrics"),
        ("GET /%6Detrics", "200", "seeker_sim_run_info"),
        ("DELETE /metrics", "405", "only GET and HEAD"),
    ] {
        let (head, body) = run.asked(request, "*/*");
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")) && body.contains(expected), "{request}: {head} {body}");
    }
    assert_eq!(run.interrupt().code, Some(130));
}

#[test]
fn an_address_in_use_is_reported_before_the_start() {
    let (taken, service) = (TcpListener::bind("127.0.0.1:0").unwrap(), Service::answering("200 OK"));
    let addr = taken.local_addr().unwrap();
    let reported = Reported::new();
    let output = reported.command(&format!("--duration 1h --target {} --metrics {addr}", service.url())).output().unwrap();
    let ended = Ended::from(output);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    let expected = format!(
        "seeker-sim: --metrics: {addr} is in use; stop the program that listens there, or choose another port (0 selects a free port)\n"
    );
    assert_eq!(ended.stderr, expected);
    assert!(service.requests().is_empty() && !reported.path().exists());
}

#[test]
fn a_quiet_run_does_not_print_the_requested_address() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = format!("--quiet --duration 1s --rate 50/s --metrics {free}");
    let (ended, report) = Reported::new().run(&options);
    assert_sound(&ended, &report);
    assert_eq!(ended.stderr, "");
}
