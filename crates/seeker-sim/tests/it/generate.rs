//! Tests of the command `generate`: the same bytes for any number of threads, shards that add up to the whole, and output that `check`
//! accepts.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use client_event::ClientEvent;

use crate::program::{Ended, ended, seeker_sim};

/// Runs `generate` with these options.
fn generate(options: &str) -> Ended {
    let mut args = vec!["generate"];
    args.extend(options.split_whitespace());
    ended(&args)
}

/// The standard output of `generate` with these options.
fn generated(options: &str) -> String {
    let ended = generate(options);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    ended.stdout
}

fn path_of(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn the_bytes_do_not_depend_on_the_threads() {
    let alone = generated("--seekers 120 --days 5 --seed 3 --threads 1");
    for threads in [2, 3, 64, 100] {
        assert!(generated(&format!("--seekers 120 --days 5 --seed 3 --threads {threads}")) == alone, "{threads} threads");
    }
    assert_ne!(generated("--seekers 120 --days 5 --seed 4"), alone);
}

#[test]
fn events_are_in_the_order_of_time_and_id() {
    let mut last = None;
    for line in generated("--seekers 200 --days 3").lines() {
        let event = ClientEvent::from_json(line.as_bytes()).unwrap();
        let key = Some((event.event_timestamp_millis, event.event_id));
        assert!(key > last, "{line}");
        last = key;
    }
    assert!(last.is_some());
}

#[test]
fn shards_make_the_whole() {
    let whole = generated("--seekers 150 --days 4");
    let mut lines: Vec<_> = (1..=3)
        .flat_map(|k| generated(&format!("--seekers 150 --days 4 --shard {k}/3")).lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    lines.sort_by_cached_key(|line| {
        let event = ClientEvent::from_json(line.as_bytes()).unwrap();
        (event.event_timestamp_millis, event.event_id)
    });
    assert!(lines.iter().map(String::as_str).eq(whole.lines()));
}

#[test]
fn check_finds_nothing_in_any_form_and_compression() {
    let folder = tempfile::tempdir().unwrap();
    let searches = path_of(folder.path(), "searches.ndjson.gz");
    for (name, form) in [("a.ndjson", "message"), ("b.ndjson.gz", "v3"), ("c.ndjson.zst", "v4")] {
        let events = path_of(folder.path(), name);
        let ended = generate(&format!("--seekers 100 --days 20 --out {events} --format {form} --searches {searches}"));
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""), "{}", ended.stderr);
        let checked = crate::program::ended(&["check", &events, "--searches", &searches, "--statistics"]);
        assert_eq!(checked.code, Some(0), "{form}: {}{}", checked.stdout, checked.stderr);
        assert!(checked.stdout.contains("no findings"), "{}", checked.stdout);
    }
    // Version 3 has no tenants.
    let of_v3 = generated("--seekers 20 --days 1 --format v3");
    assert!(of_v3.contains(r#""jobs":["projects/seeker-sim/jobs/4"#) && !of_v3.contains("tenants"), "{of_v3}");
    assert!(generated("--seekers 20 --days 1 --format v4").contains(r#"["projects/seeker-sim/tenants/job-board/jobs/4"#));
    let published = generated("--seekers 20 --days 1 --format pubsub");
    assert!(published.starts_with(r#"{"messages":[{"data":""#), "{published}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4, "only the output files are left");
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let mut child = seeker_sim(&["generate", "--seekers", "3000", "--days", "14"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut start = [0; 1000];
    child.stdout.take().unwrap().read_exact(&mut start).unwrap();
    let ended = Ended::from(child.wait_with_output().unwrap());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn bad_input_is_reported_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let missing = path_of(folder.path(), "missing/events.ndjson");
    for (options, code, expected) in [
        ("--shard 5/4".to_owned(), 2, "shard 5/4 does not exist"),
        ("--shard 1/65".to_owned(), 2, "expected at most 64"),
        ("--shard half".to_owned(), 2, "expected a shard such as 1/4"),
        ("--days 0".to_owned(), 2, "--days \"0\": expected a number of days from 1 to 36500"),
        ("--seekers -1".to_owned(), 2, "--seekers \"-1\": expected a value that is not negative"),
        ("--format xml".to_owned(), 2, "expected message, v3, v4, v4beta1 or pubsub"),
        (format!("--out {missing}"), 2, "create it, or use another folder"),
        (format!("--out {}", folder.path().display()), 2, "this is a folder"),
        ("--out missing/".to_owned(), 2, "--out missing/: this is a folder; expected the name of a file"),
        ("--searches missing/.".to_owned(), 2, "--searches missing/.: this is a folder"),
        ("--searches -".to_owned(), 2, "both standard output"),
    ] {
        let ended = generate(&options);
        assert_eq!(ended.code, Some(code), "{options}: {}", ended.stderr);
        assert!(ended.stderr.contains(expected), "{options}: {}", ended.stderr);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let ended = generate("--seekers 500 --days 3 --out /dev/full");
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    assert!(ended.stderr.contains("--out /dev/full") && ended.stderr.contains("No space left"), "{}", ended.stderr);
}

/// The pipe for the searches has no reader, so the program blocks in the middle of its work.
#[cfg(unix)]
#[test]
fn a_signal_leaves_no_half_written_file() {
    let folder = tempfile::tempdir().unwrap();
    let events = path_of(folder.path(), "events.ndjson");
    let mut child = seeker_sim(&["generate", "--seekers", "10000", "--out", &events, "--searches", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 1000]).unwrap();
    crate::interruption::signal(&child, "INT");
    let ended = Ended::from(child.wait_with_output().unwrap());
    drop(stdout);
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.stderr.starts_with("seeker-sim: ended by a signal"), "{}", ended.stderr);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
