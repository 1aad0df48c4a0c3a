//! The command `stats`: figures of a generated stream, in any form, and inputs that cannot be read.

use std::fs;

use serde_json::Value;

use crate::program::ended;

#[test]
fn a_generated_stream_is_measured_in_any_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut figures = Vec::new();
    for (name, form) in [("a.ndjson", "message"), ("b.ndjson.zst", "v3")] {
        let events = path(name);
        let made = ended(&["generate", "--seekers", "3000", "--days", "14", "--out", &events, "--format", form]);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let measured = ended(&["stats", &events, "--output", "json"]);
        assert_eq!(measured.code, Some(0), "{}", measured.stderr);
        figures.push(serde_json::from_str::<Value>(&measured.stdout).unwrap());
    }
    assert_eq!(figures[0], figures[1]);
    assert_eq!(figures[0]["by_type"].as_object().unwrap().len(), 15);
    assert_eq!(figures[0]["rows"].as_array().unwrap().len(), 10);
    for (row, verdict) in [(0, "met"), (3, "met"), (9, "too_few_cases")] {
        assert_eq!(figures[0]["rows"][row]["verdict"], verdict, "{}", figures[0]["rows"][row]);
    }
    let text = ended(&["stats", &path("a.ndjson")]);
    assert!(text.stdout.contains("V1   BOOKMARK per VIEW (OLX Jobs 2020, XING 2016): met"), "{}", text.stdout);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let event = r#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#;
    fs::write(path("events"), format!("{event}\nno event\n")).unwrap();
    let measured = ended(&["stats", &path("missing"), &path("events"), "--output", "json"]);
    assert_eq!(measured.code, Some(2));
    assert!(measured.stderr.contains("missing: it cannot be opened"), "{}", measured.stderr);
    let figures: Value = serde_json::from_str(&measured.stdout).unwrap();
    assert_eq!((&figures["events"], &figures["unreadable"]), (&1.into(), &1.into()));
    fs::write(path("empty"), "").unwrap();
    let empty = ended(&["stats", &path("empty")]);
    assert_eq!(empty.code, Some(2));
    assert!(empty.stderr.contains("there is no event"), "{}", empty.stderr);
}
