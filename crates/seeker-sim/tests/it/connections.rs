//! Tests of the connection figures: the number of connections, the time to open them, and the time to the first byte of a response.

use std::net::TcpListener;
use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};

use crate::program::{Ended, Reported, assert_sound, count, ended, number};
use crate::service::{Manner, Service};
use crate::service_http2::{Http2Manner, Http2Service};

const LOAD: &str = "--duration 1s --rate 50/s --connections 8";

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// The last response on its connection.
const LAST: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

fn run_over_tls(port: u16, certificate: &str, options: &str) -> (Ended, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    fs::write(&path, certificate).unwrap();
    Reported::new().run(&format!("--target https://localhost:{port} --ca {} {options}", path.display()))
}

/// Runs once. The target cannot be reached a second time.
fn run_once(options: &str) -> (Ended, Value) {
    let reported = Reported::new();
    let ended = reported.command(options).output().unwrap().into();
    (ended, reported.report())
}

/// The line of the summary about connections.
fn line(ended: &Ended) -> &str {
    ended.stdout.lines().find(|line| line.starts_with("  connections ")).unwrap_or_else(|| panic!("{}", ended.stdout))
}

/// For both versions of HTTP, with and without TLS: every opened connection has its times, and the first byte of each response comes before
/// the last.
#[test]
fn connections_have_their_times() {
    let plain = Service::start(Manner::Answers(OK.to_vec()));
    let (tls, certificate) = Service::start_tls(Manner::Answers(OK.to_vec()), "localhost");
    let plain_http2 = Http2Service::start(Http2Manner::Answers);
    let (tls_http2, certificate_http2) = Http2Service::start_tls(Http2Manner::Answers);
    for (name, has_tls, (ended, report)) in [
        ("plain", false, Reported::new().run_against(&plain, LOAD)),
        ("TLS", true, run_over_tls(tls.addr.port(), &certificate, LOAD)),
        ("HTTP/2", false, Reported::new().run(&format!("--target {} {LOAD} --http2", plain_http2.url()))),
        ("HTTP/2 over TLS", true, run_over_tls(tls_http2.addr.port(), &certificate_http2, &format!("{LOAD} --http2"))),
    ] {
        assert_eq!(count(&report, "events.acknowledged"), 50, "{name}: {}", ended.stdout);
        let connections = &report["connections"];
        let opened = count(connections, "opened");
        assert!((1..=8).contains(&opened) && connections["failed"] == 0, "{name}: {connections}");
        assert!(number(connections, "connect_ms.max") > 0.0, "{name}: {connections}");
        assert_eq!(
            connections["tls_handshake_ms"]["max"].as_f64().is_some_and(|max| max > 0.0),
            has_tls,
            "{name}: {connections}"
        );
        assert_eq!(connections["tls_handshake_ms"]["p50"].is_null(), !has_tls, "{name}: {connections}");
        assert_eq!(report["histograms"].get("tls_handshake_time").is_some(), has_tls, "{name}");
        for quantile in ["p50", "p99", "max"] {
            let [first, last] =
                [&report["connections"]["first_byte_ms"], &report["service_time_ms"]].map(|times| number(times, quantile));
            assert!(0.0 < first && first <= last, "{name}, {quantile}: {first} {last}");
        }
        let line = line(&ended);
        assert!(line.starts_with(&format!("  connections   {opened} opened, 0 failed; connect p50 ")), "{line}");
        assert!(line.contains(", first byte p50 ") && line.contains(", TLS p50 ") == has_tls, "{line}");
    }
}

/// A slow handshake counts as connection time. No request is in flight meanwhile, and the responses themselves are fast.
#[test]
fn slow_handshakes_and_slow_answers_are_measured_separately() {
    let (service, certificate) = Service::start_slow_tls(Manner::AnswersAndCloses(LAST.to_vec()), |_| Duration::from_millis(150));
    let (ended, report) = run_over_tls(service.addr.port(), &certificate, "--duration 2s --rate 50/s --speed 1 --connections 64");
    assert_eq!(count(&report, "events.acknowledged"), 100, "{}", ended.stdout);
    // Each event needs a new connection, because none is reusable.
    assert_eq!(report["connections"]["opened"], 100);
    let p50 = |times: &str| number(&report, &format!("{times}.p50"));
    assert!(p50("connections.tls_handshake_ms") >= 149.0, "{report}");
    assert!(p50("latency_ms") >= 149.0, "{report}");
    assert!(p50("connections.first_byte_ms") < 149.0 && p50("service_time_ms") < 149.0, "{report}");
    // 50 connections a second that take 150 ms each are 7.5 connections that open at the same time.
    assert!(number(&report, "generator.in_flight_mean") < 5.0, "{report}");
}

#[test]
fn refused_connections_are_counted() {
    // The first connection is the check before the run.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}", listener.local_addr().unwrap());
    let first = thread::spawn(move || listener.accept().map(drop));
    let (ended, report) = run_once(&format!("--target {target} {LOAD} --speed 0.01"));
    first.join().unwrap().unwrap();
    assert_eq!(count(&report, "events.failed"), 50, "{}", ended.stdout);
    let [opened, failed] = ["connections.opened", "connections.failed"].map(|place| count(&report, place));
    // One connection may open just before the target goes away. Its event is lost.
    assert!(failed > 0 && opened + failed == 50, "{}", ended.stdout);
}

#[test]
fn connections_that_take_too_long_are_counted() {
    let handshake = |connection| if connection == 0 { Duration::ZERO } else { Duration::from_mins(5) };
    let (service, _) = Service::start_slow_tls(Manner::KeepsSilent, handshake);
    let options = "--duration 1s --rate 20/s --speed 0.01 --timeout 200ms --connections 20 --drain 10s --insecure";
    let (ended, report) = run_once(&format!("--target https://{} {options}", service.addr));
    assert_eq!(count(&report, "events.failed"), 20, "{}", ended.stdout);
    assert_eq!((count(&report, "connections.opened"), count(&report, "connections.failed")), (0, 20), "{}", ended.stdout);
    assert_eq!(report["errors"], json!({"no connection within 200ms": 20}));
}

/// A merged report has the sum of all connections and the exact percentiles over all of them.
#[test]
fn connections_are_merged() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(Manner::Answers(OK.to_vec()));
    let mut opened = 0;
    let mut slowest: f64 = 0.0;
    let names = ["a.json", "b.json"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    for (seed, name) in names.iter().enumerate() {
        let (_, report) = Reported::new().run_against(&service, &format!("{LOAD} --seed {seed}"));
        opened += count(&report, "connections.opened");
        slowest = slowest.max(number(&report, "connections.first_byte_ms.max"));
        fs::write(name, report.to_string()).unwrap();
    }
    let both = folder.path().join("both.json");
    let told = ended(&["report", "merge", &names[0], &names[1], "--report", both.to_str().unwrap()]);
    let merged: Value = serde_json::from_slice(&fs::read(both).unwrap()).unwrap();
    assert!(line(&told).starts_with(&format!("  connections   {opened} opened, 0 failed; ")), "{}", told.stdout);
    assert_eq!(merged["connections"]["opened"], opened);
    assert_eq!(merged["connections"]["first_byte_ms"]["max"], json!(slowest));
}

/// Without HTTP, the report has no connections.
#[test]
fn lines_have_no_connections() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("events.ndjson");
    let (ended, report) = Reported::new().run(&format!("--target file:{} --duration 1s --rate 50/s", target.display()));
    assert!(report.get("connections").is_none() && !ended.stdout.contains("  connections "), "{}", ended.stdout);
}

/// Each request has its own connection, whether the target closes the connection or keeps it open.
#[test]
fn without_keep_alive_each_request_opens_a_connection() {
    const OPEN: &str = "HTTP/1.1 204 No Content\r\n\r\n";
    const CLOSED: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    for (manner, scheme) in [
        (Manner::Answers(OPEN.into()), "http"),
        (Manner::AnswersAndCloses(CLOSED.into()), "http"),
        (Manner::Answers(OPEN.into()), "https"),
    ] {
        let service = if scheme == "https" { Service::start_tls(manner, "localhost").0 } else { Service::start(manner) };
        let insecure = if scheme == "https" { "--insecure" } else { "" };
        let options = format!("--target {scheme}://{} --no-keep-alive --rate 50/s --duration 1s {insecure}", service.addr);
        let (ended, report) = Reported::new().run(&options);
        assert_sound(&ended, &report);
        assert_eq!(count(&report, "events.acknowledged"), 50, "{}", ended.stdout);
        assert_eq!(count(&report, "connections.opened"), 50, "{}", ended.stdout);
        let requests = service.requests();
        assert!(requests.iter().all(|request| request.head.contains("\r\nConnection: close\r\n")), "{}", requests[0].head);
        // The check before the run opens a connection without a request.
        for _ in 0..50 {
            let ending = service.next_ending();
            assert!(ending.requests <= 1, "{ending:?}");
        }
    }
}
