//! Tests of the command `stats`: the figures of a generated stream in every format, and inputs that cannot be read.

mod page;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::ended;

/// The path of a file, as an argument.
fn path_in(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

/// Writes the events of this many seekers in two weeks to a file in this folder.
fn generated(folder: &Path, name: &str, seekers: u32, form: &str) -> String {
    let events = path_in(folder, name);
    let made = ended(&["generate", "--seekers", &seekers.to_string(), "--days", "14", "--out", &events, "--format", form]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    events
}

/// Runs `stats` with these arguments, and returns its standard output. The run must succeed.
fn measured(args: &[&str]) -> String {
    let measured = ended(&[&["stats"], args].concat());
    assert_eq!(measured.code, Some(0), "{}", measured.stderr);
    measured.stdout
}

fn figures(args: &[&str]) -> Value {
    serde_json::from_str(&measured(&[args, &["--output", "json"]].concat())).unwrap()
}

/// Collects the keys of all objects with their paths. A list has the keys of its first element.
fn keys(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                found.push(format!("{place}{key}"));
                keys(member, &format!("{place}{key}."), found);
            }
        }
        Value::Array(elements) => {
            if let Some(first) = elements.first() {
                keys(first, place, found);
            }
        }
        _ => {}
    }
}

#[test]
fn a_generated_stream_is_measured_in_any_form() {
    let folder = tempfile::tempdir().unwrap();
    let mut of_forms = Vec::new();
    for (name, form) in [("a.ndjson", "message"), ("b.ndjson.zst", "v3")] {
        let events = generated(folder.path(), name, 3000, form);
        let mut figures = figures(&[&events]);
        assert_eq!(figures["inputs"].take(), json!([events]));
        of_forms.push(figures);
    }
    assert_eq!(of_forms[0], of_forms[1]);
    let figures = &of_forms[0];
    assert_eq!(figures["by_type"].as_object().unwrap().len(), 15);
    assert_eq!(figures["rows"].as_array().unwrap().len(), 10);
    for (row, verdict) in [(0, "met"), (3, "met"), (9, "too_few_cases")] {
        assert_eq!(figures["rows"][row]["verdict"], verdict, "{}", figures["rows"][row]);
    }
    distributions_are_those_of_the_rows(figures);

    let text = measured(&[&path_in(folder.path(), "a.ndjson")]);
    for line in [
        "V1   BOOKMARK per VIEW (OLX Jobs 2020, XING 2016): met",
        "     published   16.8%  18.1%  17.1%  15.8%  13.4%   9.3%   9.6%",
        "age of the posting at an application, in days (0 cases: too few for a distribution)",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

/// A distribution and a row agree on values that both contain.
fn distributions_are_those_of_the_rows(figures: &Value) {
    let (rows, distributions) = (&figures["rows"], &figures["distributions"]);
    for (row, name) in [(2, "events_per_seeker"), (3, "seconds_to_action")] {
        let quantiles = distributions[name]["quantiles"].as_array().unwrap();
        let median = quantiles.iter().find(|quantile| quantile["share"] == 0.5).unwrap();
        assert_eq!(median["value"], rows[row]["figures"][0]["value"], "{name}");
    }
    for (name, list) in [("weekdays", "weekdays"), ("session_hours", "hours")] {
        for share in ["share", "published"] {
            let shares = distributions[name][list].as_array().unwrap().iter();
            let sum: f64 = shares.map(|place| place[share].as_f64().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{name} {share}: {sum}");
        }
    }
    assert_eq!(distributions["session_hours"]["cases"], figures["sessions"]);
    assert_eq!(distributions["events_per_seeker"]["cases"], figures["seekers"]);
    assert_eq!(distributions["ranks"]["ranks"].as_array().unwrap().len(), 20);
    assert_eq!(distributions["posting_age_days"], json!({"cases": 0, "quantiles": [], "within": []}));
    assert_eq!(figures["per_view"]["VIEW"], 1.0);
}

/// Programs read these keys, so a renamed key breaks them.
#[test]
fn the_keys_are_stable() {
    let folder = tempfile::tempdir().unwrap();
    let mut found = Vec::new();
    keys(&figures(&[&generated(folder.path(), "events.ndjson", 300, "message")]), "", &mut found);
    found.retain(|key| !key.starts_with("by_type.") && !key.starts_with("per_view."));
    found.sort_unstable();
    let mut expected: Vec<_> =
        "inputs failures time_zone first last events unreadable repeated seekers sessions by_type per_view rows \
        rows.id rows.statistic rows.source rows.verdict rows.figures rows.figures.name rows.figures.value rows.figures.target \
        rows.figures.accepted distributions distributions.events_per_seeker distributions.events_per_seeker.cases \
        distributions.events_per_seeker.quantiles distributions.events_per_seeker.quantiles.value \
        distributions.events_per_seeker.quantiles.share distributions.events_per_seeker.at_least \
        distributions.events_per_seeker.at_least.value distributions.events_per_seeker.at_least.share \
        distributions.seconds_to_action distributions.seconds_to_action.cases distributions.seconds_to_action.quantiles \
        distributions.seconds_to_action.quantiles.value distributions.seconds_to_action.quantiles.share \
        distributions.seconds_to_action.within distributions.seconds_to_action.within.value \
        distributions.seconds_to_action.within.share distributions.weekdays distributions.weekdays.cases \
        distributions.weekdays.weekdays distributions.weekdays.weekdays.weekday distributions.weekdays.weekdays.events \
        distributions.weekdays.weekdays.share distributions.weekdays.weekdays.published distributions.session_hours \
        distributions.session_hours.cases distributions.session_hours.hours distributions.session_hours.hours.hour \
        distributions.session_hours.hours.sessions distributions.session_hours.hours.share \
        distributions.session_hours.hours.published distributions.ranks distributions.ranks.cases distributions.ranks.ranks \
        distributions.ranks.ranks.rank distributions.ranks.ranks.shown distributions.ranks.ranks.clicked \
        distributions.ranks.ranks.click_rate distributions.days_to_hire distributions.days_to_hire.cases \
        distributions.days_to_hire.mean distributions.days_to_hire.weeks distributions.posting_age_days \
        distributions.posting_age_days.cases distributions.posting_age_days.quantiles distributions.posting_age_days.within"
            .split_whitespace()
            .collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

/// In Berlin, the hour from 2 to 3 occurred twice on Sunday, 2023-10-29. In UTC these were two different hours, and in Kathmandu two
/// others.
#[test]
fn hours_and_weekdays_are_those_of_the_time_zone() {
    let folder = tempfile::tempdir().unwrap();
    let events = path_in(folder.path(), "events.ndjson");
    let event = |(number, at_millis): (u32, i64)| {
        format!(
            r#"{{"eventId":"{number}","eventType":"VIEW","requestId":"{number}","relatedJobNames":["jobs/1"],"eventTimestampMillis":"{at_millis}","details":{{"seekerId":"{number}"}}}}"#
        )
    };
    let change_millis = 1_698_541_200_000;
    let times = (0..120).map(|number| (number, if number < 60 { change_millis - 1_800_000 } else { change_millis + 1_800_000 }));
    fs::write(&events, times.map(event).collect::<Vec<_>>().join("\n")).unwrap();
    for (zone, expected, weekday) in [
        ("UTC", &[(0, 60), (1, 60)][..], 6),
        ("europe/berlin", &[(2, 120)], 6),
        ("Asia/Kathmandu", &[(6, 60), (7, 60)], 6),
        ("America/New_York", &[(20, 60), (21, 60)], 5),
    ] {
        let figures = figures(&[&events, "--time-zone", zone]);
        assert!(figures["time_zone"].as_str().unwrap().eq_ignore_ascii_case(zone));
        let hours = figures["distributions"]["session_hours"]["hours"].as_array().unwrap();
        let starts: Vec<_> =
            hours.iter().map(|hour| (&hour["hour"], &hour["sessions"])).filter(|(_, starts)| **starts != 0).collect();
        let expected: Vec<_> = expected.iter().map(|(hour, starts)| (json!(hour), json!(starts))).collect();
        assert_eq!(starts, expected.iter().map(|(hour, starts)| (hour, starts)).collect::<Vec<_>>(), "{zone}");
        assert_eq!(figures["distributions"]["weekdays"]["weekdays"][weekday]["events"], 120, "{zone}");
        assert_eq!(figures["first"], "2023-10-29T00:30:00Z");
    }
    let refused = ended(&["stats", &events, "--time-zone", "Europe/Berln"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("did you mean Europe/Berlin?"), "{}", refused.stderr);
}

#[test]
fn unreadable_input_is_reported_and_the_rest_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| path_in(folder.path(), name);
    let event = r#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#;
    fs::write(path("events"), format!("{event}\nno event\n")).unwrap();
    let measured = ended(&["stats", &path("missing"), &path("events"), "--output", "json"]);
    assert_eq!(measured.code, Some(2));
    assert!(measured.stderr.contains("missing: cannot be opened"), "{}", measured.stderr);
    let figures: Value = serde_json::from_str(&measured.stdout).unwrap();
    assert_eq!((&figures["events"], &figures["unreadable"]), (&1.into(), &1.into()));
    assert!(figures["failures"][0].as_str().unwrap().contains("missing: cannot be opened"));
    fs::write(path("empty"), "").unwrap();
    for form in ["text", "json", "html"] {
        let empty = ended(&["stats", &path("empty"), "--output", form]);
        assert_eq!(empty.code, Some(2));
        assert!(empty.stderr.contains("no events; expected one message per line"), "{}", empty.stderr);
    }
}

/// Events can come in any order and more than once: the span covers all of them, and each is counted once.
#[test]
fn events_are_counted_once_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = path_in(folder.path(), "events");
    let event = |id: u32, millis: i64| {
        format!(
            r#"{{"eventId":"{id}","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":"{millis}"}}"#
        )
    };
    let [first, middle, last] = [(1, -1_000), (2, 0), (3, 1_700_000_000_000)].map(|(id, millis)| event(id, millis));
    fs::write(&path, [&middle, &last, &last, &first, &middle].map(String::as_str).join("\n")).unwrap();
    let figures = figures(&[&path]);
    assert_eq!((&figures["events"], &figures["repeated"]), (&3.into(), &2.into()));
    assert_eq!((&figures["first"], &figures["last"]), (&"1969-12-31T23:59:59Z".into(), &"2023-11-14T22:13:20Z".into()));
    assert!(measured(&[&path]).contains("2  repeated events"));
    // All events are long ago.
    fs::write(&path, &first).unwrap();
    assert_eq!(self::figures(&[&path])["last"], "1969-12-31T23:59:59Z");
}

#[test]
fn merged_parts_are_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let events = generated(folder.path(), "events.ndjson", 2000, "message");
    let parts: Vec<_> = (1..=3)
        .map(|number| {
            let part = path_in(folder.path(), &format!("{number}.json"));
            fs::write(&part, measured(&[&events, "--time-zone", "Asia/Kolkata", "--shard", &format!("{number}/3")])).unwrap();
            part
        })
        .collect();
    let merge = |parts: &[&str], form: &str| ended(&[&["stats", "merge"], parts, &["--output", form]].concat());
    let [one, two, three] = &parts[..] else { panic!("{parts:?}") };
    for form in ["text", "json", "html"] {
        let merged = merge(&[two, three, one], form);
        assert_eq!((merged.code, &*merged.stderr), (Some(0), ""));
        assert_eq!(merged.stdout, measured(&[&events, "--time-zone", "Asia/Kolkata", "--output", form]), "{form}");
    }
    let utc = path_in(folder.path(), "utc.json");
    fs::write(&utc, measured(&[&events, "--shard", "3/3"])).unwrap();
    let of_check = path_in(folder.path(), "check.json");
    fs::write(&of_check, ended(&["check", &events, "--shard", "3/3"]).stdout).unwrap();
    for (parts, expected) in [
        (vec![&**one, two], "1 of 3 parts is missing: 3/3"),
        (vec![one, two, two], "are both part 2/3; give each part once"),
        (vec![one, two, &utc], "--time-zone is \"UTC\", but \"Asia/Kolkata\""),
        (vec![one, two, &of_check], "is not a complete part; expected the output of `seeker-sim stats --shard K/N`"),
    ] {
        let refused = merge(&parts, "text");
        assert_eq!((refused.code, &*refused.stdout), (Some(2), ""), "{expected}");
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
    }
    let conflict = ended(&["stats", &events, "--shard", "1/3", "--output", "json"]);
    assert_eq!(conflict.code, Some(2));
}
