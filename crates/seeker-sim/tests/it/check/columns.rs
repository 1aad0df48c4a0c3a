//! Tests of the columns of findings: each points at the affected part, counted in characters, in every layout and format.

use client_event::rules::RuleId;

use super::{Folder, bad, json_of, places};

/// The place where the only occurrence of a text begins: line and column, from 1.
fn place_of(text: &str, part: &str) -> String {
    let offset = text.find(part).unwrap_or_else(|| panic!("{part} is not in {text}"));
    assert_eq!(text.matches(part).count(), 1, "{part} is not exactly once in {text}");
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    format!("{}:{}", before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[test]
fn problems_of_an_event_are_pointed_at() {
    let folder = Folder::new();
    for (line, part) in [
        (
            r#"{"eventId":"é","eventType":"VIEWED","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#,
            "\"VIEWED\"",
        ),
        (
            r#"{"eventId":"é","eventType":"VIEW","requestId":"日本","relatedJobNames":["jobs/1","jobs/2"],"eventTimestampMillis":"1700000000000"}"#,
            "[\"jobs/1",
        ),
        (
            r#"{"event_id":"e","event_type":"VIEW","request_id":"r","related_job_names":["job"],"event_timestamp_millis":"1700000000000"}"#,
            "\"job\"",
        ),
        (r#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":12}"#, "12"),
        (
            r#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000","details":{"a b":"x","ö\"":7}}"#,
            "7}",
        ),
        (
            r#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000","extra":1}"#,
            "\"extra\"",
        ),
        (
            r#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000","event_id":"f"}"#,
            "\"event_id\"",
        ),
        (r#"{"eventId":"é","eventType":x}"#, "x}"),
    ] {
        folder.write("events.ndjson", format!("\n  {line}\n"));
        let (_, report) = folder.json("events.ndjson --severity W2=off --severity I1=off");
        let found = places(&report);
        assert_eq!(found.len(), 1, "{report}");
        let expected = format!("events.ndjson:{}", place_of(&format!("\n  {line}\n"), part));
        assert!(found[0].ends_with(&expected), "{found:?}, expected {expected} for {part}");
    }
    folder.write("events.ndjson", b"{\"eventId\":\"\xc3\xa9\xff\"}\n");
    assert_eq!(places(&folder.json("events.ndjson").1), ["message-form events.ndjson:1:14"]);
    folder.write("events.ndjson", "{}\n");
    let (_, report) = folder.json("events.ndjson");
    assert_eq!(places(&report), vec!["required-fields events.ndjson:1:1"; 5]);
}

/// For all layouts of a stream, a finding points at the same part.
#[test]
fn findings_mark_the_same_part_in_any_layout() {
    let folder = Folder::new();
    // Three findings: reported at once with an earlier related event, reported at the end, and reported at the end for the first event.
    for (rule, part) in [
        (RuleId::QuickSubmissionExcludesStart, None),
        (RuleId::HiredAfterApplication, None),
        (RuleId::RequestHasImpression, None),
        (RuleId::JobNameForm, Some("\"4000000000\"")),
        (RuleId::TimeOrder, None),
    ] {
        let lines: Vec<&str> = bad(rule).lines().collect();
        let events: Vec<serde_json::Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ndjson = lines.join("\n");
        folder.write("events", &ndjson);
        let (_, report) = folder.json("events");
        // The text at the reported place.
        let told = |report: &serde_json::Value, text: &str| {
            let finding = &report["findings"][0];
            let (line, column) = (finding["line"].as_u64().unwrap(), finding["column"].as_u64().unwrap());
            let line = text.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
            let rest: String = line.chars().skip(usize::try_from(column).unwrap() - 1).collect();
            let end = rest[1..].find('"').unwrap();
            rest[..end + 2].to_owned()
        };
        let expected = told(&report, &ndjson);
        assert!(expected.starts_with('"') && part.is_none_or(|part| part == expected), "{rule}: {expected}");
        for array in [serde_json::to_string(&events).unwrap(), serde_json::to_string_pretty(&events).unwrap()] {
            let text = format!("\u{feff}\n{array}");
            for compressed in [text.clone().into_bytes(), zstd::encode_all(text.as_bytes(), 1).unwrap()] {
                folder.write("events", &compressed);
                let (_, report) = folder.json("events");
                assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report}");
                assert_eq!(told(&report, &text), expected, "{rule}: {report}");
            }
            let report = json_of(&folder.check_stdin("- --output json", text.as_bytes()));
            assert_eq!(told(&report, &text), expected, "{rule}: {report}");
        }
    }
}

/// The line is much longer than one read, and its finding is reported at the end.
#[test]
fn arrays_on_one_long_line_have_columns() {
    let folder = Folder::new();
    let events: Vec<&str> = bad(RuleId::HiredAfterApplication).lines().collect();
    let filling: Vec<String> = (0..20_000)
        .map(|number| super::event(&format!("é-{number}"), "IMPRESSION", &format!("q-{number}"), "jobs/1", 1_690_000_000_000))
        .collect();
    let text = format!("[{},\n{},{}]", filling[..10_000].join(","), filling[10_000..].join(","), events.join(","));
    let hired = text.rfind("\"jobs/1\"").unwrap();
    let line_start = text.rfind('\n').unwrap() + 1;
    let expected = format!("hired-after-application events:2:{}", text[line_start..hired].chars().count() + 1);
    folder.write("events", &text);
    for threads in [1, 3] {
        assert_eq!(places(&folder.json(&format!("events --threads {threads}")).1), [expected.as_str()]);
    }
    let report = json_of(&folder.check_stdin("- --output json", text.as_bytes()));
    assert_eq!(places(&report), [expected.replace(" events:", " <stdin>:")]);
}

#[test]
fn relatives_are_pointed_at_in_their_own_form() {
    let folder = Folder::new();
    let good = |id: &str, name: &str, rest: &str| {
        format!(
            r#"{{"requestId":"r","eventId":"{id}","createTime":"2023-11-14T22:13:20Z","jobEvent":{{"type":"{name}","jobs":["jobs/{rest}"]}}"#
        )
    };
    let shown = good("e-1", "IMPRESSION", "1") + "}";
    for (format, shown, line, part) in [
        ("v4", shown.clone(), good("e-2", "HIRED", "1") + "}", "\"jobs/1\""),
        ("v4", shown.clone(), good("e-2", "VIEWS", "1") + "}", "\"VIEWS\""),
        ("v4", shown.clone(), good("e-2", "VIEW", "1\",\"jobs/1") + "}", "[\"jobs/1"),
        (
            "v3",
            format!("{{\"clientEvent\":{shown}}}"),
            format!("{{\"clientEvent\":{}}}}}", good("e-2", "HIRED", "1")),
            "\"jobs/1\"",
        ),
        ("v3", shown.clone(), good("e-2", "VIEW", "1") + ",\"extraInfo\":{\"é\":0}}", "0}}"),
    ] {
        let text = format!("{shown}\n{line}\n");
        folder.write("events.ndjson", &text);
        for format in [format, "auto"] {
            // Only `extraInfo` identifies a bare event of version 3, and the first event here has none.
            let format = if part == "0}}" { "v3" } else { format };
            let (code, report) = folder.json(&format!("events.ndjson --format {format}"));
            let found = places(&report);
            let offset = line.rfind(part).unwrap();
            let expected = format!("events.ndjson:2:{}", line[..offset].chars().count() + 1);
            assert_eq!(code, Some(1));
            assert!(found.iter().any(|found| found.ends_with(&expected)), "{found:?}, expected {expected}");
        }
    }
    // A type that only version 3 has is valid there.
    folder.write(
        "events.ndjson",
        format!("{{\"clientEvent\":{shown}}}\n{{\"clientEvent\":{}}}}}\n", good("e-2", "NOT_INTERESTED", "1")),
    );
    let (code, report) = folder.json("events.ndjson");
    assert_eq!((code, &report["statistics"]["events"], &report["statistics"]["not_judged"]), (Some(0), &2.into(), &1.into()));
}
