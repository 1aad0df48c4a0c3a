//! Tests of `report merge`: the runs of several generators against one target.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{count, ended, seeker_sim, words};
use crate::report::schema::{FROZEN, assert_valid, published};
use crate::report::without_files;
use crate::service::Service;

/// Runs against this service and writes the report to a file of this name.
fn run(folder: &Path, name: &str, service: &Service, seed: u64) -> String {
    let path = folder.join(name).to_str().unwrap().to_owned();
    let options = format!("run --target {} --rate 50/s --duration 1s --seed {seed} --threshold 'rate > 80/s'", service.url());
    let words = words(&options);
    let mut command = seeker_sim(&words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(command.args(["--report", &path]).output().unwrap().status.code().is_some_and(|code| [1, 3].contains(&code)));
    path
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn generators_are_one() {
    let service = Service::answering("200 OK");
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (run(folder.path(), "a.json", &service, 1), run(folder.path(), "b.json", &service, 2));
    let written = ["both.json", "both.html", "both.csv", "both.xml"].map(|name| folder.path().join(name));
    let mut command = seeker_sim(&["report", "merge", &one, &other, "--junit"]);
    command.arg(&written[3]);
    written[..3].iter().for_each(|path| {
        command.arg("--report").arg(path);
    });
    let merged = command.output().unwrap();
    let (one, other, both) = (read(Path::new(&one)), read(Path::new(&other)), read(&written[0]));
    assert_valid(&published(), &both, "a merged report");
    for place in ["events.planned", "events.acknowledged", "seekers.started", "seekers.live_max", "generator.cores"] {
        assert_eq!(count(&both, place), count(&one, place) + count(&other, place), "{place}");
    }
    assert_eq!(both["load"]["stages"][0], "1s:100/s");
    assert_eq!(both["rate"]["planned_per_s"], 100.0);
    assert_eq!(both["parts"].as_array().unwrap().len(), 2);
    // Each run alone missed the rate of its threshold.
    let outcomes = [&one["outcome"], &other["outcome"]];
    let is_trusted = outcomes.iter().all(|outcome| *outcome != "not_trustworthy");
    assert_eq!(both["outcome"], if is_trusted { "passed" } else { "not_trustworthy" });
    assert_eq!(merged.status.code(), Some(if is_trusted { 0 } else { 3 }));
    let page = fs::read_to_string(&written[1]).unwrap();
    assert!(page.contains("a.json") && page.contains("b.json") && page.ends_with("</html>\n"));
    assert_eq!(fs::read_to_string(&written[2]).unwrap().lines().count(), both["windows"].as_array().unwrap().len() + 1);
    assert!(fs::read_to_string(&written[3]).unwrap().contains("rate &gt; 80/s"));
    let shown = ended(&["report", "show", written[0].to_str().unwrap()]);
    assert_eq!(shown.stdout, without_files(&String::from_utf8(merged.stdout).unwrap(), &written));
}

#[test]
fn impossible_merges_are_refused_and_write_nothing() {
    let (service, elsewhere) = (Service::answering("200 OK"), Service::answering("200 OK"));
    let folder = tempfile::tempdir().unwrap();
    let one = run(folder.path(), "a.json", &service, 1);
    let other = run(folder.path(), "b.json", &elsewhere, 2);
    let older = folder.path().join("older.json").to_str().unwrap().to_owned();
    fs::write(&older, FROZEN[0].1).unwrap();
    let before = fs::read_to_string(&one).unwrap();
    let nothing = folder.path().to_str().unwrap().to_owned();
    for (files, output, expected) in [
        (vec![&one, &other], "all.json", "differ in their target: http"),
        (vec![&one, &one], "all.json", "contain the same run; name each run once"),
        (vec![&one, &older], "all.json", "older.json has no key `histograms`, which a merge needs"),
        (vec![&one], "a.json", "is an input of the merge and would be overwritten; choose another file for the merged report"),
        (vec![&one], "missing/all.json", "the folder"),
        (vec![&nothing], "all.json", "contains no report named part-*.json; expected the reports of a run"),
    ] {
        let output = folder.path().join(output);
        let told = seeker_sim(&["report", "merge"]).args(files).arg("--report").arg(&output).output().unwrap();
        let stderr = String::from_utf8(told.stderr).unwrap();
        assert_eq!(told.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(expected) && stderr.lines().count() == 1, "{stderr}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    assert_eq!(fs::read_to_string(&one).unwrap(), before);
}

#[test]
fn a_folder_stands_for_its_parts() {
    let service = Service::answering("200 OK");
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (run(folder.path(), "part-1.json", &service, 1), run(folder.path(), "part-2.json", &service, 2));
    fs::write(folder.path().join("whole.json"), "not a part").unwrap();
    fs::write(folder.path().join("part-3.json.draft"), "not complete").unwrap();
    let of_folder = ended(&["report", "merge", folder.path().to_str().unwrap()]);
    assert_eq!(of_folder.stdout, ended(&["report", "merge", &one, &other]).stdout);
    assert!(of_folder.stdout.contains("part-1.json") && of_folder.stdout.contains("part-2.json"), "{}", of_folder.stdout);
}

/// Turns the report of a run into the report of a part of a run.
fn make_part(path: &str, part: u64, of: u64) {
    let mut report = read(Path::new(path));
    report["shard"] = json!({"part": part, "of": of});
    report["run"] = json!({"id": "ab12cd34ef567890", "start_at": null, "stages": ["1s:100/s"]});
    report["target_clock"] = json!({"url": report["target"], "offset_min_us": -2000, "offset_max_us": 2000});
    report["started_at"] = json!("2026-11-24T10:00:00Z");
    report["generator"]["host"] = json!(format!("node-{part}"));
    report["seed"] = json!(7);
    fs::write(path, report.to_string()).unwrap();
}

/// The parts of a run: the summary, the page, the CSV and the XML show each part. Without a part, and with a part too much, the merged run is
/// not trustworthy; reports that are no parts of the run are refused.
#[test]
fn parts_of_a_run_are_shown_and_all_needed() {
    let service = Service::answering("200 OK");
    let folder = tempfile::tempdir().unwrap();
    let names = ["1.json", "2.json", "again.json", "whole.json", "other.json"];
    let [one, two, again, whole, other] = names.map(|name| run(folder.path(), name, &service, 1));
    for (path, part) in [(&one, 1), (&two, 2), (&again, 2), (&other, 1)] {
        make_part(path, part, 2);
    }
    let mut of_other = read(Path::new(&other));
    of_other["run"]["id"] = json!("0000000000000000");
    fs::write(&other, of_other.to_string()).unwrap();

    let written = ["all.json", "all.html", "all.xml"].map(|name| folder.path().join(name));
    let mut command = seeker_sim(&["report", "merge", &two, &one, "--junit"]);
    command.arg(&written[2]).arg("--report").arg(&written[0]).arg("--report").arg(&written[1]);
    let merged = command.output().unwrap();
    let (all, stdout) = (read(&written[0]), String::from_utf8(merged.stdout).unwrap());
    assert_valid(&published(), &all, "a merged report");
    let planned = count(&read(Path::new(&one)), "events.planned") + count(&read(Path::new(&two)), "events.planned");
    assert_eq!(count(&all, "events.planned"), planned);
    assert_eq!((&all["load"]["stages"], &all["merge"]["expected"]), (&json!(["1s:100/s"]), &json!(2)));
    assert_eq!(all["merge"]["starts_apart_ms"], json!({"at_least": 0.0, "at_most": 4.0}));
    let is_trusted = all["parts"].as_array().unwrap().iter().all(|part| part["outcome"] != "not_trustworthy");
    assert_eq!(merged.status.code(), Some(if is_trusted { 0 } else { 3 }), "{stdout}");
    let page = fs::read_to_string(&written[1]).unwrap();
    let xml = fs::read_to_string(&written[2]).unwrap();
    let csv = ended(&["report", "show", written[0].to_str().unwrap(), "--output", "parts-csv"]).stdout;
    for part in ["1 of 2", "2 of 2"] {
        assert!(stdout.contains(&format!("  {part}  node-")) && page.contains(part) && xml.contains(part), "{part}: {stdout}");
    }
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[1].contains(",1,2,node-1,0,") && lines[3].starts_with("all,,,,,100,"), "{csv}");
    let compared = ended(&["report", "compare", written[0].to_str().unwrap(), written[0].to_str().unwrap()]);
    assert_eq!(compared.code, Some(if is_trusted { 0 } else { 3 }), "{}", compared.stderr);

    for (files, code, told) in [
        (vec![&two], 3, "part 1 of 2 is missing; merge the reports of all parts"),
        (vec![&one, &two, &again], 3, "part 2 of 2 has several reports, "),
        (vec![&one, &one], 2, "contain the same run; name each run once"),
        (vec![&one, &two, &whole], 2, "is a part of a run (--shard), but "),
        (vec![&two, &other], 2, "differ in their run: "),
    ] {
        let output = seeker_sim(&["report", "merge"]).args(&files).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(told), "{told}: {text}");
    }
    let again = ended(&["report", "merge", written[0].to_str().unwrap()]);
    assert_eq!(again.code, Some(2));
    assert!(again.stderr.contains("is a merged report of the parts of a run; merge the reports of all parts in one command"));
}
