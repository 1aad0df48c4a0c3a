//! Files that the program wrote, with values that it never writes. Reading, merging and writing them may fail, but must not panic.

use std::fs;
use std::path::PathBuf;

use event_tools::check::{CheckReport, OutputFormat, TextStyle, check_part, merge as merge_checks, write_report};
use event_tools::generate::Shard;
use event_tools::stats::{FormatChoice, Input, StatsForm, StatsPlan, merge as merge_statistics, stats_part, write_stats};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use run_report::Report;
use run_report::compare::{CompareOptions, compare};
use run_report::form::ReportForm;
use run_report::merge::{MergeOptions, merge as merge_reports};
use run_report::read::{NamedReport, from_bytes};
use run_report::samples::any_report;
use serde_json::Value;

use crate::check::threads::plan;
use crate::check::{Folder, event};

/// Values at the limits of the types of a part or report, and values of other types.
const HOSTILE: [&str; 13] = [
    "0",
    "-1",
    "1e300",
    "4294967295",
    "281474976710656",
    "1152921504606846976",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "\"é\"",
    "null",
    "[]",
    "[0,1]",
];

/// The values of a text that are neither objects nor arrays.
fn leaves(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Object(members) => members.values_mut().flat_map(leaves).collect(),
        Value::Array(elements) => elements.iter_mut().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
}

/// Calls `read` with the text after each change of one value.
fn for_each_change(text: &[u8], mut read: impl FnMut(&str)) {
    let mut whole: Value = serde_json::from_slice(text).unwrap();
    let count = leaves(&mut whole).len();
    for place in 0..count {
        for hostile in HOSTILE {
            let mut changed = whole.clone();
            *leaves(&mut changed)[place] = serde_json::from_str(hostile).unwrap();
            read(&changed.to_string());
        }
    }
}

/// Changes several values of a text.
fn with_changes(text: &[u8], changes: &[(Index, &str)]) -> String {
    let mut value: Value = serde_json::from_slice(text).unwrap();
    for (place, hostile) in changes {
        let mut leaves = leaves(&mut value);
        let place = place.index(leaves.len());
        *leaves[place] = serde_json::from_str(hostile).unwrap();
    }
    value.to_string()
}

fn any_changes() -> impl Strategy<Value = Vec<(Index, &'static str)>> {
    prop::collection::vec((any::<Index>(), select(&HOSTILE[..])), 1..6)
}

fn write_check(report: &CheckReport) {
    let style = TextStyle { has_colours: false, width: Some(100) };
    for format in OutputFormat::ALL {
        write_report(report, format, &style, true, &mut Vec::new()).unwrap();
    }
}

/// Writes the events of the tests to a file of the folder: one that is valid, one for another job, one with an id of before, and no event.
fn write_events(folder: &Folder) -> PathBuf {
    let of = |id, event_type, job, millis| event(id, event_type, "r-1", job, millis);
    let events = [
        of("e-1", "IMPRESSION", "jobs/1", 1_700_000_000_000),
        of("e-2", "VIEW", "jobs/2", 1_700_000_001_000),
        of("e-2", "HIRED", "jobs/1", 1_700_000_002_000),
        "nonsense".to_owned(),
    ];
    folder.write("events.ndjson", events.join("\n"));
    folder.path("events.ndjson")
}

/// The part of the only shard of a check.
fn part_of_check(folder: &Folder) -> Vec<u8> {
    let plan = plan(&[&write_events(folder)], 1, None);
    let mut text = Vec::new();
    check_part(&plan, Shard::default(), "1.0").write(&mut text).unwrap();
    let part: Value = serde_json::from_slice(&text).unwrap();
    let findings = part["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["related"]["excerpt"].is_object()), "no finding shows another event");
    text
}

/// Merges and writes a part of a check.
fn read_check(folder: &Folder, part: &str) {
    folder.write("part.json", part);
    if let Ok(report) = merge_checks(&[Input::File(folder.path("part.json"))], None) {
        write_check(&report);
    }
}

fn part_of_statistics(folder: &Folder) -> Vec<u8> {
    let inputs = vec![Input::File(write_events(folder))];
    let plan = StatsPlan { inputs, format: FormatChoice::Auto, time_zone: TimeZone::UTC };
    let mut text = Vec::new();
    stats_part(&plan, Shard::default(), "1.0").write(&mut text).unwrap();
    text
}

fn read_statistics(folder: &Folder, part: &str) {
    folder.write("part.json", part);
    if let Ok(report) = merge_statistics(&[Input::File(folder.path("part.json"))]) {
        for form in [StatsForm::Text, StatsForm::Json, StatsForm::Html] {
            write_stats(&report, form, &mut Vec::new()).unwrap();
        }
    }
}

/// Shows, merges and compares a report.
fn read_report(text: &str) {
    let Ok(report) = from_bytes("run.json", text.as_bytes()) else { return };
    let write = |report: &Report| ReportForm::ALL.iter().for_each(|form| form.write(report, &mut Vec::new()).unwrap());
    write(&report);
    let named = |name: &str| NamedReport { name: name.to_owned(), report: report.clone() };
    if let Ok(merged) = merge_reports(&[named("a"), named("b")], MergeOptions::default()) {
        write(&merged);
    }
    drop(compare(&[named("a")], &[named("b")], &CompareOptions::default()));
}

#[test]
fn no_value_of_a_part_of_a_check_does_harm() {
    let folder = Folder::new();
    for_each_change(&part_of_check(&folder), |part| read_check(&folder, part));
}

#[test]
fn no_value_of_a_part_of_statistics_does_harm() {
    let folder = Folder::new();
    for_each_change(&part_of_statistics(&folder), |part| read_statistics(&folder, part));
}

#[test]
fn no_value_of_a_report_does_harm() {
    let report = fs::read("tests/it/report/frozen/passed.json").unwrap();
    for_each_change(&report, read_report);
}

proptest! {
    /// For all parts with several changed values, the merge fails or writes a report.
    #[test]
    fn changed_parts_do_no_harm(changes in any_changes()) {
        let folder = Folder::new();
        read_check(&folder, &with_changes(&part_of_check(&folder), &changes));
        read_statistics(&folder, &with_changes(&part_of_statistics(&folder), &changes));
    }

    /// For all reports with several changed values, reading fails, or the report can be written, merged and compared.
    #[test]
    fn changed_reports_do_no_harm(report in any_report(), changes in any_changes()) {
        read_report(&with_changes(&serde_json::to_vec(&report).unwrap(), &changes));
    }
}
