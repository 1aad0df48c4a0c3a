//! Tests of runs that several generators share: `--shard`, `--start-at` and the files of parts.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use event_receiver::ReceiverConfig;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::program::{Ended, assert_sound, count, ended, seeker_sim, words};

/// Returns the time in so many seconds.
fn in_seconds(seconds: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(seconds)
}

/// Starts the program in a folder.
fn start(folder: &Path, options: &str) -> Child {
    command(folder, options).spawn().unwrap()
}

fn command(folder: &Path, options: &str) -> Command {
    let mut command = seeker_sim(&["run"]);
    command.args(words(options)).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn end(child: Child) -> Ended {
    child.wait_with_output().unwrap().into()
}

fn report(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

/// The ids of the events in files of one line per event.
fn event_ids(folder: &Path, names: &[String]) -> Vec<String> {
    let texts = names.iter().map(|name| fs::read_to_string(folder.join(name)).unwrap());
    let ids = texts.flat_map(|text| {
        let ids = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["eventId"].as_str().unwrap().to_owned());
        ids.collect::<Vec<_>>()
    });
    ids.collect()
}

/// Four generators with the same command line send the events of one run to one service, at the same time.
#[test]
fn four_shards_are_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = event_receiver::start(ReceiverConfig::new("127.0.0.1:0".parse().unwrap())).unwrap();
    let start_at = in_seconds(4);
    let options = format!(
        "{} --rate 403/s --duration 3s --warm-up 1s --seed 7 --shard auto --start-at {start_at} --report part-{{shard}}.json --quiet",
        receiver.url()
    );
    let generators: Vec<_> = (0..4)
        .map(|rank| {
            let rank: u32 = rank;
            command(folder.path(), &options).env("SLURM_PROCID", rank.to_string()).env("SLURM_NTASKS", "4").spawn().unwrap()
        })
        .collect();
    let generators: Vec<_> = generators.into_iter().map(end).collect();
    let reports: Vec<_> = (1..=4).map(|part| report(folder.path(), &format!("part-{part}.json"))).collect();
    let mut planned = 0;
    for (part, (generator, report)) in (1..).zip(generators.iter().zip(&reports)) {
        assert_sound(generator, report);
        assert!(generator.stdout.contains(&format!("seed          7, shard {part}/4, for 3 s")), "{}", generator.stdout);
        assert_eq!(report["shard"], serde_json::json!({"part": part, "of": 4}));
        assert_eq!(report["run"], reports[0]["run"]);
        assert_eq!(report["run"]["start_at"].as_str().unwrap().parse::<Timestamp>().unwrap(), start_at);
        let started_at: Timestamp = report["started_at"].as_str().unwrap().parse().unwrap();
        assert!(started_at.duration_since(start_at).abs() < SignedDuration::from_millis(2), "{started_at} {start_at}");
        assert_eq!(report["load"]["stages"], serde_json::json!(["3s:100.75/s"]));
        let windows: u64 = report["windows"].as_array().unwrap().iter().map(|window| window["planned"].as_u64().unwrap()).sum();
        // An event of a live seeker may take the place of a planned event on the other side of the warm-up.
        assert!(windows.abs_diff(count(report, "events.planned")) <= 10 && (200..=203).contains(&windows), "{windows}: {report}");
        let of_part = count(report, "events.planned") + count(report, "warm_up.events.planned");
        assert!((302..=303).contains(&of_part), "{of_part}");
        planned += of_part;
        // The receiver shows its date, and the clock is the same.
        let clock = &report["target_clock"];
        let bound = |name: &str| clock[name].as_i64().unwrap();
        assert!(bound("offset_min_us") <= bound("offset_max_us") && bound("offset_min_us") <= 1_000, "{report}");
    }
    assert_eq!(planned, 3 * 403);
    let summary = receiver.stop();
    assert_eq!((summary.accepted, summary.event_ids.repeated, summary.event_ids.conflicting), (planned, 0, 0));
}

/// The shards have distinct events, even if their number does not divide the 64 partitions. A shard has the same seekers as in `generate`.
#[test]
fn shards_have_distinct_events() {
    let folder = tempfile::tempdir().unwrap();
    let shards: Vec<_> = (1..=3)
        .map(|part| {
            let options =
                format!("file:events-{part}.ndjson --arrivals 200/s --speed 600 --duration 2s --seed 3 --shard {part}/3 --quiet");
            start(folder.path(), &options)
        })
        .collect();
    for shard in shards {
        let shard = end(shard);
        assert!(shard.code == Some(0) || shard.code == Some(3), "{}{}", shard.stdout, shard.stderr);
    }
    let names: Vec<_> = (1..=3).map(|part| format!("events-{part}.ndjson")).collect();
    let ids = event_ids(folder.path(), &names);
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert!(ids.len() > 400, "{}", ids.len());
    for (part, name) in (1..=3).zip(&names) {
        let generated = format!("generate --seekers 400 --days 14 --seed 3 --shard {part}/3 --out whole-{part}.ndjson");
        let generated = seeker_sim(&[]).args(words(&generated)).current_dir(folder.path()).output().unwrap();
        assert!(generated.status.success());
        let of_shard: BTreeSet<_> = event_ids(folder.path(), &[format!("whole-{part}.ndjson")]).into_iter().collect();
        let of_run = event_ids(folder.path(), std::slice::from_ref(name));
        let common = of_run.iter().filter(|id| of_shard.contains(*id)).count();
        assert!(common * 2 > of_run.len(), "{common} of {} events are in the generated shard", of_run.len());
    }
}

#[test]
fn a_start_that_is_over_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = format!("file:events.ndjson --seed 1 --start-at {} --report run.json", in_seconds(-5));
    let late = end(start(folder.path(), &options));
    assert_eq!(late.code, Some(75), "{}", late.stderr);
    assert!(late.stderr.contains("is over by 5."), "{}", late.stderr);
    assert!(late.stderr.contains("nothing was sent. Pass a later time"), "{}", late.stderr);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "neither events nor a report");
    // The report of the generator that was in time stays.
    fs::write(folder.path().join("run.json"), "in time").unwrap();
    let again = end(start(folder.path(), &format!("{options} --shard 1/2")));
    assert_eq!(again.code, Some(75), "{}", again.stderr);
    assert_eq!(fs::read_to_string(folder.path().join("run.json")).unwrap(), "in time");
}

/// Without other generators, `--start-at` delays a run. An offset from UTC is part of the time.
#[test]
fn a_run_waits_for_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let start_at = in_seconds(2);
    let with_offset = start_at.to_string().replace('Z', "+00:00");
    let waited = end(start(folder.path(), &format!("--rate 50/s --duration 1s --start-at {with_offset} --report run.json")));
    assert!(waited.stderr.contains("seeker-sim: ready; waits "), "{}", waited.stderr);
    let report = report(folder.path(), "run.json");
    assert_sound(&waited, &report);
    assert_eq!(count(&report, "events.planned"), 50);
    let started_at: Timestamp = report["started_at"].as_str().unwrap().parse().unwrap();
    assert!(started_at.duration_since(start_at).abs() < SignedDuration::from_millis(2), "{started_at} {start_at}");
    assert!(report["shard"].is_null() && report["target_clock"].is_null(), "{report}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_wait_ends_at_once() {
    use std::io::{BufRead, BufReader};

    use crate::interruption::signal;

    let folder = tempfile::tempdir().unwrap();
    let options = format!("file:events.ndjson --seed 1 --start-at {} --report run.json", in_seconds(3_600));
    let mut waiting = start(folder.path(), &options);
    let mut stderr = BufReader::new(waiting.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.starts_with("seeker-sim: ready; waits 3"), "{line}");
    signal(&waiting, "INT");
    let interrupted = end(waiting);
    assert_eq!(interrupted.code, Some(130), "{}", interrupted.stdout);
    let report = report(folder.path(), "run.json");
    assert_eq!((report["outcome"].as_str(), report["started_at"].is_null()), (Some("interrupted"), true));
    assert_eq!(fs::read_to_string(folder.path().join("events.ndjson")).unwrap(), "");
}

#[test]
fn a_part_replaces_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let options = |files: &str| format!("--rate 50/s --duration 1s --seed 1 --shard 2/2 --quiet {files}");
    fs::write(folder.path().join("part-2.json"), "of an earlier run").unwrap();
    for files in ["--report part-2.json", "--report part-{shard}.json", "--junit part-2.json"] {
        let refused = end(start(folder.path(), &options(files)));
        assert_eq!(refused.code, Some(2), "{}", refused.stderr);
        let expected = "part-2.json: the file exists and is not replaced; remove it, or choose another name";
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
    }
    // Two parts with one name: the second one keeps its report beside the first.
    let start_at = in_seconds(3);
    let both: Vec<_> = ["1/2", "2/2"]
        .map(|shard| {
            let start_at = format!("--rate 50/s --duration 1s --seed 1 --start-at {start_at} --quiet");
            start(folder.path(), &format!("{start_at} --shard {shard} --report same.json"))
        })
        .into_iter()
        .map(end)
        .collect();
    let kept: Vec<_> = both.iter().filter(|part| part.code == Some(5)).collect();
    assert_eq!(kept.len(), 1, "{}{}", both[0].stderr, both[1].stderr);
    let expected = "--report same.json: another process created this file in the meantime; the content is in same.1.json";
    assert!(kept[0].stderr.contains(expected), "{}", kept[0].stderr);
    let parts: BTreeSet<_> =
        ["same.json", "same.1.json"].iter().map(|name| report(folder.path(), name)["shard"]["part"].as_u64()).collect();
    assert_eq!(parts, BTreeSet::from([Some(1), Some(2)]));
}

#[test]
fn a_report_goes_to_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let printed = end(start(folder.path(), "--rate 50/s --duration 1s --seed 1 --shard 1/2 --quiet --report -"));
    let report: Value = serde_json::from_str(&printed.stdout).unwrap();
    assert_eq!(report["shard"]["part"].as_u64(), Some(1));
    assert!(printed.stderr.contains("seed          1, shard 1/2"), "{}", printed.stderr);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let both = ended(&["run", "-", "--report", "-"]);
    assert_eq!(both.code, Some(2), "{}", both.stderr);
    assert!(both.stderr.contains("--report - and --target - both use standard output"), "{}", both.stderr);
}

#[test]
fn contradictions_are_refused() {
    for (options, expected) in [
        ("--shard 1/4", "--shard needs --seed: all shards are parts of one run"),
        ("--shard 1/4 --seed 1 --find-capacity 'latency.p99 < 1s'", "--find-capacity and --shard exclude each other"),
        ("--shard 5/64 --seed 1 --rate 1/s --duration 4s", "shard 5/64 has nothing to do: the load has fewer than 64 events"),
        ("--shard auto --seed 1", "no engine has set the number of this process"),
        ("--shard 0/4 --seed 1", "shard 0/4 does not exist; expected 1/4 to 4/4"),
        ("--report part-{shard}.json", "{shard} is the number of the shard, but there is no --shard"),
        ("--start-at 2126-01-01T00:00:00Z", "is more than 24 hours away"),
        ("--start-at tomorrow", "expected a time with its offset"),
    ] {
        let mut command = seeker_sim(&["run"]);
        for variable in ["SLURM_PROCID", "SLURM_NTASKS", "SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "PMI_RANK", "PMI_SIZE"] {
            command.env_remove(variable);
        }
        let refused = Ended::from(command.args(words(options)).output().unwrap());
        assert_eq!(refused.code, Some(2), "{options}: {}", refused.stderr);
        assert!(refused.stderr.contains(expected), "{options}: {}", refused.stderr);
    }
}
