//! Tests of the kinds of input: all give the same findings.

use std::io::Write;

use client_event::rules::RuleId;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Folder, bad, good, json_of, places};

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// For all kinds of input, the findings equal those of plain lines. `check` detects the kind by the content, not by the name.
#[test]
fn kinds_of_input_are_recognised_by_content() {
    let folder = Folder::new();
    let lines = bad(RuleId::UniqueEventId);
    let (first, rest) = lines.split_at(lines.find('\n').unwrap() + 1);
    folder.write("plain", lines);
    let (code, plain) = folder.json("plain");
    assert_eq!(code, Some(1));
    let rules = |report: &serde_json::Value| {
        let lines =
            report["findings"].as_array().unwrap().iter().map(|finding| (finding["line"].clone(), finding["column"].clone()));
        lines.collect::<Vec<_>>()
    };
    let kinds = [
        ("crlf.gz", lines.replace('\n', "\r\n").into_bytes()),
        ("mark.json", format!("\u{feff}{lines}").into_bytes()),
        ("gzip.txt", gzip(lines.as_bytes())),
        ("members.zst", [gzip(first.as_bytes()), gzip(rest.as_bytes())].concat()),
        ("zstd.gz", zstd::encode_all(lines.as_bytes(), 1).unwrap()),
        ("frames", [zstd::encode_all(first.as_bytes(), 1).unwrap(), zstd::encode_all(rest.as_bytes(), 1).unwrap()].concat()),
        ("array.ndjson", format!("[{}]", lines.lines().collect::<Vec<_>>().join("\n,")).replacen("[{", "[ {", 1).into_bytes()),
    ];
    for (name, bytes) in kinds {
        folder.write(name, &bytes);
        let (code, report) = folder.json(name);
        assert_eq!(code, Some(1), "{name}");
        if name == "array.ndjson" {
            assert_eq!(report["findings"][0]["line"], plain["findings"][0]["line"]);
        } else {
            assert_eq!(rules(&report), rules(&plain), "{name}");
        }
        assert_eq!(report["statistics"]["events"], plain["statistics"]["events"], "{name}");
        let piped = json_of(&folder.check_stdin("- --output json", &bytes));
        assert_eq!(rules(&piped), rules(&report), "{name}");
        assert_eq!(piped["findings"][0]["file"], "<stdin>");
    }
}

#[test]
fn files_and_standard_input_are_one_stream() {
    let folder = Folder::new();
    let lines: Vec<&str> = bad(RuleId::QuickSubmissionExcludesStart).lines().collect();
    folder.write("a", lines[0]);
    folder.write("b", gzip(lines[2].as_bytes()));
    let report = json_of(&folder.check_stdin("a - b --output json", lines[1].as_bytes()));
    let [place] = &places(&report)[..] else { panic!("{report}") };
    assert!(place.starts_with("quick-submission-excludes-start b:1:") && place.ends_with(" <- <stdin>:1"), "{place}");
}

#[test]
fn arrays_may_follow_each_other() {
    let folder = Folder::new();
    let events = good().trim().replace('\n', ",");
    folder.write("arrays", format!("[]\n[{events}]\n[{events}]\n"));
    let (code, report) = folder.json("arrays");
    assert_eq!((code, &report["statistics"]["events"], &report["statistics"]["retries"]), (Some(0), &4.into(), &2.into()));
}

#[cfg(unix)]
#[test]
fn a_reader_that_closes_early_is_not_an_error() {
    use std::io::Read;
    use std::process::Stdio;

    let folder = Folder::new();
    folder.write("events.ndjson", "not JSON\n".repeat(100_000));
    let mut command = crate::program::seeker_sim(&["check", "events.ndjson", "--max-findings", "0"]);
    command.current_dir(folder.path("")).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 100]).unwrap();
    drop(stdout);
    let ended: crate::program::Ended = child.wait_with_output().unwrap().into();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""));
}
