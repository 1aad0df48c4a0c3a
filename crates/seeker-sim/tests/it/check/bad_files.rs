//! Tests of files that cannot be read: `check` reports each with its file and line, checks all other events, and counts everything that it
//! skips.

use client_event::rules::RuleId;

use super::inputs::gzip;
use super::{Folder, bad, event, good, json_of, places};

/// Checks a bad file between a valid one and one with a finding. Returns the standard error.
fn among_others(folder: &Folder, file: &str) -> String {
    folder.write("good", good());
    folder.write("finding", bad(RuleId::JobNameForm));
    let ended = folder.check(&format!("good {file} finding --output json"));
    assert_eq!(ended.code, Some(2), "{}{}", ended.stdout, ended.stderr);
    let report = json_of(&ended);
    let found = places(&report);
    assert!(found.iter().any(|place| place.starts_with("job-name-form finding:")), "{found:?}");
    assert_eq!(report["statistics"]["files_failed"], 1);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.starts_with("seeker-sim: "), "{}", ended.stderr);
    ended.stderr
}

#[test]
fn unopenable_inputs_are_reported() {
    let folder = Folder::new();
    let told = among_others(&folder, "missing.ndjson");
    assert!(told.contains("missing.ndjson: cannot be opened: No such file"), "{told}");
    std::fs::create_dir(folder.path("folder")).unwrap();
    let told = among_others(&folder, "folder");
    assert!(told.contains("folder: cannot be opened: it is a directory; expected a file"), "{told}");
}

/// Endless devices are refused, by name and as standard input. An empty device is like an empty file.
#[cfg(target_os = "linux")]
#[test]
fn devices_without_an_end_are_refused() {
    let folder = Folder::new();
    for device in ["/dev/zero", "/dev/urandom"] {
        let told = among_others(&folder, device);
        assert!(told.contains(&format!("{device}: cannot be opened: it is a device that never ends")), "{told}");
        let mut command = crate::program::seeker_sim(&["check", "-"]);
        let ended: crate::program::Ended = command.stdin(std::fs::File::open(device).unwrap()).output().unwrap().into();
        assert!(ended.code == Some(2) && ended.stderr.contains("it is a device that never ends"), "{}", ended.stderr);
    }
    assert!(among_others(&folder, "/dev/null").contains("has no events"));
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_reported() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new();
    folder.write("secret", good());
    std::fs::set_permissions(folder.path("secret"), std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(folder.path("secret")).is_ok() {
        // The superuser can read every file, so there is nothing to test.
        return;
    }
    let told = among_others(&folder, "secret");
    assert!(told.contains("secret: cannot be opened: Permission denied"), "{told}");
}

#[test]
fn truncated_compressed_text_is_reported_with_its_line() {
    let folder = Folder::new();
    // In text that compresses well, truncating the file would remove all lines.
    let lines: String = (0..5_000_u64)
        .map(|number| {
            event(&format!("{:x}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15)), "VIEW", "r", "jobs/1", 1_700_000_000_000) + "\n"
        })
        .collect();
    for compressed in [gzip(lines.as_bytes()), zstd::encode_all(lines.as_bytes(), 1).unwrap()] {
        folder.write("cut", &compressed[..compressed.len() * 3 / 4]);
        let told = among_others(&folder, "cut");
        let line: u64 = told.split(':').nth(2).unwrap().parse().unwrap_or_else(|_| panic!("{told}"));
        assert!(told.contains("cannot be read beyond this line"), "{told}");
        let (_, report) = folder.json("cut");
        let events = report["statistics"]["events"].as_u64().unwrap();
        assert_eq!(events, line - 1, "every complete line is an event");
        // The truncated line is counted too.
        assert!(report["statistics"]["unreadable"].as_u64().unwrap() <= 1);
        assert_eq!(
            report["statistics"]["lines"].as_u64().unwrap() - events,
            report["statistics"]["unreadable"].as_u64().unwrap()
        );
    }
}

#[test]
fn malformed_ends_of_arrays_are_reported() {
    let folder = Folder::new();
    let events: Vec<String> = good().lines().map(str::to_owned).collect();
    for (text, expected, read) in [
        (format!("[{},\n{}", events[0], events[1]), "cut:2: the JSON array is not closed", 2),
        (format!("[{},\n{}", events[0], &events[1][..40]), "cut:2: the JSON array is not closed", 1),
        (format!("[{},\n", events[0]), "cut:2: the JSON array is not closed", 1),
        (format!("[{}]\n{}\n\n{0}", events[0], events[1]), "cut:2: the text after the JSON array was not read", 1),
    ] {
        folder.write("cut", &text);
        let told = among_others(&folder, "cut");
        assert!(told.contains(expected), "{told}");
        assert_eq!(folder.json("cut").1["statistics"]["events"], read, "{text}");
    }
}

#[test]
fn a_message_over_several_lines_is_reported_with_advice() {
    let folder = Folder::new();
    let message: serde_json::Value = serde_json::from_str(good().lines().next().unwrap()).unwrap();
    folder.write("event.json", serde_json::to_string_pretty(&message).unwrap());
    let (code, report) = folder.json("event.json");
    let first = report["findings"][0]["message"].as_str().unwrap();
    assert!(code == Some(1) && first.ends_with("write each message on one line, or all messages as a JSON array"), "{first}");
}

#[test]
fn unreadable_inputs_are_in_the_summary() {
    let folder = Folder::new();
    folder.write("good", good());
    folder.write("empty", "");
    folder.write("open", format!("[{}", good().lines().next().unwrap()));
    for (files, summary) in [
        ("missing", "Could not open 1 file; nothing checked."),
        ("missing empty", "Could not open 1 file. Found no events in 1 file; nothing checked."),
        ("good missing", "Could not open 1 file; 2 events checked: no findings"),
        ("good good open missing", "Could not open 1 file. Could not read to the end of 1 file; 5 events checked: no findings"),
    ] {
        assert_eq!(folder.check(files).stdout, format!("{summary}\n"));
    }
}

#[test]
fn an_input_without_events_is_reported() {
    let folder = Folder::new();
    for nothing in [&b""[..], b"\n \r\n", b"[]", b"\xef\xbb\xbf", &gzip(b"")] {
        folder.write("nothing", nothing);
        let told = among_others(&folder, "nothing");
        assert!(told.contains("nothing: has no events; expected one message per line"), "{told}");
    }
    assert_eq!(folder.check_stdin("-", b"").code, Some(2));
}

#[test]
fn lines_that_are_no_messages_are_findings_and_reading_goes_on() {
    let folder = Folder::new();
    let good = good();
    let mut text = b"nonsense\n\xff\xfe\n{\"a\":1}\n[1]\n".to_vec();
    text.extend_from_slice(good.as_bytes());
    text.extend_from_slice(b"{\"eventId\":\"e-3\"");
    folder.write("events", &text);
    let (code, report) = folder.json("events --severity D1=off");
    assert_eq!(code, Some(1));
    assert_eq!(
        places(&report),
        [
            "message-form events:1:1",
            "message-form events:2:1",
            "message-form events:3:2",
            "message-form events:4:1",
            "message-form events:7:17",
        ]
    );
    assert!(report["findings"][4]["message"].as_str().unwrap().contains("the last line is cut off"));
    let statistics = &report["statistics"];
    assert_eq!((&statistics["events"], &statistics["unreadable"], &statistics["lines"]), (&2.into(), &5.into(), &7.into()));
    // A last line that is not JSON does not count as truncated.
    folder.write("events", "nonsense");
    let (_, report) = folder.json("events");
    assert!(report["findings"][0]["message"].as_str().unwrap().starts_with("is not JSON at byte 0"), "{report}");
    // The cut can be within a character.
    folder.write("events", b"{\"eventId\":\"\xc3");
    assert!(folder.json("events").1["findings"][0]["message"].as_str().unwrap().contains("the last line is cut off"));
    // The same for elements of an array.
    folder.write("events", format!("[1, {{}} {{}}, ,\n{},]", good.trim().replace('\n', ",")));
    let (_, report) = folder.json("events --severity D1=off");
    assert_eq!(
        places(&report),
        [
            "message-form events:1:2",
            "message-form events:1:8",
            "message-form events:1:12",
            format!("message-form events:2:{}", good.len() + 1).as_str()
        ]
    );
    assert_eq!((&report["statistics"]["events"], &report["statistics"]["unreadable"]), (&2.into(), &4.into()));
}

/// An event of exactly 16 MiB is read. A longer event is reported and skipped, at the start, in the middle and at the end.
#[test]
fn events_may_be_long_but_not_endless() {
    const LONGEST: usize = 16 * 1024 * 1024;
    let folder = Folder::new();
    let long = |id: &str, length: usize| {
        let event = event(id, "IMPRESSION", &format!("r-{id}"), "jobs/1", 1_700_000_000_000);
        let start = event.trim_end_matches('}');
        format!("{start},\"details\":{{\"a\":\"{}\"}}}}", "x".repeat(length - start.len() - 20))
    };
    let with = |id: &str, length: usize| {
        let event = long(id, length);
        let missing = length - event.len();
        long(id, length + missing)
    };
    let (longest, longer, longest_yet) = (with("a", LONGEST), with("b", LONGEST + 1), with("c", 2 * LONGEST));
    assert_eq!((longest.len(), longer.len()), (LONGEST, LONGEST + 1));
    let short = event("d", "IMPRESSION", "r-d", "jobs/1", 1_700_000_000_000);
    for (text, expected) in [
        (format!("{longest}\n{short}\n"), vec![]),
        (format!("{longer}\n{longest_yet}\n{short}\n{longer}"), vec![(1, 1), (2, 1), (4, 1)]),
        (format!("[{longer},\n{short}, {longest_yet},\n{longest}]"), vec![(1, 2), (2, short.len() as u64 + 3)]),
    ] {
        folder.write("events", &text);
        for threads in [1, 2] {
            let (code, report) = folder.json(&format!("events --threads {threads}"));
            let places: Vec<_> = report["findings"].as_array().unwrap().iter().collect();
            assert_eq!(places.len(), expected.len(), "{report}");
            assert_eq!(code, Some(i32::from(!expected.is_empty())));
            for (finding, (line, column)) in places.iter().zip(&expected) {
                assert_eq!((&finding["line"], &finding["column"]), (&(*line).into(), &(*column).into()), "{report}");
                assert!(finding["message"].as_str().unwrap().contains("longer than 16777216 bytes"), "{finding}");
            }
            assert_eq!(report["statistics"]["unreadable"], expected.len());
            assert_eq!(report["statistics"]["bytes"], text.len());
            assert_eq!(report["statistics"]["lines"], text.lines().count());
        }
    }
}
