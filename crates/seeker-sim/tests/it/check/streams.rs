//! Tests of streams: the rules' own examples, and the counts.

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
fn a_short_window_closes_requests_and_counts_late_events() {
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

/// An event without required fields still counts as an event. It takes part in every rule that does not need these fields, whether or not
/// the missing fields are reported.
#[test]
fn an_event_that_lacks_fields_is_judged_in_the_others() {
    let folder = Folder::new();
    let impression = event("e-1", "IMPRESSION", "r-1", "jobs/1", 1_700_000_000_000);
    let view = event("e-2", "VIEW", "r-1", "jobs/1", 1_700_000_001_000);
    let without = |event: &str, field: &str| {
        let mut event: serde_json::Value = serde_json::from_str(event).unwrap();
        event.as_object_mut().unwrap().remove(field);
        event.to_string()
    };
    // The IMPRESSION lacks a field, but its jobs still count as shown.
    for field in ["eventId", "eventTimestampMillis"] {
        folder.write("events.ndjson", format!("{}\n{view}\n", without(&impression, field)));
        let (code, report) = folder.json("events.ndjson --severity required-fields=off");
        assert_eq!((code, places(&report)), (Some(0), vec![]), "{field}");
        assert_eq!((&report["statistics"]["events"], &report["statistics"]["unreadable"]), (&2.into(), &0.into()));
        let (code, report) = folder.json("events.ndjson");
        assert_eq!((code, places(&report)), (Some(1), vec!["required-fields events.ndjson:1:1".to_owned()]), "{field}");
    }
    // Missing fields do not exempt an event from other rules.
    let lone = |event: String| {
        folder.write("events.ndjson", event);
        places(&folder.json("events.ndjson --severity D1=off").1)
    };
    for field in ["eventId", "eventType", "relatedJobNames", "eventTimestampMillis"] {
        let found = lone(without(&view, field));
        assert!(found.len() == 1 && found[0].starts_with("request-has-impression"), "{field}: {found:?}");
    }
    assert_eq!(lone(without(&view, "requestId")), [""; 0]);
    // Two events without an id are not two uses of one id, and an event without a time is never too early.
    let twice =
        [impression.clone(), without(&view, "eventId"), without(&event("e-3", "BOOKMARK", "r-1", "jobs/1", 0), "eventId")];
    assert_eq!(lone(twice.join("\n").replace("\"0\"", "\"1700000002000\"")), [""; 0]);
    assert_eq!(lone(format!("{}\n{impression}", without(&view, "eventTimestampMillis"))), [""; 0]);
    // The present parts are checked, also in the formats of the API.
    let v4 = r#"{"eventId":"e","requestId":"r","createTime":"1970-01-20T16:13:20Z","jobEvent":{"type":"VIEW_REDIRECT"}}"#;
    folder.write("events.ndjson", v4);
    let (_, report) = folder.json("events.ndjson");
    let messages: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["message"].as_str().unwrap()).collect();
    assert_eq!(
        messages,
        [
            "jobEvent.jobs: names no job; expected at least one job",
            "request \"r\" has a VIEW_REDIRECT but no IMPRESSION or NOTIFICATION",
            "createTime: 1970-01-20T16:13:20Z is before 1971; expected the time of the event",
        ]
    );
}

/// Messages about events of the API use its field and type names.
#[test]
fn events_of_the_api_are_spoken_of_in_their_own_names() {
    let folder = Folder::new();
    let v4 = |id: &str, event_type: &str, jobs: &str, second: u32| {
        format!(
            r#"{{"eventId":"{id}","requestId":"r","createTime":"2023-11-14T22:13:{second}Z","jobEvent":{{"type":"{event_type}","jobs":[{jobs}]}}}}"#
        )
    };
    let events = [
        v4("1", "IMPRESSION", r#""jobs/1""#, 20),
        v4("2", "VIEW_REDIRECT", r#""jobs/1","jobs/1""#, 21),
        v4("3", "VIEW", r#""jobs/1""#, 22),
    ];
    folder.write("v4", events.join("\n"));
    let wrapped: Vec<_> = events.iter().map(|event| format!("{{\"clientEvent\":{event}}}")).collect();
    folder.write("v3", wrapped.join("\n"));
    for (name, above) in [("v4", ""), ("v3", "clientEvent.")] {
        let (_, report) = folder.json(name);
        let messages: Vec<_> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["message"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            messages,
            [
                format!(
                    "{above}jobEvent.jobs: names 2 jobs; expected one job for VIEW_REDIRECT, \
                     because only IMPRESSION and NOTIFICATION name several"
                ),
                format!("{above}jobEvent.jobs[1]: names the same job as jobEvent.jobs[0]"),
                "VIEW for job \"jobs/1\" of request \"r\", which already has a VIEW_REDIRECT: one excludes the other".to_owned(),
            ]
        );
    }
}

#[test]
fn the_limits_of_version_3_are_checked() {
    let folder = Folder::new();
    let entries: Vec<_> = (0..21).map(|key| format!("\"{key}\":\"{}\"", "x".repeat(100))).collect();
    let event = format!(
        r#"{{"clientEvent":{{"eventId":"e","requestId":"r","createTime":"2023-11-14T22:13:20Z","jobEvent":{{"type":"IMPRESSION","jobs":["jobs/1"]}},"extraInfo":{{{}}}}}}}"#,
        entries.join(",")
    );
    folder.write("v3", &event);
    let (code, report) = folder.json("v3");
    let column = event.find("{\"0\"").unwrap() + 1;
    assert_eq!((code, places(&report)), (Some(1), vec![format!("message-form v3:1:{column}"); 2]));
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert_eq!(message, "clientEvent.extraInfo: has 21 keys; version 3 takes at most 20");
}

/// The same file gives the same findings at any time.
#[test]
fn findings_do_not_depend_on_the_hour() {
    let folder = Folder::new();
    folder.write("events", event("e-1", "IMPRESSION", "r-1", "jobs/1", 9_000_000_000_000));
    let report = folder.json("events").1;
    let message = report["findings"][0]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "eventTimestampMillis: 9000000000000 is more than 5 minutes in the future; expected milliseconds since 1970"
    );
}
