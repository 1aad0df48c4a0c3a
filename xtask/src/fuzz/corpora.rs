//! The initial inputs of fuzzing: test vectors, examples of rules, scenarios, a report, and typical answers of targets.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use client_event::ClientEvent;
use client_event::api_versions::{PublishBody, PubsubMessage, v3, v4};
use client_event::rules::RuleId;
use scenario::{BUILT_IN, Scenario, shown, template};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Frames of an HTTP/2 server after its settings: a response, one with a body and trailers, a PING, a closing server.
const HTTP2_FRAMES: [&[u8]; 4] = [
    b"\x00\x00\x01\x01\x05\x00\x00\x00\x01\x88",
    b"\x00\x00\x01\x01\x04\x00\x00\x00\x03\x88\x00\x00\x02\x00\x00\x00\x00\x00\x03{}\x00\x00\x05\x01\x05\x00\x00\x00\x03\x00\x01a\x01b",
    b"\x00\x00\x08\x06\x00\x00\x00\x00\x0012345678\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x01\x00",
    b"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01\x01\x05\x00\x00\x00\x01\x88",
];

const RESPONSES: [&[u8]; 6] = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Service Unavailable\r\nRetry-After: 3\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nWiki\r\n0\r\nTrailer: 1\r\n\r\n",
    b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200",
];

const BATCH_ANSWERS: [&str; 5] = [
    "",
    "{}",
    r#"{"acknowledged": 98, "failedRequests": {"3": {"code": 3, "message": "eventId: is empty"}, "7": {"code": 6}}}"#,
    r#"{"messageIds": ["1", "2", "3"]}"#,
    r#"{"failed_requests": {"0": {"code": "INTERNAL", "details": [{"@type": "x"}]}}, "error": null}"#,
];

const SEARCH_ANSWERS: [&str; 4] = [
    r#"{"matchingJobs":[{"job":{"name":"projects/p/tenants/t/jobs/1","title":"x"}},{"job":{"name":"jobs/2"}}],"metadata":{"requestId":"r"}}"#,
    r#"{"metadata":{"requestId":"r"}}"#,
    r#"{"matching_jobs":null,"metadata":{"request_id":"r\u002d1"},"totalSize":3,"nextPageToken":"n"}"#,
    r#"{"matchingJobs":[{"job":{"name":""}}],"metadata":{"requestId":""}}"#,
];

const THRESHOLDS: [&str; 7] = [
    "latency.p99 < 50ms",
    "VIEW.latency.p99.9 <= 1.5s",
    "latency.p99 < 80ms over 10s",
    "acknowledged_ratio >= 99%",
    "refused == 0",
    "rate > 100/s",
    "schedule_lag.stddev < 3us",
];

const STAGES: [&str; 8] = [
    "30s:0->2000/s",
    "1m:2000/s",
    "2m:sine 200..1000/s every 30s",
    "30s:0->50 arrivals/s",
    "30s:0->1000 seekers",
    "500/s",
    "1h30m:10/s\n20s:10->0/s",
    "30s:100/min",
];

const DURATIONS: [&str; 10] =
    ["500ms", "1h30m", "90d", "none", "36h", "D4=warning", "Europe/Berlin", "5%", "2/4", "latency.p99 < 1s"];

/// A file of test vectors.
#[derive(Deserialize)]
struct Group<'a> {
    #[serde(borrow)]
    tests: Vec<Vector<'a>>,
}

#[derive(Deserialize)]
struct Vector<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

/// Writes the corpora below a folder and returns the number of files.
pub(super) fn write(folder: &Path, schemas: &Path) -> Result<usize> {
    let messages = messages(schemas)?;
    let parsed: Vec<_> = messages.iter().filter_map(|json| ClientEvent::from_json(json).ok()).collect();
    let streams: Vec<_> = RuleId::ALL.into_iter().map(RuleId::rule).flat_map(|rule| [rule.good, rule.bad]).collect();
    let searches = RuleId::ALL.into_iter().filter_map(|id| id.rule().searches);
    let other_versions: Vec<_> = parsed.iter().flat_map(in_other_versions).collect();
    let arrays = streams.iter().map(|stream| format!("[{}]", stream.trim().replace('\n', ",\n")));
    let check: Vec<Vec<u8>> = (streams.iter().map(|stream| (*stream).to_owned()))
        .chain(arrays.clone())
        .chain(searches.map(str::to_owned))
        .map(String::into_bytes)
        .chain(other_versions.iter().cloned())
        .enumerate()
        // The last byte selects how the file is compressed and read.
        .map(|(number, text)| [&text[..], &[number.to_le_bytes()[0].wrapping_mul(7)]].concat())
        .collect();
    let bodies = messages.iter().cloned().chain(streams.iter().map(|stream| stream.as_bytes().to_vec()));
    let bodies: Vec<_> = bodies.chain(arrays.map(String::into_bytes)).collect();
    let scenarios =
        [template(), shown(&Scenario::default())].into_iter().chain(BUILT_IN.iter().map(|ready| ready.text.to_owned()));
    let with = |inputs: &[&[u8]], last: &[u8]| inputs.iter().map(|input| [input, last].concat()).collect::<Vec<_>>();
    let texts = |inputs: &[&str]| inputs.iter().map(|input| input.as_bytes().to_vec()).collect::<Vec<_>>();
    let corpora = [
        ("message", messages),
        ("api_versions", other_versions),
        ("check", check),
        ("receiver", bodies),
        ("scenario", scenarios.map(String::into_bytes).collect()),
        ("report", vec![report(folder)?]),
        ("response", with(&RESPONSES, &[40, 90, 140, 200])),
        ("http2", with(&HTTP2_FRAMES, &[40, 90, 140, 200])),
        ("batch_answer", with(&BATCH_ANSWERS.map(str::as_bytes), &[100])),
        ("search_answer", texts(&SEARCH_ANSWERS)),
        ("threshold", texts(&THRESHOLDS)),
        ("stage", texts(&STAGES)),
        ("duration", texts(&DURATIONS)),
    ];
    let mut written = 0;
    for (target, inputs) in corpora {
        let folder = folder.join(target);
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        for (number, input) in inputs.iter().enumerate() {
            let path = folder.join(format!("seed-{number:04}"));
            fs::write(&path, input).with_context(|| format!("write {}", path.display()))?;
            written += 1;
        }
    }
    Ok(written)
}

/// The documents of all test vectors, each once.
fn messages(schemas: &Path) -> Result<Vec<Vec<u8>>> {
    let tests = schemas.join("client-event/v1/tests/accept");
    let mut messages = Vec::new();
    for folder in [tests.clone(), tests.join("optional")] {
        let files = fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))?;
        for file in files {
            let path = file?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
            let groups: Vec<Group<'_>> =
                serde_json::from_str(&text).with_context(|| format!("{} is not a file of vectors", path.display()))?;
            let vectors = groups.iter().flat_map(|group| &group.tests);
            messages.extend(vectors.map(|vector| vector.data.get().as_bytes().to_vec()));
        }
    }
    messages.sort();
    messages.dedup();
    Ok(messages)
}

/// A message as an event of API versions 3 and 4, and in a body for Pub/Sub.
fn in_other_versions(message: &ClientEvent) -> Vec<Vec<u8>> {
    let mut bodies = vec![Vec::new(); 4];
    if let Ok(event) = v3::ClientEvent::from_message(message) {
        event.value.write_json(&mut bodies[0]);
        event.value.write_request(&mut bodies[1]);
    }
    if let Ok(event) = v4::ClientEvent::from_message(message) {
        event.value.write_json(&mut bodies[2]);
    }
    PublishBody { messages: vec![PubsubMessage::from(message)] }.write_json(&mut bodies[3]);
    bodies.retain(|body| !body.is_empty());
    bodies
}

/// A report of a short run.
fn report(folder: &Path) -> Result<Vec<u8>> {
    let path = folder.join("run.json");
    fs::create_dir_all(folder)?;
    let mut run = Command::new(env!("CARGO"));
    run.args(["run", "--quiet", "-p", "seeker-sim", "--", "run", "--duration", "1s", "--rate", "20/s", "--quiet", "--report"]);
    // The fuzz targets only need a report, so a noisy machine does not matter.
    run.arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    let report = fs::read(&path);
    ensure!(report.is_ok(), "`seeker-sim run` wrote no report to {}", path.display());
    Ok(report?)
}
