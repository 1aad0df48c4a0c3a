//! Tests of `check --shard` and `check merge`: the merged parts give the output of a single check, and parts that are not those of one whole
//! are refused.

use std::path::Path;

use client_event::strategies::{any_stream, broken_stream};
use event_tools::check::{CheckPlan, CheckReport, Input, OutputFormat, TextStyle, check, check_part, merge, write_report};
use event_tools::generate::Shard;
use proptest::prelude::*;
use proptest::sample::Index;

use super::threads::{lines, plan};
use super::{Folder, event};

/// The report in all formats.
fn outputs(report: &CheckReport) -> Vec<String> {
    let style = TextStyle { has_colours: false, width: Some(100) };
    let write = |format| {
        let mut out = Vec::new();
        write_report(report, format, &style, true, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    OutputFormat::ALL.map(write).into()
}

/// Checks each shard, and writes its part to a file of the folder.
fn write_parts(folder: &Folder, plan: &CheckPlan, of: u64) -> Vec<Input> {
    let write = |number: u64| {
        let shard: Shard = format!("{number}/{of}").parse().unwrap();
        let mut text = Vec::new();
        check_part(plan, shard, "1.0").write(&mut text).unwrap();
        let name = format!("part-{number}-of-{of}.json");
        folder.write(&name, text);
        Input::File(folder.path(&name))
    };
    (1..=of).map(write).collect()
}

proptest! {
    /// For all small streams with searches and unreadable lines, windows, limits and numbers of shards, the merged parts have the output of
    /// a single check, byte for byte, in every format.
    #[test]
    fn merged_parts_are_the_whole(
        stream in prop_oneof![any_stream(), broken_stream().prop_map(|broken| broken.stream)],
        window_ms in prop_oneof![Just(None), (0..900_000_i64).prop_map(Some)],
        with_searches: bool,
        nonsense in prop::collection::vec((any::<Index>(), prop::sample::select(&["x", "{}", "\"é", "[1]"][..])), 0..3),
        of in 1..=64_u64,
        findings_max in prop::option::of(1..30_usize),
    ) {
        let folder = Folder::new();
        let mut texts: Vec<_> = stream.events.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
        for (place, text) in &nonsense {
            texts.insert(place.index(texts.len() + 1), (*text).to_owned());
        }
        folder.write("events.ndjson", texts.join("\n"));
        let searches: Vec<_> = stream.searches.iter().map(|search| {
            let jobs: Vec<_> = search.jobs.iter().map(AsRef::as_ref).collect();
            serde_json::json!({ "requestId": search.request_id.as_ref() as &str, "jobs": jobs as Vec<&str> }).to_string()
        }).collect();
        folder.write("searches.ndjson", searches.join("\n") + "\nnonsense\n{}\n");
        let mut plan = CheckPlan { window_ms, findings_max, ..plan(&[&folder.path("events.ndjson")], 1, findings_max) };
        if with_searches {
            plan.searches.push(Input::File(folder.path("searches.ndjson")));
        }
        let whole = check(&plan);
        let merged = merge(&write_parts(&folder, &plan, of), findings_max).unwrap();
        prop_assert_eq!(outputs(&merged), outputs(&whole));
    }
}

/// A stream of several blocks, read by several threads.
#[test]
fn threads_make_no_difference_to_parts() {
    let folder = Folder::new();
    folder.write("events.ndjson", lines(7).join("\n"));
    let path = folder.path("events.ndjson");
    for (threads, of, findings_max) in [(1, 3, None), (3, 5, Some(200))] {
        let plan = plan(&[&path], threads, findings_max);
        let merged = merge(&write_parts(&folder, &plan, of), findings_max).unwrap();
        assert!(merged.findings.len() >= 200);
        assert_eq!(outputs(&merged), outputs(&check(&plan)));
    }
}

/// Writes three parts of a stream with one violation in each request.
fn three_parts(folder: &Folder) {
    let events: Vec<_> = (0..12)
        .map(|number| event(&format!("e-{number}"), "VIEW", &format!("r-{number}"), "jobs/1", 1_700_000_000_000))
        .collect();
    folder.write("events.ndjson", events.join("\n"));
    for number in 1..=3 {
        let part = folder.check(&format!("events.ndjson --shard {number}/3"));
        assert_eq!((part.code, &*part.stderr), (Some(0), ""));
        folder.write(&format!("{number}.json"), part.stdout);
    }
}

#[test]
fn the_program_merges_parts() {
    let folder = Folder::new();
    three_parts(&folder);
    for options in ["", "--output json", "--fail-on error --statistics", "--max-findings 5"] {
        let (whole, merged) =
            (folder.check(&format!("events.ndjson {options}")), folder.check(&format!("merge 3.json 1.json 2.json {options}")));
        assert_eq!((merged.code, merged.stdout, merged.stderr), (whole.code, whole.stdout, whole.stderr), "{options}");
    }
    assert_eq!(folder.check("merge 1.json 2.json 3.json").code, Some(1));
}

#[test]
fn parts_that_are_not_whole_are_refused() {
    let folder = Folder::new();
    three_parts(&folder);
    let part = |name: &str, args: &str| folder.write(name, folder.check(args).stdout);
    part("window.json", "events.ndjson --shard 3/3 --window 36h");
    part("of-4.json", "events.ndjson --shard 3/4");
    part("rules.json", "events.ndjson --shard 3/3 --severity W2=off");
    // Times before 2023-11-14T22:13:20Z are in the past, so this shard sees other future events.
    part("now.json", "events.ndjson --shard 3/3 --now 2023-01-01T00:00:00Z");
    folder.write("cut.json", &std::fs::read(folder.path("3.json")).unwrap()[..200]);
    folder.write("empty.json", "");
    let part_3 = std::fs::read_to_string(folder.path("3.json")).unwrap();
    folder.write("counts.json", part_3.replace("\"warnings\":", "\"warnings\":1"));
    let events = std::fs::read_to_string(folder.path("events.ndjson")).unwrap();
    folder.write("events.ndjson", events.replace("e-3", "e-x"));
    part("other.json", "events.ndjson --shard 3/3");
    for (args, expected) in [
        ("1.json 2.json", "1 of 3 parts is missing: 3/3; give the parts of all shards"),
        ("1.json", "2 of 3 parts are missing: 2/3, 3/3; give the parts of all shards"),
        ("1.json 2.json 3.json 2.json", "2.json and 2.json are both part 2/3; give each part once"),
        (
            "1.json 2.json window.json",
            "window.json belongs to another whole than 1.json: --window is \"36h\", but \"90d\" in 1.json; make all parts with the same program, options and files",
        ),
        (
            "1.json 2.json of-4.json",
            "of-4.json belongs to another whole than 1.json: number of shards is \"4\", but \"3\" in 1.json",
        ),
        ("1.json 2.json rules.json", "rules.json belongs to another whole than 1.json: --severity is"),
        ("1.json 2.json other.json", "other.json belongs to another whole than 1.json: content is"),
        (
            "1.json 2.json now.json",
            "now.json belongs to another whole than 1.json: events in the future is \"12\", but \"0\" in 1.json; give all shards the same --now",
        ),
        ("1.json 2.json cut.json", "cut.json is not a complete part; expected the output of `seeker-sim check --shard K/N`"),
        ("1.json 2.json empty.json", "empty.json is not a complete part"),
        ("1.json 2.json counts.json", "counts.json is not a part: its findings and their counts do not belong together"),
        ("1.json 2.json absent.json", "absent.json cannot be opened"),
        ("1.json 2.json events.ndjson", "events.ndjson is not a complete part"),
    ] {
        let merged = folder.check(&format!("merge {args}"));
        assert_eq!((merged.code, &*merged.stdout), (Some(2), ""), "{args}: {}", merged.stderr);
        assert!(merged.stderr.contains(expected), "{args}: {}", merged.stderr);
        assert_eq!(merged.stderr.lines().count(), 1, "{args}: {}", merged.stderr);
    }
}

#[test]
fn inputs_that_cannot_be_read_are_in_each_part() {
    let folder = Folder::new();
    folder.write("events.ndjson", event("e-1", "VIEW", "r-1", "jobs/1", 1_700_000_000_000));
    for number in 1..=2 {
        let part = folder.check(&format!("absent.ndjson events.ndjson --shard {number}/2"));
        assert_eq!(part.code, Some(2));
        assert!(part.stderr.contains("absent.ndjson: cannot be opened"), "{}", part.stderr);
        folder.write(&format!("{number}.json"), part.stdout);
    }
    let (whole, merged) = (folder.check("absent.ndjson events.ndjson"), folder.check("merge 1.json 2.json"));
    assert_eq!((merged.code, merged.stdout, merged.stderr), (whole.code, whole.stdout, whole.stderr));
}

#[test]
fn shards_that_do_not_exist_are_refused() {
    let folder = Folder::new();
    for (args, expected) in [
        ("events.ndjson --shard 0/4", "shard 0/4 does not exist"),
        ("events.ndjson --shard 5/4", "shard 5/4 does not exist"),
        ("events.ndjson --shard 1/65", "65 shards are too many"),
        ("events.ndjson --shard 1", "expected a shard such as 1/4"),
        ("events.ndjson --shard 1/2 --output json", "--output"),
        ("events.ndjson --shard 1/2 --fail-on error", "--fail-on"),
        ("events.ndjson --shard 1/2 --now yesterday", "expected a time such as 2026-01-31T12:00:00Z"),
        ("merge", "PART"),
    ] {
        let refused = folder.check(args);
        assert_eq!(refused.code, Some(2), "{args}: {}", refused.stdout);
        assert!(refused.stderr.contains(expected), "{args}: {}", refused.stderr);
    }
    assert!(Path::new(&folder.path("events.ndjson")).metadata().is_err());
}
