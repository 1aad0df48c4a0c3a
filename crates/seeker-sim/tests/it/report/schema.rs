//! Tests of the published schema of the report against the reports of runs.

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::program::Reported;
use crate::service::{Manner, Service, silent_port};

/// Reports of the first version that wrote this format.
pub(crate) const FROZEN: [(&str, &str); 2] =
    [("passed.json", include_str!("frozen/passed.json")), ("unreachable.json", include_str!("frozen/unreachable.json"))];

pub(crate) fn published() -> Validator {
    let schema: Value = serde_json::from_str(include_str!("../../../../../schemas/report/v1/report.schema.json")).unwrap();
    jsonschema::draft202012::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

pub(crate) fn assert_valid(schema: &Validator, report: &Value, what: &str) {
    let faults: Vec<_> = schema.iter_errors(report).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{what}: {faults:?}");
}

/// For all loads, options and outcomes, the report is valid under the published schema.
#[test]
fn reports_are_as_published() {
    let schema = published();
    let refusing = Service::answering("400 Bad Request");
    let silent = Service::start(Manner::KeepsSilent);
    for options in [
        "--rate 100/s --duration 1s --warm-up 200ms --check-sent".to_owned(),
        format!("--target {} --arrivals 20/s --duration 1s", refusing.url()),
        format!("--target {} --seekers 5 --duration 1s --timeout 200ms", silent.url()),
        format!("--target http://127.0.0.1:{} --duration 1s", silent_port()),
    ] {
        let (_, report) = Reported::new().run(&options);
        assert_valid(&schema, &report, &options);
    }
}

/// Reports of the first version that wrote this format stay valid.
#[test]
fn frozen_reports_are_still_valid() {
    let schema = published();
    for (name, text) in FROZEN {
        assert_valid(&schema, &serde_json::from_str(text).unwrap(), name);
    }
}

/// The schema refuses a report with an unknown key at any place, and a report without a required key.
#[test]
fn the_schema_is_closed() {
    let schema = published();
    let (_, report) = Reported::new().run("--rate 100/s --duration 1s --warm-up 200ms");
    assert_valid(&schema, &report, "a run");
    let places =
        ["", "/events", "/warm_up/events", "/latency_ms", "/generator", "/windows/0", "/windows/0/latency_ms", "/receiver"];
    for place in places {
        let mut more = report.clone();
        more.pointer_mut(place).unwrap().as_object_mut().unwrap().insert("new".to_owned(), json!(1));
        assert!(!schema.is_valid(&more), "{place} accepts an unknown key");
    }
    // Keys that were added later. Earlier reports do not have them.
    let later = [
        "started_at",
        "format",
        "capacity",
        "requests",
        "searches",
        "histograms",
        "connections",
        "answered_latency_ms",
        "latency_blocks",
        "run",
        "shard",
        "target_clock",
    ];
    for key in report.as_object().unwrap().keys() {
        let mut less = report.clone();
        less.as_object_mut().unwrap().remove(key);
        assert_eq!(schema.is_valid(&less), later.contains(&key.as_str()), "{key}");
    }
}
