//! The rules' own examples, and what is counted.

use client_event::rules::RuleId;

use super::{Folder, event, places};

#[test]
fn each_rules_examples_break_that_rule_or_none() {
    let folder = Folder::new();
    for rule in RuleId::ALL {
        let searches = match rule.rule().searches {
            Some(searches) => {
                folder.write("searches.ndjson", searches);
                " --searches searches.ndjson"
            }
            None => "",
        };
        folder.write("good.ndjson", rule.rule().good);
        let (code, report) = folder.json(&format!("good.ndjson{searches}"));
        assert_eq!((code, places(&report)), (Some(0), Vec::new()), "{rule}");
        folder.write("bad.ndjson", rule.rule().bad);
        let (code, report) = folder.json(&format!("bad.ndjson{searches}"));
        let found = report["findings"].as_array().unwrap();
        assert!(code == Some(1) && !found.is_empty(), "{rule}");
        for finding in found {
            assert_eq!(finding["rule"], rule.code(), "{report}");
            assert_eq!(finding["severity"], rule.rule().severity.name());
            assert!(!finding["message"].as_str().unwrap().is_empty());
        }
        let count = &report["statistics"]["findings"]["by_rule"][rule.code()];
        assert_eq!(count.as_u64(), Some(found.len() as u64));
    }
}

#[test]
fn a_finding_is_at_the_later_event_and_names_the_other() {
    let folder = Folder::new();
    folder.write("a.ndjson", event("e-1", "IMPRESSION", "r-1", "jobs/1", 1_700_000_000_000) + "\n");
    folder.write("b.ndjson", format!("\n{}\n", event("e-2", "APPLICATION_QUICK_SUBMISSION", "r-1", "jobs/1", 1_700_000_001_000)));
    folder.write("c.ndjson", event("e-3", "APPLICATION_START", "r-1", "jobs/1", 1_700_000_002_000));
    let (code, report) = folder.json("a.ndjson b.ndjson c.ndjson");
    assert_eq!(code, Some(1));
    let [place] = &places(&report)[..] else { panic!("{report}") };
    assert!(place.starts_with("quick-submission-excludes-start c.ndjson:1:"), "{place}");
    assert!(place.ends_with(" <- b.ndjson:2"), "{place}");
}

#[test]
fn everything_is_counted() {
    let folder = Folder::new();
    let view = event("e-2", "VIEW", "r-1", "jobs/1", 1_700_000_001_000);
    let impression = event("e-1", "IMPRESSION", "r-1", "jobs/1", 1_700_000_000_000);
    let text = format!("{impression}\n\nnot JSON\n{view}\n{view}\n   \r\n");
    folder.write("events.ndjson", &text);
    let (code, report) = folder.json("events.ndjson");
    let statistics = &report["statistics"];
    assert_eq!(code, Some(1));
    for (name, count) in [
        ("files", 1),
        ("files_failed", 0),
        ("lines", 6),
        ("bytes", text.len() as u64),
        ("events", 3),
        ("unreadable", 1),
        ("requests", 1),
        ("retries", 1),
        ("closed", 0),
        ("late", 0),
        ("searches", 0),
    ] {
        assert_eq!(statistics[name].as_u64(), Some(count), "{name}: {statistics}");
    }
    assert_eq!(statistics["findings"]["errors"], 1);
    let table = folder.check("events.ndjson --statistics").stdout;
    for row in ["retries 1", "unreadable 1", "F1 message-form 1", "D4 quick-submission-excludes-start 0"] {
        let row: Vec<_> = row.split(' ').collect();
        assert!(table.lines().any(|line| line.split_whitespace().collect::<Vec<_>>() == row), "{row:?}: {table}");
    }
}

#[test]
fn searches_are_held_against_events() {
    let folder = Folder::new();
    let impression = event("e-1", "IMPRESSION", "r-1", "jobs/1", 1_700_000_000_000);
    let unknown = event("e-2", "IMPRESSION", "r-2", "jobs/1", 1_700_000_001_000);
    let other_job = event("e-3", "IMPRESSION", "r-3", "jobs/9", 1_700_000_002_000);
    folder.write("events.ndjson", format!("{impression}\n{unknown}\n{other_job}\n"));
    let searches = r#"[{"requestId": "r-1", "jobs": ["jobs/1"]},
        {"requestId": "r-3", "jobs": ["jobs/3"]},
        {"requestId": "r-4", "jobs": ["jobs/4"]}, {"jobs": 4}]"#;
    folder.write("searches.json", zstd::encode_all(searches.as_bytes(), 1).unwrap());
    let (code, report) = folder.json("events.ndjson --searches searches.json");
    assert_eq!(code, Some(1));
    let places = places(&report);
    let expected = [
        "request-id-from-search events.ndjson:2:",
        "consistent-with-searches events.ndjson:3:",
        "consistent-with-searches searches.json:3:",
        "message-form searches.json:3:",
    ];
    for (place, expected) in places.iter().zip(expected) {
        assert!(place.starts_with(expected), "{places:#?}");
    }
    assert_eq!((&report["statistics"]["searches"], &report["statistics"]["searches_unreadable"]), (&3.into(), &1.into()));
}

#[test]
fn a_short_window_closes_requests_and_counts_what_comes_late() {
    let folder = Folder::new();
    let lines = [
        event("e-1", "IMPRESSION", "r-1", "jobs/1", 1_700_000_000_000),
        event("e-2", "IMPRESSION", "r-2", "jobs/1", 1_700_100_000_000),
        event("e-3", "VIEW", "r-1", "jobs/1", 1_700_100_000_000),
    ];
    folder.write("events.ndjson", lines.join("\n"));
    let (code, report) = folder.json("events.ndjson --window 1h");
    assert_eq!(
        (code, &report["statistics"]["closed"], &report["statistics"]["late"]),
        (Some(0), &1.into(), &1.into()),
        "{report}"
    );
    for window in ["none", "90d"] {
        let (_, report) = folder.json(&format!("events.ndjson --window {window}"));
        assert_eq!((&report["statistics"]["closed"], &report["statistics"]["late"]), (&0.into(), &0.into()));
    }
}
