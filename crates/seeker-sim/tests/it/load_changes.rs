//! Tests of changes of the load over HTTP, during a run against the built-in receiver.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::interruption::signal;
use crate::program::{Ended, Reported, assert_sound, count, number, seeker_sim, words};

/// The time limit for a condition, far longer than a run needs.
const WAITING_MAX: Duration = Duration::from_mins(1);

/// A run whose load can be changed.
struct Changeable {
    /// `None` once the run has ended.
    child: Option<Child>,
    addr: String,
}

impl Changeable {
    fn start(reported: &Reported, options: &str) -> Self {
        let mut child = reported.start(&format!("--quiet --metrics 127.0.0.1:0 --allow-load-changes {options}"));
        // Reads one byte at a time, so that the later output stays in the pipe.
        let mut stderr = BufReader::with_capacity(1, child.stderr.as_mut().unwrap());
        let mut lines = [String::new(), String::new()];
        for line in &mut lines {
            assert!(stderr.read_line(line).unwrap() > 0);
        }
        let addr =
            lines[1].strip_prefix("seeker-sim: PATCH http://").and_then(|line| line.strip_suffix("/load changes the load\n"));
        Self { addr: addr.unwrap_or_else(|| panic!("{lines:?}")).to_owned(), child: Some(child) }
    }

    /// Sends a request. Returns the status, the head and the body of the answer.
    fn asked(&self, request: &str, headers: &str, body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(&self.addr).unwrap();
        let host = if headers.contains("Host:") { String::new() } else { format!("Host: {}\r\n", self.addr) };
        write!(stream, "{request} HTTP/1.1\r\n{host}{headers}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_lowercase(), body.to_owned())
    }

    fn change(&self, body: &Value) -> (u16, Value) {
        let (status, _, body) = self.asked("PATCH /load", "Content-Type: application/json\r\n", &body.to_string());
        (status, serde_json::from_str(&body).unwrap())
    }

    fn load(&self) -> Value {
        let (status, _, body) = self.asked("GET /load", "", "");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Waits until the planned load has this value.
    fn until_planned(&self, planned: f64) {
        let began = Instant::now();
        while (number(&self.load(), "planned") - planned).abs() > 1e-9 {
            assert!(began.elapsed() < WAITING_MAX, "{}", self.load());
            thread::yield_now();
        }
    }

    fn end(mut self) -> Ended {
        self.child.take().unwrap().wait_with_output().unwrap().into()
    }

    fn interrupt(self) -> Ended {
        signal(self.child.as_ref().unwrap(), "INT");
        self.end()
    }
}

/// A failed test leaves no run behind.
impl Drop for Changeable {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
        }
    }
}

/// The plan, a pause, a held rate and the plan again. The report has the changes, and all planned figures follow them.
#[test]
fn the_run_follows_the_changes_and_the_report_lists_them() {
    let reported = Reported::new();
    let run = Changeable::start(&reported, "--rate 100/s --duration 8s --seed 5");
    let (status, load) = run.change(&json!({ "factor": 0 }));
    assert_eq!((status, load["kind"].as_str(), number(&load, "duration_s")), (200, Some("rate"), 8.0), "{load}");
    run.until_planned(0.0);
    assert_eq!(run.change(&json!({ "rate": "250/s" })).0, 200);
    run.until_planned(250.0);
    let (_, _, metrics) = run.asked("GET /metrics", "", "");
    assert!(metrics.contains("seeker_sim_planned_load{kind=\"rate\"} 250"), "{metrics}");
    let (_, load) = run.change(&json!({ "factor": 1 }));
    let ended = run.end();
    let report = reported.report();
    assert_sound(&ended, &report);
    assert_eq!(report["load"]["changes"], load["changes"]);
    let changes = report["load"]["changes"].as_array().unwrap();
    let at: Vec<_> = changes.iter().map(|change| number(change, "at_s")).collect();
    let planned: Vec<_> =
        changes.iter().map(|change| [number(change, "planned_before"), number(change, "planned_after")]).collect();
    assert_eq!(planned, [[100.0, 0.0], [0.0, 250.0], [250.0, 100.0]]);
    assert_eq!(
        (number(&changes[0], "factor"), number(&changes[1], "rate"), changes[2]["by"].as_str()),
        (0.0, 250.0, Some("http"))
    );
    let expected = 100.0 * at[0] + 250.0 * (at[2] - at[1]) + 100.0 * (8.0 - at[2]);
    assert!((number(&report, "load.planned") - expected).abs() <= 1.0, "{expected}: {report}");
    let windows = report["windows"].as_array().unwrap();
    assert_eq!(windows.iter().map(|window| count(window, "planned")).sum::<u64>(), count(&report, "events.planned"));
    assert!(
        ended.stdout.contains(&format!("  load changes  at {:.1} s: 100 -> 0/s (plan x 0, by HTTP)\n", at[0])),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("8s:100/s"), "{}", ended.stdout);
    let page: Ended = seeker_sim(&["report", "show", "--output", "html"]).arg(reported.path()).output().unwrap().into();
    assert!(page.stdout.contains("<dt>Load changes</dt>") && page.stdout.contains("load changed"), "{}", page.stderr);
}

#[test]
fn arrivals_and_seekers_change_too() {
    for (load, change, held, planned) in [
        ("--arrivals 20/s", json!({ "arrivals": "60/s" }), "arrivals", 60.0),
        ("--seekers 50", json!({ "seekers": 80 }), "seekers", 80.0),
    ] {
        let reported = Reported::new();
        let run = Changeable::start(&reported, &format!("{load} --duration 1h"));
        assert_eq!(run.change(&change).0, 200);
        run.until_planned(planned);
        let ended = run.interrupt();
        assert_eq!(ended.code, Some(130), "{}", ended.stderr);
        let changes = &reported.report()["load"]["changes"];
        assert_eq!((number(&changes[0], held), changes.as_array().unwrap().len()), (planned, 1));
    }
}

/// Each wrong request has the status that belongs to it and one reason. The load stays as it was.
#[test]
fn wrong_requests_change_nothing() {
    const JSON: &str = "Content-Type: application/json\r\n";
    let reported = Reported::new();
    let run = Changeable::start(&reported, "--rate 100/s --duration 1h");
    let long = format!("{{\"factor\": 1{}}}", " ".repeat(5_000));
    for (request, headers, body, status, reason) in [
        (
            "PATCH /load",
            JSON,
            "",
            400,
            "EOF while parsing a value at line 1 column 0; expected a JSON object such as {\"factor\": 1.2}",
        ),
        ("PATCH /load", JSON, "[1]", 400, "expected a JSON object such as {\"factor\": 1.2}"),
        ("PATCH /load", JSON, "{}", 400, "expected one of factor and rate, such as {\"factor\": 1.2}"),
        ("PATCH /load", JSON, "{\"factor\": 1001}", 400, "factor is 1001; expected 0 to 1000"),
        ("PATCH /load", JSON, "{\"factor\": -1}", 400, "factor is -1; expected 0 to 1000"),
        ("PATCH /load", JSON, "{\"factor\": 1e999}", 400, "number out of range"),
        ("PATCH /load", JSON, "{\"rate\": \"20000000/s\"}", 400, "rate is 20000000; expected 0 to 10000000/s"),
        ("PATCH /load", JSON, "{\"rate\": \"fast\"}", 400, "expected a rate such as 500/s, 30/min or 1/10s"),
        ("PATCH /load", JSON, "{\"seekers\": 5}", 400, "seekers does not apply, because the load of this run is rate"),
        ("PATCH /load", JSON, "{\"speed\": 5}", 400, "unknown field `speed`, expected one of `factor`"),
        ("PATCH /load", JSON, &long, 413, "the body is longer than 4096 bytes"),
        ("PATCH /load", "", "{\"factor\": 2}", 415, "the content type is \"\"; expected application/json"),
        ("PATCH /load", "Content-Type: text/plain\r\n", "{\"factor\": 2}", 415, "the content type is \"text/plain\""),
        (
            "PATCH /load",
            "Content-Type: application/json\r\nOrigin: http://127.0.0.1:8080\r\n",
            "{\"factor\": 2}",
            403,
            "web pages cannot change the load",
        ),
        (
            "PATCH /load",
            "Content-Type: application/json\r\nHost: attacker.example\r\n",
            "{\"factor\": 2}",
            403,
            "the Host header names another machine",
        ),
        ("POST /load", JSON, "{\"factor\": 2}", 405, "the load supports only GET, HEAD and PATCH"),
        ("OPTIONS /load", "Origin: http://attacker.example\r\n", "", 405, "the load supports only GET, HEAD and PATCH"),
    ] {
        let (found, head, answer) = run.asked(request, headers, body);
        assert_eq!(found, status, "{request} {body}: {answer}");
        let error: Value = serde_json::from_str(&answer).unwrap();
        assert!(error["error"].as_str().unwrap().contains(reason), "{request} {body}: {answer}");
        assert!(head.contains("content-type: application/json"), "{head}");
        assert_eq!(head.contains("allow: get, head, patch"), status == 405, "{head}");
    }
    assert_eq!(run.load()["changes"], json!([]));
    assert_eq!(run.asked("HEAD /load", "", "").2, "");
    let with_name = "Host: localhost:1\r\nContent-Type: Application/JSON; charset=utf-8\r\n";
    assert_eq!(run.asked("PATCH /load", with_name, "{\"factor\": 2}").0, 200);
    assert_eq!(run.interrupt().code, Some(130));
}

/// A change needs time to take effect, and the planned end does not move.
#[test]
fn a_change_at_the_end_of_the_load_is_refused() {
    let reported = Reported::new();
    let run = Changeable::start(&reported, "--rate 50/s --duration 1s");
    let (status, answer) = run.change(&json!({ "factor": 2 }));
    assert_eq!((status, answer["error"].as_str()), (409, Some("the load ends before a change can take effect")));
    let ended = run.end();
    let report = reported.report();
    assert_sound(&ended, &report);
    assert_eq!((count(&report, "events.planned"), &report["load"]["changes"]), (50, &Value::Null));
}

/// Without the option, the metrics address does not show or change the load.
#[test]
fn changes_are_off_by_default() {
    let reported = Reported::new();
    let mut child = reported.start("--quiet --metrics 127.0.0.1:0 --rate 100/s --duration 1h");
    let mut line = String::new();
    BufReader::with_capacity(1, child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
    let addr =
        line.trim().strip_prefix("seeker-sim: metrics are at http://").unwrap().strip_suffix("/metrics").unwrap().to_owned();
    let run = Changeable { child: Some(child), addr };
    for request in ["GET /load", "PATCH /load"] {
        let (status, _, body) = run.asked(request, "Content-Type: application/json\r\n", "{\"factor\": 2}");
        assert_eq!(status, 404, "{body}");
        assert!(body.contains("start the run with --allow-load-changes"), "{body}");
    }
    assert_eq!(run.interrupt().code, Some(130));
}

#[test]
fn the_option_needs_an_address_and_a_fixed_plan() {
    for (options, message) in [
        ("--allow-load-changes", "--allow-load-changes requires --metrics"),
        (
            "--metrics 127.0.0.1:0 --allow-load-changes --find-capacity 'latency.p99 < 50ms'",
            "--find-capacity and --allow-load-changes exclude each other",
        ),
    ] {
        let ended: Ended = seeker_sim(&["run"]).args(words(options)).output().unwrap().into();
        assert_eq!(ended.code, Some(2), "{options}: {}", ended.stderr);
        assert!(ended.stderr.contains(message), "{options}: {}", ended.stderr);
    }
}
