//! Tests of the options of `check`.

use client_event::rules::RuleId;

use super::{Folder, bad, event, good, places};

#[test]
fn unusable_options_are_refused_with_the_expected_value() {
    let folder = Folder::new();
    folder.write("events", good());
    for (args, expected) in [
        ("", "FILE"),
        ("events --format xml", "expected auto, message, v3 or v4"),
        ("events --output xml", "expected text, json, ndjson, sarif or github"),
        ("events --window 90", "expected a time above 0 with its unit, such as 36h, 7d or 90d, or none"),
        ("events --window 0s", "expected a time above 0 with its unit"),
        ("events --severity unique-event-ids=off", "did you mean unique-event-id?"),
        ("events --severity D2", "expected RULE=error, RULE=warning or RULE=off"),
        ("events --severity D2=info", "expected error, warning or off"),
        ("events --fail-on never", "error, warning"),
        ("events --max-findings all", "--max-findings"),
        ("events --threads 0", "--threads"),
        ("--explain D99", "or list, or all"),
        ("events - -", "- is given 2 times, but standard input can be read once"),
        ("- --searches -", "- is given 2 times"),
    ] {
        let ended = folder.check(args);
        assert_eq!(ended.code, Some(2), "{args}");
        assert!(ended.stderr.contains(expected), "{args}: {}", ended.stderr);
    }
}

#[test]
fn severities_decide_the_findings_and_the_exit_code() {
    let folder = Folder::new();
    folder.write("warning", bad(RuleId::JobNameForm));
    for (args, code, severity) in [
        ("", 1, Some("warning")),
        ("--fail-on error", 0, Some("warning")),
        ("--severity job-name-form=error --fail-on error", 1, Some("error")),
        ("--severity i6=off", 0, None),
        ("--severity I6=off --severity I6=error", 1, Some("error")),
    ] {
        let (ended, report) = folder.json(&format!("warning {args}"));
        assert_eq!((ended, report["findings"][0]["severity"].as_str()), (Some(code), severity), "{args}: {report}");
    }
    folder.write("error", bad(RuleId::HiredAfterApplication));
    let (code, report) = folder.json("error --severity D7=warning --fail-on error");
    assert_eq!((code, report["findings"][0]["severity"].as_str()), (Some(0), Some("warning")));
}

#[test]
fn the_first_findings_are_printed_and_the_rest_counted() {
    let folder = Folder::new();
    // Each line has a finding that is reported at once, and each request has one that is reported at the end.
    let lines: Vec<_> =
        (0..150).map(|number| event(&format!("e-{number}"), "VIEW", &format!("r-{number}"), "x", 1_700_000_000_000)).collect();
    folder.write("events", lines.join("\n"));
    let (_, report) = folder.json("events");
    let all = places(&report);
    assert_eq!(all.len(), 300, "{all:#?}");
    let lines_of =
        |places: &[String]| places.iter().map(|place| place.split(':').nth(1).unwrap().parse().unwrap()).collect::<Vec<u64>>();
    assert!(lines_of(&all).is_sorted());
    let (_, report) = folder.json("events --max-findings 7");
    assert_eq!(places(&report), all[..7]);
    assert_eq!(report["statistics"]["findings"]["warnings"], 300, "the counts are complete");
    let text = folder.check("events").stdout;
    assert_eq!(text.matches(" --> events:").count(), 100);
    assert!(text.contains("… and 200 more findings not shown"), "{text}");
    let text = folder.check("events --max-findings 0").stdout;
    assert_eq!((text.matches("--> events:").count(), text.contains("more")), (300, false));
}

#[test]
fn rules_are_explained() {
    let folder = Folder::new();
    for rule in RuleId::ALL {
        for name in [rule.code(), rule.label()] {
            let ended = folder.check(&format!("--explain {name}"));
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            let row = rule.rule();
            let lines = row.good.lines().chain(row.bad.lines()).map(str::trim);
            for part in
                lines.chain([row.label, row.code, row.severity.name(), row.basis.name(), row.sentence, row.why, row.source])
            {
                assert!(ended.stdout.contains(part), "{name}: {part}");
            }
        }
    }
    let list = folder.check("--explain list").stdout;
    let all = folder.check("--explain all").stdout;
    for rule in RuleId::ALL {
        assert_eq!(list.lines().filter(|line| line.contains(rule.code()) && line.contains(rule.rule().sentence)).count(), 1);
        assert!(all.contains(rule.rule().why));
    }
}

#[test]
fn forms_can_be_named() {
    let folder = Folder::new();
    folder.write("events", good());
    for (format, code) in [("auto", 0), ("message", 0), ("v3", 1), ("v4", 1)] {
        assert_eq!(folder.check(&format!("events --format {format}")).code, Some(code), "{format}");
    }
}
