//! Tests of the output of `check` in every format.

use std::collections::BTreeSet;

use client_event::rules::RuleId;
use serde_json::Value;
use serde_sarif::sarif::Sarif;

use super::{Folder, bad, event, good};

#[test]
fn text_shows_the_part_and_the_other_event() {
    let folder = Folder::new();
    folder.write("events.ndjson", bad(RuleId::TimeOrder));
    let ended = folder.check("events.ndjson");
    let rule = RuleId::TimeOrder;
    let severity = rule.rule().severity.name();
    let (_, report) = folder.json("events.ndjson");
    let finding = &report["findings"][0];
    assert!(ended.stdout.starts_with(&format!("{severity}[{rule}]: ")), "{}", ended.stdout);
    assert!(ended.stdout.contains(&format!("--> events.ndjson:{}:{}\n", finding["line"], finding["column"])), "{}", ended.stdout);
    assert!(ended.stdout.contains("the other event"), "{}", ended.stdout);
    assert!(ended.stdout.ends_with(" checked: 0 errors, 1 warning\n"), "{}", ended.stdout);
    assert!(!ended.stdout.contains('\u{1b}'), "colours only on a terminal");
    assert_eq!(ended.stderr, "", "progress only on a terminal");
    folder.write("good.ndjson", good());
    assert_eq!(folder.check("good.ndjson").stdout, "2 events in 1 file checked: no findings\n");
}

#[test]
fn the_guide_shows_the_output() {
    let folder = Folder::new();
    folder.write("events.ndjson", bad(RuleId::QuickSubmissionExcludesStart));
    let guide = include_str!("../../../../../docs/src/guides/check.md");
    let printed = folder.check("events.ndjson").stdout;
    assert!(guide.contains(&format!("```text\n{printed}```")), "{printed}");
}

/// The caret is below the affected part, for any length and content of the line.
#[test]
fn carets_are_below_their_part() {
    let folder = Folder::new();
    for filling in ["x".to_owned(), "x".repeat(500), "é日".repeat(3_000)] {
        let line = event(&filling, "VIEW", "r", "jobs/1\",\"wrong", 1_700_000_000_000);
        folder.write("events", format!("{line}\n"));
        let text = folder.check("events --severity I4=off --severity W2=off").stdout;
        let column = line[..line.find("\"wrong\"").unwrap()].chars().count() + 1;
        assert!(text.contains(&format!("--> events:1:{column}\n")), "{text}");
        let lines: Vec<&str> = text.lines().collect();
        let caret = lines.iter().position(|line| line.contains('^')).unwrap();
        // In the excerpt of a long line, the affected part keeps its text and its width.
        let (shown, carets) = (lines[caret - 1], lines[caret]);
        let width = |text: &str| text.chars().map(|char| if char == '日' { 2 } else { 1 }).sum::<usize>();
        let before = width(&carets[..carets.find('^').unwrap()]);
        let part = shown.find("\"wrong\"").unwrap();
        assert_eq!((width(&shown[..part]), carets.matches('^').count()), (before, "\"wrong\"".len()), "{text}");
        assert!(width(shown) < 140, "{text}");
    }
}

#[test]
fn json_has_exactly_the_documented_keys() {
    let folder = Folder::new();
    folder.write("events", format!("{}\n{}", bad(RuleId::UniqueEventId), "nonsense"));
    let (_, report) = folder.json("events");
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let set = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!(keys(&report), set(&["findings", "statistics"]));
    let plain = ["rule", "severity", "file", "line", "column", "message"];
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(keys(findings.last().unwrap()), set(&plain));
    assert_eq!(keys(&findings[0]), set(&[&plain[..], &["related"]].concat()));
    assert_eq!(keys(&findings[0]["related"]), set(&["file", "line"]));
    let ndjson = folder.check("events --output ndjson").stdout;
    let lines: Vec<Value> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, *findings);
    let ndjson = folder.check("events --output ndjson --statistics").stdout;
    let last: Value = serde_json::from_str(ndjson.lines().last().unwrap()).unwrap();
    assert_eq!(last["statistics"], report["statistics"]);
}

#[test]
fn sarif_is_sarif() {
    let folder = Folder::new();
    folder.write("the events.ndjson", "");
    folder.write("events.ndjson", bad(RuleId::QuickSubmissionExcludesStart));
    let ended = folder.check("events.ndjson missing --output sarif");
    assert_eq!(ended.code, Some(2));
    let log: Sarif = serde_json::from_str(&ended.stdout).unwrap();
    let value: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((value["version"].as_str(), log.runs.len()), (Some("2.1.0"), 1));
    let run = &log.runs[0];
    let rules = run.tool.driver.rules.as_ref().unwrap();
    assert_eq!(rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), RuleId::ALL.map(RuleId::code));
    assert!(rules.iter().all(|rule| rule.help.is_some() && rule.default_configuration.is_some()));
    let [result] = &run.results.as_ref().unwrap()[..] else { panic!("{}", ended.stdout) };
    let index = usize::try_from(result.rule_index.unwrap()).unwrap();
    assert_eq!(result.rule_id.as_deref(), Some(rules[index].id.as_str()));
    let (_, report) = folder.json("events.ndjson");
    let finding = &report["findings"][0];
    let result = &value["runs"][0]["results"][0];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "events.ndjson");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&finding["line"], &finding["column"]));
    let related = &result["relatedLocations"][0]["physicalLocation"];
    assert_eq!(related["region"]["startLine"], finding["related"]["line"]);
    let invocation = &value["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert!(invocation["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap().contains("missing"));
}

#[test]
fn github_shows_a_command_a_finding() {
    let folder = Folder::new();
    folder.write("a,b:c.ndjson", format!("{}\n", event("100 %", "CLICK\\n", "r", "jobs/1", 1_700_000_000_000)));
    let ended = folder.check("a,b:c.ndjson --output github");
    assert_eq!(ended.code, Some(1));
    let [command] = ended.stdout.lines().collect::<Vec<_>>()[..] else { panic!("{}", ended.stdout) };
    assert!(command.starts_with("::error file=a%2Cb%3Ac.ndjson,line=1,col=32,title=message-form::eventType: "), "{command}");
}
